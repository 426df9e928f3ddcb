"""How what a document led to, and what it said, are stored: compressed blocks of BSON.

What a message led to repeats most of the state, and repeats itself per marketplace: LZ4 takes two
thirds off for a few microseconds, which the database would spend many times over on writing it.
It is hardly ever asked for again, so it is unpacked only then.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple, overload

import bson
from cramjam import lz4


class Output(NamedTuple):
    """An encoded record that this document led to; a tuple, so that it is stored as it is."""

    topic: str
    key: bytes | None
    value: bytes
    headers: tuple[tuple[str, bytes], ...]


class Entry(NamedTuple):
    """One message applied, while it could still be redelivered. `refused`: it broke a rule."""

    digest: bytes
    epoch: int
    topic: str
    partition: int
    offset: int
    remember: bool
    refused: bool = False
    outputs: Sequence[Output] = ()


Said = Mapping[str, Mapping[str, Any]]
"""The envelopes of what a document said last, by name."""


def packed_entries(recent: Sequence[Entry]) -> dict[str, Any]:
    """The stored fields of entries: where each came from, and in one block what all led to."""
    if not recent:
        return {}
    block = {"outputs": [tuple(entry.outputs) for entry in recent]}
    return {"recent": [entry[:-1] for entry in recent], "packed": _pack(block)}


def entries(stored: Mapping[str, Any]) -> tuple[Entry, ...]:
    """The entries as they were packed; what they led to stays packed until it is asked for."""
    if "recent" not in stored:
        return ()
    block = _Block(stored["packed"])
    return tuple(
        Entry._make([*fields, _Packed(block, n)]) for n, fields in enumerate(stored["recent"])
    )


def pack_said(said: Said) -> bytes:
    """The stored form of what was said."""
    return _pack({"said": [*said.items()]})


def unpack_said(packed: bytes) -> Said:
    """What was said, by name."""
    return dict(_unpack(packed)["said"])


def output(topic: str, key: bytes | None, value: bytes, headers: Any) -> Output:
    """An output as the database gives it back: its tuples are lists there."""
    return Output(topic, key, value, tuple((name, text) for name, text in headers))


class _Block:
    """What all entries of a journal led to, as stored."""

    def __init__(self, packed: bytes) -> None:
        self._packed = packed

    @cached_property
    def outputs(self) -> list[tuple[Output, ...]]:
        """Per entry, in order."""
        return [tuple(output(*one) for one in some) for some in _unpack(self._packed)["outputs"]]


class _Packed(Sequence[Output]):
    """What the n-th entry led to."""

    def __init__(self, block: _Block, n: int) -> None:
        self._block = block
        self._n = n

    @overload
    def __getitem__(self, index: int) -> Output: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Output, ...]: ...
    def __getitem__(self, index: int | slice) -> Output | tuple[Output, ...]:
        return self._block.outputs[self._n][index]

    def __len__(self) -> int:
        return len(self._block.outputs[self._n])

    def __iter__(self) -> Iterator[Output]:
        return iter(self._block.outputs[self._n])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))


def _pack(block: Mapping[str, Any]) -> bytes:
    return bytes(lz4.compress_block(bson.encode(block)))


def _unpack(packed: bytes) -> dict[str, Any]:
    return bson.decode(bytes(lz4.decompress_block(packed)), _AWARE)


_AWARE: bson.CodecOptions[dict[str, Any]] = bson.CodecOptions(tz_aware=True)
