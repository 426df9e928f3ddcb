"""One sale at a time through a whole installation, each timed until the last listing is off sale.

Two ends: the moment at which the last worker's call is at the sandbox, and the one at which that
shows the listing as not active any more, having answered other calls before.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx2
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from brocante.contracts import sources
from brocante.contracts.inventory import ItemActivate, ItemCreate
from brocante.contracts.topics import INVENTORY_COMMANDS, MARKETPLACE_EVENTS, SALES_COMMANDS
from brocante.contracts.values import Money
from tests.bench.installed import Installed
from tests.bench.latency.webhook_catcher import Catcher
from tests.bench.loads.load import Sent
from tests.bench.loads.sales import record
from tests.bench.preparing import PARTITIONS

ORIGIN = "ebay"
OTHERS = frozenset({"etsy", "shopify"})
ON_SALE_SECONDS = 240
SOLD_SECONDS = 30
POLL_MS = 200
REST_SECONDS = 0.3
"""Between sales: what follows a call (the order read back, snapshots) is over, all is idle."""


@dataclass(frozen=True, slots=True)
class Took:
    """Milliseconds from each sale, by piece."""

    out: dict[str, float]
    """Until the last of the calls was at the sandbox."""
    shown: dict[str, float]


@dataclass(slots=True)
class SingleSales:
    """Pieces on sale on three marketplaces, sold one after the other."""

    one: Installed
    producer: AIOKafkaProducer
    events: AIOKafkaConsumer
    began: dict[str, float] = field(default_factory=dict)

    async def put_on_sale(self, names: list[str]) -> None:
        """Create and activate pieces; wait until all marketplaces show them and inventory knows."""
        for name in names:
            await self._send(Sent(f"new-{name}", INVENTORY_COMMANDS, piece(name)))
        for name in names:
            wanted = ItemActivate(item_id=name, marketplaces=["*"])
            await self._send(Sent(f"on-{name}", INVENTORY_COMMANDS, wanted))
        wanted_count = len(names) * (len(OTHERS) + 1)
        wanted_counts = {"inventory": {"listing.activated": wanted_count}}
        await self.one.until_counted(wanted_counts, ON_SALE_SECONDS)
        listings = (await self.one.sandbox.get("/control/listings")).json()
        active = sum(1 for listing in listings if listing["state"] == "active")
        if active != wanted_count:
            raise RuntimeError(f"{active} listings are on sale, not {wanted_count}")

    async def sell_by_command(self, name: str) -> None:
        """An app records a sale."""
        self.began[name] = time.time()
        sale = record(f"{ORIGIN}:{name}", name)
        await self._send(Sent(f"sold-{name}", SALES_COMMANDS, sale))
        await self._off_sale(name)

    async def sell_by_webhook(self, name: str, catcher: Catcher, http: httpx2.AsyncClient) -> None:
        """A buyer buys; the marketplace's signed webhook is delivered to the gateway."""
        path = f"/control/{ORIGIN}/sell"
        (await self.one.sandbox.post(path, json={"sku": name})).raise_for_status()
        # eBay also says that the listing is over; that tells of no sale.
        caught = await catcher.next(b"ORDER_CONFIRMATION", SOLD_SECONDS)
        await asyncio.sleep(REST_SECONDS)
        self.began[name] = time.time()
        answer = await http.post(caught.path, content=caught.body, headers=dict(caught.headers))
        answer.raise_for_status()
        await self._off_sale(name)

    async def milliseconds(self) -> Took:
        """For each piece sold so far: until the last of the other marketplaces got its call, and
        until the last showed it off sale.

        Asked once at the end: reading the ledger would keep the sandbox from answering calls.
        """
        ledger = (await self.one.sandbox.get("/control/ledger")).json()
        shown = [(one, one["since"]) for one in ledger["states"] if one["state"] != "active"]
        return Took(
            self._last_of_the_others((call, call["at"]) for call in ledger["calls"]),
            self._last_of_the_others(shown),
        )

    def _last_of_the_others(self, events: Iterable[tuple[Any, str]]) -> dict[str, float]:
        """From each piece's sale to the first such event on each other marketplace, the last."""
        ends: dict[str, dict[str, float]] = {name: {} for name in self.began}
        for event, moment in events:
            name, marketplace = event["sku"], event["marketplace"]
            if marketplace not in OTHERS or name not in ends:
                continue
            at = datetime.fromisoformat(moment).astimezone(UTC).timestamp()
            if at >= self.began[name]:
                ends[name][marketplace] = min(at, ends[name].get(marketplace, at))
        missing = [name for name, seen in ends.items() if set(seen) != OTHERS]
        if missing:
            raise RuntimeError(f"still on sale somewhere: {', '.join(missing)}")
        return {n: 1000 * (max(seen.values()) - self.began[n]) for n, seen in ends.items()}

    async def _off_sale(self, name: str) -> None:
        """Wait until the other workers say that they took it down."""
        left = {f"{m}/{name}" for m in OTHERS}
        async with asyncio.timeout(SOLD_SECONDS):
            while left:
                for records in (await self.events.getmany(timeout_ms=POLL_MS)).values():
                    left.difference_update(_taken_down(record) for record in records)
        await asyncio.sleep(REST_SECONDS)

    async def _send(self, sent: Sent) -> None:
        wire = sent.wire("")
        await self.producer.send(
            wire.topic, value=wire.value, key=wire.key, headers=list(wire.headers)
        )


@asynccontextmanager
async def single_sales(one: Installed) -> AsyncIterator[SingleSales]:
    """With a producer, and an ear for what workers say."""
    kafka = one.settings.kafka
    producer = AIOKafkaProducer(bootstrap_servers=kafka, acks="all", linger_ms=0)
    events = AIOKafkaConsumer(
        bootstrap_servers=kafka, group_id=None, auto_offset_reset="earliest", fetch_max_wait_ms=100
    )
    await producer.start()
    await events.start()
    events.assign([TopicPartition(MARKETPLACE_EVENTS, p) for p in range(PARTITIONS)])
    try:
        yield SingleSales(one, producer, events)
    finally:
        await events.stop()
        await producer.stop()


def piece(name: str) -> ItemCreate:
    """A piece good enough for every marketplace."""
    return ItemCreate(
        item_id=name,
        sku=name,
        title=f"Walnut chair {name}",
        description="A side chair, about 1790.",
        price=Money(amount="950.00", currency="USD"),
        category="Furniture > Chairs",
        condition="used",
        images=["https://images.invalid/chair.jpg"],
        attributes={"period": "George III"},
        listings={marketplace: {} for marketplace in (ORIGIN, *sorted(OTHERS))},
    )


def _taken_down(record: Any) -> str:
    headers = dict(record.headers)
    type_, source = headers.get("ce_type", b"").decode(), headers.get("ce_source", b"").decode()
    item = headers.get("ce_subject", b"").decode()
    marketplace = source.removeprefix(sources.WORKER_PREFIX)
    return f"{marketplace}/{item}" if type_ == "listing.deactivated" else ""
