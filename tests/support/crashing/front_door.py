"""The gateway as its process runs it, clients that ask until answered, services behind."""

import asyncio
import base64
import hashlib
import hmac
import json
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any
from unittest import mock

import httpx2
from fastapi import FastAPI

from brocante.contracts.envelope import Decoded, Envelope, Unusable, decode, encode
from brocante.contracts.listings import WebhookProcessed, WebhookReceived
from brocante.contracts.message import Message
from brocante.contracts.sales import SaleRecord, SaleRecorded
from brocante.contracts.samples import SAMPLES
from brocante.contracts.snapshot import ItemChanged
from brocante.contracts.topics import (
    INVENTORY_COMMANDS,
    INVENTORY_EVENTS,
    MARKETPLACE_EVENTS,
    MARKETPLACE_WEBHOOKS,
    SALES_COMMANDS,
    SALES_EVENTS,
)
from brocante.marketplaces import MarketplaceEntry
from brocante.messaging.wire import Wire
from gateway.http.app import create_app
from gateway.service import Process as Gateway
from gateway.settings import GatewaySettings
from tests.support import toy
from tests.support.crashing.quick_loop import BEGIN
from tests.support.crashing.servers import Servers

TOKEN = "t" * 40
SLOW_SECONDS = 4.0
SECRET = "shopify-secret"
WEBHOOKS = MARKETPLACE_WEBHOOKS.format(marketplace="shopify")
ENTRY = MarketplaceEntry.model_validate(
    {
        "adapter": "shopify",
        "base_url": "https://shop.invalid",
        "webhooks": {
            "scheme": "shopify",
            "event_id": "header:X-Shopify-Event-Id",
            "secret": SECRET,
        },
        "accounts": [{"account": "main", "dealer": "main"}],
    }
)
ANSWERED = frozenset({200, 202, 404, 409, 422})
SETTINGS = GatewaySettings.model_validate({"owner_token": TOKEN, "repeat_seconds": 1})


@dataclass
class GatewayProcess:
    """HTTP without a socket; everything else as in the process."""

    servers: Servers
    work: asyncio.Task[int] | None = None

    @cached_property
    def gateway(self) -> Gateway:
        """The process."""
        app = _app()
        app.state.context = None
        with mock.patch("gateway.service.create_app", return_value=app):
            return Gateway(SETTINGS, {"shopify": ENTRY})

    async def start(self) -> None:
        """It finds its back ends by itself."""
        self.work = asyncio.create_task(self.gateway._work())
        while self.problems():
            await asyncio.sleep(0.05)
            if self.work.done():
                self.work.result()

    async def stop(self) -> None:
        """As its frame does."""
        if self.work is not None:
            self.work.cancel()
            await asyncio.gather(self.work, return_exceptions=True)

    def problems(self) -> dict[str, str]:
        """What `/readyz` would say."""
        problems = dict(self.gateway._progress.away)
        if getattr(self.gateway._app.state, "context", None) is None:
            problems["gateway"] = "starting"
        consumer = self.gateway._consumer
        if consumer is None or not consumer.assigned.is_set():
            problems["group"] = "no partitions assigned yet"
        return problems

    async def ask(self, method: str, path: str, **request: Any) -> Any:
        """A client that asks until it is answered; what is answered."""
        headers = {"Authorization": f"Bearer {TOKEN}", **request.pop("headers", {})}
        while True:
            door = httpx2.ASGITransport(app=self.gateway._app, raise_app_exceptions=False)
            async with httpx2.AsyncClient(transport=door, base_url="http://gateway") as http:
                answer = await http.request(method, path, headers=headers, **request)
            if answer.status_code in ANSWERED:
                return answer.json()
            # As a client does that is refused for a while; the time is the scenario's own.
            await asyncio.sleep(0.1)

    async def deliver(self, event: str) -> Any:
        """The marketplace delivers until it gets its 2xx."""
        body = json.dumps({"order": event}).encode()
        digest = base64.b64encode(hmac.new(SECRET.encode(), body, hashlib.sha256).digest())
        headers = {
            "X-Shopify-Event-Id": event,
            "X-Shopify-Topic": "orders/create",
            "X-Shopify-Hmac-Sha256": digest.decode(),
        }
        return await self.ask("POST", "/webhooks/shopify/main", content=body, headers=headers)


@cache
def _app() -> FastAPI:
    """Its routes are the same for every process, and take long to make."""

    async def nothing() -> dict[str, str]:
        return {}

    return create_app(nothing, nothing)


def answer(servers: Servers) -> None:
    """Sales, inventory and the worker answer each message that is new to them, once.

    They are slow at first, so that what is not answered is published again.
    """
    if servers.clock.seconds < SLOW_SECONDS:
        return
    known: set[str] = servers.notes.setdefault("answered", set())
    read: dict[tuple[str, int], int] = servers.notes.setdefault("read", {})
    for place, end in servers.broker.ends((INVENTORY_COMMANDS, SALES_COMMANDS, WEBHOOKS)).items():
        begin, read[place] = read.get(place, 0), end
        for record in servers.broker.fetch({place: begin}, end - begin):
            with suppress(Unusable):
                _answer(servers, decode(record.value, record.headers), known)


def _answer(servers: Servers, one: Decoded, known: set[str]) -> None:
    if one.envelope.id not in known:
        known.add(one.envelope.id)
        for where, message in _answers(one):
            _say(servers, where, one, message)


def _answers(one: Decoded) -> list[tuple[str, Message]]:
    message = one.message
    if isinstance(message, SaleRecord):
        return [(SALES_EVENTS, _recorded(message.sale_id, message.item_id))]
    if isinstance(message, WebhookReceived):
        about = {"webhook_id": message.webhook_id, "marketplace": "shopify", "result": "applied"}
        sale = f"shopify:{message.webhook_id[-2:]}"
        processed = WebhookProcessed.model_validate({**about, "sale_id": sale})
        return [(MARKETPLACE_EVENTS, processed), (SALES_EVENTS, _recorded(sale, "lamp"))]
    item = getattr(message, "item_id", None)
    if item is None:
        return []
    listings: dict[str, Any] = {}
    fields = {"item_id": item, "revision": 1, "listings": listings, "open_sales": [], "before": {}}
    return [(INVENTORY_EVENTS, ItemChanged.model_validate({**SAMPLES["item.changed"], **fields}))]


def _recorded(sale: str, item: str) -> SaleRecorded:
    about = {"sale_id": sale, "sale_version": 1, "item_id": item, "marketplace": "shopify"}
    return SaleRecorded.model_validate({**about, "sold_at": toy.NOW, "recorded_at": toy.NOW})


def _say(servers: Servers, topic: str, to: Decoded, message: Message) -> None:
    cause = to.envelope
    envelope = Envelope(
        f"{cause.id}-{message.TYPE}",
        "brocante/behind",
        message.TYPE,
        BEGIN,
        message.subject,
        causation_id=cause.id,
        correlation_id=cause.correlation_id or cause.id,
    )
    value, headers = encode(envelope, message)
    servers.broker.publish(Wire(topic, f"main/{message.key}".encode(), value, headers))
