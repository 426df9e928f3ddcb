"""The same decoding, deciding and encoding without the runtime: contracts and a service's table.

A stored document is its id, version, state and indexed fields; there is no journal, so a crash
between writing and publishing loses or doubles messages. That is what is being compared with.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from pymongo import InsertOne, ReplaceOne

from brocante.contracts.envelope import Envelope, decode, encode
from brocante.contracts.ids import output_id
from brocante.contracts.message import Command
from brocante.messaging.deciding import DocumentType, Outgoing, Route, ServiceTable
from brocante.messaging.wire import Position, RawRecord, Received, Wire

NOWHERE = RawRecord(Position(0, "", 0, 0), None, None, (), 0)
"""Deciders do not look at where a message was read."""


@dataclass(slots=True)
class Addressed:
    """A message with its route and its document's id."""

    received: Received
    route: Route
    document: str


@dataclass(slots=True)
class Folded:
    """A document's new form and what was said on the way, as (message answered, outputs)."""

    stored: dict[str, Any]
    said: list[tuple[Received, list[Outgoing]]] = field(default_factory=list)

    @property
    def guard(self) -> dict[str, Any] | None:
        """What must still be there to be replaced; None: it is new."""
        version = self.stored["version"] - 1
        return {"_id": self.stored["_id"], "version": version} if version else None

    @property
    def operation(self) -> InsertOne[Any] | ReplaceOne[Any]:
        """The write, guarded by version."""
        guard = self.guard
        return ReplaceOne(guard, self.stored) if guard else InsertOne(self.stored)


class PlainTable:
    """A service's table, used directly."""

    def __init__(self, table: ServiceTable, prefix: str) -> None:
        self._table = table
        self._prefix = prefix
        self._routes = {route.message: route for route in table.routes}

    @property
    def topics(self) -> list[str]:
        """What is read, with its prefix."""
        return [f"{self._prefix}{topic}" for topic in self._table.topics]

    async def prepare(self, database: Any) -> None:
        """The indexes that the service's look-ups need: whoever stores its documents keeps them."""
        for route in self._table.routes:
            for name in route.document.indexes:
                collection = database[route.document.collection]
                await collection.create_index(name, sparse=True)

    def addressed(self, value: bytes | None, headers: Any) -> Addressed | None:
        """Decode a record; None when the service passes it over."""
        decoded = decode(value, headers)
        route = self._routes.get(type(decoded.message))
        if route is None:
            return None
        received = Received(decoded.envelope, decoded.message, NOWHERE)
        document = route.address(received)
        return None if document is None else Addressed(received, route, document)

    def folded(
        self, id_: str, stored: Mapping[str, Any] | None, messages: Sequence[Addressed]
    ) -> Folded:
        """Decide a document's messages in order; the write is guarded by the version read."""
        now = datetime.now(UTC)
        kind: DocumentType[Any] = messages[0].route.document
        state = kind.state.decode(stored["state"]) if stored else None
        said = []
        for one in messages:
            decision = one.route.decide(state, one.received, now)
            state = decision.state
            said.append((one.received, list(decision.outputs)))
        _keep_newest_only(said)
        return Folded(_stored(id_, stored, kind, state), said)

    def wires(self, folded: Folded) -> list[Wire]:
        """What to publish."""
        now = datetime.now(UTC)
        return [
            self._wire(received.envelope, outgoing, n, now)
            for received, outputs in folded.said
            for n, outgoing in enumerate(outputs)
        ]

    def _wire(self, at: Envelope, outgoing: Outgoing, n: int, now: datetime) -> Wire:
        message = outgoing.message
        subject = outgoing.subject or message.subject or at.subject
        envelope = Envelope(
            id=output_id(at.source, at.id, subject or "", message.TYPE, n),
            source=self._table.source,
            type=message.TYPE,
            time=now,
            subject=subject,
            dealer=at.dealer,
            major=message.MAJOR,
            correlation_id=outgoing.correlation or at.correlation_id or at.id,
            causation_id=outgoing.causation or at.id,
            actor=outgoing.actor or at.actor,
            traceparent=outgoing.traceparent or at.traceparent,
        )
        value, headers = encode(envelope, message)
        many = len(message.TOPICS) > 1
        topic = outgoing.topic or (self._table.events_topic if many else message.topic)
        key = outgoing.key or message.key or subject or envelope.id
        return Wire(f"{self._prefix}{topic}", f"{at.dealer}/{key}".encode(), value, headers)


def _stored(
    id_: str, before: Mapping[str, Any] | None, kind: DocumentType[Any], state: Any
) -> dict[str, Any]:
    return {
        "_id": id_,
        "version": (before["version"] if before else 0) + 1,
        "state": kind.text(state),
        **{name: value for name, value in kind.indexed(state).items() if value is not None},
    }


def _keep_newest_only(said: list[tuple[Received, list[Outgoing]]]) -> None:
    """At most one snapshot of a thing per write that answers no command: so the contract has it."""
    newer: set[str | None] = set()
    for received, outputs in reversed(said):
        if not isinstance(received.message, Command):
            outputs[:] = [one for one in outputs if not (one.snapshot and one.said in newer)]
        newer |= {outgoing.said for outgoing in outputs if outgoing.snapshot}
