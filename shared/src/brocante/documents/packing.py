"""What a document remembers beside its state, as stored: MessagePack, what it led to under LZ4.

What a message led to repeats most of the state, and repeats itself per marketplace: LZ4 takes two
thirds off for a few microseconds, which the database would spend many times over on writing it.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from cramjam import lz4
from msgspec import msgpack


class Output(NamedTuple):
    """An encoded record that this document led to; a tuple, so that it is stored as it is."""

    topic: str
    key: bytes | None
    value: bytes
    headers: tuple[tuple[str, bytes], ...]


class Entry(NamedTuple):
    """One message applied, while it could still be redelivered. `refused`: it broke a rule.

    `led_to` is what `packed` makes of its outputs: they are hardly asked for again.
    """

    digest: bytes
    epoch: int
    topic: str
    partition: int
    offset: int
    remember: bool
    refused: bool = False
    led_to: bytes = b""

    @property
    def outputs(self) -> tuple[Output, ...]:
        """What it led to."""
        return _OUTPUTS.decode(lz4.decompress_block(self.led_to)) if self.led_to else ()


class Memory(NamedTuple):
    """`recent` messages may come again; refusals are `kept` by digest, what was `said` by name."""

    recent: tuple[Entry, ...] = ()
    kept: tuple[tuple[bytes, Output], ...] = ()
    said: Mapping[str, Mapping[str, Any]] = {}


def packed(outputs: Sequence[Output]) -> bytes:
    """Outputs as an entry keeps them."""
    return bytes(lz4.compress_block(_ENCODER.encode(outputs))) if outputs else b""


def pack(memory: Memory) -> bytes | None:
    """The stored form, or None when there is nothing to remember."""
    if not any(memory):
        return None
    return _ENCODER.encode((memory.recent, memory.kept, {**memory.said}))


def unpack(stored: bytes | None) -> Memory:
    """What was packed."""
    return Memory() if stored is None else _MEMORY.decode(stored)


def output(topic: str, key: bytes | None, value: bytes, headers: Any) -> Output:
    """An output as the database gives it back: its tuples are lists there."""
    return Output(topic, key, value, tuple((name, text) for name, text in headers))


_ENCODER = msgpack.Encoder()
_OUTPUTS = msgpack.Decoder(tuple[Output, ...])
_MEMORY = msgpack.Decoder(Memory)
