"""A versioned document: its state, what was applied to it, and what it led to.

The state is kept as JSON text: exact, readable in a database shell, free of the restrictions on
field names; what must be found is indexed beside it. The journal is why a second write per message
is not needed (docs/adr/0003).
"""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from brocante.documents.packing import Entry, Memory, Output, output, pack, packed, unpack

__all__ = ["Document", "Entry", "Journal", "Output", "from_bson", "packed", "to_bson"]

OWN_FIELDS = frozenset(
    {
        "_id",
        "version",
        "write",
        "state",
        "changed_at",
        "applied",
        "memory",
        "unsent",
        "unsent_since",
        "parked",
    }
)


NOTHING: Mapping[str, Any] = MappingProxyType({})


class Journal(NamedTuple):
    """`applied`: digests of old messages; `recent`: entries that may come again; `kept`: refusals.

    `applied` is one byte string of 16-byte digests, oldest first; `kept` maps a digest to the
    refusal it was answered with, so that asking again is answered the same.
    """

    applied: bytes = b""
    recent: tuple[Entry, ...] = ()
    kept: tuple[tuple[bytes, Output], ...] = ()


class Document(NamedTuple):
    """One document as loaded or about to be saved; version 0 is not stored yet.

    `value` is what `state` says, when this process has it as an object already; it is not stored.
    """

    id: str
    version: int = 0
    state: str | None = None
    value: Any = None
    changed_at: datetime | None = None
    journal: Journal = Journal()
    said: Mapping[str, Mapping[str, Any]] = NOTHING
    unsent: tuple[Output, ...] = ()
    unsent_since: datetime | None = None
    parked: tuple[bytes, ...] = ()
    indexed: Mapping[str, Any] = NOTHING

    def next(self, **changes: Any) -> "Document":
        """The next version of this document; another state without its value has none yet."""
        if "state" in changes:
            changes.setdefault("value", None)
        return self._replace(version=self.version + 1, **changes)


def to_bson(document: Document, write_id: bytes) -> dict[str, Any]:
    """The stored form, stamped with the id of the write that made it."""
    stored: dict[str, Any] = {
        "_id": document.id,
        "version": document.version,
        "write": write_id,
        "state": document.state,
        "changed_at": document.changed_at,
        "applied": document.journal.applied,
    }
    memory = pack(Memory(document.journal.recent, document.journal.kept, document.said))
    if memory is not None:
        stored["memory"] = memory
    if document.unsent:
        stored["unsent"] = document.unsent
        stored["unsent_since"] = document.unsent_since
    if document.parked:
        stored["parked"] = list(document.parked)
    stored.update({k: v for k, v in document.indexed.items() if v is not None})
    return stored


def from_bson(stored: Mapping[str, Any]) -> Document:
    """The document as stored."""
    memory = unpack(stored.get("memory"))
    return Document(
        id=stored["_id"],
        version=stored["version"],
        state=stored["state"],
        changed_at=stored.get("changed_at"),
        journal=Journal(stored.get("applied", b""), memory.recent, memory.kept),
        said=memory.said,
        unsent=tuple(output(*one) for one in stored.get("unsent", ())),
        unsent_since=stored.get("unsent_since"),
        parked=tuple(stored.get("parked", ())),
        indexed={k: v for k, v in stored.items() if k not in OWN_FIELDS},
    )
