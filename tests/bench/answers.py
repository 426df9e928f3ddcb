"""Was every message answered? Read from the topics after a measurement, outside its time."""

import asyncio
import time
from collections.abc import Iterable

from aiokafka import AIOKafkaConsumer, TopicPartition

from tests.bench.preparing import PARTITIONS

DEADLINE = 60.0
POLL_MS = 200


class Unanswered(Exception):  # noqa: N818 - a finding about the contender
    """Messages that led to nothing: the measurement is worth nothing."""


async def count_answers(
    kafka: str, prefix: str, topics: Iterable[str], wanted: set[str], seconds: float = DEADLINE
) -> int:
    """How many outputs were seen until each wanted id was some output's cause; else Unanswered."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=kafka,
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=20,
    )
    await consumer.start()
    try:
        names = [f"{prefix}{topic}" for topic in topics]
        consumer.assign([TopicPartition(n, p) for n in names for p in range(PARTITIONS)])
        return await _read_until(consumer, set(wanted), seconds)
    finally:
        await consumer.stop()


async def _read_until(consumer: AIOKafkaConsumer, left: set[str], seconds: float) -> int:
    outputs = 0
    end = time.monotonic() + seconds
    while left:
        if time.monotonic() > end:
            raise Unanswered(f"{len(left)} messages, such as {min(left)}, were not answered")
        for records in (await consumer.getmany(timeout_ms=POLL_MS)).values():
            outputs += len(records)
            left.difference_update(_causes(records))
        await asyncio.sleep(0)
    return outputs


def _causes(records: Iterable[object]) -> Iterable[str]:
    for record in records:
        for name, value in getattr(record, "headers", ()):
            if name == "ce_causationid" and value is not None:
                yield value.decode()
