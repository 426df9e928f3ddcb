"""Listening from now on: in no group, and what is unusable is passed over."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from aiokafka import TopicPartition

from brocante.messaging import tail as module
from brocante.messaging.tail import Tail
from brocante.messaging.wire import Wire
from brocante.settings import Settings
from brocante.testing.memory_broker import MemoryBroker, Record
from tests.unit.messaging.memory_service import COMMANDS, command

PARTITION = TopicPartition(COMMANDS, 0)


class Listening:
    """A consumer of a few records that remembers how it was made and what it was asked."""

    def __init__(self, *topics: str, **options: Any) -> None:
        self.topics, self.options = topics, options
        self.asked: list[object] = []
        self.records: Sequence[Record] = ()

    async def start(self) -> None:
        self.asked.append("start")

    async def stop(self) -> None:
        self.asked.append("stop")

    def assignment(self) -> set[TopicPartition]:
        return {PARTITION}

    async def position(self, partition: TopicPartition) -> int:
        self.asked.append(partition)
        return 0

    async def __aiter__(self) -> AsyncIterator[Record]:
        for record in self.records:
            yield record


@pytest.fixture
def tail(monkeypatch: pytest.MonkeyPatch) -> Tail:
    monkeypatch.setattr(module, "AIOKafkaConsumer", Listening)
    return Tail(Settings(kafka="one:9092", topic_prefix="p."), ["sales.commands", "sales.events"])


def listening(tail: Tail) -> Listening:
    consumer: Any = tail._consumer
    assert isinstance(consumer, Listening)
    return consumer


def test_it_is_in_no_group_and_begins_at_the_end(tail: Tail) -> None:
    one = listening(tail)
    assert one.topics == ("p.sales.commands", "p.sales.events")
    assert one.options == {
        "bootstrap_servers": ["one:9092"],
        "group_id": None,
        "auto_offset_reset": "latest",
        "enable_auto_commit": False,
        "fetch_max_wait_ms": 20,
    }


async def test_once_started_its_place_on_every_partition_is_fixed(tail: Tail) -> None:
    await tail.start()
    await tail.stop()
    assert listening(tail).asked == ["start", PARTITION, "stop"]


async def test_every_message_is_heard_and_garbage_is_passed_over(tail: Tail) -> None:
    broker = MemoryBroker()
    garbage = Wire(COMMANDS, b"main/s1", b"garbage", ())
    listening(tail).records = [
        broker.append(one) for one in (command("c1"), garbage, command("c2"))
    ]
    heard = [decoded.envelope.id async for decoded in tail.messages()]
    assert heard == ["c1", "c2"]
