"""Commands that came by HTTP: kept before 202, published after, repeated until answered."""

import asyncio
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

import structlog

from brocante.contracts import sources
from brocante.contracts.answers import CommandRejected
from brocante.contracts.catalogue import message_class
from brocante.contracts.envelope import Decoded, Envelope
from brocante.contracts.message import Message
from brocante.contracts.values import DEFAULT_DEALER
from brocante.documents.driver import Database, DuplicateKeyError, InsertOne, UpdateOne
from brocante.messaging.deciding import Outgoing
from brocante.messaging.outputs import Speaker, wires
from brocante.messaging.publisher import Publisher
from brocante.messaging.wire import RawRecord
from gateway.records.access import Principal
from gateway.records.outbox import Outbox, Stored, moment_to_keep

log = structlog.get_logger()
COLLECTION = "gateway_commands"
LONGEST_REPEAT = 60.0
SWEEP_SECONDS = 1.0
# Another replica may read the answer: the document itself is looked at this often.
LOOK_SECONDS = 0.5
AT_ONCE = 500
EVER = timedelta(days=3650)
DEAD = {
    "status": "rejected",
    "rejection": json.dumps(
        {
            "code": "not_processed",
            "message": "It could not be processed and is kept among the failures.",
        }
    ),
}


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

    def __init__(
        self, database: Database, publisher: Publisher, prefix: str, repeat_seconds: float
    ) -> None:
        self._database = database
        self._commands = database.collection(COLLECTION)
        self._publisher = publisher
        self._speaker = Speaker(sources.GATEWAY, "", prefix)
        self._repeat = repeat_seconds
        self._waiting: dict[str, set[asyncio.Event]] = defaultdict(set)
        self.outbox = Outbox(self._publish)

    async def prepare(self) -> None:
        """Create the collection and its indexes."""
        await self._database.create_collections(COLLECTION)
        for field in ("due_at", "item"):
            await self._commands.create_index(field)

    async def accept(
        self,
        principal: Principal,
        id_: str,
        message: Message,
        digest: str,
        item_id: str | None = None,
    ) -> Kept | None:
        """Keep a command, to be published; the one kept already when the id came before.

        `item_id`: of which item it is, where the message does not say so itself.
        """
        stored = self._stored(principal, id_, message, digest, item_id)
        try:
            await self._commands.insert_one(stored)
        except DuplicateKeyError:
            return await self.get(principal.dealer, id_)
        self.outbox.offer([stored])
        return None

    async def accept_all(
        self, principal: Principal, commands: Iterable[tuple[str, Message]]
    ) -> None:
        """Keep many commands, to be published in this order."""
        stored = [self._stored(principal, id_, message, "") for id_, message in commands]
        for start in range(0, len(stored), AT_ONCE):
            some = stored[start : start + AT_ONCE]
            await self._commands.bulk_write([InsertOne(one) for one in some])
        self.outbox.offer(stored)

    async def get(self, dealer: str, id_: str) -> Kept | None:
        """A command of this dealer."""
        stored = await self._commands.find_one({"_id": f"{dealer}/{id_}"})
        return _kept(stored) if stored else None

    async def many(self, dealer: str, ids: Sequence[str]) -> dict[str, Kept]:
        """Commands of this dealer by their ids."""
        found: dict[str, Kept] = {}
        for start in range(0, len(ids), AT_ONCE):
            keys = [f"{dealer}/{id_}" for id_ in ids[start : start + AT_ONCE]]
            for stored in await self._commands.find({"_id": {"$in": keys}}):
                kept = _kept(stored)
                found[kept.command_id] = kept
        return found

    async def of_item(self, dealer: str, item_id: str) -> list[dict[str, Any]]:
        """What was asked of an item, for its history."""
        found = await self._commands.find({"item": f"{dealer}/{item_id}"})
        return [_told(stored) for stored in found]

    async def answered(self, dealer: str, id_: str, seconds: float) -> Kept | None:
        """Wait for the answer, at most so long; the command as it then is."""
        key, end, event = f"{dealer}/{id_}", monotonic() + seconds, asyncio.Event()
        self._waiting[key].add(event)
        try:
            while True:
                kept = await self.get(dealer, id_)
                left = end - monotonic()
                if kept is None or kept.status != "accepted" or left <= 0:
                    return kept
                try:
                    await asyncio.wait_for(event.wait(), min(LOOK_SECONDS, left))
                except TimeoutError:
                    continue
        finally:
            self._waiting[key].discard(event)
            if not self._waiting[key]:
                del self._waiting[key]

    async def take_answers(self, events: Sequence[Decoded]) -> None:
        """Note which commands these events answer; the first answer counts."""
        updates: dict[str, UpdateOne] = {}
        for event in events:
            cause = event.envelope.causation_id
            if cause is not None:
                key = f"{event.envelope.dealer}/{cause}"
                where = {"_id": key, "final": None}
                updates.setdefault(key, UpdateOne(where, _answer(event.message)))
        await self._close(updates)

    async def take_dead(self, records: Sequence[RawRecord]) -> None:
        """Commands of ours that nobody could process: they are not repeated by themselves.

        Once an operator has retried one, its answer counts after all.
        """
        updates: dict[str, UpdateOne] = {}
        for record in records:
            named = {name: value for name, value in record.headers if value is not None}
            if named.get("ce_source") == sources.GATEWAY.encode() and "ce_id" in named:
                dealer = named.get("ce_dealerid", DEFAULT_DEALER.encode())
                key = b"/".join((dealer, named["ce_id"])).decode(errors="replace")
                where = {"_id": key, "final": None}
                updates[key] = UpdateOne(where, {"$set": DEAD, "$unset": {"due_at": ""}})
        await self._close(updates)

    async def _close(self, updates: Mapping[str, UpdateOne]) -> None:
        """Apply updates to those commands that are kept here, and wake who waits for them."""
        if not updates:
            return
        known = await self._commands.find({"_id": {"$in": list(updates)}}, fields=["_id"])
        ours = {stored["_id"] for stored in known}
        if not ours:
            return
        await self._commands.bulk_write([updates[key] for key in ours])
        for key in ours & self._waiting.keys():
            for waiting in self._waiting[key]:
                waiting.set()

    async def repeat_forever(self) -> None:
        """Publish again, with the same id, what has not been answered."""
        while True:
            try:
                await self.repeat()
            except Exception as error:  # noqa: BLE001 - tried again; nothing is lost
                log.warning("repeat_failed", error=repr(error))
            await asyncio.sleep(SWEEP_SECONDS)

    async def repeat(self, *, everything: bool = False) -> int:
        """Publish again what is due (or all that is unanswered), the oldest first."""
        now = datetime.now(UTC)
        where = {"due_at": {"$gt": now - EVER, "$lte": now + EVER if everything else now}}
        limit = 0 if everything else AT_ONCE
        due = await self._commands.find(where, sort=[("due_at", 1)], limit=limit)
        due.sort(key=lambda stored: (stored["at"], stored["n"]))
        await self.outbox.first(due)
        for start in range(0, len(due), AT_ONCE):
            some = due[start : start + AT_ONCE]
            await self._commands.bulk_write([self._later(one, now) for one in some])
        return len(due)

    def _later(self, stored: Stored, now: datetime) -> UpdateOne:
        repeats = int(stored["repeats"]) + 1
        wait = timedelta(seconds=min(self._repeat * 2.0 ** min(repeats, 10), LONGEST_REPEAT))
        change = {"$set": {"repeats": repeats, "due_at": now + wait}}
        return UpdateOne({"_id": stored["_id"], "status": "accepted"}, change)

    def _stored(
        self,
        principal: Principal,
        id_: str,
        message: Message,
        digest: str,
        item_id: str | None = None,
    ) -> dict[str, Any]:
        now = moment_to_keep()
        item_id = getattr(message, "item_id", None) or item_id
        stored = {
            "_id": f"{principal.dealer}/{id_}",
            "dealer": principal.dealer,
            "type": message.TYPE,
            "payload": message.model_dump_json(exclude_none=True),
            "actor": principal.actor,
            "status": "accepted",
            "digest": digest,
            "at": now,
            # Times are kept to the millisecond; this tells the order within one.
            "n": int(monotonic() * 1_000_000),
            "repeats": 0,
            "due_at": now + timedelta(seconds=self._repeat),
        }
        return {**stored, "item": f"{principal.dealer}/{item_id}"} if item_id else stored

    async def _publish(self, stored: Sequence[Stored]) -> None:
        outputs = []
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
            outputs.append(self._speaker.encoded(envelope, Outgoing(message)))
        await self._publisher.send_all(wires(outputs))


def _answer(message: Message) -> dict[str, Any]:
    change: dict[str, Any] = {"status": "done", "revision": getattr(message, "revision", 0)}
    if isinstance(message, CommandRejected):
        change = {"status": "rejected", "rejection": json.dumps(message.wire())}
    return {"$set": {**change, "final": True}, "$unset": {"due_at": ""}}


def _told(stored: Mapping[str, Any]) -> dict[str, Any]:
    """A command as an item's history has it."""
    told = {
        "kind": "command",
        "id": stored["_id"].split("/", 1)[1],
        "at": stored["at"],
        "type": stored["type"],
        "source": sources.GATEWAY,
        "actor": stored["actor"],
        "outcome": stored["status"],
        "what": json.loads(stored["payload"]),
    }
    if stored.get("rejection"):
        refusal = json.loads(stored["rejection"])
        told["problem"] = {n: refusal[n] for n in ("code", "message", "field") if refusal.get(n)}
    return told


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
