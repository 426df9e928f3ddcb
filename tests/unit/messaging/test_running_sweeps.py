"""Around a table, again and again: brakes applied, epochs taken up, what waits sent."""

import asyncio
from dataclasses import replace

import pytest
import structlog
from aiokafka import TopicPartition
from prometheus_client import REGISTRY

from brocante.documents.document import Document, Output
from brocante.messaging import running
from brocante.messaging.brake import LIMIT, release
from brocante.messaging.epoch import Epochs
from brocante.messaging.running import BrokerChanged, RunningService
from tests.support import toy
from tests.support.running import eventually, handled
from tests.unit.messaging.fake_kafka import FakeKafka
from tests.unit.messaging.ground import at_once
from tests.unit.messaging.memory_service import COMMANDS, EPOCH, EVENTS, World, command


def gauge(name: str) -> float | None:
    return REGISTRY.get_sample_value(name, {"service": "toy"})


def with_kafka(service: RunningService, *assigned: tuple[str, int]) -> FakeKafka:
    kafka = FakeKafka({TopicPartition(*one) for one in assigned})
    service.consumer._subscriber.consumer = kafka
    return kafka


async def test_a_pulled_brake_pauses_a_partition_where_it_stands() -> None:
    world = World()
    service = world.service()
    kafka = with_kafka(service, (COMMANDS, 0), (COMMANDS, 1))
    service.consumer.committed[COMMANDS, 0] = 21
    for partition in (0, 2):
        await service._brake.pull((COMMANDS, partition))
    await service._apply_brakes()
    assert kafka.paused == {TopicPartition(COMMANDS, 0)}
    assert kafka.sought == [(TopicPartition(COMMANDS, 0), 21)]
    assert gauge("brocante_paused_partitions") == 1
    await service._apply_brakes()
    assert len(kafka.sought) == 1


async def test_a_partition_never_committed_is_paused_at_its_beginning() -> None:
    service = World().service()
    kafka = with_kafka(service, (COMMANDS, 0))
    await service._brake.pull((COMMANDS, 0))
    await service._apply_brakes()
    assert kafka.sought == [(TopicPartition(COMMANDS, 0), 0)]


async def test_a_brake_let_go_resumes_its_partition_and_counts_from_nothing() -> None:
    world = World()
    service = world.service()
    kafka = with_kafka(service, (COMMANDS, 0), (COMMANDS, 1))
    bad = world.put(*(command(f"c{n}", note="bug") for n in range(LIMIT)))
    await handled(service, bad)
    place = (COMMANDS, bad[0].partition)
    await service._brake.pull(place)
    await service._apply_brakes()
    await release(world.database, *place)
    with structlog.testing.capture_logs() as logged:
        await service._apply_brakes()
    assert [entry["event"] for entry in logged] == ["partition_resumed"]
    assert (kafka.paused, service.consumer.paused) == (set(), set())
    assert gauge("brocante_paused_partitions") == 0
    more = world.put(*(command(f"d{n}", note="bug") for n in range(LIMIT)))
    assert await handled(service, more) == set()


async def test_a_new_epoch_on_the_same_broker_is_taken_up() -> None:
    world = World()
    service = world.service()
    with_kafka(service)
    epochs = Epochs(world.database)
    for _ in range(3):
        raised = await epochs.raise_for_resync(["toy"], toy.NOW)
    await service._look_after()
    assert service.known.epoch == raised.number == 3
    assert gauge("brocante_broker_epoch") == 3


@pytest.mark.parametrize("there", [True, False])
async def test_another_broker_means_starting_over(there: bool) -> None:
    world = World()
    service = world.service(replace(EPOCH, incarnation=2))
    with_kafka(service)
    if there:
        await Epochs(world.database).raise_for_resync(["toy"], toy.NOW)
    with pytest.raises(BrokerChanged):
        await service._look_after()


async def test_a_sweep_sends_what_waits_and_what_is_due() -> None:
    world = World()
    waiting = Document("main/s1").next(
        unsent=(Output(EVENTS, b"main/s1", b"{}", ()),),
        unsent_since=toy.NOW,
        state='{"count":1,"notes":[]}',
    )
    await world.store().save([waiting])
    await world.service()._sweep()
    assert [r.value for r in world.broker.read(EVENTS)] == [b"{}"]


async def test_a_sweep_that_fails_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    done = asyncio.Event()
    tries: list[int] = []

    async def work() -> None:
        tries.append(1)
        if len(tries) < 3:
            raise ConnectionError("away")
        done.set()

    waited = at_once(monkeypatch)
    task = asyncio.create_task(World().service()._every(10.0, work))
    await asyncio.wait_for(done.wait(), 5)
    task.cancel()
    assert all(8.0 <= seconds <= 12.0 for seconds in waited)
    assert len(waited) >= 2


async def test_sweeping_ends_when_the_broker_is_another_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    at_once(monkeypatch)
    service = World().service()

    async def work() -> None:
        raise BrokerChanged

    await asyncio.wait_for(service._every(1.0, work), 5)
    assert service.broker_changed.is_set()


async def test_a_started_service_sweeps_until_it_is_stopped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World()
    service = world.service()
    calls: list[str] = []

    async def started() -> None:
        calls.append("started")
        with_kafka(service)

    async def stopped() -> None:
        calls.append("stopped")

    async def swept() -> None:
        sweeps.append("sweep")

    async def looked() -> None:
        sweeps.append("look")

    sweeps: list[str] = []
    monkeypatch.setattr(service, "_sweep", swept)
    monkeypatch.setattr(service, "_look_after", looked)
    at_once(monkeypatch)
    monkeypatch.setattr(service.consumer, "start", started)
    monkeypatch.setattr(service.consumer, "stop", stopped)
    await Epochs(world.database).raise_for_resync(["toy"], toy.NOW)
    await service.start()
    assert gauge("brocante_broker_epoch") == 1
    assert set(world.database.stored) >= {"toy_tallies", "brakes"}
    assert service.consumer._on_assigned == [service._apply_brakes]
    assert [running.SWEEP_SECONDS, running.BRAKE_SECONDS] == [1.0, 1.0]
    tasks = list(service._tasks)
    await eventually(lambda: min(map(sweeps.count, ("sweep", "look"))) > 2, "both go on", 5)
    await service.stop()
    assert calls == ["started", "stopped"]
    assert all(task.done() for task in tasks)
