"""A whole small world in one process: gateway, sales, inventory and workers with their markets."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError
from pymongo.errors import AutoReconnect

from brocante.contracts.topics import topics_for
from brocante.messaging.cluster import Cluster, TopicNow
from brocante.messaging.deciding import ServiceTable
from brocante.messaging.epoch import Epochs
from brocante.messaging.running import BrokerChanged
from brocante.testing.memory_broker import PARTITIONS
from inventory import handlers as inventory
from sales import handlers as sales
from tests.model.front import Front
from tests.model.group import Group
from tests.model.hand_time import HandTime
from tests.model.market import Market
from tests.model.replicas import Died, Process, Replica, alone
from tests.model.watching import Watch, WatchedBroker
from tests.model.workers import WorkerReplica

REPLICAS = 2
LEASE_SECONDS = 20.0
MOST_POINTS = 5000
What = Literal["die", "fail", "overtaken"]


@dataclass(frozen=True)
class Trouble:
    """What goes wrong at the `at`-th point of the next piece of work."""

    at: int
    what: What


class World:
    """Steps are plain methods; each runs to its end, and is checked by whoever calls it."""

    def __init__(self, marketplaces: tuple[str, ...] = ("ebay", "etsy")) -> None:
        self.time = HandTime()
        self.watch = Watch()
        self.broker = WatchedBroker(self.watch)
        self.stored: dict[str, dict[Any, Any]] = {}
        self.markets = {m: Market(slug=m, idempotent=False) for m in marketplaces}
        self.trouble: Trouble | None = None
        self.troubles = 0
        self._points = 0
        self._born = 0
        self._clusters = 0
        self._quiet = False
        self._tables: dict[str, ServiceTable] = {
            "sales": sales.TABLE,
            "inventory": inventory.table(frozenset(marketplaces)),
        }
        self.front = Front(self._process("gateway"), self.broker)
        self.replicas: dict[str, list[Replica]] = {}
        self.time.run(self._start_over())

    @property
    def services(self) -> list[str]:
        """Every service by name; workers by their marketplace's."""
        return [*self._tables, *self.markets]

    @property
    def workers(self) -> list[WorkerReplica]:
        """Every replica of every worker."""
        return [
            r for group in self.replicas.values() for r in group if isinstance(r, WorkerReplica)
        ]

    def run(self, work: Awaitable[Any], trouble: Trouble | None = None) -> Any:
        """Do a piece of work, with trouble on the way."""
        self.trouble, self._points = trouble, 0

        async def awaited() -> Any:
            return await work

        try:
            return self.time.run(awaited())
        finally:
            # How often there was such a point at all.
            self.troubles += trouble is not None and self.trouble is None
            self.trouble = None

    def consume(
        self,
        service: str,
        replica: int = 0,
        partitions: Callable[[TopicPartition], bool] | None = lambda _: True,
        most: int = 500,
        trouble: Trouble | None = None,
    ) -> None:
        """A replica takes a batch; with `partitions` it joins first, without it just goes on."""
        one = self.replicas[service][replica % REPLICAS]
        self.run(self._consumed(one, partitions, most), trouble)

    def look(self, market: str, replica: int = 0, trouble: Trouble | None = None) -> None:
        """A worker's loop looks, and works what is due."""
        one = self.replicas[market][replica % REPLICAS]
        assert isinstance(one, WorkerReplica)
        one.process.overtaken = False
        self.run(self._mortal(one, self._tolerant(one.look())), trouble)

    def sweep(self, service: str, replica: int = 0, trouble: Trouble | None = None) -> None:
        """A replica sweeps: unsent outputs, timers; a worker its marketplace, too."""
        one = self.replicas[service][replica % REPLICAS]

        async def swept() -> None:
            await self._tolerant(one.sweep())
            if isinstance(one, WorkerReplica):
                await self._tolerant(one.sweep_orders())

        self.run(self._mortal(one, swept()), trouble)

    def owns(self, service: str, replica: int = 0) -> bool:
        """Whether a replica may call its marketplace now."""
        one = self.replicas[service][replica]
        return isinstance(one, WorkerReplica) and one.loop._may_call()

    def wipe(self) -> None:
        """The broker loses everything; everyone starts over, and a resync is asked for."""
        self.lose_the_broker()
        self.resync()

    def lose_the_broker(self) -> None:
        """The broker loses everything, and everyone starts over."""
        self.broker.wipe()
        self.watch.wiped()
        self.front.read.clear()
        self.front.restart()
        self.time.run(self._start_over())

    def resync(self) -> None:
        """An operator asks for a resync."""
        self._clusters += 1
        self.run(self.front.resync(f"resync-{self._clusters}", sorted(self.markets)))

    def close(self) -> None:
        """The real time again."""
        for group in self.replicas.values():
            for one in group:
                one.process.dead = True
        self.time.close()

    async def _start_over(self) -> None:
        self._clusters += 1
        epochs = Epochs(self.front.process.database)
        topics = {name: TopicNow(f"{name}-{self._clusters}", PARTITIONS) for name in self._topics()}
        epoch, raised = await epochs.adopt(Cluster(f"cluster-{self._clusters}", topics))
        assert raised, f"{epoch} is not of another broker"
        for group in self.replicas.values():
            for one in group:
                one.process.dead = True
        self.replicas = {name: [] for name in self.services}
        for name in self.services:
            for _ in range(REPLICAS):
                self.replicas[name].append(await self._replica(name))

    async def _replica(self, name: str) -> Replica:
        process = self._process(name)
        epoch = await Epochs(self.front.process.database).current()
        assert epoch is not None
        group = self._group(name, epoch.incarnation)
        if name in self.markets:
            return WorkerReplica(process, self.markets[name], epoch, group)
        return Replica(process, self._tables[name], epoch, group)

    def _topics(self) -> list[str]:
        names = topics_for(self.markets, partitions=PARTITIONS)
        return [topic.name for topic in names]

    def _group(self, name: str, incarnation: int) -> Group:
        mates = self.replicas.get(name)
        if mates and mates[0].kafka.group.name == f"{name}.{incarnation}":
            return mates[0].kafka.group
        return Group(f"{name}.{incarnation}", self.broker)

    def _process(self, name: str) -> Process:
        self._born += 1
        return Process(f"{name}-{self._born}", self.stored, self.broker, self.watch, self._point)

    async def _consumed(self, one: Replica, partitions: Any, most: int) -> None:
        async def work() -> None:
            if partitions is not None:
                await one.join(filter(partitions, one.kafka.partitions()))
            await one.consume(most)

        await self._mortal(one, work())

    async def _mortal(self, one: Replica, work: Awaitable[Any]) -> None:
        """Another process takes the place of one that died."""
        await alone(work, one.process)
        if one.process.dead:
            for name, group in self.replicas.items():
                if one in group:
                    group[group.index(one)] = await self._replica(name)

    async def _tolerant(self, work: Awaitable[Any]) -> None:
        """What sweeps do about what goes wrong: they try again later."""
        try:
            await work
        except BrokerChanged:
            raise
        except Exception as error:
            if isinstance(error, AssertionError):
                raise

    async def _point(self, process: Process, name: str) -> None:
        self.time.tick()
        self._points += 1
        if self._points > MOST_POINTS:
            self.watch.violations.append(f"{process.name} tries again for ever")
            process.dead = True
            raise Died(process.name)
        if self._quiet or self.trouble is None:
            return
        if self._points != self.trouble.at:
            return
        what, self.trouble = self.trouble.what, None
        if what == "die":
            process.dead = True
            raise Died(process.name)
        if what == "fail":
            _fail(name)
        else:
            process.overtaken = True
            self._quiet = True
            await self._others_go_on(process)
            self._quiet = False

    async def _others_go_on(self, process: Process) -> None:
        """Everyone else of its service believes that this one is gone, and takes over."""
        for group in self.replicas.values():
            if process not in [one.process for one in group]:
                continue
            for other in [one for one in group if one.process is not process]:
                await other.join()
                await other.consume()
                if isinstance(other, WorkerReplica):
                    self.time.pass_(LEASE_SECONDS)
                    await other.look()
        await asyncio.sleep(0)


def _fail(point: str) -> None:
    match point.split(maxsplit=1)[0]:
        case "publish" | "published":
            raise ConnectionError("the broker went away")
        case "commit":
            raise KafkaError("the broker went away")
        case "called":
            return
        case _:
            raise AutoReconnect("the database went away")
