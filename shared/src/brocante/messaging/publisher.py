"""Publishing with every acknowledgement waited for (`acks=all`), in order per key.

Records are put into whole batches per partition here: aiokafka's `send` takes a lock, a future and
a hash in pure Python per record, and cuts batches at 16 KiB.
"""

import asyncio
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.partitioner import DefaultPartitioner

from brocante.contracts.envelope import Envelope
from brocante.contracts.message import Message
from brocante.contracts.topics import DEAD_LETTER_BYTES
from brocante.messaging.connection import aiokafka_options
from brocante.messaging.deciding import Outgoing
from brocante.messaging.outputs import Speaker, wires
from brocante.messaging.wire import Wire
from brocante.settings import Settings

BATCH_BYTES = 512 * 1024


class NotPublished(Exception):  # noqa: N818 - a state of affairs: it may have been written
    """Not acknowledged in time: it may or may not be in the topic."""


class Publisher:
    """One producer. Records of one key go out in the order given."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._producer: AIOKafkaProducer | None = None

    async def start(self) -> None:
        """Connect; raises aiokafka's KafkaConnectionError while the broker is away."""
        producer = AIOKafkaProducer(
            **aiokafka_options(self._settings),
            acks="all",
            enable_idempotence=self._settings.kafka_idempotent_producer,
            max_request_size=DEAD_LETTER_BYTES + 64 * 1024,
            max_batch_size=BATCH_BYTES,
            linger_ms=0,
            request_timeout_ms=int(self._settings.publish_seconds * 1000),
        )
        try:
            await producer.start()
        except BaseException:
            await producer.stop()
            raise
        self._producer = producer

    async def stop(self) -> None:
        """Flush what is under way, in bounded time, and disconnect."""
        producer, self._producer = self._producer, None
        if producer is not None:
            try:
                async with asyncio.timeout(self._settings.publish_seconds):
                    await producer.stop()
            except TimeoutError:
                return

    async def send(
        self,
        envelope: Envelope,
        message: Message,
        *,
        topic: str | None = None,
        key: str | None = None,
    ) -> None:
        """Publish one message and wait for its acknowledgement; NotPublished when unsure."""
        speaker = Speaker(envelope.source, "", self._settings.topic_prefix)
        output = speaker.encoded(envelope, Outgoing(message, topic=topic, key=key))
        await self.send_all(wires([output]))

    async def send_all(self, records: Sequence[Wire]) -> None:
        """Publish records in order and wait for every acknowledgement; NotPublished when unsure."""
        if not records:
            return
        try:
            # Python 3.11's wait_for may swallow a cancellation: to stop us would take for ever.
            async with asyncio.timeout(self._settings.publish_seconds):
                await self._send_all(records)
        except (TimeoutError, KafkaError) as error:
            raise NotPublished(f"{len(records)} records not acknowledged: {error!r}") from error

    async def _send_all(self, records: Sequence[Wire]) -> None:
        producer = self._producer
        if producer is None:
            raise NotPublished("the producer is not started")
        partitions: dict[str, tuple[int, ...]] = {}
        batches: dict[tuple[str, int], list[Any]] = {}
        for record in records:
            if record.topic not in partitions:
                known = await producer.partitions_for(record.topic)
                partitions[record.topic] = tuple(sorted(known))
            place = (record.topic, _partition(record.key, partitions[record.topic]))
            there = batches.setdefault(place, [])
            if not there or not _put(there[-1], record):
                there.append(producer.create_batch())
                _put(there[-1], record)
        pending = [
            await producer.send_batch(batch, topic, partition=number)
            for (topic, number), there in batches.items()
            for batch in there
        ]
        await asyncio.gather(*pending)


def _put(batch: Any, record: Wire) -> bool:
    """Whether it still fits; the first of a batch always does."""
    taken = batch.append(
        timestamp=None, key=record.key, value=record.value, headers=list(record.headers)
    )
    return taken is not None


@lru_cache(maxsize=65_536)
def _partition(key: bytes | None, partitions: tuple[int, ...]) -> int:
    """Where every client puts this key; one without a key goes where none would."""
    if key is None:
        return partitions[0]
    chosen: int = DefaultPartitioner()(key, partitions, partitions)
    return chosen
