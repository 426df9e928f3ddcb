"""The epoch's rules: what raises it, what is kept, and what happens when several try."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from brocante.messaging.cluster import Cluster, TopicNow
from brocante.messaging.epoch import Epoch, Epochs
from brocante.testing.memory_database import MemoryDatabase

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
SERVICES = ("sales", "inventory")


def cluster(name: str = "c1", **ids: str) -> Cluster:
    return Cluster(name, {topic: TopicNow(id_, 1) for topic, id_ in ids.items()})


@pytest.fixture
def database() -> MemoryDatabase:
    return MemoryDatabase()


@pytest.fixture
def epochs(database: MemoryDatabase) -> Epochs:
    return Epochs(database)


async def now(epochs: Epochs) -> Epoch:
    found = await epochs.current()
    assert found is not None
    return found


async def test_before_the_first_start_there_is_no_epoch(
    epochs: Epochs, database: MemoryDatabase
) -> None:
    await epochs.prepare()
    assert list(database.stored) == ["broker"]
    assert await epochs.current() is None


async def test_the_first_start_is_epoch_one(epochs: Epochs) -> None:
    first = Epoch(1, 1, 1, "c1", {"a.b": "1"}, {}, {"a.b": 1})
    assert await epochs.adopt(cluster(**{"a.b": "1"})) == (first, True)
    assert await epochs.current() == first


async def test_the_same_broker_changes_nothing(epochs: Epochs) -> None:
    first, _ = await epochs.adopt(cluster(a="1", b="2"))
    assert await epochs.adopt(cluster(a="1")) == (first, False)
    assert await epochs.current() == first


async def test_a_topic_seen_for_the_first_time_is_added_without_raising(epochs: Epochs) -> None:
    await epochs.adopt(cluster(a="1"))
    added = Epoch(1, 1, 2, "c1", {"a": "1", "b": "2"}, {}, {"a": 1, "b": 1})
    assert await epochs.adopt(cluster(a="1", b="2")) == (added, False)
    assert await epochs.current() == added


async def test_a_topic_with_another_id_raises_and_is_born_anew(epochs: Epochs) -> None:
    await epochs.adopt(cluster(a="1", b="2"))
    await epochs.completed("sales", 1)
    raised = Epoch(2, 2, 3, "c1", {"a": "1", "b": "9"}, {"sales": 1}, {"a": 1, "b": 2})
    assert await epochs.adopt(cluster(a="1", b="9")) == (raised, True)
    assert await epochs.current() == raised


async def test_on_another_cluster_every_topic_is_born_anew(epochs: Epochs) -> None:
    await epochs.adopt(cluster(a="1", b="2"))
    raised = Epoch(2, 2, 2, "c2", {"a": "1"}, {}, {"a": 2})
    assert await epochs.adopt(cluster("c2", a="1")) == (raised, True)


async def test_a_topic_not_asked_about_is_not_gone(epochs: Epochs) -> None:
    await epochs.adopt(cluster(a="1", b="2"))
    raised, _ = await epochs.adopt(cluster(b="9"))
    assert raised.topic_ids == {"a": "1", "b": "9"}
    assert raised.born == {"a": 1, "b": 2}


async def test_a_topic_added_after_a_wipe_is_born_in_the_incarnation_of_then(
    epochs: Epochs,
) -> None:
    await epochs.adopt(cluster(a="1"))
    await epochs.adopt(cluster(a="2"))
    added, raised = await epochs.adopt(cluster(a="2", b="1"))
    assert (added.number, added.incarnation, raised) == (2, 2, False)
    assert added.born == {"a": 2, "b": 2}


async def test_a_cluster_id_not_known_yet_is_taken_as_the_same_cluster(epochs: Epochs) -> None:
    await epochs.raise_for_resync(SERVICES, NOW)
    known, raised = await epochs.adopt(cluster(a="1"))
    assert (known.number, known.incarnation, known.cluster_id, raised) == (1, 1, "c1", False)


async def test_a_resync_before_the_first_start_makes_the_first_epoch(epochs: Epochs) -> None:
    first = Epoch(1, 1, 1, "", {}, {}, {}, (1, NOW))
    assert await epochs.raise_for_resync(SERVICES, NOW) == first
    assert await epochs.current() == first


async def test_a_resync_raises_the_number_and_nothing_else(epochs: Epochs) -> None:
    await epochs.adopt(cluster(a="1"))
    await epochs.completed("sales", 1)
    raised = Epoch(2, 1, 3, "c1", {"a": "1"}, {"sales": 1}, {"a": 1}, (2, NOW))
    assert await epochs.raise_for_resync(SERVICES, NOW) == raised
    assert await epochs.current() == raised


async def test_what_two_whole_resyncs_said_was_surely_heard(epochs: Epochs) -> None:
    await epochs.adopt(cluster(a="1"))
    times = [NOW + timedelta(hours=n) for n in range(5)]
    heard: list[datetime | None] = []
    for at in times:
        asked = await epochs.raise_for_resync(SERVICES, at)
        heard.append(asked.surely_heard)
        for service in SERVICES:
            await epochs.completed(service, asked.number)
    minute = timedelta(minutes=1)
    assert heard == [None, None, times[0] - minute, times[1] - minute, times[2] - minute]


async def test_a_resync_that_somebody_did_not_end_does_not_count(epochs: Epochs) -> None:
    await epochs.adopt(cluster(a="1"))
    for n, ended in enumerate((True, False, False, True, True)):
        asked = await epochs.raise_for_resync(SERVICES, NOW + timedelta(hours=n))
        for service in SERVICES if ended else SERVICES[:1]:
            await epochs.completed(service, asked.number)
        await epochs.adopt(cluster(a=str(n + 2)))
    last = await epochs.raise_for_resync(SERVICES, NOW + timedelta(hours=9))
    assert last.ended == (NOW + timedelta(hours=3), NOW + timedelta(hours=4))


async def test_a_service_notes_the_newest_epoch_it_resynced_in(epochs: Epochs) -> None:
    await epochs.completed("sales", 1)
    assert await epochs.current() is None
    await epochs.adopt(cluster(a="1"))
    await epochs.completed("sales", 2)
    await epochs.completed("inventory", 1)
    assert (await now(epochs)).resynced == {"sales": 2, "inventory": 1}
    version = (await now(epochs)).version
    await epochs.completed("sales", 1)
    await epochs.completed("sales", 2)
    assert (await now(epochs)).version == version
    await epochs.completed("sales", 3)
    assert (await now(epochs)).resynced == {"sales": 3, "inventory": 1}


@pytest.mark.parametrize("operation", ["insert_one", "replace_one"])
async def test_whoever_comes_second_starts_from_what_the_first_wrote(
    epochs: Epochs, database: MemoryDatabase, operation: str
) -> None:
    if operation == "replace_one":
        await epochs.adopt(cluster(a="1"))
    first = Epochs(database)

    async def let_another_go_first(_collection: str, asked: str) -> None:
        if asked == operation:
            database.hook = MemoryDatabase().hook
            await first.adopt(cluster("c2", a="2"))

    database.hook = let_another_go_first
    adopted, raised = await epochs.adopt(cluster("c2", a="2"))
    assert not raised
    assert adopted == await now(epochs)


@pytest.mark.parametrize("there", [True, False])
async def test_a_resync_that_comes_second_still_raises(
    epochs: Epochs, database: MemoryDatabase, there: bool
) -> None:
    if there:
        await epochs.adopt(cluster(a="1"))
    first = Epochs(database)

    async def let_another_go_first(_collection: str, asked: str) -> None:
        if asked in ("insert_one", "replace_one"):
            database.hook = MemoryDatabase().hook
            await first.raise_for_resync(SERVICES, NOW)

    database.hook = let_another_go_first
    assert (await epochs.raise_for_resync(SERVICES, NOW)).number == (3 if there else 2)


async def test_a_note_that_lost_to_another_is_written_all_the_same(
    epochs: Epochs, database: MemoryDatabase
) -> None:
    await epochs.adopt(cluster(a="1"))
    first = Epochs(database)

    async def let_another_go_first(_collection: str, asked: str) -> None:
        if asked == "replace_one":
            database.hook = MemoryDatabase().hook
            await first.completed("inventory", 1)

    database.hook = let_another_go_first
    await epochs.completed("sales", 1)
    assert (await now(epochs)).resynced == {"inventory": 1, "sales": 1}


async def test_the_epoch_stands_in_the_database_under_these_names(
    epochs: Epochs, database: MemoryDatabase
) -> None:
    await epochs.adopt(cluster(**{"sales.events": "1"}))
    await epochs.raise_for_resync(["sales"], NOW)
    await epochs.completed("sales", 2)
    await epochs.raise_for_resync(["sales"], NOW)
    stored: dict[str, Any] = {
        "_id": "broker",
        "epoch": 3,
        "incarnation": 1,
        "version": 4,
        "cluster_id": "c1",
        "topic_ids": [["sales.events", "1"]],
        "resynced": [["sales", 2]],
        "born": [["sales.events", 1]],
        "asked": [3, NOW],
        "ended": [NOW],
    }
    assert database.stored["broker"] == {"broker": stored}


async def test_a_broker_that_named_no_cluster_at_first_is_the_same_one(epochs: Epochs) -> None:
    await epochs.adopt(cluster("", a="1"))
    same, raised = await epochs.adopt(cluster("c1", a="1"))
    assert (same.number, raised) == (1, False)
