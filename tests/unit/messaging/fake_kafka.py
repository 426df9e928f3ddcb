"""A consumer, a producer and an admin client of Kafka that remember what they were told."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from aiokafka import TopicPartition


@dataclass
class FakeKafka:
    """A consumer as aiokafka's, as far as ours asks it."""

    assigned: set[TopicPartition] = field(default_factory=set)
    paused: set[TopicPartition] = field(default_factory=set)
    sought: list[tuple[TopicPartition, int]] = field(default_factory=list)
    commits: list[Mapping[TopicPartition, int]] = field(default_factory=list)
    high: dict[TopicPartition, int] = field(default_factory=dict)
    stored: dict[TopicPartition, int] = field(default_factory=dict)
    polls: list[dict[TopicPartition, list[Any]]] = field(default_factory=list)
    asked: list[dict[str, int]] = field(default_factory=list)
    failure: Exception | None = None

    def assignment(self) -> set[TopicPartition]:
        return set(self.assigned)

    def seek(self, partition: TopicPartition, offset: int) -> None:
        self.sought.append((partition, offset))

    def pause(self, *partitions: TopicPartition) -> None:
        self.paused.update(partitions)

    def resume(self, *partitions: TopicPartition) -> None:
        self.paused.difference_update(partitions)

    def highwater(self, partition: TopicPartition) -> int | None:
        return self.high.get(partition)

    async def committed(self, partition: TopicPartition) -> int | None:
        return self.stored.get(partition)

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        if self.failure is not None:
            raise self.failure
        self.commits.append(dict(offsets))

    async def getmany(self, *, timeout_ms: int, max_records: int) -> Any:
        self.asked.append({"timeout_ms": timeout_ms, "max_records": max_records})
        return self.polls.pop(0) if self.polls else {}


Record = tuple[bytes | None, bytes | None, list[Any]]


@dataclass
class FakeBatch:
    """A batch that takes so many records."""

    room: int
    records: list[Record] = field(default_factory=list)

    def append(self, *, timestamp: None, key: Any, value: Any, headers: Any) -> object | None:
        assert timestamp is None
        if len(self.records) >= self.room:
            return None
        self.records.append((key, value, headers))
        return self


@dataclass
class FakeProducer:
    """A producer whose acknowledgements come, fail or never come; topics have three partitions."""

    batches: list[tuple[str, int, list[Record]]] = field(default_factory=list)
    room: int = 100
    failure: Exception | None = None
    silent: bool = False
    stops: bool = True
    stopped: bool = False

    @property
    def sent(self) -> list[tuple[str, Any, Any, list[Any]]]:
        """Every record, batch by batch."""
        return [(topic, *record) for topic, _, records in self.batches for record in records]

    async def partitions_for(self, _topic: str) -> set[int]:
        return {2, 0, 1}

    def create_batch(self) -> FakeBatch:
        return FakeBatch(self.room)

    async def send_batch(self, batch: FakeBatch, topic: str, *, partition: int) -> Any:
        self.batches.append((topic, partition, batch.records))
        answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if self.failure is not None:
            answer.set_exception(self.failure)
        elif not self.silent:
            answer.set_result(None)
        return answer

    async def stop(self) -> None:
        self.stopped = True
        if not self.stops:
            await asyncio.Event().wait()


@dataclass
class FakeAdmin:
    """An admin client; `answers` by what it is asked."""

    answers: dict[str, Any] = field(default_factory=dict)
    asked: list[Any] = field(default_factory=list)
    closed: int = 0
    started: int = 0
    failure: Exception | None = None

    async def start(self) -> None:
        self.started += 1
        if self.failure is not None:
            raise self.failure

    async def close(self) -> None:
        self.closed += 1

    async def list_consumer_group_offsets(self, group: str) -> Any:
        self.asked.append(group)
        offsets = self.answers.get(group, {})
        return {tp: SimpleNamespace(offset=offset) for tp, offset in offsets.items()}

    async def _send_request(self, request: Any) -> Any:
        self.asked.append(request)
        return self.answers["metadata"]

    async def create_topics(self, topics: Sequence[Any]) -> Any:
        self.asked.append(topics)
        return SimpleNamespace(topic_errors=self.answers["errors"])


def metadata(cluster: str | None, topics: Iterable[tuple[int, str, bytes, int]]) -> Any:
    """The broker's answer: error, name, id and number of partitions of each topic."""
    described: list[Any] = [
        (error, name, id_, False, [()] * partitions, 0, {})
        for error, name, id_, partitions in topics
    ]
    return SimpleNamespace(cluster_id=cluster, topics=described)
