"""A replayed dead letter that fails again at once is open again, however fast it fails."""

import pytest

from brocante.messaging.dead_letters import dead_letter
from brocante.messaging.wire import Position, RawRecord
from brocante.settings import Settings
from brocante.testing.memory_broker import MemoryBroker, MemoryPublisher
from brocante.testing.memory_database import MemoryDatabase
from gateway.records.dead_letters import DeadLetters, Edit

TOPIC = "inventory.commands"
POISON = b"not json"


def failed(offset: int, *headers: tuple[str, bytes]) -> RawRecord:
    """The record of the dead-letter topic that inventory makes of the one at this offset."""
    place = Position(1, TOPIC, 0, offset)
    raw = RawRecord(place, b"main/x", POISON, headers, 1_795_000_000_000)
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
    assert await letters.retry(group["group"], "owner") == 1
    assert [record.value for record in broker.read(TOPIC)] == [POISON]
    assert [one["origin"] for one in await letters.letters(group["group"])] == [f"{TOPIC}/0/8"]


async def test_a_group_put_aside_is_put_aside_whole(letters: DeadLetters) -> None:
    await letters.take([failed(offset=9)])
    (group,) = await letters.groups()
    assert await letters.archive(group["group"], "owner") == 2
    assert await letters.groups() == []


async def test_one_letter_of_a_group_is_retried_and_the_others_stay(
    letters: DeadLetters, broker: MemoryBroker
) -> None:
    await letters.take([failed(offset=9)])
    (group,) = await letters.groups()
    first, second = await letters.letters(group["group"])
    assert await letters.retry(group["group"], "owner", [second["id"]]) == 1
    assert [record.value for record in broker.read(TOPIC)] == [POISON]
    assert first["id"] in [one["id"] for one in await letters.letters(group["group"])]


async def test_an_edited_letter_goes_out_changed_and_what_came_is_kept_with_the_edit(
    letters: DeadLetters, broker: MemoryBroker
) -> None:
    await letters.take([failed(9, ("ce_type", b"item.creat"), ("ce_id", b"1"))])
    (group,) = await letters.groups()
    letter = (await letters.letters(group["group"]))[-1]
    edit = Edit("{}", {"ce_type": "item.create", "ce_time": None})
    assert await letters.edit_and_retry(group["group"], "owner", letter["id"], edit) == 1
    (sent,) = broker.read(TOPIC)
    assert sent.value == b"{}"
    assert dict(sent.headers) == {"ce_type": b"item.create", "ce_id": b"1", "x-replay": b"1"}
    (kept,) = await letters.letters(group["group"], closed=True)
    assert (kept["value"], kept["closed"], kept["closed_by"]) == ("not json", "edited", "owner")
    assert kept["edit"] == {"value": "{}", "headers": dict(edit.headers)}


async def test_what_failed_again_after_a_replay_is_marked(letters: DeadLetters) -> None:
    await letters.take([failed(9, ("x-replay", b"1"))])
    (group,) = await letters.groups()
    assert (group["count"], group["repeats"]) == (2, 1)
    assert [one["repeat"] for one in await letters.letters(group["group"])] == [False, True]


async def test_a_letter_taken_in_again_is_not_opened_again(letters: DeadLetters) -> None:
    (group,) = await letters.groups()
    await letters.archive(group["group"], "owner")
    await letters.take([failed(offset=7)])
    assert await letters.groups() == []
