"""Around a table: refusals answered, brakes pulled and let go, resyncs noted, sweeps repeated."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import structlog
from aiokafka import TopicPartition
from prometheus_client import REGISTRY

from brocante.contracts.answers import CommandRejected
from brocante.contracts.ids import output_id
from brocante.contracts.sales import SaleRecorded
from brocante.documents.document import Document, Output
from brocante.messaging import running
from brocante.messaging.brake import LIMIT, release
from brocante.messaging.epoch import Epoch, Epochs
from brocante.messaging.journal import Known
from brocante.messaging.running import BrokerChanged, RunningService
from brocante.messaging.wire import Wire
from brocante.testing.memory_broker import Record
from tests.support import toy
from tests.unit.messaging.fake_kafka import FakeKafka
from tests.unit.messaging.memory_service import (
    COMMANDS,
    DEAD,
    EPOCH,
    EVENTS,
    World,
    command,
    headers,
    resync,
)


def broken(world: World, id_: str = "c1", topic: str = COMMANDS) -> Record:
    """A command that breaks the contract: it names no item."""
    one = command(id_)
    return world.broker.append(Wire(topic, one.key, b'{"sale_id": "s1"}', one.headers))


def gauge(name: str) -> float | None:
    return REGISTRY.get_sample_value(name, {"service": "toy"})


def with_kafka(service: RunningService, *assigned: tuple[str, int]) -> FakeKafka:
    kafka = FakeKafka({TopicPartition(*one) for one in assigned})
    service.consumer._subscriber.consumer = kafka
    return kafka


async def test_a_command_that_breaks_the_contract_is_a_dead_letter_and_is_answered() -> None:
    world = World()
    await world.service()._handle([broken(world)])
    (dead,) = world.broker.read(DEAD)
    assert headers(dead)["x-error-code"] == "invalid_payload"
    assert headers(dead)["x-service"] == "toy"
    (answer,) = world.said()
    rejected = answer.message
    assert isinstance(rejected, CommandRejected)
    assert (rejected.command_id, rejected.command_type) == ("c1", "sale.record")
    assert (rejected.code, rejected.field) == ("invalid", "/item_id")
    assert rejected.message == headers(dead)["x-error"]
    assert answer.envelope.id == output_id("app", "c1", "s1", "command.rejected", 0)
    assert (answer.envelope.subject, answer.envelope.source) == ("s1", "brocante/toy")


async def test_a_refusal_about_nothing_is_about_the_command_itself() -> None:
    world = World()
    one = command("c1")
    bare = [(name, value) for name, value in one.headers if name != "ce_subject"]
    await world.service()._handle(world.put(Wire(COMMANDS, one.key, b"{}", bare)))
    assert world.said()[0].envelope.subject == "c1"


@pytest.mark.parametrize("topic", [EVENTS, "p.sales.commands.old"])
async def test_an_event_that_breaks_the_contract_is_answered_to_nobody(topic: str) -> None:
    world = World()
    await world.service()._handle([broken(world, topic=topic)])
    assert len(world.broker.read(DEAD)) == 1
    assert [r for r in world.broker.read(EVENTS) if headers(r)["ce_type"] != "sale.record"] == []


async def test_garbage_without_an_envelope_is_answered_to_nobody() -> None:
    world = World()
    records = world.put(Wire(COMMANDS, b"main/s1", b"garbage", ()), command("c2"))
    await world.service()._handle(records)
    assert len(world.broker.read(DEAD)) == 1
    assert [type(d.message) for d in world.said()] == [SaleRecorded]


async def test_others_are_woken_once_a_batch_is_written() -> None:
    world, woken = World(), []
    service = world.service(after_batch=lambda: woken.append(len(world.said())))
    await service._handle(world.put(command("c1")))
    assert woken == [1]


async def test_a_batch_without_dead_letters_stops_nothing() -> None:
    world = World()
    assert await world.service()._handle(world.put(command("c1"))) == {}
    assert "brakes" not in world.database.stored


@pytest.mark.parametrize("how", ["undecodable", "bug"])
async def test_too_many_dead_letters_in_a_row_stop_their_partition(how: str) -> None:
    world = World()
    service = world.service()
    garbage = Wire(COMMANDS, b"main/s1", b"no", ())
    bad = [command(f"c{n}", note="bug") if how == "bug" else garbage for n in range(LIMIT + 1)]
    records = world.put(*bad)
    assert await service._handle(records[:LIMIT]) == {}
    place = (COMMANDS, records[0].partition)
    with structlog.testing.capture_logs() as logged:
        assert await service._handle(records[LIMIT:]) == {place: LIMIT + 1}
    assert await service._brake.pulled() == {place}
    (line,) = [entry for entry in logged if entry["event"] == "partition_paused"]
    assert (line["topic"], line["partition"], line["log_level"]) == (*place, "error")


async def test_a_resync_asked_for_is_noted_with_its_epoch() -> None:
    world = World()
    epochs = Epochs(world.database)
    await epochs.raise_for_resync()
    await world.service()._handle(world.put(resync(epoch=7)))
    current = await epochs.current()
    assert current is not None
    assert current.resynced == {"toy": 7}


async def test_what_comes_with_a_resync_in_one_batch_is_applied_first() -> None:
    world = World()
    await world.service()._handle(world.put(command("c1"), resync()))
    assert [d.envelope.type for d in world.said()].count("sale.recorded") >= 2


def test_what_is_known_of_the_broker_is_what_the_consumer_committed() -> None:
    service = World().service(replace(EPOCH, number=4, resynced={"toy": 3, "other": 9}))
    service.consumer.committed[COMMANDS, 0] = 17
    assert service.known == Known(4, {(COMMANDS, 0): 17}, 3)
    assert World().service().known == Known(1, {}, 0)


def test_a_service_without_partitions_is_not_ready() -> None:
    service = World().service()
    assert service.problems() == {"group": "no partitions assigned yet"}
    service.consumer.assigned.set()
    assert service.problems() == {}
    service.consumer.paused.add(TopicPartition(COMMANDS, 3))
    assert service.problems() == {f"{COMMANDS}/3": "paused after too many dead letters in a row"}


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
    await service._handle(bad)
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
    assert await service._handle(more) == {}


async def test_a_new_epoch_on_the_same_broker_is_taken_up() -> None:
    world = World()
    service = world.service()
    with_kafka(service)
    epochs = Epochs(world.database)
    for _ in range(3):
        raised = await epochs.raise_for_resync()
    await service._look_after()
    assert service.known.epoch == raised.number == 3
    assert gauge("brocante_broker_epoch") == 3


@pytest.mark.parametrize("there", [True, False])
async def test_another_broker_means_starting_over(there: bool) -> None:
    world = World()
    service = world.service(replace(EPOCH, incarnation=2))
    with_kafka(service)
    if there:
        await Epochs(world.database).raise_for_resync()
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

    monkeypatch.setattr(service.consumer, "start", started)
    monkeypatch.setattr(service.consumer, "stop", stopped)
    await Epochs(world.database).raise_for_resync()
    await service.start()
    assert gauge("brocante_broker_epoch") == 1
    assert set(world.database.stored) >= {"toy_tallies", "brakes"}
    assert service.consumer._on_assigned == [service._apply_brakes]
    assert [running.SWEEP_SECONDS, running.BRAKE_SECONDS] == [1.0, 1.0]
    tasks = list(service._tasks)
    assert len(tasks) == 2
    await service.stop()
    assert calls == ["started", "stopped"]
    assert all(task.done() for task in tasks)


def test_a_group_is_named_after_service_and_incarnation() -> None:
    epoch: Epoch = replace(EPOCH, incarnation=3)
    consumer = World().service(epoch).consumer
    assert consumer._subscriber.group_id == "p.toy.3"
    assert consumer._topics == [COMMANDS]


def at_once(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Nobody waits; how long they would have."""
    waited: list[float] = []
    sleep: Callable[[float], Any] = asyncio.sleep

    async def note(seconds: float) -> None:
        waited.append(seconds)
        await sleep(0)

    monkeypatch.setattr(asyncio, "sleep", note)
    return waited
