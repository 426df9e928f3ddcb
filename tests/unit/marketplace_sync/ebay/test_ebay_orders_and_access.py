"""The eBay adapter's orders, sweeps, requirements and tokens."""

import asyncio
import json
from typing import Any

import httpx2
import pytest

from brocante.contracts.marketplace import Content
from brocante.contracts.values import Money
from marketplace_sync.marketplaces.contract import (
    Account,
    CancellationSeen,
    Gone,
    Invalid,
    Link,
    ListingSeen,
    Notices,
    RetryLater,
    Unauthorized,
)
from marketplace_sync.marketplaces.ebay.adapter import EbayAdapter
from marketplace_sync.marketplaces.ebay.client import EbayToken
from tests.support.answering import BASE, Answering, Asked, Says

DEFAULTS = {"marketplaceId": "EBAY_US", "categoryId": "20081", "currency": "USD"}
CONTENT = Content(sku="91.10", title="Chair", price=Money(amount="9.50", currency="USD"))
NEW = Link("item", "91.10")
OFFERED = Link("item", "91.10", steps={"offer_id": "7"})
LISTED = Link("item", "91.10", "110", steps={"offer_id": "7"})
INVENTORY, ORDERS = "/sell/inventory/v1", "/sell/fulfillment/v1/order"
ITEM, OFFER = f"{INVENTORY}/inventory_item/91.10", f"{INVENTORY}/offer"
DONE = Says(status=204, text="")
CREDENTIALS = {"client_id": "c", "client_secret": "s", "access_token": "old", "refresh_token": "r"}


def errors(*numbers: int, status: int = 400) -> Says:
    found = [{"errorId": number, "message": "It says why."} for number in numbers]
    return Says({"errors": found}, status)


def offer(status: str = "ACTIVE", quantity: int = 1, sold: int = 0) -> Says:
    listing = {"listingId": "110", "listingStatus": status, "soldQuantity": sold}
    shown = {"offerId": "7", "status": "PUBLISHED", "format": "FIXED_PRICE", "listing": listing}
    return Says({"total": 1, "offers": [{**shown, "availableQuantity": quantity}]})


USUAL = {
    f"PUT {ITEM}": DONE,
    f"POST {OFFER}": Says({"offerId": "7"}, 201),
    f"PUT {OFFER}/7": DONE,
    f"POST {OFFER}/7/publish": Says({"listingId": "110"}),
    f"POST {OFFER}/7/withdraw": Says({"listingId": "110"}),
    f"POST {INVENTORY}/bulk_update_price_quantity": Says({"responses": [{"statusCode": 200}]}),
    f"GET {OFFER}": offer(),
}


def adapter(answers: dict[str, Says] | None = None, **more: Any) -> tuple[EbayAdapter, Answering]:
    """Answers by `METHOD path`, else as eBay usually does; anything more is not found."""

    def respond(asked: Asked) -> Says:
        name = f"{asked.method} {asked.path}"
        return (answers or {}).get(name) or USUAL.get(name) or errors(2002, status=404)

    server = Answering(respond)
    account = Account("main", "main", BASE, {}, {**DEFAULTS, **more})
    return EbayAdapter(account, server.calls()), server


CANCELED = {
    "orderId": "01-1",
    "creationDate": "2026-11-24T07:00:00.000Z",
    "lastModifiedDate": "2026-11-24T07:30:00.000Z",
    "cancelStatus": {"cancelState": "CANCELED", "cancelRequests": []},
    "lineItems": [{"lineItemId": "1", "sku": "91.10", "quantity": 1}],
}


async def test_a_canceled_order_is_read_singly_for_its_reason() -> None:
    request = {"cancelReason": "ORDER_UNPAID", "cancelRequestState": "COMPLETED"}
    status = {"cancelState": "CANCELED", "cancelRequests": [request]}
    ebay, _ = adapter(
        {
            f"GET {ORDERS}": Says({"orders": [CANCELED], "total": 1}),
            f"GET {ORDERS}/01-1": Says({**CANCELED, "cancelStatus": status}),
        }
    )
    page = await ebay.order_changes(None)
    assert isinstance(page, Notices)
    reasons = [one.reason for one in page.notices if isinstance(one, CancellationSeen)]
    assert reasons == ["unpaid"]


async def test_a_cancellation_whose_reason_cannot_be_read_now_is_not_announced_without() -> None:
    ebay, _ = adapter(
        {
            f"GET {ORDERS}": Says({"orders": [CANCELED], "total": 1}),
            f"GET {ORDERS}/01-1": Says(cut=True),
        }
    )
    assert isinstance(await ebay.order_changes(None), RetryLater)


async def test_a_canceled_order_that_can_no_longer_be_read_is_a_cancellation_without_reason() -> (
    None
):
    ebay, _ = adapter(
        {
            f"GET {ORDERS}": Says({"orders": [CANCELED], "total": 1}),
            f"GET {ORDERS}/01-1": errors(32100, status=404),
        }
    )
    page = await ebay.order_changes(None)
    assert isinstance(page, Notices)
    assert [one.reason for one in page.notices if isinstance(one, CancellationSeen)] == [None]


