"""Runs services inside a test, on real back ends."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from collections.abc import Set as AbstractSet
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from aiokafka import AIOKafkaConsumer

from brocante.contracts.envelope import Decoded, decode
from brocante.contracts.topics import DEAD_LETTERS, topics_for
from brocante.messaging.cluster import apply_topics
from brocante.messaging.connection import aiokafka_options
from brocante.messaging.deciding import ServiceTable
from brocante.messaging.progress import Progress
from brocante.messaging.running import RunningService
from brocante.messaging.serving import Runtime, connect_runtime
from brocante.messaging.wire import Partition, Wire
from brocante.settings import Settings

DEADLINE = 30.0


async def handled(service: RunningService, records: Sequence[Any]) -> AbstractSet[Partition]:
    """Give a service a batch and finish it at once; the partitions to stop."""
    finish = await service._handle(records)
    return await finish()


async def eventually(
    condition: Callable[[], bool | Awaitable[bool]], what: str, seconds: float | None = None
) -> None:
    """Wait until a condition holds, or fail saying what did not come about."""
    seconds = DEADLINE if seconds is None else seconds
    end = monotonic() + seconds
    while monotonic() < end:
        held = condition()
        if await held if isinstance(held, Awaitable) else held:
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"not within {seconds} s: {what}")


@dataclass
class Bench:
    """A broker and a database with topics made, and everything published on some topics."""

    settings: Settings
    runtime: Runtime
    seen: dict[str, list[Any]] = field(default_factory=dict)

    async def publish(self, *records: Wire) -> None:
        """Publish and wait for the acknowledgements."""
        await self.runtime.publisher.send_all(records)

    def records(self, topic: str) -> list[Any]:
        """Raw records seen on a topic (without prefix)."""
        return self.seen.get(f"{self.settings.topic_prefix}{topic}", [])

    def messages(self, topic: str) -> list[Decoded]:
        """Messages seen on a topic (without prefix)."""
        return [decode(r.value, r.headers) for r in self.records(topic)]

    def dead_letters(self) -> list[Any]:
        """Raw dead letters seen."""
        return self.records(DEAD_LETTERS)

    def service(self, table: ServiceTable, **changes: Any) -> RunningService:
        """A service on this bench, not started."""
        settings = self.settings.model_copy(update=changes)
        return RunningService(
            table,
            settings,
            self.runtime.database,
            self.runtime.epoch,
            self.runtime.publisher,
            self.runtime.progress,
        )

    @asynccontextmanager
    async def running(self, table: ServiceTable, **changes: Any) -> AsyncIterator[RunningService]:
        """A service on this bench, with its partitions assigned."""
        service = self.service(table, **changes)
        await service.start()
        try:
            await asyncio.wait_for(service.consumer.assigned.wait(), DEADLINE)
            yield service
        finally:
            await service.stop()

    @asynccontextmanager
    async def all_running(self, *tables: ServiceTable) -> AsyncIterator[None]:
        """Services side by side: they wait together for an embedded broker to assign."""
        async with AsyncExitStack() as stack:
            running = [stack.enter_async_context(self.running(table)) for table in tables]
            await asyncio.gather(*running)
            yield


@asynccontextmanager
async def bench(settings: Settings, watched: Sequence[str]) -> AsyncIterator[Bench]:
    """Topics, database and publisher, and a reader of the watched topics from their beginning."""
    topics = topics_for(["ebay"], prefix=settings.topic_prefix, partitions=2)
    await apply_topics(settings, topics)
    runtime = await connect_runtime(settings, watched, Progress(60))
    made = Bench(settings, runtime)
    reader = asyncio.create_task(_read(made, watched))
    try:
        yield made
    finally:
        reader.cancel()
        await asyncio.gather(reader, return_exceptions=True)
        await runtime.database.drop()
        await runtime.close()


async def _read(made: Bench, watched: Sequence[str]) -> None:
    prefix = made.settings.topic_prefix
    consumer = AIOKafkaConsumer(
        *(f"{prefix}{topic}" for topic in watched),
        **aiokafka_options(made.settings),
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        fetch_max_wait_ms=20,
        group_id=None,
    )
    await consumer.start()
    try:
        async for record in consumer:
            made.seen.setdefault(record.topic, []).append(record)
    finally:
        await consumer.stop()
