"""The gateway and who stands before it: apps that send commands, marketplaces that deliver."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from brocante.contracts import parties, sources
from brocante.contracts.answers import ResyncRequested
from brocante.contracts.envelope import Decoded, Envelope, Unusable, decode
from brocante.contracts.message import Message
from brocante.contracts.topics import (
    DEAD_LETTERS,
    INVENTORY_COMMANDS,
    INVENTORY_EVENTS,
    MARKETPLACE_COMMANDS,
    MARKETPLACE_EVENTS,
    SALES_COMMANDS,
    SALES_EVENTS,
)
from brocante.messaging.decoding import raw_record
from brocante.messaging.epoch import Epochs
from brocante.testing.memory_broker import MemoryBroker, Record
from gateway.records.access import Principal
from gateway.records.commands import Commands
from gateway.records.webhooks import Webhooks
from tests.model.market import Market
from tests.model.replicas import Process

APP = Principal("main", frozenset(), "app", "t1")
REPEAT_SECONDS = 5.0
EVENTS = (SALES_EVENTS, INVENTORY_EVENTS, MARKETPLACE_EVENTS)


@dataclass
class Front:
    """The gateway's records of commands and deliveries, and what it has read of the events."""

    process: Process
    broker: MemoryBroker
    read: dict[tuple[str, int], int] = field(default_factory=dict)
    commands: Commands = field(init=False)
    webhooks: Webhooks = field(init=False)

    def __post_init__(self) -> None:
        """The first process."""
        self.restart()

    def restart(self) -> None:
        """Another process: only what was kept is known."""
        database, publisher = self.process.database, self.process.publisher
        self.commands = Commands(database, publisher, "", REPEAT_SECONDS)
        self.webhooks = Webhooks(database, publisher, "", REPEAT_SECONDS)

    async def accept(self, id_: str, message: Message) -> None:
        """202: from here on the command is Brocante's."""
        await self.commands.accept(APP, id_, message, "")

    async def deliver(self, market: Market, webhook_id: str, *, again: bool = False) -> None:
        """2xx: from here on the delivery is Brocante's."""
        body = market.waiting[webhook_id]
        fresh = await self.webhooks.accept("main", webhook_id, market.slug, "shop", {}, body)
        if fresh and again:
            fresh = await self.webhooks.accept("main", webhook_id, market.slug, "shop", {}, body)
            if fresh:
                self.process.database.watch.violations.append(f"{webhook_id} was kept twice")
        del market.waiting[webhook_id]

    async def send(self) -> None:
        """Publish what waits."""
        for outbox in (self.commands.outbox, self.webhooks.outbox):
            while outbox._waiting:
                await outbox._some()

    async def repeat(self) -> None:
        """Publish again what nobody answered in time."""
        await self.commands.repeat()
        await self.webhooks.repeat()

    async def listen(self) -> None:
        """Read what the services say."""
        await self._take([record for topic in EVENTS for record in self._new(topic)])
        dead = [raw_record(record, 1) for record in self._new(DEAD_LETTERS)]
        await self.commands.take_dead(dead)

    async def resync(self, resync_id: str, markets: list[str]) -> None:
        """What `POST /resync` does."""
        now = datetime.now(UTC)
        services = parties.answering_resyncs(markets)
        epoch = await Epochs(self.process.database).raise_for_resync(services, now)
        since = epoch.surely_heard or now - timedelta(days=7)
        asked = ResyncRequested(resync_id=resync_id, epoch=epoch.number, since=since)
        envelope = Envelope(resync_id, sources.GATEWAY, asked.TYPE, now, resync_id)
        await self.commands.repeat(everything=True)
        await self.webhooks.say_again(since)
        workers = [MARKETPLACE_COMMANDS.format(marketplace=m) for m in markets]
        for topic in (SALES_COMMANDS, INVENTORY_COMMANDS, *workers):
            await self.process.publisher.send(envelope, asked, topic=topic)

    async def _take(self, records: list[Record]) -> None:
        events: list[Decoded] = []
        for record in records:
            try:
                events.append(decode(record.value, record.headers))
            except Unusable:
                continue
        await self.commands.take_answers(events)
        await self.webhooks.take_answers(events)

    def _new(self, topic: str) -> list[Record]:
        found = []
        for place, log in sorted(self.broker.logs.items()):
            if place[0] == topic:
                found += log[self.read.get(place, 0) :]
                self.read[place] = len(log)
        return found
