"""One sale seen twice: merged, and split again.

A sale recorded by hand for a connected marketplace, without order number, is taken to be the one
that marketplace then reports for the same piece: inventory stops counting it at once (so nothing
is oversold meanwhile) and asks sales for the merge. It can be split by hand.
"""

from datetime import datetime

from msgspec.structs import replace

from inventory.domain.counting import count, oversold, take_back
from inventory.domain.facts import Fact, MergeWanted, SplitWanted
from inventory.domain.item import Item
from inventory.domain.plans import plan
from inventory.domain.sales import Merged, MergedSale, OpenSale, SplitOff


def hand_recorded_twin(item: Item, sale: OpenSale) -> OpenSale | None:
    """The oldest open sale recorded by hand that this marketplace sale is, if any."""
    if not sale.by_marketplace or sale.marketplace not in item.listings:
        return None
    twins = [
        one
        for one in item.sales.values()
        if not one.by_marketplace
        and one.marketplace == sale.marketplace
        and one.quantity == sale.quantity
    ]
    return min(twins, key=lambda one: one.sold_at, default=None)


def take_over(item: Item, twin: OpenSale, sale: OpenSale) -> tuple[Item, list[Fact]]:
    """Count the marketplace's sale instead of its twin: stock and listings stay as they are."""
    sales = {i: one for i, one in item.sales.items() if i != twin.sale_id}
    merged = MergedSale(twin, sale.sale_id, confirmed=False)
    after = replace(
        item,
        sales={**sales, sale.sale_id: sale},
        merged={**item.merged, twin.sale_id: merged},
    )
    return after, [MergeWanted(twin.sale_id, sale.sale_id)]


def drop_awaited(item: Item, sale: OpenSale, now: datetime) -> Item:
    """Stop counting sales that were merged into this one before it was seen here."""
    for one in [one for one in item.sales.values() if one.into == sale.sale_id]:
        item = _drop(item, one, sale.sale_id, now)
    return item


def merged(item: Item, event: Merged, now: datetime) -> tuple[Item, list[Fact]]:
    """Sales made a merge. Into a sale not seen yet, the merged one counts until that one comes.

    Two merges made at the same moment can go round in a circle; the second is undone, or neither
    sale would count and a sold piece would come back on sale.
    """
    sale = item.sales.get(event.sale_id)
    if sale is None:
        known = item.merged.get(event.sale_id)
        if known is None:
            return item, []
        confirmed = replace(known, into=event.into, confirmed=True)
        return replace(item, merged={**item.merged, event.sale_id: confirmed}), []
    if _leads_to(item, event.into, event.sale_id):
        return item, [SplitWanted(event.sale_id)]
    if event.into not in item.sale_versions:
        awaiting = replace(sale, into=event.into)
        return replace(item, sales={**item.sales, event.sale_id: awaiting}), []
    return _drop(item, sale, event.into, now), []


def split_off(item: Item, event: SplitOff) -> tuple[Item, list[Fact]]:
    """A merged sale counts on its own again."""
    if event.sale_id in item.sales:
        alone = replace(item.sales[event.sale_id], into=None, version=event.version)
        return replace(item, sales={**item.sales, event.sale_id: alone}), []
    if event.sale_id not in item.merged:
        return item, []
    return _alone(item, replace(item.merged[event.sale_id].sale, version=event.version))


def recorded_again(item: Item, sale: OpenSale) -> tuple[Item, list[Fact]]:
    """A merged sale is said to be open: its split was lost, or the merge is still being made."""
    known = item.merged[sale.sale_id]
    if known.confirmed:
        return _alone(item, sale)
    merged = {**item.merged, sale.sale_id: replace(known, sale=sale)}
    return replace(item, merged=merged), []


def _alone(item: Item, sale: OpenSale) -> tuple[Item, list[Fact]]:
    rest = {i: one for i, one in item.merged.items() if i != sale.sale_id}
    after = count(replace(item, merged=rest), replace(sale, into=None))
    return after, oversold(after)


def _drop(item: Item, sale: OpenSale, into: str, now: datetime) -> Item:
    """Stop counting a sale.

    Merged into a canceled one, stock comes back but nothing goes on sale: nobody chose that.
    """
    folded = {**item.merged, sale.sale_id: MergedSale(sale, into)}
    return take_back(replace(item, merged=folded), sale, plan(item, sale, "none", now))


def _leads_to(item: Item, sale_id: str, end: str) -> bool:
    seen: set[str] = set()
    while sale_id in item.merged and sale_id not in seen:
        seen.add(sale_id)
        sale_id = item.merged[sale_id].into
    return sale_id == end
