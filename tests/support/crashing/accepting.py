"""What the gateway accepts by HTTP is published and answered; failures are kept and replayed."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from brocante.contracts.listings import MarketplaceStatusChanged
from brocante.contracts.topics import (
    DEAD_LETTERS,
    INVENTORY_COMMANDS,
    INVENTORY_EVENTS,
    MARKETPLACE_EVENTS,
    SALES_COMMANDS,
)
from brocante.messaging.wire import Wire
from gateway.watching import TOPICS
from tests.support.crashing.front_door import WEBHOOKS, GatewayProcess, answer
from tests.support.crashing.quick_loop import BEGIN
from tests.support.crashing.servers import Servers
from tests.support.crashing.tables import says, unrest
from tests.support.crashing.trial import Scenario, Stage

GROUP = "gateway.1"
PRICE = {"amount": "950.00", "currency": "USD"}
CSV = b"Handle,Title,Variant SKU,Variant Price\nchair,Chair,1,950.00\ntable,Table,2,99.00\n"
OPEN = ("accepted",)
MENDED = "mended"
PIECES = ("lamp", "chair", "table")


def stored(servers: Servers, name: str) -> dict[str, dict[str, Any]]:
    """A collection of the gateway's."""
    found: dict[str, dict[str, Any]] = servers.database.stored.get(f"gateway_{name}", {})
    return found


def settled(servers: Servers) -> bool:
    """The services behind have answered, and the gateway knows all of it."""
    answer(servers)
    return not unsettled(servers)


def unsettled(servers: Servers) -> list[str]:
    """Commands and deliveries without an answer, and what was not read yet."""
    left = [id_ for id_, one in stored(servers, "commands").items() if one["status"] in OPEN]
    left += [id_ for id_, one in stored(servers, "webhooks").items() if one["result"] is None]
    return [f"{id_} is open" for id_ in left] + unrest(servers, GROUP, TOPICS)


def asks(
    client: Callable[[GatewayProcess], Awaitable[None]], number: int
) -> Callable[[GatewayProcess, Servers], Awaitable[None]]:
    """A client of a stage; the services behind answer while it waits."""

    async def ask(process: GatewayProcess, servers: Servers) -> None:
        async def behind() -> None:
            while True:
                servers.done(number)
                # Time passes only where something waits: without it the client never gets its turn.
                await asyncio.sleep(0.1)

        answering = asyncio.create_task(behind())
        try:
            await client(process)
        finally:
            answering.cancel()
            with suppress(asyncio.CancelledError):
                await answering

    return ask


async def commands(process: GatewayProcess) -> None:
    """Commands, each with a key, some that wait for their outcome; a file; many items at once."""
    lamp = {"item_id": "lamp", "sku": "1", "title": "Lamp", "price": PRICE}
    sale = {
        "sale_id": "fair:1",
        "item_id": "lamp",
        "marketplace": "fair",
        "sold_at": "2026-11-24T08:00:00Z",
    }
    first = {"Idempotency-Key": "k1"}
    await process.ask("POST", "/api/v1/items", json=lamp, headers=first)
    await process.deliver("e1")
    await process.deliver("e1")
    made = await process.ask(
        "POST", "/api/v1/imports", content=CSV, headers={"Content-Type": "text/csv"}
    )
    second = {"Idempotency-Key": "k2", "Prefer": "wait=9"}
    await process.ask("POST", "/api/v1/sales", json=sale, headers=second)
    await process.ask("POST", "/api/v1/sales", json=sale, headers=second)
    await process.ask("GET", f"/api/v1/imports/{made['id']}")
    third = {"Idempotency-Key": "k3", "Prefer": "wait=9"}
    many = {"action": "delete", "item_ids": list(PIECES)}
    await process.ask("POST", "/api/v1/bulk", json=many, headers=third)


async def reading(process: GatewayProcess) -> None:
    """Someone looks at everything."""
    for path in (
        "items",
        "sales",
        "sales/fair:1",
        "marketplaces",
        "items/lamp/history",
        "webhooks?result=applied",
    ):
        await process.ask("GET", f"/api/v1/{path}")


