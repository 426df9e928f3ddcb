import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from fastapi import FastAPI, Request, Response

from sandbox.service import create_app
from sandbox.settings import SandboxSettings
from tests.support.sandbox_sellers import EbaySeller, EtsySeller, ShopifySeller
from tests.support.sandbox_serving import served, until

DEADLINE_S = 10


class Gateway:
    """Takes webhooks, refusing the first `refusals` with 503."""

    def __init__(self) -> None:
        self.refusals = 0
        self.taken: list[tuple[str, dict[str, str], bytes]] = []
        self._news = asyncio.Event()
        self.app = FastAPI()
        self.app.add_api_route("/webhooks/{marketplace}/{account}", self._take, methods=["POST"])

    async def _take(self, marketplace: str, account: str, request: Request) -> Response:
        assert account == "main"
        if self.refusals > 0:
            self.refusals -= 1
            return Response(status_code=503)
        self.taken.append((marketplace, dict(request.headers), await request.body()))
        self._news.set()
        return Response(status_code=202)

    async def wait(self, count: int) -> list[tuple[str, dict[str, str], bytes]]:
        async with asyncio.timeout(DEADLINE_S):
            while len(self.taken) < count:
                self._news.clear()
                await self._news.wait()
        return self.taken


@pytest.fixture
async def gateway() -> AsyncIterator[tuple[Gateway, str]]:
    gateway = Gateway()
    async with served(gateway.app) as url:
        yield gateway, url


@asynccontextmanager
async def running(settings: SandboxSettings) -> AsyncIterator[httpx2.AsyncClient]:
    async with (
        served(create_app(settings)) as url,
        httpx2.AsyncClient(base_url=url) as client,
    ):
        yield client


async def control(client: httpx2.AsyncClient, method: str, path: str, body: Any = None) -> Any:
    answer = await client.request(method, f"/control{path}", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def keys(client: httpx2.AsyncClient, marketplace: str) -> dict[str, Any]:
    entries: list[dict[str, Any]] = await control(client, "GET", "/webhooks")
    return next(entry for entry in entries if entry["marketplace"] == marketplace)


async def test_shopify_signs_the_raw_body_and_keeps_ids_exact(
    gateway: tuple[Gateway, str],
) -> None:
    taking, url = gateway
    async with running(SandboxSettings(gateway=url)) as client:
        await ShopifySeller(client).list_piece("S1")
        sold = await control(client, "POST", "/shopify/sell", {"sku": "S1"})
        deliveries = await taking.wait(2)
        secret = (await keys(client, "shopify"))["secret"]
    by_topic = {headers["x-shopify-topic"]: (headers, body) for _, headers, body in deliveries}
    assert set(by_topic) == {"orders/create", "products/update"}
    headers, body = by_topic["orders/create"]
    expected = base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256)).decode()
    assert headers["x-shopify-hmac-sha256"] == expected
    assert b"\\/" in body
    order = json.loads(body)
    assert f"shopify:{order['line_items'][0]['id']}" == sold["sale_id"]
    assert str(order["id"]) == sold["order_id"]
    for name in ("event-id", "webhook-id", "shop-domain", "api-version", "triggered-at"):
        assert headers[f"x-shopify-{name}"]


async def test_etsy_sends_thin_notices_in_the_standard_scheme(
    gateway: tuple[Gateway, str],
) -> None:
    taking, url = gateway
    async with running(SandboxSettings(gateway=url)) as client:
        await EtsySeller(client).list_piece("E1")
        sold = await control(client, "POST", "/etsy/sell", {"sku": "E1"})
        await taking.wait(1)
        order = {"order_id": sold["order_id"]}
        await control(client, "POST", "/etsy/cancel-order", order)
        deliveries = await taking.wait(2)
        secret = (await keys(client, "etsy"))["secret"]
    key = base64.b64decode(secret.removeprefix("whsec_"))
    for _, headers, body in deliveries:
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        digest = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
        assert headers["webhook-signature"] == f"v1,{digest}"
    notices = [json.loads(body) for _, _, body in deliveries]
    assert [notice["event_type"] for notice in notices] == ["order.paid", "order.canceled"]
    assert all(notice["resource_url"].endswith(sold["order_id"]) for notice in notices)