async def test_a_sweep_without_orders_starts_next_time_where_it_started() -> None:
    since = json.dumps({"since": "2026-11-24T07:00:00.000Z"})
    ebay, server = adapter({f"GET {ORDERS}": Says({"total": 0})})
    page = await ebay.order_changes(since)
    assert page == Notices((), None, since)
    assert server.asked[0].query["filter"] == "lastmodifieddate:[2026-11-24T07:00:00.000Z..]"


async def test_an_answer_that_is_no_list_of_orders_moves_no_cursor() -> None:
    ebay, _ = adapter({f"GET {ORDERS}": Says(text="<html>")})
    assert isinstance(await ebay.order_changes(None), RetryLater)
    ebay, _ = adapter({f"GET {ORDERS}/01-1": Says(text="<html>")})
    assert isinstance(await ebay.read_order("01-1"), RetryLater)


async def test_an_order_that_is_not_there_is_gone() -> None:
    ebay, _ = adapter({f"GET {ORDERS}/01-1": errors(32100)})
    assert await ebay.read_order("01-1") == Gone()


async def test_the_sweep_of_listings_follows_ebays_own_link_to_the_next_page() -> None:
    items = {"inventoryItems": [{"sku": "91.10"}], "total": 30, "next": "/x?limit=25&offset=1"}
    ebay, server = adapter({f"GET {INVENTORY}/inventory_item": Says(items)})
    page = await ebay.listing_changes(None)
    assert isinstance(page, Notices)
    assert page.cursor == "1"
    assert [one.external_id for one in page.notices if isinstance(one, ListingSeen)] == ["110"]
    await ebay.listing_changes(page.cursor)
    assert [one.query["offset"] for one in server.asked if "offset" in one.query] == ["0", "1"]


async def test_without_a_category_nothing_is_asked_and_the_dealer_is_told() -> None:
    ebay, server = adapter(categoryId="")
    outcome = await ebay.requirements("Furniture > Chairs")
    assert isinstance(outcome, Invalid)
    assert [(i.field, i.category) for i in outcome.issues] == [("/category", "dealer")]
    assert server.asked == []


async def test_a_site_is_asked_in_its_own_tree_and_language() -> None:
    path = "/commerce/taxonomy/v1/category_tree/77/get_item_aspects_for_category"
    ebay, server = adapter({f"GET {path}": Says({"aspects": []})}, marketplaceId="EBAY_DE")
    await ebay.requirements("3197")
    assert server.asked[0].path == path
    await ebay.activate(CONTENT, 1, NEW)
    assert server.asked[1].headers["content-language"] == "de-DE"
    assert server.asked[2].body["marketplaceId"] == "EBAY_DE"


def token(respond: Any) -> EbayToken:
    http = httpx2.AsyncClient(transport=httpx2.MockTransport(respond))
    return EbayToken(http, BASE, CREDENTIALS)


@pytest.mark.parametrize(
    ("status", "text", "expected"),
    [
        (200, '{"access_token": "new"}', True),
        (400, '{"error": "invalid_grant"}', False),
        (401, '{"error": "invalid_client"}', False),
        (200, "{}", False),
        (200, "[]", False),
        (200, "<html>", RetryLater(None, "retrying")),
        (503, "", RetryLater(None, "retrying")),
        (429, "", RetryLater(None, "retrying")),
    ],
)
async def test_only_a_refusal_of_the_token_server_is_a_refusal(
    status: int, text: str, expected: bool | RetryLater
) -> None:
    renewed = await token(lambda _: httpx2.Response(status, text=text)).refresh()
    assert renewed == expected


async def test_a_token_server_that_is_away_stops_no_account() -> None:
    def away(request: httpx2.Request) -> httpx2.Response:
        if request.url.path.endswith("/token"):
            raise httpx2.ConnectError("away")
        return httpx2.Response(401)

    ebay, _ = adapter()
    access = token(away)
    ebay._client.calls.http, ebay._client.calls.token = access.http, access
    outcome = await ebay.read(LISTED)
    assert isinstance(outcome, RetryLater)
    assert not isinstance(outcome, Unauthorized)


async def test_calls_refused_together_renew_the_token_once() -> None:
    used: list[str] = []
    waiting = asyncio.Event()

    async def renew(request: httpx2.Request) -> httpx2.Response:
        used.append(request.content.decode())
        await waiting.wait()
        return httpx2.Response(200, json={"access_token": "new"})

    access = token(renew)
    together = asyncio.gather(access.refresh(), access.refresh())
    asyncio.get_running_loop().call_soon(waiting.set)
    assert list(await together) == [True, True]
    assert len(used) == 1
    assert (await access.headers())["Authorization"] == "Bearer new"
