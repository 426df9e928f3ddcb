"""Reads what the services say, keeps the views current, and wakes whoever waits."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakValueDictionary

import structlog

from brocante.contracts.envelope import Decoded
from brocante.contracts.listings import WebhookProcessed
from brocante.contracts.snapshot import ItemOversold
from brocante.contracts.topics import (
    DEAD_LETTERS,
    INVENTORY_EVENTS,
    MARKETPLACE_EVENTS,
    SALES_EVENTS,
)
from brocante.messaging.decoding import decode_batch, raw_record
from brocante.messaging.publisher import Publisher
from gateway import metrics
from gateway.pictures.following import Following
from gateway.records.commands import Commands
from gateway.records.dead_letters import DeadLetters
from gateway.records.history import History, Numbered
from gateway.records.marketplaces import Marketplaces
from gateway.records.views import Views
from gateway.records.webhooks import Webhooks

log = structlog.get_logger()
TOPICS = (SALES_EVENTS, INVENTORY_EVENTS, MARKETPLACE_EVENTS, DEAD_LETTERS)
QUEUE = 500


@dataclass(slots=True)
class Live:
    """Wakes waiting requests and feeds live streams."""

    last: int = 0
    _items: WeakValueDictionary[str, asyncio.Event] = field(default_factory=WeakValueDictionary)
    _streams: dict[str, set[asyncio.Queue[Numbered]]] = field(
        default_factory=lambda: defaultdict(set)
    )

    def item_changed(self, key: str) -> None:
        """Wake whoever waits for this item (`<dealer>/<item_id>`)."""
        event = self._items.pop(key, None)
        if event is not None:
            event.set()

    def watch(self, key: str) -> asyncio.Event:
        """Set at the next change of an item. Ask for it before looking, so that none is missed."""
        event = self._items.get(key)
        if event is None:
            event = self._items[key] = asyncio.Event()
        return event

    async def wait(self, event: asyncio.Event, seconds: float) -> None:
        """Until it is set, or so long."""
        with suppress(TimeoutError):
            await asyncio.wait_for(event.wait(), seconds)

    def number(self, events: Sequence[Decoded]) -> list[Numbered]:
        """Number events by the clock, each above the one before, across restarts too."""
        numbered = []
        for event in events:
            self.last = max(self.last + 1, time.time_ns() // 1000)
            numbered.append(Numbered(self.last, event))
        return numbered

    def tell(self, events: Sequence[Numbered]) -> None:
        """Hand events to the streams of their dealers."""
        for told in events:
            for queue in list(self._streams.get(told.event.envelope.dealer, ())):
                if queue.full():
                    # Too slow to follow: it reconnects and resumes from its last number.
                    self._streams[told.event.envelope.dealer].discard(queue)
                else:
                    queue.put_nowait(told)

    def listen(self, dealer: str) -> asyncio.Queue[Numbered]:
        """A queue of a dealer's events from now on."""
        queue: asyncio.Queue[Numbered] = asyncio.Queue(QUEUE)
        self._streams[dealer].add(queue)
        return queue

    def listens(self, dealer: str, queue: asyncio.Queue[Numbered]) -> bool:
        """Whether a queue is still fed."""
        return queue in self._streams[dealer]

    def leave(self, dealer: str, queue: asyncio.Queue[Numbered]) -> None:
        """The listener has gone."""
        self._streams[dealer].discard(queue)


@dataclass(slots=True)
class Watcher:
    """Applies a batch of records to everything the gateway keeps."""

    views: Views
    history: History
    commands: Commands
    webhooks: Webhooks
    dead_letters: DeadLetters
    marketplaces: Marketplaces
    live: Live
    following: Following | None
    publisher: Publisher
    prefix: str
    epoch: int

    async def handle(self, records: Sequence[Any]) -> None:
        """Called again with the same batch after any failure: everything here is idempotent."""
        dead_topic = f"{self.prefix}{DEAD_LETTERS}"
        dead = [raw_record(r, self.epoch) for r in records if r.topic == dead_topic]
        await self.dead_letters.take(dead)
        await self.commands.take_dead(dead)
        said = [record for record in records if record.topic != dead_topic]
        batch = decode_batch(said, epoch=self.epoch, service="gateway", prefix=self.prefix)
        await self.publisher.send_all(batch.dead)
        events = [Decoded(one.envelope, one.message) for one in batch.received]
        changed = await self.views.take(events)
        numbered = self.live.number(events)
        new = await self.history.unknown([one for one in events if is_counted(one)])
        await self.history.take(numbered)
        await self.marketplaces.take(events)
        await self.webhooks.take_answers(events)
        await self.commands.take_answers(events)
        count(new)
        if self.following is not None:
            self.following.note(events)
        for key in changed:
            self.live.item_changed(key)
        self.live.tell(numbered)


def is_counted(event: Decoded) -> bool:
    """Whether a metric counts such events."""
    return isinstance(event.message, ItemOversold | WebhookProcessed)


def count(events: Sequence[Decoded]) -> None:
    """Count events that are new; a crash may leave some uncounted, none is counted twice."""
    for event in events:
        message = event.message
        if isinstance(message, ItemOversold):
            metrics.OVERSOLD.inc()
        elif isinstance(message, WebhookProcessed) and message.result != "duplicate":
            metrics.WEBHOOKS.labels(message.marketplace or "", message.result).inc()
