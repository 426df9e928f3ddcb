"""An event is kept once, however often it is read, and counted once."""

from datetime import UTC, datetime

from brocante.contracts.envelope import Decoded, Envelope
from brocante.contracts.snapshot import ItemOversold
from brocante.testing.memory_database import MemoryDatabase
from gateway.records.history import History, Numbered

AT = datetime(2026, 11, 24, 8, tzinfo=UTC)


def oversold(id_: str, source: str = "brocante/inventory") -> Decoded:
    message = ItemOversold(item_id="chair", sales=["s1", "s2"])
    return Decoded(Envelope(id_, source, message.TYPE, AT, "chair"), message)


async def test_what_is_read_again_is_not_new() -> None:
    history = History(MemoryDatabase())
    first, second = oversold("1"), oversold("2")
    assert await history.unknown([first, second, first]) == [first, second]
    await history.take([Numbered(1, first)])
    assert await history.unknown([first, second]) == [second]
    await history.take([Numbered(2, first), Numbered(3, second)])
    assert len(await history.of_item("main", "chair")) == 2
    assert [one["number"] for one in await history.since("main", 0, 9)] == [1, 3]


async def test_the_same_id_of_another_source_is_another_event() -> None:
    history = History(MemoryDatabase())
    await history.take([Numbered(1, oversold("1"))])
    other = oversold("1", "someone else")
    assert await history.unknown([other]) == [other]
