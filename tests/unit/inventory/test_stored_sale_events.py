"""What waits on a placeholder is stored as it always was: its kind beside its fields."""

import json
from datetime import UTC, datetime

import pytest

from inventory.domain.item import Item
from inventory.domain.sales import Canceled, Merged, OpenSale, Recorded, SaleEvent, SplitOff
from inventory.routing import ITEMS

SOLD_AT = datetime(2026, 11, 24, 8, tzinfo=UTC)
SALE = OpenSale("ebay:1", 3, "ebay", 1, SOLD_AT, external_order_id="o-1")
STORED = {
    "sale_id": "ebay:1",
    "version": 3,
    "marketplace": "ebay",
    "quantity": 1,
    "sold_at": "2026-11-24T08:00:00Z",
    "external_order_id": "o-1",
    "into": None,
    "recorded_at": None,
}
CANCELED = {"relist": "as_before", "unavailable": True, "chosen": True}


@pytest.mark.parametrize(
    ("event", "fields"),
    [
        (Recorded(SALE), {"kind": "recorded", "sale": STORED}),
        (Canceled(SALE, **CANCELED), {"kind": "canceled", "sale": STORED, **CANCELED}),  # type: ignore[arg-type]
        (Merged("s1", 2, "ebay:1"), {"kind": "merged", "sale_id": "s1", "version": 2}),
        (SplitOff("s1", 4), {"kind": "split_off", "sale_id": "s1", "version": 4}),
    ],
    ids=lambda one: one["kind"] if isinstance(one, dict) else "",
)
def test_an_event_that_waits_is_stored_with_its_kind(
    event: SaleEvent, fields: dict[str, object]
) -> None:
    item = Item("lamp", known=False, waiting=(event,))
    text = ITEMS.text(item)
    (stored,) = json.loads(text)["waiting"]
    assert stored == {**fields, **({"into": "ebay:1"} if isinstance(event, Merged) else {})}
    assert ITEMS.state.decode(text) == item


def test_a_state_that_is_none_is_refused_where_it_is_read() -> None:
    with pytest.raises(ValueError, match=r"\$\.revision"):
        ITEMS.state.decode('{"item_id": "lamp", "revision": "three"}')
