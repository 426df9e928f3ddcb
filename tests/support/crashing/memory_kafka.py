"""Stands in for the broker's client libraries: our own consumer and publisher run on it."""

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import Any
from unittest import mock

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from brocante.messaging.cluster import Cluster, TopicNow
from brocante.messaging.wire import Wire
from brocante.testing.memory_broker import PARTITIONS
from tests.support.crashing.servers import Servers

AFTER_KAFKA_ERROR = 5


class MemoryKafka:
    """As an aiokafka consumer that has every partition of its topics."""

    def __init__(self, servers: Servers, group: str, topics: tuple[str, ...]) -> None:
        self._broker = servers.broker
        self._group = group
        self._mine = {TopicPartition(*place) for place in self._broker.ends(topics)}
        self._positions = dict.fromkeys(self._mine, 0)
        self._paused: set[TopicPartition] = set()
        for place, offset in self._broker.done(group).items():
            self._positions[TopicPartition(*place)] = offset

    async def getmany(self, timeout_ms: int, max_records: int) -> dict[Any, Any]:
        """What is there, else an empty answer after the time-out."""
        wanted = {tuple(tp): o for tp, o in self._positions.items() if tp not in self._paused}
        records = self._broker.fetch(wanted, max_records)
        if not records:
            await asyncio.sleep(timeout_ms / 1000)
        for record in records:
            self._positions[TopicPartition(record.topic, record.partition)] = record.offset + 1
        return {None: records}

    async def committed(self, tp: TopicPartition) -> int | None:
        """The group's committed offset."""
        done: dict[Any, int] = self._broker.done(self._group)
        return done.get(tuple(tp))

    async def commit(self, offsets: dict[TopicPartition, int]) -> None:
        """Commit."""
        self._broker.commit_offsets(self._group, {tuple(tp): o for tp, o in offsets.items()})

    def assignment(self) -> set[TopicPartition]:
        """Everything."""
        return self._mine

    def seek(self, tp: TopicPartition, offset: int) -> None:
        """Read on from there."""
        self._positions[tp] = offset

    def pause(self, tp: TopicPartition) -> None:
        """Do not read."""
        self._paused.add(tp)

    def resume(self, tp: TopicPartition) -> None:
        """Read again."""
        self._paused.discard(tp)


class MemorySubscriber:
    """As a FastStream subscriber: polls and hands over, one batch at a time."""

    def __init__(self, topics: tuple[str, ...], group_id: str, listener: Any) -> None:
        self.topics = topics
        self.group = group_id
        self.listener = listener
        self.consumer: MemoryKafka | None = None
        self.get_msg: Any = None
        self._handler: Any = None

    def __call__(self, handler: Any) -> None:
        self._handler = handler

    async def work(self) -> None:
        """For ever. What the listener raises aiokafka swallows; what the handler, FastStream."""
        consumer = self.consumer
        assert consumer is not None
        with suppress(Exception):
            await self.listener.on_partitions_assigned(consumer.assignment())
        while True:
            records: Any = ()
            try:
                records = await self.get_msg(consumer)
            except KafkaError:
                await asyncio.sleep(AFTER_KAFKA_ERROR)
            except Exception:  # noqa: BLE001 - the supervisor starts the task again
                await asyncio.sleep(0)
            if records:
                with suppress(Exception):
                    await self._handler(records)


class MemoryFastStream:
    """As a FastStream broker with one subscriber."""

    def __init__(self, servers: Servers, **_options: Any) -> None:
        self._servers = servers
        self._subscriber: MemorySubscriber | None = None
        self._task: asyncio.Task[None] | None = None

    def subscriber(
        self, *topics: str, group_id: str, listener: Any, **_options: Any
    ) -> MemorySubscriber:
        """The subscriber of this process."""
        self._subscriber = MemorySubscriber(topics, group_id, listener)
        return self._subscriber

    async def start(self) -> None:
        """Join, then poll."""
        one = self._subscriber
        assert one is not None
        one.consumer = MemoryKafka(self._servers, one.group, one.topics)
        self._task = asyncio.create_task(one.work())

    async def stop(self) -> None:
        """Poll no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)


class MemoryProducer:
    """As an aiokafka producer that acknowledges at once."""

    def __init__(self, servers: Servers, **_options: Any) -> None:
        self._broker = servers.broker

    async def start(self) -> None:
        """There is nothing to connect to."""

    async def stop(self) -> None:
        """There is nothing to flush."""

    async def partitions_for(self, _topic: str) -> set[int]:
        """As many as every topic has."""
        return set(range(PARTITIONS))

    def create_batch(self) -> "MemoryBatch":
        """An empty batch."""
        return MemoryBatch()

    async def send_batch(self, batch: "MemoryBatch", topic: str, *, partition: int) -> Any:  # noqa: ARG002 - aiokafka's
        """Append in order; the acknowledgement is there already."""
        acknowledged = asyncio.get_running_loop().create_future()
        for key, value, headers in batch.records:
            self._broker.publish(Wire(topic, key, value, tuple(headers)))
        acknowledged.set_result(None)
        return acknowledged


@dataclass
class MemoryBatch:
    """As aiokafka's batch builder."""

    records: list[tuple[Any, Any, Any]] = field(default_factory=list)

    def append(self, *, timestamp: Any, key: Any, value: Any, headers: Any) -> bool:  # noqa: ARG002 - aiokafka's
        """Everything fits."""
        self.records.append((key, value, headers))
        return True


@cache
def _certificates(**_options: Any) -> ssl.SSLContext:
    """To read the machine's certificates takes longer than all else of a trial."""
    return ssl.create_default_context()


QUICKER = {
    "marketplace_sync.reconcile.account_status.PROBE": timedelta(seconds=2),
    "marketplace_sync.reconcile.rescheduling.REST": timedelta(seconds=2),
    "marketplace_sync.reconcile.breaker.OPEN_SECONDS": 2.0,
    "marketplace_sync.domain.delivery.LOOK_AGAIN": (1.0, 600.0),
    "tests.support.fake_adapter.RETRY_AFTER": 2.0,
}
"""Waits that would be long even where time passes only when everything waits."""


@contextmanager
def in_memory(servers: Servers) -> Iterator[None]:
    """While in the block, a process that starts finds these servers."""

    async def described(_settings: Any, topics: Any) -> Cluster:
        return Cluster("memory", {name: TopicNow(name, 2) for name in topics})

    async def at_once(work: Any, *arguments: Any, **_options: Any) -> Any:
        return work(*arguments)

    with ExitStack() as stack:
        for place, stand_in in {
            "asyncio.to_thread": at_once,
            "httpcore2.default_ssl_context": _certificates,
            "anyio.to_thread.run_sync": at_once,
            "brocante.messaging.serving.connect": lambda *_: servers.database,
            "brocante.messaging.serving.describe": described,
            "brocante.messaging.consumer.KafkaBroker": lambda **o: MemoryFastStream(servers, **o),
            "brocante.messaging.publisher.AIOKafkaProducer": lambda **o: MemoryProducer(
                servers, **o
            ),
        }.items():
            stack.enter_context(mock.patch(place, stand_in))
        for place, shorter in QUICKER.items():
            stack.enter_context(mock.patch(place, shorter))
        yield
