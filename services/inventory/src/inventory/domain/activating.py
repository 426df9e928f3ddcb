"""Putting on sale and taking off sale, as the dealer asks (R5, R7)."""

from collections.abc import Sequence

from msgspec.structs import replace

from inventory.domain.facts import Change, change
from inventory.domain.item import Item
from inventory.domain.listing import Listing, Wanted
from inventory.domain.refusals import EVERYWHERE, connected, existing, for_sale, named
from inventory.domain.targeting import INACTIVE, aim

ACTIVE = Wanted("active")


def activate(item: Item | None, marketplaces: Sequence[str]) -> Change:
    """Put an item on sale; a marketplace it was never on becomes connected.

    What a marketplace's requirements refuse comes back as an outcome, per listing: nothing here
    knows them.
    """
    item = existing(item)
    for_sale(item)
    connected(item, [m for m in marketplaces if m == EVERYWHERE])
    after = item
    for marketplace in named(item, marketplaces):
        after = _activate(after, marketplace)
    return change(item, after)


def deactivate(item: Item | None, marketplaces: Sequence[str]) -> Change:
    """Take an item off sale; drafts are meant only when named themselves.

    While the item is sold, it also changes what `as_before` would put back.
    """
    item = existing(item)
    connected(item, marketplaces)
    after = item
    for marketplace, itself in named(item, marketplaces).items():
        if itself or item.listings[marketplace].desired != "draft":
            after = _deactivate(after, marketplace)
    return change(item, after)


def going_back(listing: Listing) -> Wanted:
    """What a refused activation of this listing goes back to."""
    if listing.desired != "active":
        return listing.wanted
    if listing.observed == "active":
        return ACTIVE
    return listing.fallback or INACTIVE


def _activate(item: Item, marketplace: str) -> Item:
    listing = item.listings.get(marketplace)
    if listing is None:
        return _activate(item.with_listing(marketplace, Listing()), marketplace)
    if listing.wanted == ACTIVE and (listing.settled or listing.under_way):
        return item
    return aim(item, marketplace, ACTIVE, "requested", fallback=going_back(listing))


def _deactivate(item: Item, marketplace: str) -> Item:
    listing = item.listings[marketplace]
    if marketplace in item.before:
        item = replace(item, before={**item.before, marketplace: INACTIVE})
    if listing.desired == "sold":
        return item
    if listing.wanted == INACTIVE and (listing.settled or listing.under_way):
        return item
    return aim(item, marketplace, INACTIVE, "requested")
