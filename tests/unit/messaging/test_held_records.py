"""What takes long is done beside the rest, and counts as read only when it is done."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiokafka import TopicPartition

from brocante.documents.document import Document
from brocante.documents.store import DocumentStore
from brocante.messaging.committing import Commits
from brocante.messaging.epoch import Epochs
from brocante.messaging.resync import Resync
from brocante.messaging.running import RunningService
from brocante.messaging.wire import Received
from tests.support import toy
from tests.support.running import handled
from tests.unit.messaging.consuming import FIRST, SECOND
from tests.unit.messaging.fake_kafka import FakeKafka
from tests.unit.messaging.memory_service import COMMANDS, World, command, resync

PLACE = ("p.a", 0, 4)


def commits(kafka: FakeKafka) -> Commits:
    return Commits(lambda: kafka, 1.0)


async def test_nothing_from_a_held_record_on_is_committed_until_it_is_let_go() -> None:
    kafka = FakeKafka({FIRST, SECOND})
    one = commits(kafka)
    one.hold(*PLACE)
    one.owe({("p.a", 0): 9, ("p.a", 1): 7})
    assert await one.settle()
    assert await one.settle()
    one.let_go(*PLACE)
    assert await one.settle()
    assert kafka.commits == [{FIRST: 4, SECOND: 7}, {FIRST: 9}]
    assert one.committed == {("p.a", 0): 9, ("p.a", 1): 7}


async def test_the_first_of_several_held_records_holds() -> None:
    kafka = FakeKafka({FIRST})
    one = commits(kafka)
    one.hold("p.a", 0, 6)
    one.hold(*PLACE)
    one.owe({("p.a", 0): 9})
    await one.settle()
    one.let_go(*PLACE)
    await one.settle()
    assert kafka.commits == [{FIRST: 4}, {FIRST: 6}]


async def test_what_is_let_go_is_committed_by_itself() -> None:
    kafka = FakeKafka({FIRST})
    one = commits(kafka)
    one.hold(*PLACE)
    one.owe({("p.a", 0): 9})
    await one.settle()
    one.let_go(*PLACE)
    assert one._later is not None
    await one._later
    assert kafka.commits[-1] == {FIRST: 9}


async def test_a_partition_that_went_is_held_by_nobody() -> None:
    kafka = FakeKafka({FIRST})
    one = commits(kafka)
    one.hold(*PLACE)
    one.forget([FIRST])
    one.owe({("p.a", 0): 9})
    await one.settle()
    assert kafka.commits == [{FIRST: 9}]


@pytest.fixture
async def service() -> AsyncIterator[RunningService]:
    one = World().service()
    one.consumer._subscriber.consumer = FakeKafka({TopicPartition(COMMANDS, 0)})
    yield one
    await one.resyncing.stop()


def never(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """No answer comes to an end; which were begun."""
    begun: list[str] = []

    async def answer(_self: Resync, received: Received) -> int:
        begun.append(received.envelope.id)
        await asyncio.Event().wait()
        return 0

    monkeypatch.setattr(Resync, "answer", answer)
    return begun


async def test_a_resync_keeps_nothing_waiting(
    service: RunningService, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = never(monkeypatch)
    world = World()
    first = world.put(resync("r1"))
    await handled(service, first)
    await handled(service, world.put(command("c1")))
    await handled(service, first)
    await asyncio.sleep(0)
    assert begun == ["r1"], "read once more, it is not begun once more"
    service.consumer.commits.owe({(COMMANDS, 0): 2})
    await service.consumer.commits.settle()
    assert service.consumer.committed == {(COMMANDS, 0): 0}


async def test_a_resync_given_up_is_not_committed(
    service: RunningService, monkeypatch: pytest.MonkeyPatch
) -> None:
    never(monkeypatch)
    await handled(service, World().put(resync()))
    await service.resyncing.stop()
    service.consumer.commits.owe({(COMMANDS, 0): 1})
    await service.consumer.commits.settle()
    assert service.consumer.committed == {(COMMANDS, 0): 0}


async def test_a_resync_that_fails_is_answered_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World()
    await world.store().save([Document("main/s1").next(state='{"count":3,"notes":[]}')])
    real, failures = DocumentStore.walk, [ConnectionError("away")]

    def walk(self: DocumentStore) -> object:
        if failures:
            raise failures.pop()
        return real(self)

    monkeypatch.setattr(DocumentStore, "walk", walk)
    await Epochs(world.database).raise_for_resync(["toy"], toy.NOW)
    await world.resynced(resync(epoch=5))
    current = await Epochs(world.database).current()
    assert current is not None
    assert current.resynced == {"toy": 5}
