"""What is checked at every write and every record: nothing applied twice, versions rise by one."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from brocante.contracts.envelope import Decoded, Unusable, decode
from brocante.contracts.snapshot import ItemChanged
from brocante.documents.document import Document, Entry, Output, from_bson
from brocante.messaging import journal
from brocante.testing.memory_broker import MemoryBroker, Record
from brocante.testing.memory_database import Hook, MemoryCollection, MemoryDatabase

Key = tuple[str, str]
"""Source and id of a message: what tells it from another."""


@dataclass
class Watch:
    """Everything that was ever written or published, and what is wrong with it.

    `lost`: so many of what was said went with a broker, and may have been read by nobody.
    What is wrong is noted, not raised: the product would take an error for the database's.
    `on_applied` is told which messages a write of a document applied, in order.
    """

    said: list[Decoded] = field(default_factory=list)
    unusable: list[Record] = field(default_factory=list)
    garbage: set[bytes | None] = field(default_factory=set)
    dead: list[Record] = field(default_factory=list)
    by_digest: dict[bytes, Decoded] = field(default_factory=dict)
    applied: dict[str, set[bytes]] = field(default_factory=dict)
    owed: dict[Key, str] = field(default_factory=dict)
    heard: set[Key] = field(default_factory=set)
    outputs: dict[tuple[Any, ...], str] = field(default_factory=dict)
    revisions: dict[Key, int] = field(default_factory=dict)
    violations: list[str] = field(default_factory=list)
    lost: int = 0
    on_applied: Callable[[str, str, list[Decoded], Document], None] = lambda *_: None

    def record(self, record: Record) -> None:
        """A record is in the broker."""
        if record.topic == "dead-letters":
            self.dead.append(record)
            return
        try:
            decoded = decode(record.value, record.headers)
        except Unusable:
            self.unusable.append(record)
            self.garbage.add(record.value)
            return
        at = decoded.envelope
        self.said.append(decoded)
        self.by_digest[journal.digest(at)] = decoded
        self.heard.add((at.source, at.id))
        self._revision(decoded)
        # The same words of the same moment about the same cause are one output: one id.
        same = (at.source, at.type, at.subject, at.causation_id, at.time, record.value)
        id_ = self.outputs.setdefault(same, at.id)
        if id_ != at.id and at.causation_id is not None:
            self.violations.append(
                f"I4: {at.type} about {at.causation_id} has two ids: {id_}, {at.id}"
            )

    def _revision(self, decoded: Decoded) -> None:
        """What is applied once shows in one revision, however often it is said again."""
        at, message = decoded.envelope, decoded.message
        if not isinstance(message, ItemChanged):
            return
        first = self.revisions.setdefault((at.source, at.id), message.revision)
        if first != message.revision:
            cause = self._by_id(at.causation_id)
            self.violations.append(
                f"I4: {at.subject} in revisions {first} and {message.revision} under one id,"
                f" caused by {cause}"
            )

    def wiped(self) -> None:
        """The broker lost everything: garbage in it is nobody's any more."""
        self.unusable.clear()
        self.lost = len(self.said)

    def written(self, collection: str, before: Any, after: Any) -> None:
        """A document was written over another one (or none)."""
        was = from_bson(before) if before else Document(after["_id"])
        now = from_bson(after)
        where = f"{collection} {now.id}"
        if now.version != was.version + 1:
            self.violations.append(f"I3: {where} went from version {was.version} to {now.version}")
        fresh = _fresh(was, now)
        once = self.applied.setdefault(where, set())
        for entry in fresh:
            if entry.digest in once and entry.remember:
                self.violations.append(f"I2: {where} had {self._name(entry.digest)} applied twice")
            once.add(entry.digest)
        for output in (*(o for entry in fresh for o in entry.outputs), *now.unsent):
            self.owed.setdefault(_key(output), where)
        self.on_applied(collection, now.id, [self.by_digest[e.digest] for e in fresh], now)

    def unsaid(self) -> list[str]:
        """Outputs of documents that never were in the broker."""
        return [
            f"{id_} of {where}"
            for (s, id_), where in self.owed.items()
            if (s, id_) not in self.heard
        ]

    def _by_id(self, id_: str | None) -> str:
        return next((f"{d.envelope.type} {id_}" for d in self.said if d.envelope.id == id_), "")

    def _name(self, digest: bytes) -> str:
        at = self.by_digest[digest].envelope
        return f"{at.type} {at.id}"


class WatchedBroker(MemoryBroker):
    """A broker whose records are watched."""

    def __init__(self, watch: Watch) -> None:
        super().__init__()
        self._watch = watch

    def append(self, wire: Any) -> Record:
        """Put a record in its place, and look at it."""
        record = super().append(wire)
        self._watch.record(record)
        return record


class WatchedDatabase(MemoryDatabase):
    """One process's connection to the database that all share."""

    def __init__(self, stored: dict[str, dict[Any, Any]], watch: Watch, hook: Hook) -> None:
        super().__init__()
        self.stored = stored
        self.hook = hook
        self.watch = watch

    def collection(self, name: str) -> "MemoryCollection":
        """A collection whose writes are watched."""
        return _Collection(self, name)


class _Collection(MemoryCollection):
    async def bulk_write(self, operations: Any) -> int:
        """Here the answer can get lost, too."""
        written = await super().bulk_write(operations)
        await self._database.hook(self._name, "bulk_written")
        return written

    def _apply(self, operation: Any) -> int:
        found = getattr(operation, "_filter", None) or operation._doc
        before = self._all.get(found["_id"])
        done = super()._apply(operation)
        after = self._all.get(found["_id"])
        if done and after is not None and "write" in after:
            self._database.watch.written(self._name, before, after)  # type: ignore[attr-defined]
        return done


def _fresh(was: Document, now: Document) -> list[Entry]:
    """The journal's new entries; one applied once more is new, too."""
    known = Counter(_place(entry) for entry in was.journal.recent)
    fresh = []
    for entry in now.journal.recent:
        if known[_place(entry)]:
            known[_place(entry)] -= 1
        else:
            fresh.append(entry)
    return fresh


def _place(entry: Entry) -> tuple[bytes, int, str, int, int]:
    return entry.digest, entry.epoch, entry.topic, entry.partition, entry.offset


def _key(output: Output) -> Key:
    headers = dict(output.headers)
    return headers["ce_source"].decode(), headers["ce_id"].decode()
