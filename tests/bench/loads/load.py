"""A load: one service's table, the messages it gets, the documents it finds."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from brocante.contracts.envelope import Envelope, encode
from brocante.contracts.message import Message
from brocante.contracts.topics import DEAD_LETTERS
from brocante.documents.document import Document
from brocante.messaging.deciding import ServiceTable
from brocante.messaging.wire import Wire

PREPARED_AT = datetime(2026, 11, 24, 8, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Sent:
    """One message to work through; `answered`: at least one output must name it as its cause.

    `spoken_for`: a later one about its document may be named instead, where one write takes both.
    """

    id: str
    topic: str
    message: Message
    source: str = "app"
    answered: bool = True
    spoken_for: bool = False

    def wire(self, prefix: str) -> Wire:
        """The record as an upstream app or service writes it."""
        envelope = Envelope(
            id=self.id,
            source=self.source,
            type=self.message.TYPE,
            time=PREPARED_AT,
            subject=self.message.subject,
            correlation_id=self.id,
        )
        value, headers = encode(envelope, self.message)
        key = f"{envelope.dealer}/{self.message.key or self.message.subject}".encode()
        return Wire(f"{prefix}{self.topic}", key, value, headers)


def nothing(_count: int) -> Iterator[Document]:
    """No documents before."""
    return iter(())


@dataclass(frozen=True, slots=True)
class Load:
    """`messages(n)` gives n messages; `documents(n)` those there before n messages are sent.

    `publishes` are the topics it answers on beside those it reads. `per_document` messages address
    each document.
    """

    name: str
    describes: str
    table: ServiceTable
    publishes: tuple[str, ...]
    messages: Callable[[int], Sequence[Sent]]
    per_document: int
    documents: Callable[[int], Iterator[Document]] = nothing
    collection: str = ""
    indexed: Mapping[str, Any] = field(default_factory=dict)

    @property
    def topics(self) -> tuple[str, ...]:
        """Every topic that must be there."""
        return tuple(dict.fromkeys((*self.table.topics, *self.publishes, DEAD_LETTERS)))
