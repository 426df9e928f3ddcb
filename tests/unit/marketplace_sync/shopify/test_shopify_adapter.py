"""The Shopify adapter, call by call."""

from collections.abc import Callable
from typing import Any

from brocante.contracts.marketplace import Content
from brocante.contracts.values import Money
from marketplace_sync.marketplaces.contract import (
    Account,
    Done,
    Gone,
    Invalid,
    Link,
    RetryLater,
    Unknown,
)
from marketplace_sync.marketplaces.shopify.adapter import ShopifyAdapter
from tests.support.answering import BASE, Answering, Asked, Says

DEFAULTS = {"location_id": "gid://shopify/Location/1", "publication_id": "gid://P/1"}
CONTENT = Content(sku="91.10", title="Chair", price=Money(amount="9.50", currency="USD"))
LINK = Link("item", "91.10", "15")
Answer = Callable[[dict[str, Any]], Any]


def product(number: int = 15, sku: str = "91.10", quantity: int = 1, **more: Any) -> Any:
    variant = {"sku": sku, "inventoryQuantity": quantity}
    return {
        "id": f"gid://shopify/Product/{number}",
        "status": "ACTIVE",
        "publishedAt": "2026-01-01T00:00:00Z",
        "variants": {"nodes": [variant]},
        **more,
    }


def adapter(
    roots: dict[str, Any], defaults: dict[str, str] | None = None
) -> tuple[ShopifyAdapter, Answering]:
    """Answers a document by the root it asks for; `Says` answers as it is."""
    known = {
        "metafieldDefinitions": {"nodes": []},
        "publishablePublish": {"userErrors": []},
        "product": product(),
        **roots,
    }

    def respond(asked: Asked) -> Says:
        root = root_of(asked)
        answer = known[root]
        if callable(answer):
            answer = answer(asked.body["variables"])
        return answer if isinstance(answer, Says) else Says({"data": {root: answer}})

    server = Answering(respond)
    account = Account("main", "main", BASE, {}, DEFAULTS if defaults is None else defaults)
    return ShopifyAdapter(account, server.calls()), server


def root_of(asked: Asked) -> str:
    text = asked.body["query"].split("{", 1)[1]
    return str(text.split("(", 1)[0].strip())


def asked_roots(server: Answering) -> list[str]:
    return [root_of(one) for one in server.asked]


def put(quantity: int | None = None) -> Any:
    level = {"quantities": [{"quantity": quantity}]}
    item = {"id": "gid://shopify/InventoryItem/1", "inventoryLevel": level}
    stocked = {"nodes": [{"inventoryItem": item}]} if quantity is not None else {"nodes": []}
    return {"product": product(stocked=stocked), "userErrors": []}


async def test_a_new_piece_is_put_by_its_handle_published_and_read_back() -> None:
    shop, server = adapter({"productSet": put()})
    outcome = await shop.activate(CONTENT, 1, Link("item", "91.10"))
    assert isinstance(outcome, Done)
    assert outcome.link.external_id == "15"
    expected = ["metafieldDefinitions", "productSet", "publishablePublish", "product"]
    assert asked_roots(server) == expected
    sent = server.asked[1].body["variables"]
    assert sent["identifier"] == {"handle": sent["input"]["handle"]}


async def test_a_known_piece_is_put_by_its_id_and_its_stock_is_compared_first() -> None:
    roots = {"productSet": put(0), "inventorySetQuantities": {"userErrors": []}}
    shop, server = adapter(roots)
    assert isinstance(await shop.activate(CONTENT, 1, LINK), Done)
    set_stock = server.asked[2].body
    (entry,) = set_stock["variables"]["input"]["quantities"]
    assert entry["changeFromQuantity"] == 0
    assert set_stock["variables"]["key"]
    await shop.activate(CONTENT, 1, LINK)
    keys = [a.body["variables"]["key"] for a in server.asked if "key" in a.body["variables"]]
    assert len(set(keys)) == 2


