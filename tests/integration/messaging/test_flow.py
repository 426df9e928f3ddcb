"""What waits for a service, seen from outside, on both brokers."""

from datetime import UTC, datetime, timedelta

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.structs import OffsetAndMetadata

from brocante.contracts.topics import Topic
from brocante.messaging.carrying import group_name
from brocante.messaging.cluster import apply_topics
from brocante.messaging.flow import look
from brocante.settings import Settings

pytestmark = pytest.mark.timeout(120)
TOPIC = "sales.commands"


async def test_what_is_not_read_yet_is_counted_and_its_age_told(settings: Settings) -> None:
    name = f"{settings.topic_prefix}{TOPIC}"
    await apply_topics(settings, [Topic(name, 2)])
    began = datetime.now(UTC)
    producer = AIOKafkaProducer(bootstrap_servers=settings.kafka, acks="all")
    await producer.start()
    for partition, count in ((0, 3), (1, 2)):
        for _ in range(count):
            await producer.send_and_wait(name, b"x", partition=partition)
    await producer.stop()
    group = group_name(settings, "sales", 1)
    reader = AIOKafkaConsumer(
        name, bootstrap_servers=settings.kafka, group_id=group, enable_auto_commit=False
    )
    await reader.start()
    try:
        done = {TopicPartition(name, 0): 1, TopicPartition(name, 1): 2}
        await reader.commit({tp: OffsetAndMetadata(at, "") for tp, at in done.items()})
        flow = await look(settings, {"sales": [TOPIC], "inventory": [TOPIC]}, 1)
    finally:
        await reader.stop()
    assert flow.replicas == {"sales": 1, "inventory": 0}
    (one,) = flow.waiting
    assert (one.service, one.topic, one.messages) == ("sales", TOPIC, 2)
    assert one.oldest is not None
    assert abs(one.oldest - began) < timedelta(seconds=30)
