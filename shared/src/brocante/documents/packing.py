"""How a journal's entries and what a document said are stored: one compressed block of BSON.

What a message led to repeats most of the state, and repeats itself per marketplace: LZ4 takes two
thirds off for a few microseconds, which the database would spend many times over on writing it.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import bson
from cramjam import lz4


class Output(NamedTuple):
    """An encoded record that this document led to; a tuple, so that it is stored as it is."""

    topic: str
    key: bytes | None
    value: bytes
    headers: tuple[tuple[str, bytes], ...]


class Entry(NamedTuple):
    """One message applied, while it could still be redelivered; stored as it is."""

    digest: bytes
    epoch: int
    topic: str
    partition: int
    offset: int
    remember: bool
    outputs: tuple[Output, ...] = ()


Said = Mapping[str, Mapping[str, Any]]
"""The envelopes of what a document said last, by name."""


def pack(recent: Sequence[Entry], said: Said) -> bytes:
    """The stored form."""
    block = bson.encode({"recent": recent, "said": [*said.items()]})
    return bytes(lz4.compress_block(block))


def unpack(packed: bytes) -> tuple[tuple[Entry, ...], Said]:
    """The entries and what was said, as they were packed."""
    block = bson.decode(bytes(lz4.decompress_block(packed)), _AWARE)
    return tuple(_entry(entry) for entry in block["recent"]), dict(block["said"])


def output(topic: str, key: bytes | None, value: bytes, headers: Any) -> Output:
    """An output as the database gives it back: its tuples are lists there."""
    return Output(topic, key, value, tuple((name, text) for name, text in headers))


def _entry(stored: Sequence[Any]) -> Entry:
    return Entry._make([*stored[:-1], tuple(output(*one) for one in stored[-1])])


_AWARE: bson.CodecOptions[dict[str, Any]] = bson.CodecOptions(tz_aware=True)
