"""Reading topics from now on, in no group: for whoever only listens for answers."""

from collections.abc import AsyncIterator, Sequence
from contextlib import suppress

from aiokafka import AIOKafkaConsumer

from brocante.contracts.envelope import Decoded, Unusable, decode
from brocante.messaging.connection import aiokafka_options
from brocante.settings import Settings


class Tail:
    """Follows topics; what is unusable is passed over."""

    def __init__(self, settings: Settings, topics: Sequence[str]) -> None:
        names = [f"{settings.topic_prefix}{topic}" for topic in topics]
        self._consumer = AIOKafkaConsumer(
            *names,
            **aiokafka_options(settings),
            group_id=None,
            auto_offset_reset="latest",
            enable_auto_commit=False,
            fetch_max_wait_ms=settings.kafka_fetch_wait_ms,
        )

    async def start(self) -> None:
        """Begin at the end: what is said from here on is seen."""
        await self._consumer.start()
        for partition in self._consumer.assignment():
            await self._consumer.position(partition)

    async def messages(self) -> AsyncIterator[Decoded]:
        """Every message said from now on."""
        async for record in self._consumer:
            with suppress(Unusable):
                yield decode(record.value, record.headers)

    async def stop(self) -> None:
        """Stop listening."""
        await self._consumer.stop()
