"""The brake: how many dead letters in a row stop a partition, and who lets it go."""

from collections.abc import Sequence

from brocante.messaging.brake import LIMIT, Brake, all_pulled, release
from brocante.messaging.wire import Position, RawRecord
from brocante.testing.memory_database import MemoryDatabase


def record(offset: int, topic: str = "sales.commands", partition: int = 0) -> RawRecord:
    return RawRecord(Position(1, topic, partition, offset), None, b"{}", (), 0)


def records(offsets: range, topic: str = "sales.commands", partition: int = 0) -> list[RawRecord]:
    return [record(offset, topic, partition) for offset in offsets]


def brake(limit: int = 2, service: str = "toy") -> Brake:
    return Brake(MemoryDatabase(), service, limit)


def test_one_more_dead_letter_in_a_row_than_allowed_stops_a_partition_behind_it() -> None:
    one = brake()
    assert one.count(records(range(2)), records(range(2))) == set()
    assert one.count(records(range(2, 3)), records(range(2, 3))) == {("sales.commands", 0)}


def test_twenty_in_a_row_are_let_through() -> None:
    one = Brake(MemoryDatabase(), "toy")
    assert LIMIT == 20
    assert one.count(records(range(20)), records(range(20))) == set()
    assert one.count(records(range(20, 21)), records(range(20, 21))) == {("sales.commands", 0)}


def test_one_that_went_well_begins_the_count_anew() -> None:
    one = brake()
    dead = [*records(range(2)), *records(range(3, 5))]
    assert one.count(records(range(5)), dead) == set()


def test_a_partition_that_went_well_again_in_the_same_batch_is_not_stopped() -> None:
    one = brake()
    assert one.count(records(range(4)), records(range(3))) == set()


def test_the_stop_is_behind_the_last_dead_letter_of_the_batch() -> None:
    one = brake()
    assert one.count(records(range(6)), records(range(6))) == {("sales.commands", 0)}


def test_partitions_are_counted_apart() -> None:
    one = brake()
    other = records(range(2), partition=1)
    elsewhere = records(range(2), topic="sales.events")
    both: Sequence[RawRecord] = [*records(range(2)), *other, *elsewhere]
    assert one.count(both, both) == set()
    assert one.count(records(range(2, 3), partition=1), [record(2, partition=1)]) == {
        ("sales.commands", 1)
    }


def test_a_dead_letter_of_another_partition_with_the_same_offset_counts_for_nothing() -> None:
    one = brake(limit=0)
    assert one.count([record(1)], [record(1, partition=1), record(1, topic="other")]) == set()


def test_a_released_partition_is_counted_from_nothing() -> None:
    one = brake()
    one.count(records(range(2)), records(range(2)))
    one.released(("sales.commands", 0))
    one.released(("never", 0))
    assert one.count(records(range(2, 4)), records(range(2, 4))) == set()


async def test_a_pulled_brake_is_found_by_its_own_service_only() -> None:
    database = MemoryDatabase()
    one, other = Brake(database, "toy"), Brake(database, "other")
    await one.prepare()
    assert list(database.stored) == ["brakes"]
    await one.pull(("sales.commands", 0))
    await one.pull(("sales.commands", 0))
    await one.pull(("sales.commands", 1))
    await other.pull(("sales.events", 0))
    assert await one.pulled() == {("sales.commands", 0), ("sales.commands", 1)}
    assert await other.pulled() == {("sales.events", 0)}
    assert await Brake(database, "toy").pulled() == await one.pulled()


async def test_a_brake_is_kept_by_service_topic_and_partition() -> None:
    database = MemoryDatabase()
    await Brake(database, "toy").pull(("sales.commands", 3))
    assert database.stored["brakes"] == {
        "toy/sales.commands/3": {
            "_id": "toy/sales.commands/3",
            "service": "toy",
            "topic": "sales.commands",
            "partition": 3,
        }
    }


async def test_resuming_a_partition_lets_it_go_in_every_service_that_paused_it() -> None:
    database = MemoryDatabase()
    one, other = Brake(database, "toy"), Brake(database, "other")
    for brake in (one, other):
        await brake.pull(("sales.commands", 0))
        await brake.pull(("sales.commands", 1))
        await brake.pull(("sales.events", 0))
    assert await release(database, "sales.commands", 0) == 2
    assert await release(database, "sales.commands", 0) == 0
    assert await one.pulled() == {("sales.commands", 1), ("sales.events", 0)}


def test_dead_letters_behind_one_that_went_well_are_counted() -> None:
    one = brake()
    assert one.count(records(range(4)), records(range(1, 4))) == {("sales.commands", 0)}


async def test_all_that_is_pulled_is_told_by_topic_then_partition_then_service() -> None:
    database = MemoryDatabase()
    assert await all_pulled(database) == []
    pulled = [("b", 0, "toy"), ("a", 2, "toy"), ("a", 1, "toy"), ("a", 2, "other")]
    for topic, partition, service in pulled:
        await Brake(database, service).pull((topic, partition))
    found = await all_pulled(database)
    assert [(one["topic"], one["partition"], one["service"]) for one in found] == sorted(pulled)
