"""Problems in the form of RFC 9457, with Issues in `errors[]`; codes are explained in docs."""

from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import ValidationError

from brocante.contracts.pointers import pointer
from brocante.contracts.values import Issue

TITLES: dict[str, tuple[int, str]] = {
    "invalid": (422, "Something in the request cannot be used"),
    "unknown_field": (422, "The request has a field that does not exist"),
    "bad_json": (400, "The body is not JSON"),
    "too_large": (413, "The body is too large"),
    "unsupported_media_type": (415, "The body is of a kind that is not read here"),
    "unauthenticated": (401, "Sign in, or send a token"),
    "forbidden": (403, "This token or session may not do that"),
    "not_found": (404, "There is no such thing"),
    "unknown_item": (404, "There is no such item"),
    "unknown_sale": (404, "There is no such sale"),
    "unknown_marketplace": (404, "There is no such marketplace"),
    "idempotency_key_reused": (422, "The same Idempotency-Key came with another body"),
    "activation_refused": (422, "Some listings were refused; the others go on"),
    "item_id_taken": (409, "Another item has this id"),
    "item_sold": (409, "The item is sold"),
    "item_unavailable": (409, "The item is unavailable"),
    "item_out_of_stock": (409, "The item is out of stock"),
    "item_deleted": (409, "The item is deleted"),
    "not_connected": (409, "The item is not connected there"),
    "sale_already_canceled": (409, "The sale is canceled already"),
    "sale_id_taken": (409, "Another sale has this id"),
    "link_taken": (409, "Another item has this listing"),
    "unknown_external_id": (404, "The marketplace has no such listing"),
    "unknown_listing": (404, "The item has no listing there"),
    "unknown_task": (404, "There is no such task"),
    "method_not_allowed": (405, "This cannot be done here"),
    "too_slow": (408, "The body did not come in time"),
    "not_processed": (500, "The command could not be processed"),
    "internal": (500, "The gateway has made a mistake"),
    "unavailable": (503, "The gateway cannot keep this now"),
}


class Problem(Exception):  # noqa: N818 - RFC 9457 calls it a problem
    """An answer that is not a success; `code` is stable and names a page of the docs."""

    def __init__(
        self,
        code: str,
        detail: str = "",
        *,
        errors: Iterable[Issue] = (),
        field: str | None = None,
        status: int | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(detail or code)
        known, self.title = TITLES.get(code, (409, code.replace("_", " ").capitalize()))
        self.code = code
        self.status = status or known
        self.detail = detail
        self.errors = list(errors)
        self.extra = extra
        if field is not None and not self.errors:
            self.errors = [
                Issue(
                    code=code,
                    category="dealer",
                    field=field,
                    message=detail or self.title,
                    action="Correct this field and send the request again.",
                )
            ]

    def body(self) -> dict[str, Any]:
        """The JSON of the answer."""
        body: dict[str, Any] = {
            "type": f"/docs/problems/{self.code}",
            "title": self.title,
            "status": self.status,
            "code": self.code,
        }
        if self.detail:
            body["detail"] = self.detail
        if self.errors:
            body["errors"] = [issue.model_dump(mode="json") for issue in self.errors]
        return {**body, **self.extra}


def of_validation(error: ValidationError) -> Problem:
    """Every wrong field of a body at once."""
    found = error.errors(include_url=False, include_input=False)
    issues = [_issue(str(one["type"]), one["loc"], one["msg"]) for one in found]
    detail = "; ".join(f"{issue.field}: {issue.message}" for issue in issues[:3])
    only_unknown = all(issue.code == "unknown_field" for issue in issues)
    return Problem("unknown_field" if only_unknown else "invalid", detail, errors=issues)


def of_unknown_fields(names: Iterable[str]) -> Problem:
    """Fields that do not exist are refused by name, so that a typing error is not lost."""
    issues = [
        Issue(
            code="unknown_field",
            category="dealer",
            field=pointer([name]),
            message=f"There is no field {name}.",
            action="Leave it out, or correct its name.",
        )
        for name in names
    ]
    return Problem("unknown_field", ", ".join(str(i.field) for i in issues), errors=issues)


def _issue(kind: str, place: Sequence[Any], message: str) -> Issue:
    unknown = kind == "extra_forbidden"
    return Issue(
        code="unknown_field" if unknown else kind,
        category="dealer",
        field=pointer(place) or None,
        message=f"There is no field {place[-1]}." if unknown else f"{message}.",
        action="Leave it out, or correct its name."
        if unknown
        else "Correct this field and send the request again.",
    )
