"""What a contender's process is told, and what it says when it is done."""

import resource
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from aiokafka import ConsumerRebalanceListener, TopicPartition

from brocante.documents.driver import Driver
from brocante.settings import Settings
from tests.bench.processes import Meter

Kind = Literal["ours", "hand", "one"]
NAMES: dict[Kind, str] = {
    "ours": "Brocante's runtime",
    "hand": "hand-tuned batch loop",
    "one": "FastStream, one message at a time",
}
NOBODY: Mapping[str, int] = MappingProxyType({})
BATCH = 500
POLL_MS = 200
FETCH_WAIT_MS = Settings().kafka_fetch_wait_ms
"""As the runtime has them: nobody wins by waiting less."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """Do this load's messages, all of them, on these servers.

    `before`: so many on the same topics were done earlier. `warm`: so many come first and are not
    measured. `pids`: the servers whose processor time is measured beside the contender's own.
    """

    kind: Kind
    load: str
    messages: int
    kafka: str
    mongo: str
    prefix: str
    database: str
    driver: Driver = "motor"
    profile: str | None = None
    before: int = 0
    warm: int = 0
    pids: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Done:
    """How it went: seconds from the first message to the last commit, processor seconds meanwhile.

    `servers` are the processor seconds that the broker and the database spent meanwhile, where they
    were started by the bench.
    """

    messages: int
    seconds: float
    cpu_seconds: float
    rss_mb: float
    servers: Mapping[str, float] = field(default_factory=dict)

    @property
    def per_second(self) -> float:
        """Messages per second."""
        return self.messages / self.seconds

    @property
    def cpu_ms(self) -> float:
        """Processor milliseconds per message, of the contender's own process."""
        return self.cpu_seconds * 1000 / self.messages

    def server_ms(self, name: str) -> float:
        """Processor milliseconds per message, of the broker or the database."""
        return self.servers.get(name, 0.0) * 1000 / self.messages

    @property
    def whole_ms(self) -> float:
        """Processor milliseconds per message, of everyone."""
        return self.cpu_ms + sum(self.server_ms(name) for name in self.servers)


class Stopwatch:
    """Started when partitions are assigned, stopped once everything is committed."""

    def __init__(self, pids: Mapping[str, int] = NOBODY) -> None:
        self._pids = pids
        self._began: tuple[float, float, Meter] | None = None

    def start(self) -> None:
        """The first call counts."""
        self._began = self._began or (time.perf_counter(), time.process_time(), Meter(self._pids))

    def done(self, messages: int) -> Done:
        """What it shows now."""
        self.start()
        assert self._began is not None
        wall, own, servers = self._began
        # Linux gives kilobytes.
        rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        seconds, cpu = time.perf_counter() - wall, time.process_time() - own
        return Done(messages, seconds, cpu, round(rss, 1), servers.used())


class StartsOnAssignment(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka is untyped
    """Starts a stopwatch when a consumer gets its partitions."""

    def __init__(self, stopwatch: Stopwatch) -> None:
        self._stopwatch = stopwatch

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """Nothing."""

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Go."""
        if list(assigned):
            self._stopwatch.start()


def group_of(assignment: Assignment) -> str:
    """The group of a contender that names its own."""
    return f"{assignment.prefix}{assignment.kind}"


def raw_client(assignment: Assignment) -> Any:
    """The driver itself, as someone without our documents module would use it."""
    from motor.motor_asyncio import AsyncIOMotorClient  # noqa: PLC0415 - only one is needed
    from pymongo import AsyncMongoClient  # noqa: PLC0415 - as above

    make: Any = AsyncIOMotorClient if assignment.driver == "motor" else AsyncMongoClient
    return make(assignment.mongo, retryWrites=False)
