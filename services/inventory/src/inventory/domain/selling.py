"""Sales and what they do to stock and listings (R1-R4, and the edge cases around them).

Every event carries its sale's version; one not newer than the last seen is dropped as stale.
"""

from datetime import datetime

from msgspec.structs import replace

from inventory.domain import merging
from inventory.domain.counting import count, oversold, take_back
from inventory.domain.facts import Change, Fact, UnknownItem, change
from inventory.domain.item import Item
from inventory.domain.listing import ON_SALE
from inventory.domain.plans import plan
from inventory.domain.sales import (
    Canceled,
    Merged,
    OpenSale,
    Recorded,
    SaleEvent,
    SplitOff,
)
from inventory.domain.targeting import INACTIVE


def apply(item: Item | None, item_id: str, event: SaleEvent, now: datetime) -> Change:
    """Apply a sale event; on an item nobody created yet it waits on a placeholder."""
    before = item or Item(item_id, known=False)
    if event.version <= before.sale_versions.get(event.sale_id, 0):
        return Change(item)
    if not before.known:
        kept = replace(_noted(before, event), waiting=(*before.waiting, event))
        facts = (UnknownItem(event.sale_id),) if isinstance(event, Recorded) else ()
        return change(item, kept, *facts)
    after, found = applied(before, event, now)
    return change(item, after, *found)


def applied(item: Item, event: SaleEvent, now: datetime) -> tuple[Item, list[Fact]]:
    """The item after a sale event that is news to it, and what else follows."""
    seen = event.sale_id in item.sale_versions
    item = _noted(item, event)
    match event:
        case Recorded(sale):
            return _recorded(item, sale, now)
        case Canceled(sale):
            if not seen:
                # Its recording was lost: it is taken as having come first.
                item, _ = _recorded(item, sale, now)
            return _canceled(item, event, now), []
        case Merged():
            return merging.merged(item, event, now)
        case SplitOff():
            return merging.split_off(item, event)


def _noted(item: Item, event: SaleEvent) -> Item:
    return replace(item, sale_versions={**item.sale_versions, event.sale_id: event.version})


def _recorded(item: Item, sale: OpenSale, now: datetime) -> tuple[Item, list[Fact]]:
    if sale.sale_id in item.sales:
        into = item.sales[sale.sale_id].into
        filled = replace(sale, into=into)
        return replace(item, sales={**item.sales, sale.sale_id: filled}), []
    if sale.sale_id in item.merged:
        return merging.recorded_again(item, sale)
    twin = merging.hand_recorded_twin(item, sale)
    if twin is not None:
        return merging.take_over(item, twin, sale)
    after = merging.drop_awaited(count(item, sale), sale, now)
    return after, oversold(after)


def _canceled(item: Item, event: Canceled, now: datetime) -> Item:
    sale = item.sales.get(event.sale_id)
    if sale is None:
        # A merged sale that was canceled first: it can no longer be split off.
        return replace(item, merged={i: m for i, m in item.merged.items() if i != event.sale_id})
    unavailable = event.unavailable or (item.unavailable and not event.chosen)
    wanted = plan(item, sale, "none" if unavailable else event.relist, now)
    if unavailable:
        wanted = {m: INACTIVE if w.desired in ON_SALE else w for m, w in wanted.items()}
    if unavailable != item.unavailable:
        item = replace(item, unavailable=unavailable)
    return take_back(item, sale, wanted)
