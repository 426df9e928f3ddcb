"""Publishing with every acknowledgement waited for (`acks=all`), in order per key."""

import asyncio
from collections.abc import Sequence

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from brocante.contracts.envelope import Envelope
from brocante.contracts.message import Message
from brocante.contracts.topics import DEAD_LETTER_BYTES
from brocante.messaging.connection import aiokafka_options
from brocante.messaging.deciding import Outgoing
from brocante.messaging.outputs import Speaker, wires
from brocante.messaging.wire import Wire
from brocante.settings import Settings


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
                await asyncio.wait_for(producer.stop(), self._settings.publish_seconds)
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
            await asyncio.wait_for(self._send_all(records), self._settings.publish_seconds)
        except (TimeoutError, KafkaError) as error:
            raise NotPublished(f"{len(records)} records not acknowledged: {error!r}") from error

    async def _send_all(self, records: Sequence[Wire]) -> None:
        producer = self._producer
        if producer is None:
            raise NotPublished("the producer is not started")
        pending = [
            await producer.send(r.topic, value=r.value, key=r.key, headers=list(r.headers))
            for r in records
        ]
        await asyncio.gather(*pending)