async def test_ebay_signs_with_the_key_it_publishes_and_keeps_cancellations_to_itself(
    gateway: tuple[Gateway, str],
) -> None:
    taking, url = gateway
    async with running(SandboxSettings(gateway=url)) as client:
        seller = EbaySeller(client)
        _, listing_id = await seller.list_piece("A1")
        sold = await control(client, "POST", "/ebay/sell", {"external_id": listing_id})
        deliveries = list(await taking.wait(2))
        await control(client, "POST", "/ebay/cancel-order", {"order_id": sold["order_id"]})
        queued = [w["topic"] for w in (await control(client, "GET", "/ledger"))["webhooks"]]
        _, headers, _ = deliveries[0]
        header = json.loads(base64.b64decode(headers["x-ebay-signature"]))
        path = f"/commerce/notification/v1/public_key/{header['kid']}"
        published = (await seller.call("GET", path)).json()
    assert sorted(queued) == ["ITEM_AVAILABILITY", "ORDER_CONFIRMATION"]
    pem = published["key"].replace("KEY-----", "KEY-----\n", 1).replace("-----END", "\n-----END")
    key = serialization.load_pem_public_key(pem.encode())
    assert isinstance(key, ec.EllipticCurvePublicKey)
    bodies = {}
    for _, headers, body in deliveries:
        header = json.loads(base64.b64decode(headers["x-ebay-signature"]))
        signature = base64.b64decode(header["signature"])
        key.verify(signature, body, ec.ECDSA(hashes.SHA1()))  # noqa: S303 - eBay's scheme
        bodies[json.loads(body)["metadata"]["topic"]] = json.loads(body)["notification"]["data"]
    order = bodies["ORDER_CONFIRMATION"]["order"]
    assert order["orderId"] == sold["order_id"]
    assert f"ebay:{order['orderLineItems'][0]['orderLineItemId']}" == sold["sale_id"]
    assert bodies["ITEM_AVAILABILITY"]["itemId"] == f"v1|{listing_id}|0"


async def test_a_refused_webhook_comes_again_with_the_same_id(
    gateway: tuple[Gateway, str],
) -> None:
    taking, url = gateway
    taking.refusals = 2
    async with running(SandboxSettings(gateway=url, webhook_retry_seconds=0.05)) as client:
        await EtsySeller(client).list_piece("E1")
        await control(client, "POST", "/etsy/sell", {"sku": "E1"})
        await taking.wait(1)
        attempts = (await control(client, "GET", "/ledger"))["webhooks"]
    assert [attempt["status"] for attempt in attempts][:2] == [503, 503]
    assert len({attempt["id"] for attempt in attempts}) == 1


@pytest.mark.parametrize(
    ("faults", "check"),
    [
        ({"duplicate_webhooks": 1}, lambda ids: len(ids) == 2 and len(set(ids)) == 1),
        ({"delay_webhooks_s": 0.3}, lambda ids: len(ids) == 1),
    ],
)
async def test_webhook_faults_change_what_arrives(
    gateway: tuple[Gateway, str], faults: dict[str, float], check: Callable[[list[str]], bool]
) -> None:
    taking, url = gateway
    async with running(SandboxSettings(gateway=url)) as client:
        await control(client, "PUT", "/etsy/faults", faults)
        await EtsySeller(client).list_piece("E1")
        await control(client, "POST", "/etsy/sell", {"sku": "E1"})
        await taking.wait(2 if "duplicate_webhooks" in faults else 1)
    assert check([headers["webhook-id"] for _, headers, _ in taking.taken])


async def test_a_dropped_webhook_is_in_the_ledger_and_nowhere_else() -> None:
    async with running(SandboxSettings()) as client:
        await control(client, "PUT", "/etsy/faults", {"drop_webhooks": 1})
        await EtsySeller(client).list_piece("E1")
        await control(client, "POST", "/etsy/sell", {"sku": "E1"})
        (entry,) = (await control(client, "GET", "/ledger"))["webhooks"]
    assert (entry["status"], entry["fault"]) == (None, "dropped")


async def test_webhooks_wait_for_a_gateway_to_be_named(gateway: tuple[Gateway, str]) -> None:
    taking, url = gateway
    async with running(SandboxSettings(webhook_retry_seconds=0.05)) as client:
        await EtsySeller(client).list_piece("E1")
        await control(client, "POST", "/etsy/sell", {"sku": "E1"})
        await control(client, "PUT", "/webhook-target", {"url": url})
        assert [name for name, _, _ in await taking.wait(1)] == ["etsy"]


async def test_a_late_rejection_takes_the_listing_down_again() -> None:
    async with running(SandboxSettings()) as client:
        await control(client, "PUT", "/ebay/faults", {"late_rejection": 1})
        await EbaySeller(client).list_piece("A1")

        async def ended() -> bool:
            listings = await control(client, "GET", "/listings")
            return bool(listings[0]["state"] == "ended")

        await until(ended)
        ledger = await control(client, "GET", "/ledger")
    assert [entry["state"] for entry in ledger["states"]] == ["active", "ended"]


async def test_a_cut_connection_ends_without_an_answer() -> None:
    async with running(SandboxSettings()) as client:
        seller = EtsySeller(client)
        listing_id = await seller.list_piece("E1")
        await control(client, "PUT", "/etsy/faults", {"cut_after": 1})
        with pytest.raises(httpx2.TransportError):
            await seller.set_state(listing_id, "inactive")
        assert (await control(client, "GET", "/listings"))[0]["state"] == "inactive"
