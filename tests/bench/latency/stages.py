"""Where a sale's time went: when each service published what a sale led to, by Kafka's own stamps.

Read from the topics after all sales, so that it costs them nothing.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from brocante.contracts.topics import MARKETPLACE_COMMANDS, SALES_COMMANDS, SALES_EVENTS
from tests.bench.figures import percentile
from tests.bench.preparing import PARTITIONS

POLL_MS = 1000
Published = Mapping[tuple[str, str], float]
"""The last moment, in seconds, at which a topic got a message about an item."""


async def published(kafka: str, others: Iterable[str]) -> Published:
    """Sales and their targets for these marketplaces, as the topics hold them."""
    commands = [MARKETPLACE_COMMANDS.format(marketplace=m) for m in others]
    topics = [SALES_COMMANDS, SALES_EVENTS, *commands]
    consumer = AIOKafkaConsumer(
        bootstrap_servers=kafka, group_id=None, auto_offset_reset="earliest", fetch_max_wait_ms=20
    )
    await consumer.start()
    found: dict[tuple[str, str], float] = {}
    try:
        consumer.assign([TopicPartition(t, p) for t in topics for p in range(PARTITIONS)])
        while taken := await consumer.getmany(timeout_ms=POLL_MS):
            for tp, records in taken.items():
                stage = "targets" if tp.topic in commands else tp.topic
                _note(found, stage, records)
    finally:
        await consumer.stop()
    return found


def stages(
    began: Mapping[str, float], took_ms: Mapping[str, float], at: Published
) -> Sequence[tuple[str, float]]:
    """The median milliseconds of each stage over these items, one after the other.

    A command's first stage is the sender's own; a webhook's is the gateway's and a worker's.
    """
    marks = {
        "until sale.record is published": [
            1000 * (at[SALES_COMMANDS, i] - began[i]) for i in took_ms
        ],
        "sales": [1000 * (at[SALES_EVENTS, i] - at[SALES_COMMANDS, i]) for i in took_ms],
        "inventory": [1000 * (at["targets", i] - at[SALES_EVENTS, i]) for i in took_ms],
        "worker and its call": [
            took - 1000 * (at["targets", i] - began[i]) for i, took in took_ms.items()
        ],
    }
    return [(stage, percentile(samples, 50)) for stage, samples in marks.items()]


def _note(found: dict[tuple[str, str], float], stage: str, records: Iterable[Any]) -> None:
    for record in records:
        type_ = dict(record.headers).get("ce_type", b"")
        if type_ in {b"sale.record", b"sale.recorded", b"listing.deactivate"}:
            item = json.loads(record.value)["item_id"]
            found[stage, item] = max(record.timestamp / 1000, found.get((stage, item), 0.0))
