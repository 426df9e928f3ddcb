"""Back ends in memory for a whole process, and parts that note what happens to them."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from brocante.messaging.cluster import Cluster, TopicNow
from brocante.messaging.progress import Progress
from brocante.messaging.serving import Runtime
from brocante.settings import Settings
from brocante.testing.memory_broker import MemoryBroker, MemoryPublisher
from brocante.testing.memory_database import MemoryDatabase
from tests.unit.messaging.memory_service import EPOCH

SETTINGS = Settings(topic_prefix="p.", mongo="mongodb://here", database="things")


class Ground:
    """The back ends of one test: what is there, and what was asked for."""

    def __init__(self) -> None:
        self.database = MemoryDatabase()
        self.broker = MemoryBroker()
        self.topics: dict[str, str] = {}
        self.connected: list[tuple[str, ...]] = []
        self.closed: list[str] = []

    def connect(self, *asked: str) -> MemoryDatabase:
        self.connected.append(asked)
        return self.database

    async def describe(self, settings: Settings, topics: Sequence[str]) -> Cluster:
        """The topics that are there now."""
        assert settings is SETTINGS
        there = {name: TopicNow(self.topics[name], 1) for name in topics if name in self.topics}
        return Cluster("c1", there)

    def publisher(self, settings: Settings) -> MemoryPublisher:
        return MemoryPublisher(settings, self.broker)


class Sweeper:
    """A part of a process that notes what happens to it."""

    def __init__(self, name: str, notes: list[str]) -> None:
        self.name, self.notes = name, notes

    async def start(self) -> None:
        self.notes.append(f"{self.name} started")

    async def stop(self) -> None:
        self.notes.append(f"{self.name} stopped")


def runtime_of(ground: Ground, publisher: MemoryPublisher) -> Runtime:
    return Runtime(SETTINGS, ground.database, publisher, EPOCH, Progress(60))


def at_once(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Nobody waits; how long they would have."""
    waited: list[float] = []
    sleep: Callable[[float], Any] = asyncio.sleep

    async def note(seconds: float) -> None:
        waited.append(seconds)
        await sleep(0)

    monkeypatch.setattr(asyncio, "sleep", note)
    return waited
