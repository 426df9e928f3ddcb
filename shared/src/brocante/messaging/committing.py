"""Offsets that are done, and committed a moment later: those of several small batches at once."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

log = structlog.get_logger()
GATHER_SECONDS = 0.1
AFTER_FAILURE_SECONDS = 1.0


class Commits:
    """What a consumer owes to its group, and what it committed.

    A commit is a request of its own, so batches that follow each other closely share one, at most
    `GATHER_SECONDS` after the first and beside whatever goes on. After a crash in between more is
    delivered again, which is harmless (journal). One that fails is tried until it works. A record
    that is held is not done although later ones are: nothing from it on is committed.
    """

    def __init__(self, kafka: Callable[[], AIOKafkaConsumer], limit_seconds: float) -> None:
        self.committed: dict[tuple[str, int], int] = {}
        self._kafka = kafka
        self._limit_seconds = limit_seconds
        self._owed: dict[TopicPartition, int] = {}
        self._held: defaultdict[TopicPartition, set[int]] = defaultdict(set)
        self._later: asyncio.Task[None] | None = None
        self._closed = False

    def owe(self, offsets: Mapping[tuple[str, int], int]) -> None:
        """All below these offsets is done, as is what was owed or committed before."""
        for place, offset in offsets.items():
            tp = TopicPartition(*place)
            self._owed[tp] = max(offset, self._owed.get(tp, 0))
        if not self._closed and (self._later is None or self._later.done()):
            self._later = asyncio.create_task(self._settle_later())

    def hold(self, topic: str, partition: int, offset: int) -> None:
        """One record is still being worked on, beside those that follow it."""
        self._held[TopicPartition(topic, partition)].add(offset)

    def let_go(self, topic: str, partition: int, offset: int) -> None:
        """The held record is done, too."""
        self._held[TopicPartition(topic, partition)].discard(offset)
        self.owe({})

    def forget(self, partitions: Iterable[TopicPartition]) -> None:
        """These are another member's now."""
        for tp in partitions:
            self._owed.pop(tp, None)
            self._held.pop(tp, None)
            self.committed.pop((tp.topic, tp.partition), None)

    async def settle(self) -> bool:
        """Commit all that is owed and still ours; False when it failed and stays owed."""
        if not self._owed:
            return True
        kafka = self._kafka()
        mine = kafka.assignment()
        self._owed = {tp: offset for tp, offset in self._owed.items() if tp in mine}
        explicit = self._due()
        if not explicit:
            return True
        try:
            # Python 3.11's wait_for may swallow a cancellation: to stop us would take for ever.
            async with asyncio.timeout(self._limit_seconds):
                await kafka.commit(explicit)
        except (KafkaError, TimeoutError) as error:
            # Another member may own the partition by now.
            log.warning("commit_failed", error=repr(error))
            return False
        self._owed = {tp: o for tp, o in self._owed.items() if o != explicit.get(tp)}
        self.committed.update({(tp.topic, tp.partition): o for tp, o in explicit.items()})
        return True

    def _due(self) -> dict[TopicPartition, int]:
        """What is owed, up to what is held."""
        due = {tp: min((offset, *self._held.get(tp, ()))) for tp, offset in self._owed.items()}
        known = self.committed
        return {tp: at for tp, at in due.items() if at > known.get((tp.topic, tp.partition), -1)}

    def close(self) -> None:
        """No commit comes later."""
        self._closed = True
        if self._later is not None:
            self._later.cancel()

    async def _settle_later(self) -> None:
        wait = GATHER_SECONDS
        while self._due():
            try:
                await asyncio.sleep(wait)
                settled = await self.settle()
            except Exception as error:  # noqa: BLE001 - whatever it was, what is owed stays owed
                log.warning("commit_failed", error=repr(error))
                settled = False
            wait = GATHER_SECONDS if settled else AFTER_FAILURE_SECONDS
