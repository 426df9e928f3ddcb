"""What taking a sale back leads to, listing by listing (R2, R3, R4).

Canceling applies exactly this plan, so what a snapshot shows is what happens.
"""

from datetime import datetime

from msgspec.structs import replace

from inventory.domain.item import Item
from inventory.domain.listing import Hold, Wanted
from inventory.domain.sales import OpenSale, Relist
from inventory.domain.stock import on_hand
from inventory.domain.targeting import INACTIVE, sale_at


def without(item: Item, sale_id: str) -> Item:
    """The item as if that sale did not count."""
    return replace(item, sales={i: sale for i, sale in item.sales.items() if i != sale_id})


def plan(item: Item, sale: OpenSale, relist: Relist, now: datetime) -> dict[str, Wanted]:
    """What each listing will be once this open sale is taken back.

    A deleted item comes back nowhere (R7). Where stock never ran out, listings stay. Where it does
    not come back (another sale is open), only the sale's own place changes.
    """
    left = on_hand(item)
    if left > 0:
        return {m: listing.wanted for m, listing in item.listings.items()}
    if left + item.sales[sale.sale_id].quantity <= 0:
        return _still_sold(without(item, sale.sale_id), sale)
    return {m: _relisted(item, m, sale, relist, now) for m in item.listings}


def _still_sold(left: Item, sale: OpenSale) -> dict[str, Wanted]:
    stays = {m: listing.wanted for m, listing in left.listings.items()}
    place = left.listings.get(sale.marketplace)
    if place and place.desired == "sold" and sale_at(left, sale.marketplace) is None:
        stays[sale.marketplace] = INACTIVE
    return stays


def _relisted(
    item: Item, marketplace: str, sale: OpenSale, relist: Relist, now: datetime
) -> Wanted:
    if item.deleted or relist == "none":
        return INACTIVE
    if relist == "as_before":
        return back_from(item.before.get(marketplace, INACTIVE), now)
    return Wanted("active") if marketplace == sale.marketplace else INACTIVE


def back_from(before: Wanted, now: datetime) -> Wanted:
    """What was, unless it was a hold that has meanwhile ended: then what was before it (R6)."""
    if before.hold is not None and before.hold.ended(now):
        return before_hold(before.hold)
    return before


def before_hold(hold: Hold) -> Wanted:
    """What release returns to."""
    return Wanted(hold.before)
