"""Letting a sale count, and letting it count no longer (R1, R2)."""

from collections.abc import Mapping

from msgspec.structs import replace

from inventory.domain.facts import Fact, Oversold
from inventory.domain.item import Item
from inventory.domain.listing import Wanted
from inventory.domain.plans import without
from inventory.domain.sales import OpenSale
from inventory.domain.stock import on_hand, sold_out
from inventory.domain.targeting import INACTIVE, aim_all, refresh_all


def count(item: Item, sale: OpenSale) -> Item:
    """Let a sale count (R1): only running out changes what is on sale."""
    had = on_hand(item)
    runs_out = 0 < had <= sale.quantity
    before = {m: one.wanted for m, one in item.listings.items()} if runs_out else item.before
    after = replace(item, sales={**item.sales, sale.sale_id: sale}, before=before)
    if had <= 0:
        return _mark_place(after, sale)
    if not runs_out:
        return refresh_all(after, "sold", sale)
    wanted = dict.fromkeys(after.listings, INACTIVE)
    if sale.marketplace in wanted:
        wanted[sale.marketplace] = Wanted("sold")
    return aim_all(after, wanted, "sold", sale=sale)


def oversold(item: Item) -> list[Fact]:
    """The fact that more is sold than owned, if it is so."""
    return [Oversold(tuple(sorted(item.sales)))] if on_hand(item) < 0 else []


def take_back(item: Item, sale: OpenSale, wanted: Mapping[str, Wanted]) -> Item:
    """Let a sale no longer count, and bring the listings to what the plan wants."""
    after = without(item, sale.sale_id)
    if after.before and not sold_out(after):
        after = replace(after, before={})
    if on_hand(item) > 0:
        after = refresh_all(after, "sale_canceled", sale)
        # Stock never ran out: what the dealer or the marketplace did meanwhile is not fought.
        wanted = {m: one for m, one in wanted.items() if one != item.listings[m].wanted}
    # A reactivation that is refused leaves the listing inactive (R5).
    return aim_all(after, wanted, "sale_canceled", sale=sale, fallback=INACTIVE)


def _mark_place(item: Item, sale: OpenSale) -> Item:
    if sale.marketplace not in item.listings:
        return item
    return aim_all(item, {sale.marketplace: Wanted("sold")}, "sold", sale=sale)
