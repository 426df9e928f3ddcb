"""`python -m tests.bench.latency.hop`: one process of the bare chain.

Reads a topic, writes each message to the database, passes it on, commits; the last one says on its
output when each message's write was done. What it fetches with is what our runtime fetches with.
"""

import asyncio
import json
import logging
import sys
import time
from dataclasses import dataclass
from itertools import chain
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from pymongo import AsyncMongoClient, WriteConcern

from tests.bench.contenders.assignment import BATCH, FETCH_WAIT_MS, POLL_MS, StartsOnAssignment
from tests.bench.contenders.assignment import Stopwatch as Watch

LAST = "-"


@dataclass(frozen=True, slots=True)
class Hop:
    """Where it reads and where it passes on."""

    kafka: str
    mongo: str
    database: str
    source: str
    target: str


class _Says(StartsOnAssignment):
    async def on_partitions_assigned(self, assigned: Any) -> None:
        await super().on_partitions_assigned(assigned)
        _say("ready")


async def run(hop: Hop) -> None:
    """Work until killed."""
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(hop.mongo, retryWrites=False)
    collection = client[hop.database].get_collection(
        hop.source, write_concern=WriteConcern(w="majority", j=True)
    )
    producer = AIOKafkaProducer(bootstrap_servers=hop.kafka, acks="all", linger_ms=0)
    consumer = AIOKafkaConsumer(
        bootstrap_servers=hop.kafka,
        group_id=hop.source,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=FETCH_WAIT_MS,
    )
    await producer.start()
    consumer.subscribe([hop.source], listener=_Says(Watch()))
    await consumer.start()
    while True:
        taken = await consumer.getmany(timeout_ms=POLL_MS, max_records=BATCH)
        if not taken:
            continue
        records = list(chain(*taken.values()))
        await collection.insert_many([{"_id": r.key, "value": r.value} for r in records])
        await _pass_on(hop, producer, records)
        await consumer.commit({tp: rs[-1].offset + 1 for tp, rs in taken.items()})


async def _pass_on(hop: Hop, producer: AIOKafkaProducer, records: list[Any]) -> None:
    if hop.target == LAST:
        for record in records:
            _say(json.dumps({"id": record.key.decode(), "at": time.time()}))
        return
    pending = [
        await producer.send(hop.target, value=r.value, key=r.key, headers=list(r.headers))
        for r in records
    ]
    await asyncio.gather(*pending)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    # Fresh topics have no leader, and a fresh group no coordinator, for a moment.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    asyncio.run(run(Hop(*sys.argv[1:])))
