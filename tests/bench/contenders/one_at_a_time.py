"""FastStream as its documentation shows it: one message, one read, one write, then its outputs."""

import asyncio
from typing import Any

from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from pymongo import WriteConcern

from tests.bench.contenders.assignment import (
    FETCH_WAIT_MS,
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


class OneAtATime:
    """The subscriber."""

    def __init__(self, assignment: Assignment) -> None:
        self._assignment = assignment
        self._plain = PlainTable(LOADS[assignment.load].table, assignment.prefix)
        self._stopwatch = Stopwatch(assignment.pids)
        self._database = raw_client(assignment)[assignment.database]
        self._handled = 0
        self._all_handled = asyncio.Event()
        self._broker = KafkaBroker(
            assignment.kafka,
            acks="all",
            max_request_size=LARGEST,
            logger=None,
            apply_types=False,
        )
        subscriber = self._broker.subscriber(
            *self._plain.topics,
            group_id=group_of(assignment),
            auto_offset_reset="earliest",
            # Committed after the handler returned.
            ack_policy=AckPolicy.ACK,
            no_reply=True,
            fetch_max_wait_ms=FETCH_WAIT_MS,
            listener=StartsOnAssignment(self._stopwatch),
            decoder=_record,
        )
        subscriber(self._handle)

    async def run(self) -> Done:
        """Work until all messages are handled."""
        await self._plain.prepare(self._database)
        async with self._broker:
            await self._broker.start()
            await self._all_handled.wait()
            return self._stopwatch.done(self._handled)

    async def _handle(self, record: Any) -> None:
        one = self._plain.addressed(record.value, record.headers)
        if one is not None:
            await self._apply(one)
        self._handled += 1
        if self._handled >= self._assignment.messages:
            self._all_handled.set()

    async def _apply(self, one: Addressed) -> None:
        concern = WriteConcern(w="majority", j=True)
        name = one.route.document.collection
        collection = self._database.get_collection(name, write_concern=concern)
        stored = await collection.find_one({"_id": one.document})
        folded = self._plain.folded(one.document, stored, [one])
        if folded.guard is None:
            await collection.insert_one(folded.stored)
        else:
            result = await collection.replace_one(folded.guard, folded.stored)
            if result.matched_count != 1:
                raise RuntimeError("another writer was faster: this message would be done again")
        for wire in self._plain.wires(folded):
            headers = {name: (text or b"").decode() for name, text in wire.headers}
            await self._broker.publish(wire.value, topic=wire.topic, key=wire.key, headers=headers)


async def _record(message: Any) -> Any:
    return message.raw_message


async def run(assignment: Assignment) -> Done:
    """Do the assignment."""
    return await OneAtATime(assignment).run()
