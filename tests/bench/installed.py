"""An installation for measuring: the sandbox and every service as its own process, as `up` has it.

Services are started one after another, each timed until it says that it is ready.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx2
from prometheus_client.parser import text_string_to_metric_families

from brocante.documents.driver import Driver
from brocante.settings import Settings
from brocante_local.supervisor import broker
from brocante_local.supervisor.data_dir import DataDir
from brocante_local.supervisor.layout import MARKETPLACES, Layout, Wish
from brocante_local.supervisor.marketplaces_file import marketplaces_toml
from brocante_local.supervisor.process import Process
from tests.bench.processes import cpu_seconds
from tests.bench.servers import Servers

STOP_SECONDS = 10.0
LOOK_SECONDS = 0.1
DEALT_WITH = "brocante_messages_total{"
# `up` looks often so that a demonstration is lively; what is measured is what production does.
HURRIED = ("BROCANTE_SWEEP_SECONDS", "BROCANTE_REQUIREMENTS_POLL_SECONDS")


class BenchLayout(Layout):
    """`up`'s layout with the services' own defaults."""

    driver: Driver = "motor"

    def environment(self) -> dict[str, str]:
        """What every service is told."""
        told = {n: v for n, v in super().environment().items() if n not in HURRIED}
        return {**told, "BROCANTE_MONGO_DRIVER": self.driver, "BROCANTE_LOG_LEVEL": "WARNING"}


@dataclass(slots=True)
class Installed:
    """A running installation."""

    layout: BenchLayout
    settings: Settings
    sandbox: httpx2.AsyncClient
    processes: dict[str, Process] = field(default_factory=dict)
    ready_seconds: dict[str, float] = field(default_factory=dict)
    ready_cpu_seconds: dict[str, float] = field(default_factory=dict)

    @property
    def pids(self) -> dict[str, int]:
        """The services' process ids by name, the sandbox's not among them."""
        return {name: process.running.pid for name, process in self.processes.items()}

    async def counted(self, service: str) -> dict[str, float]:
        """How many messages of each type a service has dealt with."""
        counts: dict[str, float] = {}
        for labels, count in await dealt_with(self.processes[service]):
            counts[labels["type"]] = counts.get(labels["type"], 0) + count
        return counts

    async def until_counted(self, wanted: Mapping[str, Mapping[str, int]], seconds: float) -> None:
        """Wait until services have dealt with so many messages of each of these types."""
        async with asyncio.timeout(seconds):
            for service, types in wanted.items():
                while not await self._has_counted(service, types):  # noqa: ASYNC110 - another process
                    await asyncio.sleep(LOOK_SECONDS)

    async def _has_counted(self, service: str, types: Mapping[str, int]) -> bool:
        counts = await self.counted(service)
        return all(counts.get(type_, 0) >= count for type_, count in types.items())


async def dealt_with(process: Process) -> list[tuple[dict[str, str], float]]:
    """How many messages a service has dealt with, by type and by what became of them."""
    async with httpx2.AsyncClient(timeout=30, trust_env=False) as client:
        text = (await client.get(str(process.plan.metrics))).raise_for_status().text
    # The rest would take longer to read than the service took for its messages.
    lines = "\n".join(line for line in text.splitlines() if line.startswith(DEALT_WITH))
    families = text_string_to_metric_families(lines)
    return [(sample.labels, sample.value) for family in families for sample in family.samples]


def settings_of(servers: Servers, driver: Driver = "motor") -> Settings:
    """What services of an installation share."""
    return Settings(kafka=servers.kafka, mongo=servers.mongo, mongo_driver=driver)


@asynccontextmanager
async def installed(servers: Servers, driver: Driver = "motor") -> AsyncIterator[Installed]:
    """Everything started and ready; ended with the block."""
    with TemporaryDirectory(prefix="brocante-installed-") as folder:
        layout = BenchLayout(DataDir(Path(folder)), Wish(kafka=servers.kafka, mongo=servers.mongo))
        layout.driver = driver
        settings = settings_of(servers, driver)
        sandbox = Process(layout.sandbox_plan())
        async with httpx2.AsyncClient(
            base_url=layout.sandbox, timeout=30, trust_env=False
        ) as client:
            one = Installed(layout, settings, client)
            try:
                sandbox.start()
                await sandbox.ready()
                await broker.make_topics(settings, MARKETPLACES)
                declared = await marketplaces_toml(layout.sandbox)
                layout.data.write_private(layout.data.marketplaces, declared)
                await _start(one)
                yield one
            finally:
                for process in [*one.processes.values(), sandbox]:
                    await process.stop(STOP_SECONDS)


async def _start(one: Installed) -> None:
    for plan in one.layout.services():
        process = one.processes[plan.name] = Process(plan)
        began = time.perf_counter()
        process.start()
        await process.ready()
        one.ready_seconds[plan.name] = time.perf_counter() - began
        one.ready_cpu_seconds[plan.name] = cpu_seconds(process.running.pid)
