"""Replicas of a service: the product's own runtime, on a broker and a database in memory."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, TypeVar

from aiokafka import TopicPartition

from brocante.messaging.consumer import _Rebalance
from brocante.messaging.deciding import ServiceTable
from brocante.messaging.epoch import Epoch
from brocante.messaging.processor import Written
from brocante.messaging.progress import Progress
from brocante.messaging.publisher import Publisher
from brocante.messaging.running import RunningService
from brocante.settings import Settings
from brocante.testing.memory_broker import MemoryBroker, MemoryPublisher
from tests.model.group import Group, MemberKafka
from tests.model.watching import Watch, WatchedDatabase

T = TypeVar("T")
SETTINGS = Settings()
Point = Callable[["Process", str], Awaitable[None]]
"""Called at every await that matters of a process; may let it die, fail, or others go first."""


class Died(BaseException):
    """A process is gone; nothing of it runs any more."""


class Process:
    """One process: its connection to the database, its producer, and whether it still lives.

    `overtaken`: others went on in the middle of what it does now.
    """

    def __init__(
        self, name: str, stored: Any, broker: MemoryBroker, watch: Watch, point: Point
    ) -> None:
        self.name = name
        self.dead = False
        self.overtaken = False
        self._point = point
        self.database = WatchedDatabase(stored, watch, self._touched)
        self.publisher: Publisher = MemoryPublisher(SETTINGS, broker, self.at)
        self.progress = Progress(1e9)

    async def at(self, point: str) -> None:
        """A named point of the process's work: here it can die."""
        if self.dead:
            raise Died(self.name)
        await self._point(self, point)

    async def _touched(self, collection: str, operation: str) -> None:
        await self.at(f"{operation} {collection}")


class Replica:
    """One replica of a service that is a table."""

    def __init__(self, process: Process, table: ServiceTable, epoch: Epoch, group: Group) -> None:
        self.process = process
        self.service = RunningService(
            table,
            SETTINGS,
            process.database,
            epoch,
            process.publisher,
            process.progress,
            self.after_batch,
        )
        self.kafka = MemberKafka(group, table.topics, lambda: process.at("commit"))
        consumer = self.service.consumer
        consumer._subscriber.consumer = self.kafka
        self._listener = _Rebalance(consumer)

    def after_batch(self, _written: Written) -> None:
        """Nothing to wake."""

    async def join(self, partitions: Iterable[TopicPartition] | None = None) -> None:
        """Partitions are assigned again: these are this one's (None: all)."""
        wanted = list(self.kafka.partitions() if partitions is None else partitions)
        await self._listener.on_partitions_revoked(list(self.kafka.positions))
        self.kafka.assign(wanted)
        await self._listener.on_partitions_assigned(wanted)

    async def consume(self, most: int = 500) -> int:
        """Take a batch, and one more while it is finished, as the consumer does; their records."""
        consumer = self.service.consumer
        limited = SETTINGS.model_copy(update={"batch_size": most})
        consumer._settings = limited
        records = await consumer._poll(self.kafka)
        if records:
            try:
                await consumer._consume(records)
                if more := await consumer._poll(self.kafka):
                    await consumer._consume(more)
                    records = (*records, *more)
                if consumer._finishing is not None:
                    await consumer._finishing
                await self.service.resyncing.done()
                await consumer.commits.settle()
            finally:
                await self.service.resyncing.stop()
                if (later := consumer.commits._later) is not None:
                    # Who died commits nothing later.
                    later.cancel()
        return len(records)

    async def sweep(self) -> None:
        """What every replica does each second."""
        await self.service._sweep()
        await self.service._look_after()


async def alone(work: Awaitable[T], process: Process) -> T | None:
    """Do some work of a process; None when it dies of it."""
    try:
        return await work
    except Died:
        process.dead = True
        await asyncio.sleep(0)
        return None
