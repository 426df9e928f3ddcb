"""Starts everything in order, keeps it running, stops it in order."""

import asyncio
import json
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any

from brocante.settings import Settings
from brocante_local.backends.child import DidNotStart
from brocante_local.supervisor import broker
from brocante_local.supervisor.data_dir import DataDir
from brocante_local.supervisor.layout import MARKETPLACES, Layout
from brocante_local.supervisor.marketplaces_file import marketplaces_toml
from brocante_local.supervisor.process import Process

WATCH_SECONDS = 0.1
MEMORY_SECONDS = 5.0
SERVICE_STOP_SECONDS = 10.0
BACK_END_STOP_SECONDS = 10.0
# Without a broker a service cannot finish what it has under way; the journal covers it.
BROKERLESS_STOP_SECONDS = 2.0
BROKER_PAUSE = 1.0
Say = Callable[[str], None]


class Installation:
    """Everything that runs for one data directory."""

    def __init__(self, data: DataDir, layout: Layout, settings: Settings, say: Say) -> None:
        self._data = data
        self._layout = layout
        self._settings = settings
        self._say = say
        self._back_ends = [Process(plan) for plan in layout.back_ends()]
        self._sandbox = Process(layout.sandbox_plan())
        self._services = [Process(plan) for plan in layout.services()]
        self._resync: asyncio.Task[None] | None = None
        self._memory_at = 0.0
        self._token = ""
        self._sign_in = ""

    async def start(self) -> None:
        """Start everything and wait until all of it is ready; DidNotStart when something is not."""
        known = self._data.mongo.exists() or not self._layout.own_mongo
        await self._begin([*self._back_ends, self._sandbox])
        await broker.make_topics(self._settings, MARKETPLACES)
        self._data.write_private(
            self._data.marketplaces, await marketplaces_toml(self._layout.sandbox)
        )
        await asyncio.gather(self._begin(self._services), self._bootstrap())
        if self._layout.own_kafka and known:
            await broker.resync(self._layout.http, self._token)
        self._data.write_up(self.state())

    async def watch(self) -> None:
        """Start again what ends, forever."""
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            if await self._look():
                self._data.write_up(self.state())

    async def stop(self) -> None:
        """Stop everything: who takes work in first, who keeps it last."""
        if self._resync is not None:
            self._resync.cancel()
        await self._end(self._services, SERVICE_STOP_SECONDS)
        await self._end([self._sandbox], SERVICE_STOP_SECONDS)
        await self._end(self._back_ends, BACK_END_STOP_SECONDS)

    def kill(self) -> None:
        """End everything at once."""
        for process in self._all():
            if process.child is not None:
                process.child.stop(0)

    def state(self) -> dict[str, Any]:
        """What `up.json` holds."""
        return {
            "http": self._layout.http,
            "kafka": self._layout.kafka,
            "mongo": self._layout.mongo,
            "sandbox": self._layout.sandbox,
            "token": self._token,
            "sign_in": self._sign_in,
            "services": {
                process.plan.name: {"pid": process.child.pid, "metrics": process.plan.metrics}
                for process in self._all()
                if process.child is not None
            },
        }

    def _all(self) -> list[Process]:
        return [*self._back_ends, self._sandbox, *self._services]

    async def _begin(self, processes: Iterable[Process]) -> None:
        chosen = list(processes)
        for process in chosen:
            self._say(f"starting {process.plan.name}")
            process.start()
        await asyncio.gather(*(process.ready() for process in chosen))

    async def _end(self, processes: Iterable[Process], seconds: float) -> None:
        await asyncio.gather(*(process.stop(seconds) for process in processes))

    async def _bootstrap(self) -> None:
        """Have the gateway make the owner's token and a one-time link."""
        asked = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "gateway", "bootstrap", "--json"),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=self._layout.gateway_environment(),
        )
        output, errors = await asked.communicate()
        if asked.returncode != 0:
            words = errors.decode(errors="replace").strip().splitlines()
            raise DidNotStart(f"gateway bootstrap: {words[-1] if words else asked.returncode}")
        made = json.loads(output)
        self._token = made["token"]
        self._sign_in = f"{self._layout.http}{made['sign_in_path']}"

    async def _look(self) -> bool:
        """Start again what ended; whether a process changed."""
        changed = False
        for process in self._all():
            code = process.ended()
            if code is not None:
                self._say(f"{process.plan.name} ended with {code}, starting it again")
                if process.plan.name == "kafka":
                    await self._renew_broker(process, BROKERLESS_STOP_SECONDS)
                    return True
            if process.is_due():
                self._start_again(process)
                changed = True
        return await self._check_memory() or changed

    def _start_again(self, process: Process) -> None:
        try:
            process.start()
        except OSError as error:
            self._say(f"{process.plan.name} could not be started: {error}")

    async def _check_memory(self) -> bool:
        if not self._layout.own_kafka or time.monotonic() < self._memory_at:
            return False
        self._memory_at = time.monotonic() + MEMORY_SECONDS
        kafka = next(p for p in self._back_ends if p.plan.name == "kafka")
        if kafka.child is None or broker.memory_bytes(kafka.child.pid) < broker.MOST_BYTES:
            return False
        self._say("kafka has outgrown its memory, replacing it")
        await self._renew_broker(kafka, SERVICE_STOP_SECONDS)
        return True

    async def _renew_broker(self, kafka: Process, stop_seconds: float) -> None:
        """A new broker under the same address: services begin a new epoch, and say it all again."""
        if self._resync is not None:
            self._resync.cancel()
        await self._end(self._services, stop_seconds)
        await kafka.stop(stop_seconds)
        pause = 0.0
        while not await self._broker_started(kafka, pause):
            pause = BROKER_PAUSE
        for process in self._services:
            process.start()
        self._resync = asyncio.create_task(broker.resync(self._layout.http, self._token))

    async def _broker_started(self, kafka: Process, pause: float) -> bool:
        await asyncio.sleep(pause)
        try:
            kafka.start()
            await kafka.ready()
            await broker.make_topics(self._settings, MARKETPLACES)
        except (DidNotStart, OSError) as error:
            self._say(f"kafka: {error}")
            await kafka.stop(BROKERLESS_STOP_SECONDS)
            return False
        return True
