"""A replayed dead letter that fails again at once is open again, however fast it fails."""

import pytest

from brocante.messaging.dead_letters import dead_letter
from brocante.messaging.wire import Position, RawRecord
from brocante.settings import Settings
from brocante.testing.memory_broker import MemoryBroker, MemoryPublisher
from brocante.testing.memory_database import MemoryDatabase
from gateway.records.dead_letters import DeadLetters

TOPIC = "inventory.commands"
POISON = b"not json"


def failed(offset: int) -> RawRecord:
    """The record of the dead-letter topic that inventory makes of the one at this offset."""
    raw = RawRecord(Position(1, TOPIC, 0, offset), b"main/x", POISON, (), 1_795_000_000_000)
    wire = dead_letter(raw, service="inventory", code="bad_json", error="is not JSON", prefix="")
    position = Position(1, wire.topic, 0, offset)
    return RawRecord(position, wire.key, wire.value, tuple(wire.headers), raw.timestamp_ms)


@pytest.fixture
def broker() -> MemoryBroker:
    return MemoryBroker()


@pytest.fixture
async def letters(broker: MemoryBroker) -> DeadLetters:
    letters = DeadLetters(MemoryDatabase(), MemoryPublisher(Settings(), broker))

    async def fails_again_at_once(operation: str) -> None:
        if operation == "published" and len(broker.read(TOPIC)) == 1:
            await letters.take([failed(offset=8)])

    broker.hook = fails_again_at_once
    await letters.take([failed(offset=7)])
    return letters


async def test_what_fails_again_before_the_replay_is_noted_stays_open(
    letters: DeadLetters, broker: MemoryBroker
) -> None:
    (group,) = await letters.groups()
    assert await letters.retry(group["group"]) == 1
    assert [record.value for record in broker.read(TOPIC)] == [POISON]
    assert [one["origin"] for one in await letters.letters(group["group"])] == [f"{TOPIC}/0/8"]


async def test_a_group_put_aside_is_put_aside_whole(letters: DeadLetters) -> None:
    await letters.take([failed(offset=9)])
    (group,) = await letters.groups()
    assert await letters.archive(group["group"]) == 2
    assert await letters.groups() == []
