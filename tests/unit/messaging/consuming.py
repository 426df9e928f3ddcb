"""A consumer of ours on a fake of Kafka's, with a handler that keeps what it got."""

from collections.abc import Sequence
from typing import Any

from aiokafka import TopicPartition

from brocante.messaging.consumer import Consumer
from brocante.messaging.progress import Progress
from brocante.settings import Settings
from brocante.testing.memory_broker import Record
from tests.unit.messaging.fake_kafka import FakeKafka

FIRST, SECOND = TopicPartition("p.a", 0), TopicPartition("p.a", 1)


def record(offset: int, partition: int = 0) -> Record:
    return Record("p.a", partition, offset, None, b"", ())


class Handled:
    """A handler that keeps what it got; fails as often as told."""

    def __init__(self, failures: int = 0) -> None:
        self.batches: list[Sequence[Any]] = []
        self.failures = failures

    async def __call__(self, records: Sequence[Any]) -> None:
        self.batches.append(records)
        if len(self.batches) <= self.failures:
            raise ConnectionError("away")


def made(handle: Any, kafka: FakeKafka | None = None, **settings: Any) -> Consumer:
    told = Settings(topic_prefix="p.", **settings)
    one = Consumer(told, ["a", "b"], "group", handle, Progress(60))
    one._subscriber.consumer = kafka or FakeKafka({FIRST, SECOND})
    return one


def kafka_of(consumer: Consumer) -> FakeKafka:
    kafka = consumer.kafka
    assert isinstance(kafka, FakeKafka)
    return kafka


def rebalance(consumer: Consumer) -> Any:
    return consumer._subscriber._listener
