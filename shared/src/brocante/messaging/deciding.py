"""A service as a table: message class -> decider, a pure function over one document.

`decide(state | None, received, now) -> Decision(state, outputs)`; the runtime does the rest
(docs/architecture.md): loading, folding, guarding, journalling, publishing, committing.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, NamedTuple, TypeVar

from msgspec import json

from brocante.contracts.message import Message
from brocante.documents.document import Document
from brocante.documents.store import DocumentStore
from brocante.messaging.wire import Received

S = TypeVar("S")


class Outgoing(NamedTuple):
    """A message to publish. Topic, key and subject are the message's own unless given here.

    `snapshot`: it says the whole of what `said` names, so the newest alone is enough: of several
    messages folded into one write, what an event led to is published only if none came after it.
    `said`: a name under which the document remembers this output's envelope, so that a resync says
    it again with its original id (`item.changed`, `listing:ebay`). None: not said again.
    `causation`: the id of the command this answers when that is not the message being decided.
    """

    message: Message
    topic: str | None = None
    key: str | None = None
    subject: str | None = None
    snapshot: bool = False
    said: str | None = None
    causation: str | None = None
    correlation: str | None = None
    actor: str | None = None
    traceparent: str | None = None


class Decision(NamedTuple, Generic[S]):
    """The document's new state (None: there is still nothing) and what to say."""

    state: S | None
    outputs: tuple[Outgoing, ...] = ()


Decide = Callable[[Any, Received, datetime], Decision[Any]]


@dataclass(frozen=True, slots=True)
class DocumentType(Generic[S]):
    """A kind of document: its collection, how its state is written, what is indexed beside it.

    `indexed(state)` gives extra top-level fields for look-ups; a value of None leaves the field
    out. Times among them are UTC datetimes. `next_due` is the timer index, `indexes` names those
    fields that get a sparse single-field index.
    """

    collection: str
    state: json.Decoder[S]
    indexed: Callable[[S], Mapping[str, Any]] = lambda _state: {}
    indexes: tuple[str, ...] = ()

    def read(self, document: Document) -> S | None:
        """The state of a document, or None when it has none yet."""
        if document.state is None:
            return None
        known: S | None = document.value
        return self.state.decode(document.state) if known is None else known

    def text(self, state: S) -> str:
        """A state as it is stored."""
        return _ENCODER.encode(state).decode()

    def written(self, state: S, now: datetime) -> dict[str, Any]:
        """What changes in a document that gets this state."""
        return {
            "state": self.text(state),
            "value": state,
            "changed_at": now,
            "indexed": dict(self.indexed(state)),
        }


def always(_received: Received) -> bool:
    """Whatever the message."""
    return True


def never(_received: Received) -> bool:
    """Whatever the message, not."""
    return False


@dataclass(frozen=True, slots=True)
class Route:
    """What happens with one message class.

    `address` gives the document's id (it begins `<dealer>/`); None passes the message over.
    `answer` gives the present snapshot for a command that was applied long ago and is asked again.
    `remember`: its id is kept among the last 256 (commands and sale events); else only while it
    could be redelivered.
    `creates`: whether its document is, as a rule, not there yet: then it is not asked for first.
    Where it is there after all, the guarded write loses and the message is decided again.
    `final`: nothing is added later to what it led to, and nobody asks for the present state with
    it: said again, it is repeated as this process remembers it, without asking the database.
    """

    message: type[Message]
    document: DocumentType[Any]
    address: Callable[[Received], str | None]
    decide: Decide
    answer: Callable[[Any, Received], Sequence[Outgoing]] = lambda _state, _received: ()
    remember: bool = True
    creates: Callable[[Received], bool] = never
    final: bool = False


Resolver = Callable[[Mapping[str, DocumentStore], Sequence[Received]], Awaitable[Mapping[int, Any]]]
"""Given the service's documents by collection and a batch, what was found for the messages at these
indexes (one query, no calls)."""


@dataclass(frozen=True, slots=True)
class Timers:
    """Timers of a document type: what it sends itself once `next_due` has passed."""

    document: DocumentType[Any]
    due: Callable[[str, Any, datetime], Iterable[Outgoing]]


@dataclass(frozen=True, slots=True)
class Said:
    """One thing said again: the message, and the name its envelope is remembered by."""

    said: str
    message: Message
    topic: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class SayAgain:
    """How a document type says its state again after a broker was lost.

    `say(document id, state, changed_at, since)` gives what must be said; ids come from memory.
    """

    document: DocumentType[Any]
    say: Callable[[str, Any, datetime, datetime], Iterable[Said]]


@dataclass(frozen=True, slots=True)
class ServiceTable:
    """Everything the runtime needs to know of a service.

    `source` is its `ce_source`; `events_topic` where it answers (without prefix); `topics` all it
    reads (without prefix). Message classes read but not routed are passed over.
    """

    name: str
    source: str
    events_topic: str
    topics: tuple[str, ...]
    routes: tuple[Route, ...]
    timers: tuple[Timers, ...] = ()
    say_again: tuple[SayAgain, ...] = ()
    resolve: Resolver | None = None
    ignored: tuple[type[Message], ...] = field(default=())

    @property
    def messages(self) -> frozenset[type[Message]]:
        """Every message class that has a route."""
        return frozenset(route.message for route in self.routes)

    def route(self, message: type[Message]) -> Route | None:
        """The route of a message class, or None when this service passes it over."""
        return next((route for route in self.routes if route.message is message), None)


_ENCODER = json.Encoder()
