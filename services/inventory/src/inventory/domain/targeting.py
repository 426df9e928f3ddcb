"""Setting a listing's target: the one place where an intent is raised.

Each change of the target (state, content, quantity, hold end) is a new intent; the worker drops
older ones (R8), so whatever is waiting is superseded by it.
"""

from collections.abc import Mapping

from msgspec.structs import replace

from inventory.domain.item import Item
from inventory.domain.listing import ON_SALE, Action, Listing, Reason, Told, Wanted
from inventory.domain.sales import OpenSale

INACTIVE = Wanted("inactive")


def aim(
    item: Item,
    marketplace: str,
    wanted: Wanted,
    reason: Reason,
    *,
    sale: OpenSale | None = None,
    fallback: Wanted | None = None,
) -> Item:
    """Give a listing a new target. `fallback`: what a refusal goes back to (R5)."""
    return item.with_listing(marketplace, _aimed(item, marketplace, wanted, reason, sale, fallback))


def aim_all(
    item: Item,
    plan: Mapping[str, Wanted],
    reason: Reason,
    *,
    sale: OpenSale | None = None,
    fallback: Wanted | None = None,
) -> Item:
    """Bring every listing to what the plan wants of it; those already aimed there keep theirs."""
    aimed = {
        m: _aimed(item, m, wanted, reason, sale, fallback if wanted.desired == "active" else None)
        for m, wanted in plan.items()
        if _needs_aim(item.listings[m], wanted)
    }
    return replace(item, listings={**item.listings, **aimed}) if aimed else item


def refresh(item: Item, marketplace: str, reason: Reason, sale: OpenSale | None = None) -> Item:
    """Tell the worker of new content or quantity, if the listing is meant to be shown.

    A drifted listing is not fought (R10): it gets the new content when the dealer restores it.
    """
    listing = item.listings[marketplace]
    if listing.desired not in ON_SALE or listing.drift is not None:
        return item
    return aim(item, marketplace, listing.wanted, reason, sale=sale, fallback=listing.fallback)


def refresh_all(item: Item, reason: Reason, sale: OpenSale | None = None) -> Item:
    """Tell every worker of new content or quantity."""
    for marketplace in item.listings:
        item = refresh(item, marketplace, reason, sale)
    return item


def sale_at(item: Item, marketplace: str) -> OpenSale | None:
    """The latest open sale at a marketplace: its order is read before taking it down (R10)."""
    there = [sale for sale in item.sales.values() if sale.marketplace == marketplace]
    return max(there, key=lambda sale: sale.sold_at, default=None)


def _aimed(
    item: Item,
    marketplace: str,
    wanted: Wanted,
    reason: Reason,
    sale: OpenSale | None,
    fallback: Wanted | None,
) -> Listing:
    """A listing no worker ever heard of and that is not to go on sale needs no call, no message."""
    old = item.listings[marketplace]
    told = _told(item, marketplace, wanted, reason, sale)
    # What was tried, refused and heard was about the target before: only what is there stays.
    return Listing(
        desired=wanted.desired,
        hold=wanted.hold,
        intent=old.intent + 1,
        operation="queued" if told else "idle",
        fallback=fallback,
        told=told,
        observed=old.observed,
        observed_at=old.observed_at,
        source=old.source,
        external_id=old.external_id,
        url=old.url,
        details=old.details,
        held_as=old.held_as,
    )


def _needs_aim(listing: Listing, wanted: Wanted) -> bool:
    if listing.wanted != wanted or listing.linking:
        return True
    return not listing.satisfied and not listing.under_way


def _told(
    item: Item, marketplace: str, wanted: Wanted, reason: Reason, sale: OpenSale | None
) -> Told | None:
    listing = item.listings[marketplace]
    never_sent = listing.told is None and listing.observed == "none"
    if never_sent and wanted.desired not in ON_SALE:
        return None
    about = sale or (None if wanted.desired in ON_SALE else sale_at(item, marketplace))
    if about is None:
        return Told(_action(listing, wanted), reason)
    # Only the marketplace of the sale knows its order.
    order = about.external_order_id if about.marketplace == marketplace else None
    return Told(_action(listing, wanted), reason, about.sale_id, order, about.known_since)


def _action(listing: Listing, wanted: Wanted) -> Action:
    if wanted.desired == "on_hold":
        return "hold"
    if wanted.desired != "active":
        return "deactivate"
    shown = listing.desired == "active" and listing.observed == "active"
    return "update" if shown else "activate"
