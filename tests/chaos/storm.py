"""Lets faults strike as planned, each healed when its time is over."""

import asyncio
import signal
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator

from brocante_local.supervisor.broker import MOST_BYTES
from tests.chaos.books import Books, Struck
from tests.chaos.fair import Fair
from tests.chaos.fault_plan import MARKETPLACE_FAULTS, MARKETPLACES, Planned
from tests.chaos.installation import Rigged
from tests.chaos.limits import within
from tests.chaos.poison import Poisoner
from tests.chaos.proxies import Proxy

STRENGTH = {
    "duplicate_webhooks": 0.6,
    "reorder_webhooks": 0.6,
    "delay_webhooks_s": 3.0,
    "rate_limited": 0.4,
    "server_error": 0.4,
    "cut_before": 0.4,
    "cut_after": 0.4,
    "lie": 0.25,
    "slow_ms": 800.0,
}
LATENCY = 0.15
SLOW_BYTES = 400_000.0
AFTER_ZOMBIE_SECONDS = 2.0
RESTART_SECONDS = 6.0
MEMORY_SECONDS = 5.0
FAULT_SECONDS = 150.0
Say = Callable[[str], None]


class Storm:
    """Every kind of fault by name; faults on the same back end wait for each other."""

    def __init__(
        self, rigged: Rigged, fair: Fair, poisoner: Poisoner, books: Books, say: Say
    ) -> None:
        self._rigged = rigged
        self._fair = fair
        self._poisoner = poisoner
        self._books = books
        self._say = say
        self._locks: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._in_force: dict[str, dict[str, float]] = {m: {} for m in MARKETPLACES}
        self._running: set[asyncio.Task[None]] = set()
        self._extra = 0
        self._over: Callable[[], bool] = lambda: False
        self._handlers: dict[str, Callable[[Planned], Awaitable[str]]] = {
            "kill": self._kill,
            "zombie": self._zombie,
            "rolling": self._rolling,
            "scale": self._scale,
            "pause": self._pause,
            "restart": self._restart,
            "wipe": self._wipe,
            "cut": self._cut,
            "refuse": self._refuse,
            "stall": self._stall,
            "slow": self._slow,
            "poison": self._poison,
        }

    async def rage(self, plan: Iterator[Planned], over: Callable[[], bool]) -> None:
        """Strike as planned until `over`; returns when every fault is healed.

        What still waits its turn at a back end by then does not strike any more.
        """
        self._over = over
        began = time.monotonic()
        memory = asyncio.create_task(self._watch_memory())
        try:
            for planned in plan:
                wait = began + planned.at - time.monotonic()
                while wait > 0 and not over():
                    await asyncio.sleep(min(wait, 0.5))
                    wait = began + planned.at - time.monotonic()
                if over():
                    break
                task = asyncio.create_task(self._strike(planned))
                self._running.add(task)
                task.add_done_callback(self._running.discard)
            while self._running:
                await asyncio.gather(*self._running)
        finally:
            memory.cancel()
            for task in self._running:
                task.cancel()

    async def heal(self) -> None:
        """Nothing fails any more."""
        self._rigged.heal_ways()
        for marketplace in MARKETPLACES:
            await self._fair.faults(marketplace, {})

    async def _strike(self, planned: Planned) -> None:
        if planned.kind in MARKETPLACE_FAULTS:
            await self._noted(planned, self._at_marketplace)
            return
        handler = self._handlers[planned.kind.rsplit("-", maxsplit=1)[-1]]
        async with self._locks[planned.target]:
            if not self._over():
                await self._noted(planned, handler)

    async def _noted(self, planned: Planned, handler: Callable[[Planned], Awaitable[str]]) -> None:
        struck = Struck(planned.number, planned.kind, planned.target, time.time())
        self._books.struck.append(struck)
        lasting = f" for {planned.seconds:.1f} s" if planned.seconds else ""
        sales = len(self._books.sales)
        self._say(
            f"fault {planned.number}: {planned.kind} {planned.target}{lasting}; {sales} sales"
        )
        try:
            what = f"fault {planned.number}, {planned.kind} {planned.target}, to be over"
            async with within(planned.seconds + FAULT_SECONDS, what):
                struck.note = await handler(planned)
        finally:
            struck.until = time.time()

    async def _kill(self, planned: Planned) -> str:
        there = self._rigged.services.signal(planned.target, signal.SIGKILL)
        return "" if there else "was not running"

    async def _zombie(self, planned: Planned) -> str:
        """Stopped past its session while another takes over, then it wakes up."""
        services = self._rigged.services
        await services.double(planned.target)
        there = services.signal(planned.target, signal.SIGSTOP)
        await asyncio.sleep(planned.seconds)
        services.signal(planned.target, signal.SIGCONT)
        await asyncio.sleep(AFTER_ZOMBIE_SECONDS)
        await services.single(planned.target)
        return "" if there else "was not running"

    async def _rolling(self, _planned: Planned) -> str:
        services = self._rigged.services
        for name in services.processes:
            services.signal(name, signal.SIGTERM)
            end = time.monotonic() + RESTART_SECONDS
            # Asking is all there is: a service does not tell when it is ready.
            while time.monotonic() < end:
                await asyncio.sleep(0.5)
                if (await services.ready())[name]:
                    break
        return f"{len(services.processes)} services"

    async def _scale(self, planned: Planned) -> str:
        await self._rigged.services.double(planned.target)
        await asyncio.sleep(planned.seconds)
        await self._rigged.services.single(planned.target)
        return ""

    async def _pause(self, planned: Planned) -> str:
        rigged = self._rigged
        server = rigged.broker if planned.target == "broker" else rigged.database
        server.pause()
        await asyncio.sleep(planned.seconds)
        server.go_on()
        return ""

    async def _restart(self, _planned: Planned) -> str:
        """A durable broker crashes and comes back with what it had."""
        self._rigged.broker.kill()
        await self._rigged.broker.start(afresh=False)
        return ""

    async def _wipe(self, _planned: Planned) -> str:
        await self._rigged.wipe()
        return f"broker {self._rigged.recorder.incarnation}"

    async def _cut(self, planned: Planned) -> str:
        way = self._rigged.ways[planned.target]
        ends = way.connections
        way.cut()
        return f"{ends // 2} connections"

    async def _refuse(self, planned: Planned) -> str:
        return await self._troubled(planned, Proxy.refuse)

    async def _stall(self, planned: Planned) -> str:
        return await self._troubled(planned, Proxy.stall)

    async def _slow(self, planned: Planned) -> str:
        latency = LATENCY * (0.5 + planned.dice)
        await self._troubled(planned, lambda way: way.slow(latency, SLOW_BYTES))
        return f"{latency * 1000:.0f} ms each way"

    async def _troubled(self, planned: Planned, trouble: Callable[[Proxy], None]) -> str:
        """A way in trouble for as long as was planned."""
        way = self._rigged.ways[planned.target]
        trouble(way)
        await asyncio.sleep(planned.seconds)
        way.heal()
        return ""

    async def _poison(self, planned: Planned) -> str:
        return await self._poisoner.strike(planned.dice, self._rigged.recorder.incarnation)

    async def _at_marketplace(self, planned: Planned) -> str:
        in_force = self._in_force[planned.target]
        in_force[planned.kind] = STRENGTH[planned.kind]
        await self._fair.faults(planned.target, in_force)
        await asyncio.sleep(planned.seconds)
        in_force.pop(planned.kind, None)
        await self._fair.faults(planned.target, in_force)
        return f"strength {STRENGTH[planned.kind]:g}"

    async def _watch_memory(self) -> None:
        """The embedded broker is replaced when it has grown too large, as `brocante up` does."""
        while True:
            await asyncio.sleep(MEMORY_SECONDS)
            if self._rigged.broker_bytes() > MOST_BYTES and self._rigged.keeps_nothing:
                self._extra -= 1
                outgrown = Planned(self._extra, 0, "broker-wipe", "broker", 0, 0)
                async with self._locks["broker"]:
                    await self._noted(outgrown, self._wipe)