async def test_a_sale_in_between_stops_the_activation() -> None:
    path = ["input", "quantities", "0", "changeFromQuantity"]
    stale = {"field": path, "message": "stale", "code": "CHANGE_FROM_QUANTITY_STALE"}
    shop, server = adapter(
        {"productSet": put(0), "inventorySetQuantities": {"userErrors": [stale]}}
    )
    assert isinstance(await shop.activate(CONTENT, 1, LINK), RetryLater)
    assert "publishablePublish" not in asked_roots(server)


async def test_new_content_changes_neither_the_state_nor_the_handle() -> None:
    shop, server = adapter({"productSet": put(1)})
    assert isinstance(await shop.update(CONTENT, 1, LINK), Done)
    (sent,) = [a.body["variables"]["input"] for a in server.asked if root_of(a) == "productSet"]
    assert not {"status", "handle"} & set(sent)


async def test_new_content_never_puts_back_what_was_just_sold() -> None:
    shop, server = adapter({"product": product(quantity=0)})
    assert isinstance(await shop.update(CONTENT, 1, LINK), RetryLater)
    assert asked_roots(server) == ["product"]


async def test_new_content_leaves_alone_what_someone_took_off_sale() -> None:
    shop, server = adapter({"product": product(status="DRAFT")})
    outcome = await shop.update(CONTENT, 1, LINK)
    assert isinstance(outcome, Done)
    assert outcome.observation.observed == "inactive"
    assert asked_roots(server) == ["product"]


async def test_a_sku_is_found_exactly_and_on_every_page() -> None:
    def page(variables: dict[str, Any]) -> Any:
        assert variables["query"] == "sku:'9\\'1.1'"
        last = variables["after"] == "more"
        node = {"sku": "9'1.1" if last else "9'1.10", "product": product(16 if last else 15)}
        return {
            "nodes": [node],
            "pageInfo": {"hasNextPage": not last, "endCursor": "more"},
        }

    shop, _ = adapter({"productVariants": page})
    found = await shop.find(CONTENT, Link("item", "9'1.1"))
    assert isinstance(found, Done)
    assert found.link.external_id == "16"


async def test_of_two_with_the_same_sku_the_one_on_sale_is_found() -> None:
    nodes = [
        {"sku": "91.10", "product": product(14, status="ARCHIVED")},
        {"sku": "91.10", "product": product(15)},
    ]
    shop, _ = adapter({"productVariants": {"nodes": nodes, "pageInfo": {}}})
    found = await shop.find(CONTENT, Link("item", "91.10"))
    assert isinstance(found, Done)
    assert found.link.external_id == "15"


async def test_nothing_with_the_sku_is_gone_but_no_answer_is_not() -> None:
    shop, _ = adapter({"productVariants": {"nodes": [], "pageInfo": {}}})
    assert await shop.find(CONTENT, Link("item", "91.10")) == Gone()
    shop, _ = adapter({"productVariants": Says(text="<html>")})
    assert isinstance(await shop.find(CONTENT, Link("item", "91.10")), RetryLater)


async def test_a_product_that_is_not_there_is_gone_however_it_is_asked_for() -> None:
    gone = {"product": None, "userErrors": [{"field": ["id"], "message": "Product does not exist"}]}
    shop, _ = adapter({"product": None, "productUpdate": gone, "productSet": gone})
    assert await shop.read(LINK) == Gone()
    assert await shop.deactivate(LINK) == Gone()
    assert await shop.activate(CONTENT, 1, LINK) == Gone()


async def test_a_connection_cut_while_going_on_sale_is_in_doubt() -> None:
    shop, _ = adapter({"productSet": Says(cut=True)})
    assert isinstance(await shop.activate(CONTENT, 1, LINK), Unknown)


async def test_a_connection_cut_while_going_off_sale_is_simply_tried_again() -> None:
    shop, _ = adapter({"productUpdate": Says(cut=True)})
    assert isinstance(await shop.hold(LINK, None), RetryLater)


async def test_an_account_without_its_settings_is_named_and_nothing_is_sent() -> None:
    for defaults in ({}, {"publication_id": "gid://P/1"}):
        shop, server = adapter({}, defaults)
        outcome = await shop.activate(CONTENT, 1, LINK)
        assert isinstance(outcome, Invalid)
        assert {issue.category for issue in outcome.issues} == {"system"}
        assert server.asked == []
