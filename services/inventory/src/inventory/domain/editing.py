"""Changing an item's content, quantity and availability."""

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from inventory.domain.facts import Change, change
from inventory.domain.item import Content, Item, shown
from inventory.domain.listing import ON_SALE, Details, Listing
from inventory.domain.refusals import existing, not_deleted
from inventory.domain.sizes import not_too_large
from inventory.domain.stock import on_hand, sold_out
from inventory.domain.targeting import INACTIVE, aim_all, refresh


def merge_patch(target: Any, patch: Any) -> Any:
    """Apply a JSON merge patch (RFC 7396): null removes, objects merge, all else replaces."""
    if not isinstance(patch, Mapping):
        return patch
    merged = dict(target) if isinstance(target, Mapping) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge_patch(merged.get(name), value)
    return merged


def update(
    item: Item | None,
    content: Content,
    quantity: int,
    details: Mapping[str, Details],
    *,
    available: bool | None = None,
) -> Change:
    """Take over new content, quantity, listing details and availability (None: as it is).

    Details for a marketplace without a listing start a draft there. What is on sale is updated;
    the rest shows the new content when it goes live. Nothing here puts anything on sale.
    """
    item = existing(item)
    not_deleted(item)
    after = replace(item, content=content, quantity=quantity)
    for marketplace, own in details.items():
        listing = after.listings.get(marketplace, Listing())
        after = after.with_listing(marketplace, replace(listing, details=own))
    own_details = {m: listing.details for m, listing in after.listings.items()}
    not_too_large(content, own_details)
    after = _stock_changed(item, after)
    if available is not None and available == item.unavailable:
        after = _available(after) if available else _withdrawn(after)
    return change(item, _refreshed(item, after))


def _stock_changed(old: Item, new: Item) -> Item:
    """Run out of stock, or be back in stock, by editing the quantity."""
    if on_hand(old) > 0 >= on_hand(new):
        before = {m: one.wanted for m, one in old.listings.items()} if sold_out(new) else {}
        return _off_sale(replace(new, before=before))
    if on_hand(old) <= 0 < on_hand(new):
        # In stock again although its sales are still open: no place is sold any more.
        sold = [m for m, listing in new.listings.items() if listing.desired == "sold"]
        return aim_all(replace(new, before={}), dict.fromkeys(sold, INACTIVE), "edited")
    return new


def _available(item: Item) -> Item:
    return replace(item, unavailable=False)


def _withdrawn(item: Item) -> Item:
    return _off_sale(replace(item, unavailable=True))


def _off_sale(item: Item) -> Item:
    listed = [m for m, listing in item.listings.items() if listing.desired in ON_SALE]
    return aim_all(item, dict.fromkeys(listed, INACTIVE), "edited")


def _refreshed(old: Item, new: Item) -> Item:
    """Tell the workers whose listing shows something else than before."""
    for marketplace, listing in new.listings.items():
        before = old.listings.get(marketplace)
        if before is None or before.intent != listing.intent:
            continue
        content = shown(old.content, before.details) != shown(new.content, listing.details)
        if content or on_hand(old) != on_hand(new):
            new = refresh(new, marketplace, "edited")
    return new
