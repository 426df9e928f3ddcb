"""What to do next with a listing. Pure: the loop asks, does it, and asks again."""

import hashlib
import json
from typing import Any, Literal

from marketplace_sync.domain.listing import Listing

Step = Literal[
    "nothing",
    "read",
    "choose_sku",
    "find",
    "check_content",
    "activate",
    "update",
    "hold",
    "deactivate",
    "read_order",
    "settle",
]
DELISTED = frozenset({"none", "unknown"})


def next_step(listing: Listing, holds: frozenset[str]) -> Step:
    """The next step towards what is wanted; `holds`: what satisfies on_hold on this marketplace."""
    if listing.trouble.doubt is not None or listing.checks:
        return "read" if _has_listing(listing) else _without_listing(listing)
    if listing.wanted is None or not listing.open:
        return "nothing"
    if listing.wanted.desired == "active":
        return _towards_active(listing)
    return _towards_off_sale(listing, holds)


def _without_listing(listing: Listing) -> Step:
    """In doubt with no id known: an activation may have left one behind."""
    return "find" if listing.link is not None else "settle"


def _towards_active(listing: Listing) -> Step:
    if listing.link is None or not listing.link.external_sku:
        return "choose_sku"
    if not _has_listing(listing):
        return "find" if listing.tried else "check_content"
    if listing.wanted is not None and listing.wanted.reason == "sale_canceled" and _stale(listing):
        return "read"
    if listing.seen.observed != "active":
        return "check_content"
    return "settle" if _same_content(listing) else "update"


def _towards_off_sale(listing: Listing, holds: frozenset[str]) -> Step:
    if not _has_listing(listing):
        return "find" if listing.tried and listing.link is not None else "settle"
    wanted = listing.wanted
    satisfied = listing.satisfied(holds)
    if _stale(listing) and (satisfied or (wanted is not None and wanted.desired == "sold")):
        # Where it was sold the marketplace has usually ended it: look before calling. And what
        # was seen before an earlier call or a crash is no proof that it is off sale (rule R9).
        return "read"
    if satisfied:
        return "settle"
    if _sold_here(listing) and not listing.trouble.order_read:
        # The marketplace may have canceled the sale and put it back on sale by itself (rule R10).
        return "read_order"
    return "hold" if wanted is not None and wanted.desired == "on_hold" else "deactivate"


def _has_listing(listing: Listing) -> bool:
    return listing.link is not None and (
        listing.link.external_id is not None or bool(listing.link.steps)
    )


def _sold_here(listing: Listing) -> bool:
    wanted = listing.wanted
    return wanted is not None and wanted.desired == "sold" and wanted.external_order_id is not None


def _stale(listing: Listing) -> bool:
    """What was seen was seen before the present target was set."""
    return not listing.trouble.looked


def _same_content(listing: Listing) -> bool:
    return listing.wanted is not None and listing.shown_content == fingerprint_of(
        listing.wanted.content, listing.wanted.quantity
    )


def fingerprint_of(content: dict[str, Any] | None, quantity: int) -> str:
    """A digest of what a listing shows."""
    text = json.dumps([content, quantity], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:24]
