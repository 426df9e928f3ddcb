"""Around a table: refusals answered, brakes pulled and let go, resyncs noted, sweeps repeated."""

from dataclasses import replace
from functools import partial

import pytest
import structlog
from aiokafka import TopicPartition

from brocante.contracts.answers import CommandRejected
from brocante.contracts.ids import output_id
from brocante.contracts.sales import SaleRecorded
from brocante.messaging.brake import LIMIT
from brocante.messaging.epoch import Epoch, Epochs
from brocante.messaging.journal import Known
from brocante.messaging.wire import Wire
from brocante.testing.memory_broker import Record
from tests.support import toy
from tests.support.running import handled
from tests.unit.messaging.memory_service import (
    COMMANDS,
    DEAD,
    EPOCH,
    EVENTS,
    SETTINGS,
    World,
    command,
    headers,
    resync,
)


def broken(world: World, id_: str = "c1", topic: str = COMMANDS) -> Record:
    """A command that breaks the contract: it names no item."""
    one = command(id_)
    return world.broker.append(Wire(topic, one.key, b'{"sale_id": "s1"}', one.headers))


async def test_a_command_that_breaks_the_contract_is_a_dead_letter_and_is_answered() -> None:
    world = World()
    await handled(world.service(), [broken(world)])
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
    await handled(world.service(), world.put(Wire(COMMANDS, one.key, b"{}", bare)))
    assert world.said()[0].envelope.subject == "c1"


@pytest.mark.parametrize("topic", [EVENTS, "p.sales.commands.old"])
async def test_an_event_that_breaks_the_contract_is_answered_to_nobody(topic: str) -> None:
    world = World()
    await handled(world.service(), [broken(world, topic=topic)])
    assert len(world.broker.read(DEAD)) == 1
    assert [r for r in world.broker.read(EVENTS) if headers(r)["ce_type"] != "sale.record"] == []


async def test_garbage_without_an_envelope_is_answered_to_nobody() -> None:
    world = World()
    records = world.put(Wire(COMMANDS, b"main/s1", b"garbage", ()), command("c2"))
    await handled(world.service(), records)
    assert len(world.broker.read(DEAD)) == 1
    assert [type(d.message) for d in world.said()] == [SaleRecorded]


async def test_others_are_woken_once_a_batch_is_written() -> None:
    world, woken = World(), []
    service = world.service(after_batch=lambda w: woken.append((len(world.said()), dict(w))))
    await handled(service, world.put(command("c1")))
    assert woken == [(1, {"toy_tallies": {"main/s1"}})]


async def test_a_batch_without_dead_letters_stops_nothing() -> None:
    world = World()
    assert await handled(world.service(), world.put(command("c1"))) == set()
    assert "brakes" not in world.database.stored


@pytest.mark.parametrize("how", ["undecodable", "bug"])
async def test_too_many_dead_letters_in_a_row_stop_their_partition(how: str) -> None:
    world = World()
    service = world.service()
    garbage = Wire(COMMANDS, b"main/s1", b"no", ())
    bad = [command(f"c{n}", note="bug") if how == "bug" else garbage for n in range(LIMIT + 1)]
    records = world.put(*bad)
    assert await handled(service, records[:LIMIT]) == set()
    place = (COMMANDS, records[0].partition)
    with structlog.testing.capture_logs() as logged:
        assert await handled(service, records[LIMIT:]) == {place}
    assert await service._brake.pulled() == {place}
    (line,) = [entry for entry in logged if entry["event"] == "partition_paused"]
    assert (line["topic"], line["partition"], line["log_level"]) == (*place, "error")


async def test_a_resync_asked_for_is_noted_with_its_epoch() -> None:
    world = World()
    epochs = Epochs(world.database)
    await epochs.raise_for_resync(["toy"], toy.NOW)
    await world.resynced(resync(epoch=7))
    current = await epochs.current()
    assert current is not None
    assert current.resynced == {"toy": 7}


async def test_what_comes_with_a_resync_in_one_batch_is_applied_first() -> None:
    world = World()
    await world.resynced(command("c1"), resync())
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


def test_a_group_is_named_after_service_and_incarnation() -> None:
    epoch: Epoch = replace(EPOCH, incarnation=3)
    consumer = World().service(epoch).consumer
    assert consumer._subscriber.group_id == "p.toy.3"
    assert consumer._topics == [COMMANDS]
    carried = consumer.carried
    assert isinstance(carried, partial)
    assert carried.args == (SETTINGS, "toy", epoch)


async def test_what_could_not_be_read_is_answered_behind_what_the_batch_led_to() -> None:
    world = World()
    await handled(world.service(), [broken(world), *world.put(command("c2"))])
    kinds = [decoded.envelope.type for decoded in world.said()]
    assert kinds == ["sale.recorded", "command.rejected"]
