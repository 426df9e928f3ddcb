"""The brake: a partition with too many dead letters in a row is paused until someone looks.

Kept in the database, so that a restart does not release it; `brocante partition resume` does.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from brocante.documents.driver import Database
from brocante.messaging.wire import Partition, RawRecord

COLLECTION = "brakes"
LIMIT = 20


class Brake:
    """Counts dead letters in a row per partition of one service."""

    def __init__(self, database: Database, service: str, limit: int = LIMIT) -> None:
        self._database = database
        self._brakes = database.collection(COLLECTION)
        self._service = service
        self._limit = limit
        self._in_a_row: dict[Partition, int] = {}

    async def prepare(self) -> None:
        """Create the collection."""
        await self._database.create_collections(COLLECTION)

    def count(self, records: Sequence[RawRecord], dead: Iterable[RawRecord]) -> set[Partition]:
        """Count a processed batch; the partitions to stop."""
        refused = {(r.position.topic, r.position.partition, r.position.offset) for r in dead}
        read: set[Partition] = set()
        for record in records:
            position = record.position
            partition = (position.topic, position.partition)
            went_well = (*partition, position.offset) not in refused
            self._in_a_row[partition] = 0 if went_well else self._in_a_row.get(partition, 0) + 1
            read.add(partition)
        # A partition that went well again later in the batch is not stopped.
        return {partition for partition in read if self._in_a_row[partition] > self._limit}

    async def pull(self, partition: Partition) -> None:
        """Remember that a partition is paused."""
        topic, number = partition
        await self._brakes.replace_one(
            {"_id": self._id(partition)},
            {
                "_id": self._id(partition),
                "service": self._service,
                "topic": topic,
                "partition": number,
            },
            upsert=True,
        )

    async def pulled(self) -> set[Partition]:
        """Partitions of this service that are paused."""
        found = await self._brakes.find({"service": self._service})
        return {(stored["topic"], stored["partition"]) for stored in found}

    def released(self, partition: Partition) -> None:
        """Start counting anew after someone resumed a partition."""
        self._in_a_row.pop(partition, None)

    def _id(self, partition: Partition) -> str:
        return f"{self._service}/{partition[0]}/{partition[1]}"


async def all_pulled(database: Database) -> list[dict[str, Any]]:
    """Every paused partition: service, topic (with its prefix) and partition."""
    found = await database.collection(COLLECTION).find({})
    return sorted(found, key=lambda one: (one["topic"], one["partition"], one["service"]))


async def release(database: Database, topic: str, partition: int) -> int:
    """Resume a partition in every service that paused it; how many had."""
    brakes = database.collection(COLLECTION)
    where = {"topic": topic, "partition": partition}
    return await brakes.delete_many(where)
