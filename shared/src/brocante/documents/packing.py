"""What a document remembers beside its state, as stored: one compressed block.

What a message led to repeats most of the state, and repeats itself per marketplace: LZ4 takes two
thirds off for a few microseconds, which the database would spend many times over on writing it.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple, overload

from cramjam import lz4
from msgspec import msgpack


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


class Memory(NamedTuple):
    """`recent` messages may come again; refusals are `kept` by digest, what was `said` by name."""

    recent: tuple[Entry, ...] = ()
    kept: tuple[tuple[bytes, Output], ...] = ()
    said: Mapping[str, Mapping[str, Any]] = {}


def pack(memory: Memory) -> bytes | None:
    """The stored form, or None when there is nothing to remember."""
    if not any(memory):
        return None
    recent = [
        entry if type(entry.outputs) is tuple else entry._replace(outputs=tuple(entry.outputs))
        for entry in memory.recent
    ]
    return bytes(lz4.compress_block(_ENCODER.encode((recent, memory.kept, {**memory.said}))))


def unpack(packed: bytes | None) -> Memory:
    """What was packed; what entries led to is unpacked once more when it is asked for."""
    if packed is None:
        return Memory()
    memory = _whole(packed)
    return memory._replace(recent=put_away(memory.recent, packed))


def put_away(recent: Sequence[Entry], packed: bytes) -> tuple[Entry, ...]:
    """The same entries, with what they led to only in the block: it is hardly asked for again."""
    block = _Block(packed)
    return tuple(Entry(*entry[:-1], outputs=_Packed(block, n)) for n, entry in enumerate(recent))


def output(topic: str, key: bytes | None, value: bytes, headers: Any) -> Output:
    """An output as the database gives it back: its tuples are lists there."""
    return Output(topic, key, value, tuple((name, text) for name, text in headers))


class _Block:
    """What a document remembers, unpacked when somebody asks."""

    def __init__(self, packed: bytes) -> None:
        self._packed = packed

    @cached_property
    def recent(self) -> tuple[Entry, ...]:
        """Its entries."""
        return _whole(self._packed).recent


class _Packed(Sequence[Output]):
    """What the n-th entry led to."""

    __slots__ = ("_block", "_n")

    def __init__(self, block: _Block, n: int) -> None:
        self._block = block
        self._n = n

    @overload
    def __getitem__(self, index: int) -> Output: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Output]: ...
    def __getitem__(self, index: int | slice) -> Output | Sequence[Output]:
        return self._block.recent[self._n].outputs[index]

    def __len__(self) -> int:
        return len(self._block.recent[self._n].outputs)

    def __iter__(self) -> Iterator[Output]:
        return iter(self._block.recent[self._n].outputs)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))


def _whole(packed: bytes) -> Memory:
    return _DECODER.decode(lz4.decompress_block(packed))


_ENCODER = msgpack.Encoder()
_DECODER = msgpack.Decoder(Memory)
