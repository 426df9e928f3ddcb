"""A worker refuses what it was told of a listing: nothing will come of it by itself.

Left as it is the listing would wait for ever; blocked, it is at rest and says what to do. A target
said again (by the dealer, or on a resync once the cause is mended) is carried out as usual.
"""

from datetime import datetime

from msgspec.structs import replace

from inventory.domain.facts import Change
from inventory.domain.item import Item
from inventory.domain.listing import Issue
from inventory.domain.outcomes import working

REMEDIES = {
    "unknown_marketplace": "Connect an account there, then ask for it again.",
    "invalid": "Tell whoever runs Brocante: its services may be of different versions.",
}
ANY = "Ask for it again; if that does not help, tell whoever runs Brocante."


def rejected(
    item: Item | None,
    marketplace: str,
    intent: int | None,
    code: str,
    message: str,
    said_at: datetime,
) -> Change:
    """Block a listing whose target was refused. `intent` None: the worker could not read it.

    A listing with nothing under way has its outcome already: there the refusal is of a target
    said once more, and changes nothing.
    """
    listing = item.listings.get(marketplace) if item is not None else None
    if listing is None or not listing.under_way:
        return Change(item)
    issue = Issue(
        code=code,
        category="system",
        marketplace=marketplace,
        message=message,
        action=REMEDIES.get(code, ANY),
    )
    refused = listing.intent if intent is None else intent
    return working(
        item,
        marketplace,
        refused,
        said_at,
        lambda one: replace(one, operation="blocked", issues=(issue,), next_attempt_at=None),
    )
