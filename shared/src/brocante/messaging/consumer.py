"""A batch consumer on FastStream: manual acknowledgement, explicit offsets, committed last.

What FastStream would do by default and why it is not used: docs/architecture.md, Traps.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from itertools import chain
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaMessage

from brocante.messaging.committing import Commits
from brocante.messaging.connection import faststream_options
from brocante.messaging.progress import Progress
from brocante.messaging.serving import until_there
from brocante.settings import Settings

log = structlog.get_logger()

Handle = Callable[[Sequence[Any]], Awaitable[dict[tuple[str, int], int] | None]]
"""Processes broker records; gives positions to stop at per partition (the brake), or None."""

Carried = Callable[[list[TopicPartition]], Awaitable[dict[TopicPartition, int]]]
"""Where earlier groups of this service stopped, for partitions without a committed offset."""

IDLE_POLL_MS = 200
FIRST_BACKOFF = 0.1
LONGEST_BACKOFF = 5.0


class Consumer:
    """Reads topics as one member of a group and hands over batches until stopped.

    `handle` is called again with the same batch, after a backoff, whenever it raises: nothing is
    committed before it returns. After it returned, the offsets behind the batch are committed.
    `rest_seconds` after a batch nothing is taken, so that what follows closely comes as one batch:
    for a reader that nobody waits for.
    """

    def __init__(
        self,
        settings: Settings,
        topics: Iterable[str],
        group: str,
        handle: Handle,
        progress: Progress,
        carried: Carried | None = None,
        rest_seconds: float = 0.0,
    ) -> None:
        self._settings = settings
        self._topics = [f"{settings.topic_prefix}{topic}" for topic in topics]
        self._handle = handle
        self._progress = progress
        self.carried = carried
        self._rest_seconds = rest_seconds
        self._stopping = asyncio.Event()
        self._busy = asyncio.Lock()
        self.commits = Commits(lambda: self.kafka, settings.publish_seconds)
        self.paused: set[TopicPartition] = set()
        self.assigned = asyncio.Event()
        self._placed = asyncio.Event()
        self._on_assigned: list[Callable[[], Awaitable[None]]] = []
        self._broker = KafkaBroker(
            logger=None,
            apply_types=False,
            consumer_only=True,
            allow_auto_create_topics=False,
            **faststream_options(settings),
        )
        self._subscriber = self._subscribed(group)
        self._subscriber(self._consume)

    @property
    def committed(self) -> dict[tuple[str, int], int]:
        """The committed position of each assigned partition, as far as known."""
        return self.commits.committed

    def _subscribed(self, group: str) -> Any:
        return self._broker.subscriber(
            *self._topics,
            batch=True,
            group_id=group,
            ack_policy=AckPolicy.MANUAL,
            no_reply=True,
            auto_offset_reset="earliest",
            max_records=self._settings.batch_size,
            batch_timeout_ms=IDLE_POLL_MS,
            session_timeout_ms=self._settings.session_timeout_ms,
            heartbeat_interval_ms=max(self._settings.session_timeout_ms // 5, 200),
            fetch_max_wait_ms=self._settings.kafka_fetch_wait_ms,
            # FastStream's own is round robin: an item's topics would go to different members.
            partition_assignment_strategy=(RangePartitionAssignor,),
            listener=_Rebalance(self),
            parser=_parse,
            decoder=_as_is,
        )

    @property
    def kafka(self) -> AIOKafkaConsumer:
        """The underlying consumer, once started."""
        consumer = self._subscriber.consumer
        if consumer is None:
            raise RuntimeError("the consumer is not started")
        return consumer

    def on_assigned(self, call: Callable[[], Awaitable[None]]) -> None:
        """Call this whenever partitions were assigned."""
        self._on_assigned.append(call)

    async def start(self) -> None:
        """Join the group. Raises KafkaError while the broker is away."""
        # FastStream sleeps a whole poll interval after every empty poll: the wait is the poll's.
        self._subscriber.get_msg = self._poll
        await self._broker.start()

    async def stop(self) -> None:
        """Finish or give up the batch under way, then leave the group; no commit comes late."""
        self._stopping.set()
        try:
            async with asyncio.timeout(self._settings.publish_seconds):
                async with self._busy:
                    await self.commits.settle()
        except TimeoutError:
            log.warning("batch_given_up_at_stop")
        self.commits.close()
        await self._broker.stop()

    def pause(self, topic: str, partition: int, offset: int) -> None:
        """Stop reading a partition; reading resumes at `offset`."""
        tp = TopicPartition(topic, partition)
        self.kafka.seek(tp, offset)
        self.kafka.pause(tp)
        self.paused.add(tp)

    def resume(self, topic: str, partition: int) -> None:
        """Read a paused partition again."""
        tp = TopicPartition(topic, partition)
        self.paused.discard(tp)
        if tp in self.kafka.assignment():
            self.kafka.resume(tp)

    async def lag(self) -> dict[tuple[str, int], int]:
        """Records not yet processed, per assigned partition, as far as known.

        From the high water mark of the last fetch: `end_offsets` is wrong on the embedded broker.
        """
        lags: dict[tuple[str, int], int] = {}
        for tp in self.kafka.assignment():
            high = self.kafka.highwater(tp)
            if high is not None:
                done = self.committed.get((tp.topic, tp.partition), 0)
                lags[tp.topic, tp.partition] = max(0, high - done)
        return lags

    async def _poll(self, consumer: AIOKafkaConsumer) -> Any:
        most = self._settings.batch_size
        if not await self._knows_its_place():
            return ()
        messages = await consumer.getmany(timeout_ms=IDLE_POLL_MS, max_records=most)
        # An empty poll is progress too: there was nothing to do.
        self._progress.note()
        return tuple(chain(*messages.values()))

    async def _knows_its_place(self) -> bool:
        """Assigned partitions are fetched before it is known where to begin: do not take those."""
        if not self._placed.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(IDLE_POLL_MS / 1000):
                    await self._placed.wait()
        return self._placed.is_set()

    async def _consume(self, records: Any) -> None:
        async with self._busy:
            await self._until_handled(records)

    async def _until_handled(self, records: Any) -> None:
        delay = FIRST_BACKOFF
        while not self._stopping.is_set():
            try:
                async with self._progress.within(self._settings.batch_seconds):
                    stops = await self._handle(records)
            except Exception as error:  # noqa: BLE001 - whatever it was, the batch is tried again
                log.warning("batch_failed", error=repr(error), records=len(records))
                with self._progress.waiting_for("batch", repr(error)):
                    await self._wait(random.uniform(delay / 2, delay))  # noqa: S311 - jitter
                delay = min(delay * 2, LONGEST_BACKOFF)
            else:
                self._progress.note()
                self._note_done(records, stops or {})
                await self._wait(self._rest_seconds)
                return

    async def _wait(self, seconds: float) -> None:
        if not seconds:
            return
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return

    def _note_done(self, records: Any, stops: dict[tuple[str, int], int]) -> None:
        offsets: dict[tuple[str, int], int] = {}
        for record in records:
            tp = (record.topic, record.partition)
            offsets[tp] = max(offsets.get(tp, 0), record.offset + 1)
        for tp, stop in stops.items():
            offsets[tp] = stop
            self.pause(*tp, stop)
        self.commits.owe(offsets)


class _Rebalance(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka is untyped
    """Keeps what is known of committed positions right across rebalances."""

    def __init__(self, consumer: Consumer) -> None:
        self._consumer = consumer

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        self._consumer._placed.clear()  # noqa: SLF001 - one object in two classes
        try:
            await self._consumer.commits.settle()
        finally:
            self._consumer.commits.forget(revoked)

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        # aiokafka swallows what is raised here and reads on: from the beginning, if the carried
        # position was not found. So it is tried until it works; nothing is read before.
        take = partial(self._take, assigned)
        await until_there(take, "partitions", self._consumer._progress)  # noqa: SLF001 - as above

    async def _take(self, assigned: Iterable[TopicPartition]) -> None:
        consumer, kafka = self._consumer, self._consumer.kafka
        if consumer._stopping.is_set():  # noqa: SLF001 - as above
            return
        fresh: list[TopicPartition] = []
        for tp in assigned:
            position = await kafka.committed(tp)
            if position is None:
                fresh.append(tp)
            else:
                consumer.committed[tp.topic, tp.partition] = position
        if fresh and consumer.carried is not None:
            for tp, position in (await consumer.carried(fresh)).items():
                kafka.seek(tp, position)
                consumer.committed[tp.topic, tp.partition] = position
        for call in consumer._on_assigned:  # noqa: SLF001 - as above
            await call()
        consumer._placed.set()  # noqa: SLF001 - as above
        consumer.assigned.set()


async def _parse(records: Any) -> KafkaMessage:
    return KafkaMessage(
        body=b"", raw_message=records, consumer=_NO_CONSUMER, headers={}, reply_to=""
    )


async def _as_is(message: Any) -> Any:
    return message.raw_message


class _NoConsumer:
    """FastStream's acknowledgement is not used: commits are explicit."""

    async def commit(self) -> None:
        """Nothing."""

    def seek(self, partition: Any, offset: int) -> None:
        """Nothing."""


_NO_CONSUMER = _NoConsumer()
