"""How a service keeps up, seen from outside: what waits for it on each topic, and how old it is.

Read by a consumer in no group, so that looking moves nothing. From high water marks of a fetch:
`end_offsets` is wrong on the embedded broker.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from brocante.messaging.carrying import group_name
from brocante.messaging.cluster import describe
from brocante.messaging.connection import aiokafka_options
from brocante.settings import Settings

__all__ = ["Flow", "KafkaError", "Waiting", "look", "waiting"]

LOOK_SECONDS = 2.0
FETCH_MS = 200
Committed = Mapping[TopicPartition, int]


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for one service on one topic; `oldest` is when the first of it was written."""

    service: str
    topic: str
    messages: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class Flow:
    """What waits for whom, and how many replicas of each service are reading."""

    waiting: tuple[Waiting, ...]
    replicas: Mapping[str, int]


async def look(settings: Settings, readers: Mapping[str, Sequence[str]], incarnation: int) -> Flow:
    """See how everyone keeps up. Raises KafkaError when the broker is away."""
    admin = AIOKafkaAdminClient(**aiokafka_options(settings))
    await admin.start()
    replicas: dict[str, int] = {}
    try:
        for name in readers:
            # One at a time: the embedded broker mixes up answers to requests that overlap.
            answers = await admin.describe_consumer_groups(
                [group_name(settings, name, incarnation)]
            )
            replicas[name] = sum(len(group[5]) for answer in answers for group in answer.groups)
    finally:
        await admin.close()
    return Flow(tuple(await waiting(settings, readers, incarnation)), replicas)


async def waiting(
    settings: Settings, readers: Mapping[str, Sequence[str]], incarnation: int
) -> list[Waiting]:
    """Where each service stands on each of the topics it reads and has committed on.

    A service that never read anything is not in it. Raises KafkaError when the broker is away.
    """
    committed = await _committed(settings, readers, incarnation)
    places = {tp for of_service in committed.values() for tp in of_service}
    seen = await _seen(settings, committed) if places else {}
    found: dict[tuple[str, str], list[tuple[int, datetime | None]]] = defaultdict(list)
    for service, offsets in committed.items():
        for tp, offset in offsets.items():
            high, written = seen[tp, offset]
            topic = tp.topic.removeprefix(settings.topic_prefix)
            found[service, topic].append((max(0, high - offset), written))
    return [
        Waiting(
            service,
            topic,
            sum(count for count, _ in parts),
            min((at for count, at in parts if count and at), default=None),
        )
        for (service, topic), parts in sorted(found.items())
    ]


async def _committed(
    settings: Settings, readers: Mapping[str, Sequence[str]], incarnation: int
) -> dict[str, Committed]:
    names = {topic: f"{settings.topic_prefix}{topic}" for of in readers.values() for topic in of}
    there = (await describe(settings, sorted(names.values()))).topics
    admin = AIOKafkaAdminClient(**aiokafka_options(settings))
    await admin.start()
    try:
        found: dict[str, Committed] = {}
        for service, topics in readers.items():
            # Named one by one: the embedded broker hangs up when asked for all there are.
            places = [
                TopicPartition(names[topic], number)
                for topic in topics
                if names[topic] in there
                for number in range(there[names[topic]].partitions)
            ]
            group = group_name(settings, service, incarnation)
            offsets = await admin.list_consumer_group_offsets(group, partitions=places)
            found[service] = {tp: at.offset for tp, at in offsets.items() if at.offset >= 0}
        return found
    finally:
        await admin.close()


async def _seen(
    settings: Settings, committed: Mapping[str, Committed]
) -> dict[tuple[TopicPartition, int], tuple[int, datetime | None]]:
    """High water mark and time of the first unread record, for each place a group stands at."""
    places = {(tp, offset) for offsets in committed.values() for tp, offset in offsets.items()}
    consumer = AIOKafkaConsumer(
        **aiokafka_options(settings),
        enable_auto_commit=False,
        # Where what comes next is gone already, the oldest is the first that is left.
        auto_offset_reset="earliest",
        fetch_max_wait_ms=FETCH_MS,
    )
    await consumer.start()
    found: dict[tuple[TopicPartition, int], tuple[int, datetime | None]] = {}
    try:
        # Two groups may stand at different places of one partition: one round for each.
        while left := {tp: offset for tp, offset in places if (tp, offset) not in found}:
            found |= await _first_unread(consumer, left)
    finally:
        await consumer.stop()
    return found


async def _first_unread(
    consumer: Any, places: Committed
) -> dict[tuple[TopicPartition, int], tuple[int, datetime | None]]:
    consumer.assign(list(places))
    for tp, offset in places.items():
        consumer.seek(tp, offset)
    written: dict[TopicPartition, datetime] = {}
    end = asyncio.get_running_loop().time() + LOOK_SECONDS
    while asyncio.get_running_loop().time() < end:
        for tp, records in (await consumer.getmany(timeout_ms=FETCH_MS)).items():
            at = datetime.fromtimestamp(records[0].timestamp / 1000, UTC)
            written.setdefault(tp, at)
        if all(_known(consumer, tp, offset, written) for tp, offset in places.items()):
            break
    return {
        (tp, offset): (consumer.highwater(tp) or offset, written.get(tp))
        for tp, offset in places.items()
    }


def _known(
    consumer: Any, tp: TopicPartition, offset: int, written: Mapping[TopicPartition, datetime]
) -> bool:
    high = consumer.highwater(tp)
    return high is not None and (high <= offset or tp in written)
