"""Content to Shopify's inputs; products, orders and webhooks to notices."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from brocante.contracts.marketplace import Content
from brocante.contracts.requirements import check
from brocante.contracts.values import CancelReason, Money
from marketplace_sync.marketplaces.contract import (
    CancellationSeen,
    ListingSeen,
    OrderToRead,
    SaleSeen,
)
from marketplace_sync.marketplaces.shopify import mapping
from marketplace_sync.marketplaces.shopify.webhooks import decode

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
BIG = 820982911946154508
CONTENT = Content(
    sku="91.10",
    title="Walnut chair",
    price=Money(amount="950.10", currency="USD"),
    condition="used",
    attributes={"period": "George III", "height": 91, "signed": True, "woods": ["walnut"]},
)
ORDER: dict[str, Any] = {
    "id": BIG,
    "currency": "USD",
    "created_at": "2026-04-15T08:00:00-04:00",
    "updated_at": "2026-04-15T09:00:00-04:00",
    "line_items": [
        {"id": BIG + 1, "product_id": BIG + 2, "sku": "91.10", "quantity": 1, "price": "950.10"},
        {"id": BIG + 3, "product_id": None, "sku": "", "quantity": 3, "current_quantity": 2},
    ],
}


def webhook(topic: str, body: Any) -> list[Any]:
    return list(decode({"X-Shopify-Topic": topic}, json.dumps(body).encode()))


def test_handles_of_skus_that_look_alike_differ() -> None:
    handles = {mapping.handle(sku) for sku in ("91.1", "91.10", "91-1", "911", "É", "")}
    assert len(handles) == 6
    assert all(set(h) <= set("abcdefghijklmnopqrstuvwxyz0123456789-") for h in handles)


def test_only_a_product_to_be_made_is_given_a_handle_a_state_and_stock() -> None:
    given = mapping.product_input(CONTENT, "91.10")
    assert not {"handle", "status"} & set(given)
    assert "inventoryQuantities" not in given["variants"][0]
    made = mapping.new_product(given, 1, "91.10", "gid://shopify/Location/1")
    assert made["status"] == "ACTIVE"
    assert made["variants"][0]["inventoryQuantities"][0]["quantity"] == 1
    assert (made["variants"][0]["sku"], made["variants"][0]["price"]) == ("91.10", "950.10")


def test_attributes_take_the_types_of_the_shops_definitions() -> None:
    types = {"height": "number_integer", "signed": "boolean", "period": "list.x"}
    found = {m["key"]: (m["type"], m["value"]) for m in mapping.metafields(CONTENT, types)}
    assert found == {
        "period": ("list.x", '["George III"]'),
        "height": ("number_integer", "91"),
        "signed": ("boolean", "true"),
        "woods": ("list.single_line_text_field", '["walnut"]'),
        "condition": ("single_line_text_field", "used"),
    }


def test_names_that_shopify_does_not_take_and_empty_values_are_left_out() -> None:
    attributes = {"Place of origin": "x", "a": "x", "none": None, "long": "one\ntwo"}
    content = CONTENT.model_copy(update={"attributes": attributes, "condition": None})
    assert [(m["key"], m["type"]) for m in mapping.metafields(content, {})] == [
        ("long", "multi_line_text_field")
    ]


def stocked(there: int | None) -> dict[str, Any]:
    level = None if there is None else {"quantities": [{"quantity": there}]}
    item = {"id": "gid://shopify/InventoryItem/1", "inventoryLevel": level}
    return {"stocked": {"nodes": [{"inventoryItem": item}]}}


def test_stock_is_set_by_comparing_with_what_was_there() -> None:
    change = mapping.stock_change(stocked(0), 1, "L")
    assert change is not None
    (entry,) = change["quantities"]
    assert (entry["quantity"], entry["changeFromQuantity"], entry["locationId"]) == (1, 0, "L")
    assert mapping.stock_change(stocked(1), 1, "L") is None
    unstocked = mapping.stock_change(stocked(None), 1, "L")
    assert unstocked is not None
    assert unstocked["quantities"][0]["changeFromQuantity"] is None


@pytest.mark.parametrize(
    ("status", "published", "quantity", "observed"),
    [
        ("ACTIVE", "2026-01-01T00:00:00Z", 1, "active"),
        ("ACTIVE", "2026-01-01T00:00:00Z", None, "active"),
        ("ACTIVE", "2026-01-01T00:00:00Z", 0, "sold"),
        ("ACTIVE", "2026-01-01T00:00:00Z", -1, "sold"),
        ("ACTIVE", None, 1, "inactive"),
        ("DRAFT", "2026-01-01T00:00:00Z", 1, "inactive"),
        ("ARCHIVED", "2026-01-01T00:00:00Z", 1, "inactive"),
        ("UNLISTED", "2026-01-01T00:00:00Z", 1, "inactive"),
    ],
)
def test_a_product_is_on_sale_only_if_active_published_and_in_stock(
    status: str, published: str | None, quantity: int | None, observed: str
) -> None:
    product = {
        "id": f"gid://shopify/Product/{BIG}",
        "status": status,
        "publishedAt": published,
        "variants": {"nodes": [{"sku": "91.10", "inventoryQuantity": quantity}]},
    }
    assert mapping.observation(product, NOW).observed == observed


def test_a_number_beyond_53_bits_keeps_its_last_digit() -> None:
    assert mapping.digits(f"gid://shopify/Product/{BIG}") == str(BIG)
    assert mapping.digits(f"gid://shopify/InventoryLevel/{BIG}?inventory_item_id=1") == str(BIG)


@pytest.mark.parametrize("topic", ["orders/create", "orders/paid"])
def test_each_line_of_an_order_is_a_sale_with_the_same_id_in_every_topic(topic: str) -> None:
    first, second = webhook(topic, ORDER)
    assert first == SaleSeen(
        f"shopify:{BIG + 1}",
        str(BIG),
        str(BIG + 2),
        "91.10",
        1,
        Money(amount="950.10", currency="USD"),
        datetime(2026, 4, 15, 12, 0, tzinfo=UTC),
    )
    assert (second.quantity, second.external_id, second.external_sku, second.price) == (
        2,
        None,
        None,
        None,
    )


def test_a_late_delivery_of_a_canceled_order_still_says_its_sales_only() -> None:
    canceled = {**ORDER, "cancelled_at": "2026-04-16T08:00:00Z", "cancel_reason": "customer"}
    found = webhook("orders/create", canceled)
    assert [type(one) for one in found] == [SaleSeen] * 2


@pytest.mark.parametrize(
    ("reason", "ours"),
    [
        ("customer", "buyer_changed_mind"),
        ("inventory", "sold_elsewhere"),
        ("declined", "unpaid"),
        ("fraud", "other"),
        ("something new", "other"),
        (None, None),
    ],
)
def test_a_cancellation_has_our_reason(reason: str | None, ours: CancelReason | None) -> None:
    canceled = {**ORDER, "cancelled_at": "2026-04-16T08:00:00Z", "cancel_reason": reason}
    first, _ = webhook("orders/cancelled", canceled)
    assert first == CancellationSeen(
        f"shopify:{BIG + 1}", str(BIG), ours, datetime(2026, 4, 16, 8, 0, tzinfo=UTC)
    )


@pytest.mark.parametrize("topic", ["orders/create", "orders/cancelled"])
def test_an_order_without_a_time_is_read_instead(topic: str) -> None:
    assert webhook(topic, {"id": BIG, "line_items": []}) == [OrderToRead(str(BIG))]


def test_a_changed_product_is_a_listing_to_look_at() -> None:
    (seen,) = webhook("products/update", {"id": BIG, "updated_at": "2026-04-15T12:00:00Z"})
    assert isinstance(seen, ListingSeen)
    assert (seen.external_id, seen.observation.observed) == (str(BIG), "unknown")


def test_other_topics_say_nothing() -> None:
    assert webhook("inventory_levels/update", {"id": 1}) == []
    assert webhook("orders/create", {}) == []
    assert webhook("orders/create", []) == []


def test_a_body_that_is_not_json_is_unusable() -> None:
    with pytest.raises(ValueError, match="Expecting"):
        decode({"X-Shopify-Topic": "orders/create"}, b"<html>")


def definition(namespace: str, key: str, kind: str, **rules: str) -> dict[str, Any]:
    validations = [{"name": name, "value": value} for name, value in rules.items()]
    return {
        "namespace": namespace,
        "key": key,
        "name": key.title(),
        "type": {"name": kind},
        "validations": validations,
    }


def test_definitions_are_requirements_of_attributes_and_those_of_other_apps_are_not() -> None:
    asked = mapping.requirements(
        [
            definition("custom", "height", "number_integer", required="true", min="1", max="300"),
            definition("custom", "period", "single_line_text_field", max="20", choices='["a"]'),
            definition("$listing", "description", "single_line_text_field", required="true"),
            definition("custom", "condition", "single_line_text_field"),
            definition("shopify", "color-pattern", "list.metaobject_reference", required="true"),
        ],
        {},
    )[len(mapping.FIXED_REQUIREMENTS) :]
    assert [(f.field, f.required) for f in asked] == [
        ("/attributes/height", True),
        ("/attributes/period", False),
        ("/description", True),
        ("/condition", False),
    ]
    assert (asked[0].min, asked[0].max, asked[0].max_length) == (1, 300, None)
    assert (asked[1].max_length, asked[1].allowed) == (20, ["a"])


def test_a_price_in_another_currency_than_the_shops_is_refused() -> None:
    issues = check(CONTENT.model_dump(), mapping.requirements([], {"currency": "EUR"}), "shopify")
    assert [issue.field for issue in issues] == ["/price/currency"]
