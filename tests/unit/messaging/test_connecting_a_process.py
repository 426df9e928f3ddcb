"""A process waits for its back ends, says what it waits for, and notices another broker."""

import asyncio
from collections.abc import Sequence

import pytest

from brocante.messaging import serving
from brocante.messaging.cluster import Cluster
from brocante.messaging.epoch import Epochs
from brocante.messaging.progress import Progress
from brocante.messaging.serving import connect_runtime, until_there, watch_broker
from brocante.settings import Settings
from brocante.testing.memory_broker import MemoryPublisher
from tests.support.running import eventually
from tests.unit.messaging.ground import SETTINGS, Ground, runtime_of


async def test_a_dependency_is_tried_until_it_is_there(waited: list[float]) -> None:
    progress = Progress(60)
    tries: list[dict[str, str]] = []

    async def attempt() -> str:
        tries.append(progress.away)
        if len(tries) < 9:
            raise ConnectionError("refused")
        return "there"

    assert await until_there(attempt, "kafka", progress) == "there"
    assert len(tries) == 9
    longest = [0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 2.0, 2.0]
    assert all(most / 2 <= one <= most + 1e-9 for one, most in zip(waited, longest, strict=True))
    assert progress.away == {}


async def test_what_is_waited_for_is_named_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    progress = Progress(60)
    named: list[dict[str, str]] = []

    async def note(_seconds: float) -> None:
        named.append(progress.away)

    tries = iter([ConnectionError("refused"), None])

    async def attempt() -> None:
        if (error := next(tries)) is not None:
            raise error

    monkeypatch.setattr(asyncio, "sleep", note)
    await until_there(attempt, "kafka", progress)
    assert named == [{"kafka": "ConnectionError('refused')"}]


async def test_a_runtime_is_there_once_the_database_answers_and_every_topic_exists(
    ground: Ground, waited: list[float]
) -> None:
    pings: list[int] = []

    async def ping(_collection: str, operation: str) -> None:
        if operation == "ping":
            pings.append(1)
            if len(pings) < 3:
                raise ConnectionError("refused")
            ground.topics.update({"p.a": "1", "p.b": "2"})

    ground.database.hook = ping
    runtime = await connect_runtime(SETTINGS, ["a", "b"], Progress(60))
    assert len(pings) == 3
    assert ground.connected == [("mongodb://here", "things", "motor")]
    assert runtime.epoch.topic_ids == {"p.a": "1", "p.b": "2"}
    assert await Epochs(ground.database).current() == runtime.epoch
    assert (runtime.settings, runtime.database) == (SETTINGS, ground.database)
    assert isinstance(runtime.publisher, MemoryPublisher)
    assert len(waited) == 2


async def test_missing_topics_are_named_while_waiting(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    progress = Progress(60)
    named: list[str] = []

    async def note(_seconds: float) -> None:
        named.append(progress.away["kafka"])
        ground.topics.update({"p.a": "1", "p.b": "1", "p.c": "1"})

    ground.topics["p.b"] = "1"
    monkeypatch.setattr(asyncio, "sleep", note)
    await connect_runtime(SETTINGS, ["c", "b", "a"], progress)
    assert named == ["ConnectionError('topics are missing: p.a, p.c')"]


async def test_a_closed_runtime_lets_go_of_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    ground = Ground()
    publisher = ground.publisher(SETTINGS)
    closed: list[str] = []

    async def stop() -> None:
        closed.append("publisher")

    async def close() -> None:
        closed.append("database")

    monkeypatch.setattr(publisher, "stop", stop)
    monkeypatch.setattr(ground.database, "close", close)
    await runtime_of(ground, publisher).close()
    assert closed == ["publisher", "database"]


async def test_a_wiped_topic_ends_the_watch(ground: Ground, waited: list[float]) -> None:
    ground.topics["p.a"] = "1"
    runtime = await connect_runtime(SETTINGS, ["a"], Progress(60))
    watch = asyncio.create_task(watch_broker(runtime, ["a"]))
    await eventually(lambda: len(waited) > 3, "the watch goes on", 5)
    ground.topics.clear()
    seen = len(waited)
    await eventually(lambda: len(waited) > seen + 3, "a topic that is away ends nothing", 5)
    assert not watch.done()
    ground.topics["p.a"] = "2"
    await asyncio.wait_for(watch, 5)
    assert 5.0 in waited


@pytest.mark.usefixtures("waited")
async def test_a_broker_that_is_away_is_not_another_one(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    ground.topics["p.a"] = "1"
    runtime = await connect_runtime(SETTINGS, ["a"], Progress(60))
    tries: list[int] = []

    async def away(_settings: Settings, _topics: Sequence[str]) -> Cluster:
        tries.append(1)
        raise ConnectionError("refused")

    monkeypatch.setattr(serving, "describe", away)
    watch = asyncio.create_task(watch_broker(runtime, ["a"]))
    await eventually(lambda: len(tries) > 3, "it is asked again and again", 5)
    assert not watch.done()
    watch.cancel()
