"""What a process has outside itself and leaves behind when it dies, kept in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiokafka.errors import KafkaError

from brocante.messaging.wire import Wire
from brocante.testing.memory_broker import PARTITIONS, MemoryBroker, Record
from brocante.testing.memory_database import MemoryDatabase
from marketplace_sync.marketplaces.contract import (
    Notices,
    Outcome,
    RequirementSet,
    Unauthorized,
    Unknown,
)
from tests.support.crashing.quick_loop import Clock
from tests.support.fake_adapter import FakeAdapter

Partition = tuple[str, int]


@dataclass(slots=True)
class Broker(MemoryBroker):
    """A broker read by position, as a consumer does; `refusing` commits fail."""

    refusing: int = 0

    def fetch(self, positions: Mapping[Partition, int], most: int) -> list[Record]:
        """What is there from these positions on."""
        found: list[Record] = []
        for place, position in positions.items():
            found += self.logs.get(place, [])[position:]
        return found[:most]

    def ends(self, topics: Sequence[str]) -> dict[Partition, int]:
        """The end of every partition of these topics."""
        places = [(topic, number) for topic in topics for number in range(PARTITIONS)]
        return {place: len(self.logs.get(place, [])) for place in places}

    def done(self, group: str) -> dict[Partition, int]:
        """What a group committed."""
        return dict(self.committed.get(group, {}))

    def commit_offsets(self, group: str, offsets: Mapping[Partition, int]) -> None:
        """Commit these offsets and no others."""
        if self.refusing:
            self.refusing -= 1
            raise KafkaError("the coordinator is loading")
        self.committed.setdefault(group, {}).update(offsets)

    def publish(self, wire: Wire) -> int:
        """Append a record; its offset."""
        return self.append(wire).offset


@dataclass
class Market(FakeAdapter):
    """A marketplace that may not be reached, or refuse access, or answer nonsense.

    `outage` calls and `unread` looks at an order are not answered, `nonsense` looks at an order
    raise, and `refused` names operations that need other access.
    """

    outage: int = 0
    refused: set[str] = field(default_factory=set)
    nonsense: int = 0
    unread: int = 0

    async def listing_changes(self, cursor: str | None) -> Notices | Outcome:
        """Every listing."""
        return self._not("listing_changes") or await super().listing_changes(cursor)

    async def order_changes(self, cursor: str | None) -> Notices | Outcome:
        """What changed."""
        return self._not("order_changes") or await super().order_changes(cursor)

    async def requirements(self, category: str | None) -> RequirementSet | Outcome:
        """What is asked for."""
        return self._not("requirements") or await super().requirements(category)

    async def read_order(self, external_order_id: str) -> Notices | Outcome:
        """An order."""
        if self.nonsense > 0:
            self.nonsense -= 1
            raise KeyError(external_order_id)
        if self.unread > 0:
            self.unread -= 1
            return Unknown("no answer")
        return await super().read_order(external_order_id)

    async def _answer(self, operation: str, *about: Any) -> Outcome:
        return self._not(operation) or await super()._answer(operation, *about)

    def _not(self, operation: str) -> Unknown | Unauthorized | None:
        if operation in self.refused:
            return Unauthorized("the token was revoked")
        if self.outage <= 0:
            return None
        self.outage -= 1
        return Unknown("no answer")


@dataclass
class Servers:
    """Database, broker and marketplace; `notes` are what the outside world remembers."""

    clock: Clock = field(default_factory=Clock)
    database: Any = field(default_factory=MemoryDatabase)
    broker: Any = field(default_factory=Broker)
    market: Any = field(default_factory=Market)
    notes: dict[str, Any] = field(default_factory=dict)
    stages: Sequence[Any] = ()

    def note(self, name: str, value: Any) -> None:
        """Remember."""
        self.notes[name] = value

    def noted(self, name: str, default: Any = None) -> Any:
        """What was noted."""
        return self.notes.get(name, default)

    def prepare(self, number: int) -> None:
        """The outside world does what a stage begins with."""
        self.stages[number].prepare(self)

    def done(self, number: int) -> bool:
        """Whether all of a stage has come about."""
        return bool(self.stages[number].done(self))