async def operating(process: GatewayProcess) -> None:
    """An operator retries one kind of failures, edits or archives others, resumes a partition."""
    for group in (await process.ask("GET", "/api/v1/failures"))["items"]:
        path = f"/api/v1/failures/{group['group']}"
        letters = (await process.ask("GET", path)).get("items", [])
        if group["code"] == "parked":
            await process.ask("POST", f"{path}/retry")
            continue
        for one in letters:
            if group["service"] == "gateway":
                await process.ask("POST", f"{path}/archive", json={"ids": [one["id"]]})
            else:
                edit = {"id": one["id"], "value": MENDED}
                await process.ask("POST", f"{path}/edit-and-retry", json=edit)
    await process.ask("POST", f"/api/v1/partitions/{SALES_COMMANDS}/0/resume")


async def resync(process: GatewayProcess) -> None:
    """An operator has everything said again."""
    await process.ask("POST", "/api/v1/resync", json={"since": "2026-11-24T07:00:00Z"})


def failed(servers: Servers) -> None:
    """A service's dead letters, garbage among its events, and a partition it paused."""
    for code in ("parked", "bad_json"):
        headers = (
            ("x-error-code", code.encode()),
            ("x-origin", f"{INVENTORY_COMMANDS}/0/{len(code)}".encode()),
            ("x-service", b"inventory"),
        )
        servers.broker.publish(Wire(DEAD_LETTERS, b"main/x", code.encode(), headers))
    servers.broker.publish(Wire(INVENTORY_EVENTS, b"main/x", b"garbage", ()))
    status = MarketplaceStatusChanged(marketplace="shopify", status="up", since=BEGIN, detail="")
    says(MARKETPLACE_EVENTS, ("status-1", status))(servers)
    brake = {"service": "sales", "topic": SALES_COMMANDS, "partition": 0}
    servers.database.stored.setdefault("brakes", {})["b"] = {"_id": "b", **brake}


def kept(servers: Servers) -> bool:
    """The dead letters are kept, the gateway's own among them."""
    return len(stored(servers, "dead_letters")) == 3 and settled(servers)


def worked_off(servers: Servers) -> bool:
    """No failure is open; what was tried again is back where it came from."""
    replays = {r.value for r in servers.broker.read(INVENTORY_COMMANDS)}
    left = [one for one in stored(servers, "dead_letters").values() if one.get("open")]
    return (
        {b"parked", MENDED.encode()} <= replays
        and not left
        and not servers.database.stored["brakes"]
    )


def asked_again(servers: Servers) -> bool:
    """Every service was asked, in a new epoch."""
    named = [
        dict(r.headers).get("ce_type") for r in servers.broker.read(WEBHOOKS[:-8] + "commands")
    ]
    return b"resync.requested" in named and settled(servers)


def state(servers: Servers) -> object:
    """What is known of items, sales, deliveries and failures."""
    items = {
        id_: json.loads(one["snapshot"])["title"] for id_, one in stored(servers, "items").items()
    }
    sales = sorted(stored(servers, "sales"))
    letters = sorted(
        (one["code"], one["closed"]) for one in stored(servers, "dead_letters").values()
    )
    webhooks = {id_: one["result"] for id_, one in stored(servers, "webhooks").items()}
    pieces = [piece for piece in PIECES if f"main/{piece}" in items]
    return sorted(items), sales, letters, webhooks, pieces


def wrong(servers: Servers) -> list[str]:
    """Whatever was answered with a 2xx is answered by the services, under one id each."""
    kinds = [one["type"] for one in stored(servers, "commands").values()]
    once = kinds.count("sale.record") == 1
    return unsettled(servers) + ([] if once else [f"commands kept: {kinds}"])


SCENARIO = Scenario(
    "gateway",
    GatewayProcess,
    (
        Stage("what comes is taken", settled, ask=asks(commands, 0)),
        Stage("everything can be read", settled, ask=asks(reading, 1)),
        Stage("failures are kept", kept, failed),
        Stage("failures are worked off", worked_off, ask=asks(operating, 3)),
        Stage("everything is said again", asked_again, ask=asks(resync, 4)),
    ),
    wrong,
    state,
)
