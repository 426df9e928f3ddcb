"""A broker to look at: what its topics hold, where groups stopped, and who reads in them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from aiokafka import TopicPartition
from aiokafka.errors import KafkaConnectionError

from brocante.messaging.cluster import Cluster, TopicNow
from brocante.settings import Settings

SETTINGS = Settings(topic_prefix="p.", kafka="one:9092")
SERVERS = {"bootstrap_servers": ["one:9092"]}


@dataclass
class Watched:
    """A broker; `fails` is the one question it hangs up at.

    `written` has when the records of each partition were written, in milliseconds; `start` is the
    first offset that is still there. Of `silent` ones nothing comes, of `bare` ones no records.
    """

    written: dict[TopicPartition, list[int]] = field(default_factory=dict)
    start: dict[TopicPartition, int] = field(default_factory=dict)
    groups: dict[str, dict[TopicPartition, int]] = field(default_factory=dict)
    members: dict[str, list[list[str]]] = field(default_factory=dict)
    silent: set[TopicPartition] = field(default_factory=set)
    bare: set[TopicPartition] = field(default_factory=set)
    fails: str = ""
    ms: int = 0
    made: list[dict[str, Any]] = field(default_factory=list)
    open: int = 0
    asked: list[Any] = field(default_factory=list)

    def answer(self, question: str, *told: Any) -> None:
        """Note a question, or hang up at it."""
        self.asked.append((question, *told))
        if question == self.fails:
            raise KafkaConnectionError("away")

    def questions(self, name: str) -> list[Any]:
        """What was asked under a name, in order."""
        return [told for question, *told in self.asked if question == name]

    def time(self) -> float:
        """The clock of the loop, in seconds: it goes on while somebody polls."""
        return self.ms / 1000

    async def describe(self, settings: Settings, topics: Sequence[str]) -> Cluster:
        """The topics that are there, of those asked for."""
        assert settings is SETTINGS
        self.answer("describe", list(topics))
        there: dict[str, int] = {}
        for tp in self.written:
            there[tp.topic] = there.get(tp.topic, 0) + 1
        return Cluster(
            "c1", {name: TopicNow(name, there[name]) for name in topics if name in there}
        )

    def admin(self, **options: Any) -> "WatchedAdmin":
        self.made.append(options)
        return WatchedAdmin(self)

    def consumer(self, **options: Any) -> "WatchedConsumer":
        self.made.append(options)
        return WatchedConsumer(self, options.get("auto_offset_reset", "latest"))


@dataclass
class _Client:
    broker: Watched

    async def start(self) -> None:
        self.broker.open += 1


class WatchedAdmin(_Client):
    """An admin client as aiokafka's, as far as watching asks it."""

    async def close(self) -> None:
        self.broker.open -= 1

    async def describe_consumer_groups(self, groups: list[str]) -> Any:
        """An answer for each coordinator that was asked: one for each group here."""
        self.broker.answer("groups", *groups)
        return [
            SimpleNamespace(
                groups=[
                    (0, group, "Stable", "consumer", "range", members)
                    for members in self.broker.members.get(group, [])
                ]
            )
            for group in groups
        ]

    async def list_consumer_group_offsets(
        self, group: str, *, partitions: Sequence[TopicPartition]
    ) -> Any:
        """Where a group stands: -1 where it never committed."""
        self.broker.answer("offsets", group, list(partitions))
        stands = self.broker.groups.get(group, {})
        return {tp: SimpleNamespace(offset=stands.get(tp, -1)) for tp in partitions}


class WatchedConsumer(_Client):
    """A consumer as aiokafka's: a poll gives records of one partition, and tells its end."""

    def __init__(self, broker: Watched, reset: str) -> None:
        super().__init__(broker)
        self._reset = reset
        self._places: dict[TopicPartition, int] = {}
        self._high: dict[TopicPartition, int] = {}
        self._turns: Iterator[TopicPartition] = iter(())

    async def stop(self) -> None:
        self.broker.open -= 1

    def assign(self, partitions: list[TopicPartition]) -> None:
        assert isinstance(partitions, list)
        self.broker.answer("assign", *sorted(partitions))
        self._places = dict.fromkeys(partitions, 0)
        self._high = {}
        self._turns = iter(partitions)

    def seek(self, partition: TopicPartition, offset: int) -> None:
        assert partition in self._places
        self._places[partition] = offset

    def highwater(self, partition: TopicPartition) -> int | None:
        """The end of a partition that was fetched; None until then."""
        assert partition in self._places
        return self._high.get(partition)

    async def getmany(self, *, timeout_ms: int) -> Mapping[TopicPartition, Any]:
        """Up to two records of the next partition; once all had a turn, of any that has more."""
        self.broker.answer("poll", timeout_ms)
        self.broker.ms += timeout_ms
        turn = next(self._turns, None)
        for tp in [turn] if turn else sorted(self._places):
            if tp not in self.broker.silent and (records := self._fetch(tp)):
                return {tp: records}
        return {}

    def _fetch(self, tp: TopicPartition) -> list[Any]:
        written, start = self.broker.written[tp], self.broker.start.get(tp, 0)
        self._high[tp] = start + len(written)
        if self._places[tp] < start:
            self._places[tp] = start if self._reset == "earliest" else self._high[tp]
        at = self._places[tp] - start
        taken = [] if tp in self.broker.bare else written[at : at + 2]
        self._places[tp] += len(taken)
        return [SimpleNamespace(timestamp=ms) for ms in taken]
