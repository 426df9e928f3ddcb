"""`item.update` on the wire: a JSON merge patch, refused by the name of what is wrong."""

from typing import Any

import pytest

from brocante.contracts.inventory import ItemUpdate
from brocante.contracts.marketplace import ListingUpdate
from tests.support.tables import Driven
from tests.unit.inventory.wire import code, snapshot


def test_an_update_is_a_merge_patch(on_sale: Driven) -> None:
    changes: dict[str, Any] = {
        "title": "Brass table lamp",
        "attributes": {"period": None, "height_cm": 40},
        "listings": {"ebay": {"details": {"title": None}}},
    }
    shown = snapshot(on_sale.take(ItemUpdate(item_id="lamp", changes=changes)))
    assert (shown.title, shown.attributes) == ("Brass table lamp", {"height_cm": 40})
    assert shown.listings["ebay"].details.title is None
    assert {"title", "attributes", "listings"} <= set(shown.changed)
    ebay, _etsy = on_sale.said(ListingUpdate)
    assert ebay.target.content
    assert ebay.target.content.title == "Brass table lamp"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"colour": "red"}, "/changes/colour"),
        ({"item_id": "vase"}, "/changes/item_id"),
        ({"title": None}, "/changes/title"),
        ({"quantity": -1}, "/changes/quantity"),
        ({"price": {"amount": "x"}}, "/changes/price/amount"),
        ({"availability": "maybe"}, "/changes/availability"),
        ({"listings": {"ebay": {"price": 1}}}, "/changes/listings/ebay"),
        (
            {"listings": {"ebay": {"details": {"colour": 1}}}},
            "/changes/listings/ebay/details/colour",
        ),
        ({"listings": {"ebay": None}}, "/changes/listings/ebay"),
        ({"listings": []}, "/changes/listings"),
    ],
)
def test_a_wrong_change_is_refused_by_name(
    on_sale: Driven, changes: dict[str, Any], field: str
) -> None:
    assert code(on_sale.take(ItemUpdate(item_id="lamp", changes=changes))) == ("invalid", field)
