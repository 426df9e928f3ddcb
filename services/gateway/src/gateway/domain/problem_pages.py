"""What each problem means and what to do about it: `docs/problems.md` and the pages it links to."""

from gateway.domain.problems import TITLES

PAGES: dict[str, str] = {
    "invalid": "A field of the body, the path or the query cannot be used. `errors[]` names each"
    " one by a JSON Pointer, with what to do. Nothing was done.",
    "unknown_field": "Fields that do not exist are refused, so that a slip of the pen is not lost."
    " `errors[]` names them. Leave them out or correct their names.",
    "bad_json": "The body is not a JSON object in UTF-8 (or, at a webhook's address, the delivery"
    " is signed but cannot be read; or `challenge_code` is missing).",
    "too_large": "Bodies of requests and deliveries may have 1 MB, imported files 32 MB, unless the"
    " installation says otherwise. Send it in parts.",
    "unsupported_media_type": "Send `application/json`, to `PATCH`"
    " `application/merge-patch+json`, to imports `text/csv`; a delivery may have no"
    " Content-Encoding.",
    "unauthenticated": "There is no token or session, or it is not known; at a webhook's address,"
    " the signature or its time is not right. Send `Authorization: Bearer`, or open a sign-in link"
    " (`python -m gateway bootstrap` makes one).",
    "forbidden": "The token lacks the scope that this needs (`read`, `write`, `operate`), or a"
    " write with a session did not come from a page of this gateway.",
    "not_found": "Nothing is there, or it belongs to another dealer.",
    "method_not_allowed": "The address is right, the method is not; `/docs` lists what there is.",
    "too_slow": "A delivery's body was not complete after 10 seconds. The marketplace sends it"
    " again.",
    "unknown_item": "No item has this id. Create or import it first.",
    "unknown_sale": "No sale has this id. It is what the sale was recorded under; of one on a"
    " marketplace it is `<marketplace>:<order line id>`.",
    "unknown_marketplace": "The installation does not declare this marketplace"
    " (`marketplaces.toml`).",
    "unknown_listing": "The item was never on this marketplace. Activate it there, or link the"
    " listing that exists.",
    "unknown_task": "No task has this id.",
    "unknown_external_id": "The marketplace has no listing with this id. Look it up there.",
    "idempotency_key_reused": "An `Idempotency-Key` stands for one request. Take a new key, or send"
    " the body that came first: its outcome is answered again.",
    "activation_refused": "`errors[]` says for each marketplace which fields are missing or wrong."
    " The other marketplaces go on. Correct the item, or that marketplace's own details, and"
    " activate again.",
    "item_id_taken": "An item with this id exists and has other content. Change that one, or choose"
    " another id.",
    "item_sold": "The item is sold. Cancel the sale first; its listings then follow the choice made"
    " there.",
    "item_unavailable": "The item is damaged, missing or withdrawn. Set `availability` to"
    " `available` first.",
    "item_out_of_stock": "No piece is left. Raise the quantity first.",
    "item_deleted": "The item is deleted; only its history can be read.",
    "not_connected": "The item has no listing there (`*` means those it has). Name marketplaces.",
    "sale_already_canceled": "Another command canceled this sale before. Nothing was changed.",
    "sale_id_taken": "The sale exists with another item, marketplace or quantity.",
    "link_taken": "The listing belongs to another item. Unlink or delete that one first.",
    "not_processed": "A service could not process the command: a defect. It is kept among the"
    " failures (`GET /api/v1/failures`); once an operator has retried it, its outcome counts.",
    "internal": "A defect of the gateway; its log says more. What was accepted before is kept.",
    "unavailable": "A back end is away, or the gateway is starting. Nothing was accepted: try"
    " again.",
}


HEAD = """\
# Problems

Every answer that is not a success is `application/problem+json` (RFC 9457). `type` is the address
of one of these pages, `code` its last part, `errors[]` a list of Issues: `field` is a JSON Pointer,
`message` says what is wrong, `action` what to do.

Written by `python -m gateway problems`.
"""


def text() -> str:
    """The whole of `docs/problems.md`."""
    pages = [
        f"\n## {code}\n\n`{status}` {title}.\n\n{PAGES[code]}\n"
        for code, (status, title) in sorted(TITLES.items())
    ]
    return HEAD + "".join(pages)
