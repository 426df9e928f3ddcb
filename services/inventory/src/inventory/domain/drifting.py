"""A change made on the marketplace by someone else: accepted or undone by the dealer (R10)."""

from msgspec.structs import replace

from inventory.domain.activating import going_back
from inventory.domain.facts import Change, change
from inventory.domain.item import Item
from inventory.domain.listing import ChangedBy, Desired, Drift, Hold, Listing, Observed, Wanted
from inventory.domain.refusals import connected_at, existing, for_sale
from inventory.domain.stock import sold_out
from inventory.domain.targeting import aim

WANTED_BY: dict[Observed, Desired] = {
    "active": "active",
    "pending_review": "active",
    "on_hold": "on_hold",
    "draft": "draft",
}
"""What is wanted once the dealer agrees with what is shown; everything else is `inactive`."""


def wanted_as(observed: Observed, before: Desired = "active") -> Wanted:
    """The wanted state that agrees with an observed one; a hold seen there returns to `before`."""
    desired = WANTED_BY.get(observed, "inactive")
    return Wanted(desired, Hold(before=before) if desired == "on_hold" else None)


def accept_drift(item: Item | None, marketplace: str) -> Change:
    """Want what the marketplace shows; on sale only if the item may be."""
    item = existing(item)
    connected_at(item, marketplace)
    listing = item.listings[marketplace]
    if listing.drift is None:
        return Change(item)
    wanted = wanted_as(listing.drift.observed, listing.desired)
    if wanted.desired in {"active", "on_hold"}:
        for_sale(item)
    return change(item, aim(item, marketplace, wanted, "drift", fallback=listing.wanted))


def restore(item: Item | None, marketplace: str) -> Change:
    """Want again what was wanted before someone else changed it."""
    item = existing(item)
    connected_at(item, marketplace)
    listing = item.listings[marketplace]
    if listing.drift is None:
        return Change(item)
    return change(item, insist(item, marketplace))


def react(item: Item, marketplace: str, changed_by: ChangedBy) -> Item:
    """React to what was just observed, if it does not agree with what is wanted.

    A sold item found active is taken down at once (for its place of sale the worker reads the
    order first), and so is a late effect of a call of ours (R9). Anything else is someone's change:
    it is shown. That the marketplace shows a sale is none: the sale itself is on its way.
    """
    listing = item.listings[marketplace]
    if _must_come_off(item, listing):
        return item if listing.under_way else insist(item, marketplace)
    if listing.satisfied or listing.observed in {"unknown", "pending_review"}:
        return item.with_listing(marketplace, replace(listing, drift=None))
    if listing.operation != "idle":
        return item
    if changed_by == "us":
        return insist(item, marketplace)
    if listing.observed == "sold" and changed_by not in {"dealer", "other_tool"}:
        return item
    return item.with_listing(marketplace, _drifted(listing, changed_by))


def insist(item: Item, marketplace: str) -> Item:
    """Say the same target again, as a new one."""
    listing = item.listings[marketplace]
    back = going_back(listing) if listing.desired == "active" else None
    return aim(item, marketplace, listing.wanted, "drift", fallback=back)


def _must_come_off(item: Item, listing: Listing) -> bool:
    on_sale = listing.observed in {"active", "pending_review"}
    # Blocked means that taking down fails: seen again, it would only burn budget.
    return sold_out(item) and on_sale and listing.operation != "blocked"


def _drifted(listing: Listing, changed_by: ChangedBy) -> Listing:
    """The listing with its drift; the same drift seen again keeps its first time."""
    if listing.observed_at is None or (
        listing.drift is not None and listing.drift.observed == listing.observed
    ):
        return listing
    return replace(listing, drift=Drift(listing.observed, listing.observed_at, changed_by))
