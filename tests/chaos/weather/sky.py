"""What a weather can do: force faults for a while, send records again, and wait for the outside."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from aiokafka import AIOKafkaProducer
from pymongo import MongoClient

from brocante.messaging.wire import Wire
from tests.chaos.at_once import sell
from tests.chaos.books import Piece, Sale, Struck
from tests.chaos.chapters import Told
from tests.chaos.collecting import DATABASE
from tests.chaos.installation import Rigged
from tests.chaos.limits import TooLong
from tests.chaos.lot_plan import Lot, Round
from tests.chaos.proxies import Proxy
from tests.chaos.till import laid_out
from tests.support.installation import good_piece

LOOK_SECONDS = 0.1
PATIENCE = 30.0
AT_ONCE = 12


@dataclass(slots=True)
class Sky:
    """One weather's hands.

    `say` tells whoever watches; `pieces` are this weather's own, on sale everywhere when it begins.
    """

    told: Told
    rigged: Rigged
    say: Callable[[str], None]
    name: str
    pieces: Sequence[str]

    @property
    def wires(self) -> Sequence[Wire]:
        """Every record that was said so far."""
        return self.told.recorder.wires or ()

    @property
    def workers(self) -> list[str]:
        """The services at the marketplaces."""
        return [name for name in self.rigged.services.processes if name.startswith("market")]

    @asynccontextmanager
    async def fault(self, kind: str, target: str) -> AsyncIterator[Struck]:
        """A fault is in force while the block lasts; the books know."""
        struck = self.told.books.struck
        one = Struck(len(struck) + 1, kind, target, time.time())
        struck.append(one)
        self.say(f"fault {one.number}: {kind} {target}")
        try:
            yield one
        finally:
            one.until = time.time()

    @asynccontextmanager
    async def troubled(self, way: str, trouble: Callable[[Proxy], None]) -> AsyncIterator[None]:
        """A way is in trouble while the block lasts."""
        proxy = self.rigged.ways[way]
        async with self.fault(trouble.__name__, way):
            trouble(proxy)
            try:
                yield
            finally:
                proxy.heal()

    @asynccontextmanager
    async def market(self, marketplace: str, **faults: float) -> AsyncIterator[None]:
        """A marketplace has these faults while the block lasts."""
        async with self.fault(",".join(faults), marketplace) as struck:
            struck.retry_after = faults.get("retry_after_s", struck.retry_after)
            await self.told.fair.faults(marketplace, faults)
            try:
                yield
            finally:
                await self.told.fair.faults(marketplace, {})

    def stored(self, collection: str, id_: str) -> str:
        """All that is stored of one of the first dealer's documents, as text to look into."""
        with MongoClient[dict[str, object]](self.rigged.mongo_direct) as client:
            return str(client[DATABASE][collection].find_one({"_id": f"main/{id_}"}))

    async def kill(self, *services: str) -> None:
        """End processes as a crash would; they are started again."""
        for name in services:
            async with self.fault("kill", name):
                self.rigged.services.signal(name, signal.SIGKILL)

    @asynccontextmanager
    async def twin(self, service: str) -> AsyncIterator[None]:
        """A second replica works, too, while the block lasts."""
        services = self.rigged.services
        async with self.fault("scale", service):
            await services.double(service)
            await self.until(lambda: services.twin_answers(service), f"a second {service}")
            await self.until_quiet()
        try:
            yield
        finally:
            async with self.fault("scale", service):
                await services.single(service)

    async def again(self, wires: Sequence[Wire]) -> None:
        """Put records onto their topics once more, byte for byte."""
        producer = AIOKafkaProducer(bootstrap_servers=[self.rigged.kafka], acks="all")
        await producer.start()
        try:
            for wire in wires:
                await producer.send(
                    wire.topic, key=wire.key, value=wire.value, headers=list(wire.headers)
                )
        finally:
            await producer.stop()

    async def lot(self, name: str, size: int = 40) -> Piece:
        """A lot on sale everywhere, of which so many can be sold at one moment."""
        one = Lot(name, (Round(size, "showroom", "none", canceled=True),))
        return await laid_out(self.told, one)

    async def new(self, many: int) -> list[str]:
        """Pieces that are nowhere on sale yet."""
        names = [f"{self.name}-{n}" for n in range(many)]
        for name in names:
            self.told.books.pieces[name] = Piece(name)
        await self._all("/items", [(name, _chair(name)) for name in names], "create")
        return names

    async def activate(self, names: Sequence[str], place: str = "etsy") -> None:
        """Put pieces on sale on one marketplace; returns when inventory has answered."""
        body = {"marketplaces": [place]}
        await self._all("/items/{}/activate", [(name, body) for name in names], "on")
        for name in names:
            piece = self.told.books.pieces[name]
            piece.shown = {**(piece.shown or {}), place: "active"}

    async def _all(self, path: str, wanted: Sequence[tuple[str, object]], about: str) -> None:
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(name: str, body: object) -> None:
            async with gate:
                await self.told.desk.done(path.format(name), body, f"{name}/{about}", name)

        await asyncio.gather(*(one(name, body) for name, body in wanted))

    async def sell(self, pieces: Sequence[str], about: str, place: str = "showroom") -> list[Sale]:
        """Sell pieces by hand at one moment; `about` makes the sales' ids."""
        return await sell(self.told, [(f"{about}-{name}", name) for name in pieces], place)

    async def until(
        self, found: Callable[[], object], what: str, seconds: float = PATIENCE
    ) -> None:
        """Wait for something outside; TooLong names it."""
        end = time.monotonic() + seconds
        while not await asyncio.to_thread(found):
            if time.monotonic() > end:
                raise TooLong(f"waited {seconds:g} s in vain for {what}")
            await asyncio.sleep(LOOK_SECONDS)

    async def until_off(self, pieces: Sequence[str], seconds: float = PATIENCE) -> None:
        """Wait until none of them can be bought anywhere, or the time is over: rest will judge."""
        nowhere = dict.fromkeys(("ebay", "etsy", "shopify"), "off")
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                for name in pieces:
                    await self.told.fair.until_shown(name, nowhere, seconds)

    async def until_quiet(self, quiet: float = 1.5, seconds: float = PATIENCE) -> None:
        """Wait until nothing more is said."""
        await self.told.recorder.until_quiet(quiet, seconds)


def _chair(name: str) -> dict[str, object]:
    return good_piece(name, title=f"First dealer's chair {name}")


def slowly(way: Proxy) -> None:
    """Every answer takes a while."""
    way.slow(0.15)
