"""What a good engineer would write with aiokafka and a driver, for speed, without our journal.

A batch: decode, group by document, one find, fold, one unordered bulk write, send everything,
wait for every acknowledgement, commit explicit offsets.
"""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from itertools import chain
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from pymongo import WriteConcern

from brocante.messaging.wire import Wire
from tests.bench.contenders.assignment import (
    BATCH,
    FETCH_WAIT_MS,
    POLL_MS,
    Assignment,
    Done,
    StartsOnAssignment,
    Stopwatch,
    group_of,
    raw_client,
)
from tests.bench.contenders.deciding_plainly import Addressed, PlainTable
from tests.bench.loads.all_loads import LOADS

LARGEST = 5 * 1024 * 1024
PRODUCER_BATCH = 512 * 1024


class HandTuned:
    """The loop."""

    def __init__(self, assignment: Assignment) -> None:
        self._assignment = assignment
        self._plain = PlainTable(LOADS[assignment.load].table, assignment.prefix)
        self._stopwatch = Stopwatch(assignment.pids)
        self._client = raw_client(assignment)
        self._collections: dict[str, Any] = {}

    async def run(self) -> Done:
        """Work until all messages are committed."""
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self._assignment.kafka,
            group_id=group_of(self._assignment),
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            fetch_max_wait_ms=FETCH_WAIT_MS,
        )
        producer = AIOKafkaProducer(
            bootstrap_servers=self._assignment.kafka,
            acks="all",
            linger_ms=0,
            max_batch_size=PRODUCER_BATCH,
            max_request_size=LARGEST,
        )
        await self._plain.prepare(self._client[self._assignment.database])
        await producer.start()
        consumer.subscribe(self._plain.topics, listener=StartsOnAssignment(self._stopwatch))
        await consumer.start()
        try:
            return await self._work(consumer, producer)
        finally:
            await consumer.stop()
            await producer.stop()

    async def _work(self, consumer: AIOKafkaConsumer, producer: AIOKafkaProducer) -> Done:
        done = 0
        while done < self._assignment.messages:
            taken = await consumer.getmany(timeout_ms=POLL_MS, max_records=BATCH)
            if not taken:
                continue
            records = list(chain(*taken.values()))
            outputs = await self._applied(records)
            pending = [
                await producer.send(o.topic, value=o.value, key=o.key, headers=o.headers)
                for o in outputs
            ]
            await asyncio.gather(*pending)
            await consumer.commit({tp: rs[-1].offset + 1 for tp, rs in taken.items()})
            done += len(records)
        return self._stopwatch.done(done)

    async def _applied(self, records: Sequence[Any]) -> list[Wire]:
        groups: dict[str, dict[str, list[Addressed]]] = defaultdict(lambda: defaultdict(list))
        for record in records:
            one = self._plain.addressed(record.value, record.headers)
            if one is not None:
                groups[one.route.document.collection][one.document].append(one)
        outputs: list[Wire] = []
        for name, documents in groups.items():
            outputs += await self._written(name, documents)
        return outputs

    async def _written(self, name: str, documents: dict[str, list[Addressed]]) -> list[Wire]:
        collection = self._collection(name)
        found = await collection.find({"_id": {"$in": list(documents)}}).to_list(None)
        stored = {one["_id"]: one for one in found}
        folded = [
            self._plain.folded(id_, stored.get(id_), messages)
            for id_, messages in documents.items()
        ]
        result = await collection.bulk_write([one.operation for one in folded], ordered=False)
        if result.matched_count + result.inserted_count != len(folded):
            raise RuntimeError("another writer was faster: this loop would do the batch again")
        return [wire for one in folded for wire in self._plain.wires(one)]

    def _collection(self, name: str) -> Any:
        if name not in self._collections:
            concern = WriteConcern(w="majority", j=True)
            database = self._client[self._assignment.database]
            self._collections[name] = database.get_collection(name, write_concern=concern)
        return self._collections[name]


async def run(assignment: Assignment) -> Done:
    """Do the assignment."""
    return await HandTuned(assignment).run()
