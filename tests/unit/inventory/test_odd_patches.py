"""Whatever a patch holds, inventory takes it or refuses it: raising would park the item."""

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brocante.contracts.inventory import ItemCreate, ItemUpdate
from brocante.contracts.values import Money
from inventory import handlers
from inventory.domain.item import Item
from inventory.domain.refusals import Refused
from inventory.incoming import EDITABLE

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
KNOWN = handlers.BUILT_IN
# What the contract itself refuses never comes here (brocante.contracts.values.plain_json).
numbers = st.integers(-(2**63) + 1, 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
scalars = st.none() | st.booleans() | numbers | st.text()
values = st.recursive(
    scalars, lambda v: st.lists(v, max_size=3) | st.dictionaries(st.text(), v, max_size=3)
)
names = st.sampled_from([*sorted(EDITABLE), "details", "ebay", "amount"])
patches = st.dictionaries(names, values | st.dictionaries(names, values, max_size=3), max_size=3)


def chair() -> Item:
    price = Money(amount="950.00", currency="USD")
    asked = ItemCreate(item_id="chair", sku="1", title="Chair", price=price)
    made = handlers.create(None, asked, NOW, KNOWN).item
    assert made is not None
    return made


def patch(changes: dict[str, Any]) -> None:
    handlers.update(chair(), ItemUpdate(item_id="chair", changes=changes), NOW, KNOWN)


@given(patches)
def test_any_patch_is_taken_or_refused(changes: dict[str, Any]) -> None:
    with suppress(Refused):
        patch(changes)


@pytest.mark.parametrize("said", [{}, [], {"available": True}, 1, None, "sold"])
def test_an_availability_of_another_kind_is_refused_by_its_field(said: Any) -> None:
    with pytest.raises(Refused) as refused:
        patch({"availability": said})
    assert refused.value.field == "/changes/availability"
