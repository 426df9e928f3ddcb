"""A broker in memory: topics, partitions, groups with committed offsets, and a publisher to it.

What a service does with records is the product's own code; only the transport is another. A record
is acknowledged once it is in its log, unless the hook says that the acknowledgement got lost.
"""

import zlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from brocante.messaging.publisher import NotPublished, Publisher
from brocante.messaging.wire import Partition, Wire
from brocante.settings import Settings

PARTITIONS = 2
Headers = tuple[tuple[str, bytes | None], ...]
Hook = Callable[[str], Awaitable[None]]
"""Called with `publish` before and `published` after records are in; what it raises is raised."""


@dataclass(frozen=True, slots=True)
class Record:
    """A record as a consumer gives it."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers
    timestamp: int = 1_795_000_000_000


async def _nothing(_operation: str) -> None:
    return


@dataclass(slots=True)
class MemoryBroker:
    """Logs by topic and partition; `committed` by group. Wiping forgets all of it."""

    logs: dict[Partition, list[Record]] = field(default_factory=dict)
    committed: dict[str, dict[Partition, int]] = field(default_factory=dict)
    hook: Hook = _nothing

    def append(self, wire: Wire) -> Record:
        """Put a record at the end of its key's partition."""
        number = zlib.crc32(wire.key) % PARTITIONS if wire.key else 0
        log = self.logs.setdefault((wire.topic, number), [])
        headers = tuple(wire.headers)
        record = Record(wire.topic, number, len(log), wire.key, wire.value, headers)
        log.append(record)
        return record

    def read(self, topic: str) -> list[Record]:
        """Everything on a topic, partition by partition."""
        return [r for (name, _), log in sorted(self.logs.items()) if name == topic for r in log]

    def waiting(self, group: str, topics: Sequence[str], most: int = 500) -> list[Record]:
        """What a group has not committed on these topics, partition by partition."""
        done = self.committed.get(group, {})
        found = [
            record
            for place, log in sorted(self.logs.items())
            if place[0] in topics
            for record in log[done.get(place, 0) :]
        ]
        return found[:most]

    def commit(self, group: str, records: Sequence[Record]) -> None:
        """Commit the offsets behind these records; never backwards."""
        done = self.committed.setdefault(group, {})
        for record in records:
            place = (record.topic, record.partition)
            done[place] = max(done.get(place, 0), record.offset + 1)

    def wipe(self) -> None:
        """Lose everything, as a broker that keeps its logs in memory does."""
        self.logs.clear()
        self.committed.clear()


class MemoryPublisher(Publisher):
    """Publishes to a broker in memory; NotPublished when a hook raises ConnectionError.

    `hook` is this publisher's own; without it the broker's is called.
    """

    def __init__(self, settings: Settings, broker: MemoryBroker, hook: Hook | None = None) -> None:
        super().__init__(settings)
        self._broker = broker
        self._hook = hook

    async def start(self) -> None:
        """Nothing to connect to."""

    async def stop(self) -> None:
        """Nothing to flush."""

    async def send_all(self, records: Sequence[Wire]) -> None:
        """Append records in order; NotPublished when unsure."""
        if not records:
            return
        hook = self._hook or self._broker.hook
        try:
            await hook("publish")
            for record in records:
                self._broker.append(record)
            await hook("published")
        except ConnectionError as error:
            raise NotPublished(f"{len(records)} records not acknowledged: {error!r}") from error
