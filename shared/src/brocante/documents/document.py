"""A versioned document: its state, what was applied to it, and what it led to.

The state is kept as JSON text: exact, readable in a database shell, free of the restrictions on
field names; what must be found is indexed beside it. The journal is why a second write per message
is not needed (docs/adr/0003).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

OWN_FIELDS = frozenset(
    {
        "_id",
        "version",
        "write",
        "state",
        "changed_at",
        "applied",
        "recent",
        "kept",
        "said",
        "unsent",
        "unsent_since",
        "parked",
    }
)


@dataclass(frozen=True, slots=True)
class Output:
    """An encoded record that this document led to."""

    topic: str
    key: bytes | None
    value: bytes
    headers: tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One message applied, while it could still be redelivered."""

    digest: bytes
    epoch: int
    topic: str
    partition: int
    offset: int
    remember: bool
    outputs: tuple[Output, ...] = ()


@dataclass(frozen=True, slots=True)
class Journal:
    """`applied`: digests of old messages; `recent`: entries that may come again; `kept`: refusals.

    `applied` is one byte string of 16-byte digests, oldest first; `kept` maps a digest to the
    refusal it was answered with, so that asking again is answered the same.
    """

    applied: bytes = b""
    recent: tuple[Entry, ...] = ()
    kept: tuple[tuple[bytes, Output], ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """One document as loaded or about to be saved; version 0 is not stored yet."""

    id: str
    version: int = 0
    state: str | None = None
    changed_at: datetime | None = None
    journal: Journal = field(default_factory=Journal)
    said: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    unsent: tuple[Output, ...] = ()
    unsent_since: datetime | None = None
    parked: tuple[bytes, ...] = ()
    indexed: Mapping[str, Any] = field(default_factory=dict)

    def next(self, **changes: Any) -> "Document":
        """The next version of this document."""
        return replace(self, version=self.version + 1, **changes)


def to_bson(document: Document, write_id: bytes) -> dict[str, Any]:
    """The stored form, stamped with the id of the write that made it."""
    stored: dict[str, Any] = {
        "_id": document.id,
        "version": document.version,
        "write": write_id,
        "state": document.state,
        "changed_at": document.changed_at,
        "applied": document.journal.applied,
        "recent": [_entry_to_bson(entry) for entry in document.journal.recent],
    }
    if document.journal.kept:
        stored["kept"] = [[digest, _output_to_bson(o)] for digest, o in document.journal.kept]
    if document.said:
        stored["said"] = [[name, dict(envelope)] for name, envelope in document.said.items()]
    if document.unsent:
        stored["unsent"] = [_output_to_bson(output) for output in document.unsent]
        stored["unsent_since"] = document.unsent_since
    if document.parked:
        stored["parked"] = list(document.parked)
    stored.update({k: v for k, v in document.indexed.items() if v is not None})
    return stored


def from_bson(stored: Mapping[str, Any]) -> Document:
    """The document as stored."""
    return Document(
        id=stored["_id"],
        version=stored["version"],
        state=stored["state"],
        changed_at=stored.get("changed_at"),
        journal=Journal(
            applied=bytes(stored.get("applied", b"")),
            recent=tuple(_entry_from_bson(entry) for entry in stored.get("recent", ())),
            kept=tuple((bytes(d), _output_from_bson(o)) for d, o in stored.get("kept", ())),
        ),
        said=dict(stored.get("said", ())),
        unsent=tuple(_output_from_bson(output) for output in stored.get("unsent", ())),
        unsent_since=stored.get("unsent_since"),
        parked=tuple(bytes(digest) for digest in stored.get("parked", ())),
        indexed={k: v for k, v in stored.items() if k not in OWN_FIELDS},
    )


def _output_to_bson(output: Output) -> list[Any]:
    return [output.topic, output.key, output.value, [list(pair) for pair in output.headers]]


def _output_from_bson(stored: Any) -> Output:
    topic, key, value, headers = stored
    return Output(
        topic,
        None if key is None else bytes(key),
        bytes(value),
        tuple((name, bytes(text)) for name, text in headers),
    )


def _entry_to_bson(entry: Entry) -> list[Any]:
    return [
        entry.digest,
        entry.epoch,
        entry.topic,
        entry.partition,
        entry.offset,
        entry.remember,
        [_output_to_bson(output) for output in entry.outputs],
    ]


def _entry_from_bson(stored: Any) -> Entry:
    digest, epoch, topic, partition, offset, remember, outputs = stored
    return Entry(
        bytes(digest),
        epoch,
        topic,
        partition,
        offset,
        remember,
        tuple(_output_from_bson(output) for output in outputs),
    )
