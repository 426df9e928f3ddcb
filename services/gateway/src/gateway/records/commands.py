"""Commands that came by HTTP: kept before 202, published after, repeated until answered."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from brocante.contracts import sources
from brocante.contracts.answers import CommandRejected
from brocante.contracts.catalogue import message_class
from brocante.contracts.envelope import Decoded, Envelope
from brocante.contracts.message import Message
from brocante.documents.driver import Database, DuplicateKeyError, UpdateOne
from brocante.messaging.publisher import NotPublished, Publisher
from gateway.records.access import Principal

log = structlog.get_logger()
COLLECTION = "gateway_commands"
LONGEST_REPEAT = 60.0
SWEEP_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Kept:
    """A command as kept. `status`: accepted, done or rejected; `rejection` its payload."""

    command_id: str
    dealer: str
    type: str
    payload: dict[str, Any]
    status: str
    digest: str
    rejection: dict[str, Any] | None = None
    revision: int = 0


class Commands:
    """Keeps commands, publishes them, and takes the services' answers."""

    def __init__(self, database: Database, publisher: Publisher, repeat_seconds: float) -> None:
        self._database = database
        self._commands = database.collection(COLLECTION)
        self._publisher = publisher
        self._repeat = repeat_seconds
        self._waiting: dict[str, asyncio.Event] = {}

    async def prepare(self) -> None:
        """Create the collection and its indexes."""
        await self._database.create_collections(COLLECTION)
        await self._commands.create_index("due_at")

    async def accept(
        self, principal: Principal, id_: str, message: Message, digest: str, topic: str | None
    ) -> Kept | None:
        """Keep and publish a command; the one kept already when the id came before."""
        now = datetime.now(UTC)
        key = f"{principal.dealer}/{id_}"
        stored = {
            "_id": key,
            "dealer": principal.dealer,
            "type": message.TYPE,
            "payload": message.model_dump_json(exclude_none=True),
            "topic": topic,
            "actor": principal.actor,
            "status": "accepted",
            "digest": digest,
            "at": now,
            "repeats": 0,
            "due_at": now + timedelta(seconds=self._repeat),
        }
        self._waiting.setdefault(key, asyncio.Event())
        try:
            await self._commands.insert_one(stored)
        except DuplicateKeyError:
            found = await self._commands.find_one({"_id": key})
            return _kept(found) if found else None
        await self._publish([stored])
        return None

    async def get(self, dealer: str, id_: str) -> Kept | None:
        """A command of this dealer."""
        stored = await self._commands.find_one({"_id": f"{dealer}/{id_}"})
        return _kept(stored) if stored else None

    async def answered(self, dealer: str, id_: str, seconds: float) -> Kept | None:
        """Wait for the answer, at most so long; the command as it then is."""
        key = f"{dealer}/{id_}"
        event = self._waiting.setdefault(key, asyncio.Event())
        kept = await self.get(dealer, id_)
        if kept is None or kept.status != "accepted":
            self._waiting.pop(key, None)
            return kept
        try:
            await asyncio.wait_for(event.wait(), seconds)
        except TimeoutError:
            return kept
        finally:
            self._waiting.pop(key, None)
        return await self.get(dealer, id_)

    async def take_answers(self, events: Sequence[Decoded]) -> None:
        """Note which commands these events answer."""
        updates: dict[str, UpdateOne] = {}
        for event in events:
            cause = event.envelope.causation_id
            if cause is None:
                continue
            key = f"{event.envelope.dealer}/{cause}"
            updates.setdefault(key, UpdateOne({"_id": key}, _answer(event.message)))
        if not updates:
            return
        await self._commands.bulk_write(list(updates.values()))
        for key in updates:
            waiting = self._waiting.get(key)
            if waiting is not None:
                waiting.set()

    async def repeat_forever(self) -> None:
        """Publish again, with the same id, what has not been answered."""
        while True:
            try:
                await self.repeat()
            except Exception as error:  # noqa: BLE001 - tried again; nothing is lost
                log.warning("repeat_failed", error=repr(error))
            await asyncio.sleep(SWEEP_SECONDS)

    async def repeat(self, before: datetime | None = None) -> int:
        """Publish what is due again (all that is unanswered with `before` far ahead)."""
        now = datetime.now(UTC)
        where = {"due_at": {"$gt": now - timedelta(days=3650), "$lte": before or now}}
        due = await self._commands.find(where, sort=[("due_at", 1)], limit=500)
        await self._publish(due)
        changes = [UpdateOne({"_id": one["_id"]}, self._later(one, now)) for one in due]
        if changes:
            await self._commands.bulk_write(changes)
        return len(due)

    def _later(self, stored: Mapping[str, Any], now: datetime) -> dict[str, Any]:
        repeats = int(stored["repeats"]) + 1
        wait = min(self._repeat * 2**repeats, LONGEST_REPEAT)
        return {"$set": {"repeats": repeats, "due_at": now + timedelta(seconds=wait)}}

    async def _publish(self, stored: Sequence[Mapping[str, Any]]) -> None:
        for one in stored:
            cls = message_class(one["type"])
            if cls is None:
                continue
            message = cls.model_validate_json(one["payload"])
            id_ = one["_id"].split("/", 1)[1]
            envelope = Envelope(
                id=id_,
                source=sources.GATEWAY,
                type=message.TYPE,
                time=one["at"],
                subject=message.subject,
                dealer=one["dealer"],
                correlation_id=id_,
                actor=one["actor"],
            )
            try:
                await self._publisher.send(envelope, message, topic=one["topic"])
            except NotPublished as error:
                log.warning("command_not_published", command=id_, error=str(error))


def _answer(message: Message) -> dict[str, Any]:
    change: dict[str, Any] = {"status": "done", "revision": getattr(message, "revision", 0)}
    if isinstance(message, CommandRejected):
        change = {"status": "rejected", "rejection": json.dumps(message.wire())}
    return {"$set": change, "$unset": {"due_at": ""}}


def _kept(stored: Mapping[str, Any]) -> Kept:
    return Kept(
        stored["_id"].split("/", 1)[1],
        stored["dealer"],
        stored["type"],
        json.loads(stored["payload"]),
        stored["status"],
        stored["digest"],
        json.loads(stored["rejection"]) if stored.get("rejection") else None,
        int(stored.get("revision") or 0),
    )
