"""A batch consumer on FastStream: manual acknowledgement, explicit offsets, committed last.

A batch is handled, then finished: while one is finished, the next is handled. What FastStream would
do by default and why it is not used: docs/architecture.md, Traps.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from functools import partial
from itertools import chain
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from faststream import AckPolicy
from faststream.kafka import KafkaBroker

from brocante.messaging.committing import Commits
from brocante.messaging.connection import faststream_options
from brocante.messaging.progress import Progress
from brocante.messaging.raw_batches import undecoded, unparsed
from brocante.messaging.serving import until_there
from brocante.messaging.trying import GivenUp, Trying
from brocante.messaging.wire import Partition
from brocante.settings import Settings

log = structlog.get_logger()

Finish = Callable[[], Awaitable[AbstractSet[Partition]]]
"""What is left to do for a batch, the next one being handled meanwhile; the partitions to stop."""

Handle = Callable[[Sequence[Any]], Awaitable[Finish | None]]
"""Does with broker records what the next batch must wait for; None: nothing is left to do."""

Carried = Callable[[list[TopicPartition]], Awaitable[dict[TopicPartition, int]]]
"""Where earlier groups of this service stopped, for partitions without a committed offset."""

IDLE_POLL_MS = 200


class Consumer:
    """Reads topics as one member of a group and hands over batches until stopped.

    `handle` is called again with the same batch, after a backoff, whenever it raises, and so is
    what it leaves to be finished: batches are finished in their order, one while the next is
    handled. Only then the offsets behind a batch are committed. `rest_seconds` after a batch
    nothing is taken, so that what follows closely comes as one batch: for a reader that nobody
    waits for.
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
        self._trying = Trying(progress, settings.batch_seconds)
        self._busy = asyncio.Lock()
        self._finishing: asyncio.Future[None] | None = None
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
            parser=unparsed,
            decoder=undecoded,
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
        self._trying.stopping.set()
        try:
            async with asyncio.timeout(self._settings.publish_seconds):
                async with self._busy:
                    with suppress(GivenUp):
                        await _done(self._finishing)
                    await self.commits.settle()
        except TimeoutError:
            log.warning("batch_given_up_at_stop")
        if self._finishing is not None:
            self._finishing.cancel()
        self.commits.close()
        await self._broker.stop()

    def pause(self, topic: str, partition: int, offset: int) -> None:
        """Stop reading a partition; reading resumes at `offset`."""
        tp = TopicPartition(topic, partition)
        self.kafka.seek(tp, offset)
        self._pause(tp)

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
        """Return once the next batch may be handled: none of those before this one is left."""
        handle = partial(self._handle, records)
        async with self._busy:
            try:
                finish = await self._trying.until_done("batch", handle, len(records))
                await _done(self._finishing)
            except BaseException as error:
                self._finishing = _not_done(error)
                if isinstance(error, GivenUp):
                    return
                raise
            self._finishing = asyncio.create_task(self._finish(finish or _nothing, records))
            if finish is None:
                await self._finishing
            await self._trying.wait(self._rest_seconds)

    async def _finish(self, finish: Finish, records: Any) -> None:
        async def finished() -> None:
            self._note_done(records, await finish())

        await self._trying.until_done("finishing", finished, len(records))

    def _note_done(self, records: Any, stops: AbstractSet[Partition]) -> None:
        offsets: dict[Partition, int] = {}
        for record in records:
            tp = (record.topic, record.partition)
            offsets[tp] = max(offsets.get(tp, 0), record.offset + 1)
        for tp in {TopicPartition(*stop) for stop in stops} & set(self.kafka.assignment()):
            # Not sought: what was taken behind this batch is handled, whatever is paused.
            self._pause(tp)
        self.commits.owe(offsets)

    def _pause(self, tp: TopicPartition) -> None:
        self.kafka.pause(tp)
        self.paused.add(tp)


async def _done(batch: asyncio.Future[None] | None) -> None:
    """Return once a batch is done; GivenUp when it was given up, and so must be what follows."""
    if batch is None:
        return
    await asyncio.wait({batch})
    if batch.cancelled():
        raise GivenUp
    batch.result()


def _not_done(why: BaseException) -> asyncio.Future[None]:
    """A batch that nothing may be finished behind; waiting for what nobody foresaw ends stuck."""
    batch: asyncio.Future[None] = asyncio.Future()
    if isinstance(why, GivenUp | asyncio.CancelledError):
        batch.cancel()
    return batch


async def _nothing() -> AbstractSet[Partition]:
    """What is left of a batch that is finished once it is handled."""
    return frozenset()


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
        if consumer._trying.stopping.is_set():  # noqa: SLF001 - as above
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
