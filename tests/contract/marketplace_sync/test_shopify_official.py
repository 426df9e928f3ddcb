"""Every document and every variable of the Shopify adapter fits the Admin schema 2026-04."""

from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from typing import Any

import pytest
from graphql import (
    GraphQLSchema,
    OperationDefinitionNode,
    build_schema,
    get_variable_values,
    parse,
    validate,
)

from brocante.contracts.marketplace import Content
from brocante.contracts.values import Money
from marketplace_sync.marketplaces.contract import (
    Account,
    CancellationSeen,
    Done,
    Link,
    ListingSeen,
    SaleSeen,
)
from marketplace_sync.marketplaces.shopify import documents, mapping
from marketplace_sync.marketplaces.shopify.adapter import ShopifyAdapter
from marketplace_sync.marketplaces.shopify.webhooks import decode
from tests.support.answering import BASE, Answering, Asked, Says
from tests.support.specs import spec_file, spec_json

pytestmark = pytest.mark.specs
CONTENT = Content(
    sku="91.10",
    title="Walnut chair",
    description="A side chair.",
    price=Money(amount="950.00", currency="USD"),
    condition="used",
    images=["https://images.invalid/1.jpg"],
    attributes={"period": "George III", "woods": ["walnut", "cane"]},
)
DEFAULTS = {
    "location_id": "gid://shopify/Location/1",
    "publication_id": "gid://shopify/Publication/2",
}
EASTERN = timezone(timedelta(hours=-5))
NEW_YEAR = datetime(2021, 12, 31, 19, 0, tzinfo=EASTERN).astimezone(UTC)


@cache
def schema() -> GraphQLSchema:
    return build_schema(spec_file("shopify-admin.graphql").read_text(), assume_valid=True)


def respond(_asked: Asked) -> Says:
    level = {"quantities": [{"quantity": 0}]}
    item = {"id": "gid://shopify/InventoryItem/1", "inventoryLevel": level}
    variant = {"sku": "91.10", "inventoryQuantity": 1, "inventoryItem": item}
    product = {
        "id": "gid://shopify/Product/15",
        "status": "ACTIVE",
        "publishedAt": "2026-01-01T00:00:00Z",
        "variants": {"nodes": [variant]},
        "stocked": {"nodes": [variant]},
    }
    payload = {"product": product, "userErrors": []}
    empty = {"nodes": [], "pageInfo": {"hasNextPage": False}}
    roots = ("productSet", "productUpdate", "publishablePublish", "inventorySetQuantities")
    return Says({"data": {"product": product, "orders": empty, **dict.fromkeys(roots, payload)}})


async def everything() -> list[tuple[str, dict[str, Any]]]:
    """The documents that the adapter sends, with their variables."""
    server = Answering(respond)
    shop = ShopifyAdapter(Account("main", "main", BASE, {}, DEFAULTS), server.calls())
    link = Link("item", "91.10")
    await shop.find(CONTENT, link)
    done = await shop.activate(CONTENT, 1, link)
    assert isinstance(done, Done), done
    for outcome in (
        await shop.activate(CONTENT, 1, done.link),
        await shop.update(CONTENT, 1, done.link),
        await shop.hold(done.link, None),
        await shop.deactivate(done.link),
    ):
        assert isinstance(outcome, Done), outcome
    await shop.read_order("8951436509490")
    await shop.order_changes(None)
    await shop.listing_changes(None)
    await shop.requirements(None)
    return [(one.body["query"], one.body["variables"]) for one in server.asked]


async def test_every_document_we_have_is_sent_and_valid() -> None:
    sent = {document for document, _ in await everything()}
    assert sent == set(documents.ALL)
    # The description at hand is trimmed and lacks this one root; the whole one has it.
    described = sent - {documents.DEFINITIONS}
    problems = [str(e) for one in described for e in validate(schema(), parse(one))]
    assert problems == []


async def test_every_variable_fits_its_input_type() -> None:
    for document, variables in await everything():
        (operation,) = [
            node
            for node in parse(document).definitions
            if isinstance(node, OperationDefinitionNode)
        ]
        coerced = get_variable_values(schema(), operation.variable_definitions or (), variables)
        assert not isinstance(coerced, list), coerced


async def test_stock_is_only_changed_with_a_key_and_a_comparison() -> None:
    stocks = [v for document, v in await everything() if document == documents.SET_QUANTITY]
    assert "@idempotent(key: $key)" in documents.SET_QUANTITY
    assert stocks
    for variables in stocks:
        assert variables["key"]
        assert all("changeFromQuantity" in one for one in variables["input"]["quantities"])


def test_a_recorded_order_is_a_sale_with_its_price() -> None:
    order = spec_json("orders/shopify-order-paid.graphql.json")["body"]["data"]["order"]
    # The recording did not ask for the time; our document does.
    (sale,) = mapping.notices({**order, "createdAt": "2026-07-14T10:00:00Z"})
    assert isinstance(sale, SaleSeen)
    assert (sale.sale_id, sale.external_order_id, sale.quantity) == (
        "shopify:19966623514930",
        "8951436509490",
        1,
    )
    assert sale.price == Money(amount="1.0", currency="USD")


def test_a_recorded_canceled_order_is_a_cancellation_of_each_line() -> None:
    order = spec_json("orders/shopify-order-cancelled.graphql.json")["body"]["data"]["order"]
    lines = {"nodes": [{"id": "gid://shopify/LineItem/1"}, {"id": "gid://shopify/LineItem/2"}]}
    found = mapping.notices({**order, "createdAt": order["cancelledAt"], "lineItems": lines})
    at = datetime(2026, 5, 6, 22, 9, tzinfo=UTC)
    assert [one for one in found if isinstance(one, CancellationSeen)] == [
        CancellationSeen(f"shopify:{n}", "8733114532146", "other", at) for n in (1, 2)
    ]


def webhook(name: str) -> list[Any]:
    one = spec_json(f"webhooks/shopify/{name}.json")
    return list(decode(one["headers"], one["body"].encode()))


def test_a_real_order_gives_the_same_sales_when_created_and_when_paid() -> None:
    created, paid = webhook("orders-create"), webhook("orders-paid")
    assert [one.sale_id for one in created] == [one.sale_id for one in paid]
    first = created[0]
    assert first.sale_id == "shopify:487817672276298554"
    assert first.external_id == "788032119674292922"
    assert first.price == Money(amount="89.99", currency="USD")
    assert (first.quantity, first.sold_at) == (1, NEW_YEAR)
    assert len({one.sale_id for one in created}) == len(created)


def test_a_real_cancellation_names_every_line_and_the_buyers_change_of_mind() -> None:
    canceled = webhook("orders-cancelled")
    assert [one.sale_id for one in canceled] == [one.sale_id for one in webhook("orders-create")]
    assert {(one.reason, one.canceled_at) for one in canceled} == {("buyer_changed_mind", NEW_YEAR)}


def test_a_real_product_change_is_a_listing_and_stock_levels_are_not_ours() -> None:
    (seen,) = webhook("products-update")
    assert isinstance(seen, ListingSeen)
    assert seen.external_id == "788032119674292922"
    assert webhook("inventory_levels-update") == []
