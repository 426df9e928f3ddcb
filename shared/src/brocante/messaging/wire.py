"""Records as they travel: what came in with its position, what goes out byte for byte."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from brocante.contracts.envelope import Envelope
from brocante.contracts.message import Message

Headers = tuple[tuple[str, bytes | None], ...]

Partition = tuple[str, int]
"""A topic and the number of one of its partitions."""


class Position(NamedTuple):
    """Where a record was read: offsets mean something only within one broker epoch."""

    epoch: int
    topic: str
    partition: int
    offset: int


class RawRecord(NamedTuple):
    """A record as the broker gave it, kept whole for dead letters."""

    position: Position
    key: bytes | None
    value: bytes | None
    headers: Headers
    timestamp_ms: int


class Received(NamedTuple):
    """A decoded message with where it came from.

    `resolved` is what the service's resolver found for it before the fold (or None).
    """

    envelope: Envelope
    message: Message
    raw: RawRecord
    resolved: Any = None

    @property
    def dealer(self) -> str:
        """The dealer the message belongs to: the envelope's word is the truth."""
        return self.envelope.dealer


class Wire(NamedTuple):
    """A record ready to be published; `topic` has its prefix already."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]] = ()
