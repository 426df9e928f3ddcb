"""A consumer group on the broker in memory, with owners of partitions and fenced commits."""

import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiokafka import TopicPartition
from aiokafka.errors import CommitFailedError

from brocante.testing.memory_broker import PARTITIONS, MemoryBroker, Record


@dataclass
class Group:
    """Who owns which partition now. Anyone else is a zombie: it reads on, and cannot commit."""

    name: str
    broker: MemoryBroker
    owners: dict[TopicPartition, "MemberKafka"] = field(default_factory=dict)

    def committed(self, tp: TopicPartition) -> int | None:
        """Where the group stands, or None."""
        return self.broker.committed.get(self.name, {}).get((tp.topic, tp.partition))

    def waiting(self, topics: Sequence[str]) -> list[Record]:
        """What nobody has committed."""
        return self.broker.waiting(self.name, topics)


@dataclass
class MemberKafka:
    """What a member of a group sees of aiokafka's consumer."""

    group: Group
    topics: Sequence[str]
    before_commit: Callable[[], Any]
    positions: dict[TopicPartition, int] = field(default_factory=dict)
    silenced: set[TopicPartition] = field(default_factory=set)

    def partitions(self) -> list[TopicPartition]:
        """Every partition the service reads."""
        return [TopicPartition(topic, n) for topic in self.topics for n in range(PARTITIONS)]

    def assign(self, partitions: Iterable[TopicPartition]) -> None:
        """Own these from now on, from where the group stands; whoever had them is a zombie."""
        self.positions = {}
        for tp in partitions:
            self.group.owners[tp] = self
            self.positions[tp] = self.group.committed(tp) or 0

    def assignment(self) -> set[TopicPartition]:
        """What it believes to own."""
        return set(self.positions)

    async def committed(self, tp: TopicPartition) -> int | None:
        """As aiokafka."""
        return self.group.committed(tp)

    async def getmany(
        self,
        timeout_ms: int = 0,  # noqa: ARG002 - there is nothing to wait for
        max_records: int | None = None,
    ) -> dict[TopicPartition, list[Record]]:
        """The next records of its partitions."""
        left = max_records or 500
        found: dict[TopicPartition, list[Record]] = {}
        # One after the other in an order of its own: producers on different topics race.
        for tp in sorted(set(self.positions) - self.silenced, key=_shuffled):
            log = self.group.broker.logs.get((tp.topic, tp.partition), [])
            taken = log[self.positions[tp] :][:left]
            if taken:
                found[tp] = taken
                self.positions[tp] += len(taken)
                left -= len(taken)
        return found

    async def commit(self, offsets: dict[TopicPartition, int] | None = None) -> None:
        """Commit these (or wherever reading stands); CommitFailedError for a zombie."""
        wanted = dict(self.positions) if offsets is None else offsets
        await self.before_commit()
        if any(self.group.owners.get(tp) is not self for tp in wanted):
            raise CommitFailedError("the group has rebalanced")
        done = self.group.broker.committed.setdefault(self.group.name, {})
        for tp, offset in wanted.items():
            done[tp.topic, tp.partition] = offset

    def seek(self, tp: TopicPartition, offset: int) -> None:
        """As aiokafka."""
        self.positions[tp] = offset

    def pause(self, tp: TopicPartition) -> None:
        """As aiokafka."""
        self.silenced.add(tp)

    def resume(self, tp: TopicPartition) -> None:
        """As aiokafka."""
        self.silenced.discard(tp)


def _shuffled(tp: TopicPartition) -> int:
    return zlib.crc32(f"{tp.topic}/{tp.partition}".encode())
