"""Commands straight onto the topics, repeated with the same id until answered.

A broker that keeps nothing may lose a command: repeating it is the sender's part, and harmless.
"""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime
from time import monotonic
from typing import Any

from brocante.client.handle import Answer, Rejected
from brocante.contracts.answers import CommandRejected
from brocante.contracts.envelope import Decoded, Envelope
from brocante.contracts.message import Command
from brocante.contracts.snapshot import ItemChanged
from brocante.contracts.topics import INVENTORY_EVENTS, MARKETPLACE_EVENTS, SALES_EVENTS
from brocante.messaging.publisher import NotPublished, Publisher
from brocante.messaging.tail import Tail
from brocante.settings import Settings

EVENTS = (SALES_EVENTS, INVENTORY_EVENTS, MARKETPLACE_EVENTS)
REPEAT_SECONDS = 3.0


class OverKafka:
    """One producer, and one reader of everything the services say."""

    def __init__(self, settings: Settings, source: str, dealer: str) -> None:
        self._publisher = Publisher(settings)
        self._tail = Tail(settings, EVENTS)
        self._source = source
        self._dealer = dealer
        self._answers: dict[str, Decoded] = {}
        self._waiting: dict[str, asyncio.Event] = {}
        self._items: dict[str, ItemChanged] = {}
        self._reader: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Listen first, so that no answer is missed."""
        await self._tail.start()
        await self._publisher.start()
        self._reader = asyncio.create_task(self._read())

    async def stop(self) -> None:
        """Disconnect."""
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)
        await self._tail.stop()
        await self._publisher.stop()

    async def send(self, command: Command, command_id: str) -> None:
        """Publish; a publication that is not acknowledged is repeated while waiting."""
        self._waiting.setdefault(command_id, asyncio.Event())
        envelope = Envelope(
            id=command_id,
            source=self._source,
            type=command.TYPE,
            time=datetime.now(UTC),
            subject=command.subject,
            dealer=self._dealer,
        )
        with suppress(NotPublished):
            await self._publisher.send(envelope, command)

    async def answer(self, command: Command, command_id: str, seconds: float) -> Answer | None:
        """Wait, repeating the command now and then."""
        end = monotonic() + seconds
        event = self._waiting.setdefault(command_id, asyncio.Event())
        while not event.is_set() and monotonic() < end:
            with suppress(TimeoutError):
                await asyncio.wait_for(event.wait(), min(REPEAT_SECONDS, end - monotonic()))
            if not event.is_set() and monotonic() < end:
                await self.send(command, command_id)
        decoded = self._answers.get(command_id)
        if decoded is None:
            return None
        message = decoded.message
        if isinstance(message, CommandRejected):
            issues = [issue.model_dump(mode="json") for issue in message.issues or ()]
            raise Rejected(message.code, message.message, message.field, issues)
        return Answer(message.TYPE, message.wire())

    async def item(self, item_id: str) -> dict[str, Any] | None:
        """The newest snapshot heard."""
        item = self._items.get(item_id)
        return item.wire() if item is not None else None

    async def _read(self) -> None:
        async for decoded in self._tail.messages():
            if decoded.envelope.dealer != self._dealer:
                continue
            message = decoded.message
            if isinstance(message, ItemChanged):
                known = self._items.get(message.item_id)
                if known is None or known.revision <= message.revision:
                    self._items[message.item_id] = message
            cause = decoded.envelope.causation_id
            if cause in self._waiting and cause not in self._answers:
                self._answers[cause] = decoded
                self._waiting[cause].set()
