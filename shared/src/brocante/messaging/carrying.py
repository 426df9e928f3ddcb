"""Offsets carried over from the groups of earlier incarnations of the broker.

When one topic is wiped, every service starts a group with a new name. On the topics that were not
wiped it must go on where the old group stopped: reading them again from the beginning could meet
commands older than what documents remember.
"""

from collections.abc import Iterable

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from brocante.messaging.connection import aiokafka_options
from brocante.messaging.epoch import Epoch
from brocante.settings import Settings


def group_name(settings: Settings, service: str, incarnation: int) -> str:
    """The group of a service in one incarnation of the broker."""
    return f"{settings.topic_prefix}{service}.{incarnation}"


async def carried_over(
    settings: Settings, service: str, epoch: Epoch, partitions: Iterable[TopicPartition]
) -> dict[TopicPartition, int]:
    """Where earlier groups of this service stopped, on topics older than this incarnation."""
    now = epoch.incarnation
    wanted = {tp for tp in partitions if epoch.born.get(tp.topic, now) < now}
    found: dict[TopicPartition, int] = {}
    if not wanted:
        return found
    admin = AIOKafkaAdminClient(**aiokafka_options(settings))
    await admin.start()
    try:
        for incarnation in range(epoch.incarnation - 1, 0, -1):
            group = group_name(settings, service, incarnation)
            for tp, committed in (await admin.list_consumer_group_offsets(group)).items():
                still = tp in wanted and tp not in found and committed.offset >= 0
                if still and epoch.born[tp.topic] <= incarnation:
                    found[tp] = committed.offset
    finally:
        await admin.close()
    return found
