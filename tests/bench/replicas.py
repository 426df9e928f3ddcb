"""Replicas: one, two and four processes of a service share its work.

Real service processes on the same broker and database, which share the machine's cores with them:
where cores are few, the figures grow only as far as those allow.
"""

import asyncio
import os
import sys
import time
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from brocante_local.backends.child import Launch
from brocante_local.backends.ports import HOST, free_port
from brocante_local.supervisor.layout import is_ready
from brocante_local.supervisor.process import Plan, Process
from tests.bench.installed import dealt_with
from tests.bench.loads.all_loads import LOADS
from tests.bench.loads.load import Load
from tests.bench.options import Options
from tests.bench.preparing import (
    delete_topics,
    drop_database,
    make_topics,
    preload,
    store_documents,
)
from tests.bench.processes import Meter
from tests.bench.results import Part, Table
from tests.bench.servers import Servers
from tests.bench.writing import number

COUNTS = (1, 2, 4)
SERVICES = ("sales", "inventory")
"""Those whose load is done by a process of that name."""
READY_SECONDS = 120.0
DONE_SECONDS = 240.0
STOP_SECONDS = 30.0
LOOK_SECONDS = 0.1
NOTE = (
    "From the first message published, all replicas being ready, until every message is applied; "
    "the broker, the database and the publisher share the cores with the replicas. Shares: "
    "messages that each replica applied; together they are as many as were sent, for each is "
    "applied once. Processor milliseconds per message: of all replicas, the broker, the database."
)


@dataclass(frozen=True, slots=True)
class Shared:
    """What so many replicas of a service did."""

    service: str
    replicas: int
    messages: int
    seconds: float
    shares: tuple[int, ...]
    cpu_seconds: dict[str, float]

    @property
    def per_second(self) -> float:
        """Messages per second, of all replicas together."""
        return self.messages / self.seconds


async def replicas(servers: Servers, options: Options) -> Part:
    """Measure each service with each number of replicas."""
    found = []
    for service in SERVICES:
        if service in options.loads:
            for count in COUNTS:
                found.append(await share(servers, LOADS[service], count, options.messages))
                sys.stderr.write(f"bench: {count} of {service}: {found[-1].per_second:,.0f}/s\n")
    return part_of(found)


async def share(servers: Servers, load: Load, count: int, messages: int) -> Shared:
    """Let `count` replicas of the load's service work messages off; each is applied once."""
    name = f"r{uuid.uuid4().hex[:8]}"
    await make_topics(servers.kafka, f"{name}.", load.topics)
    stored = load.table.routes[0].document.collection
    await store_documents(servers.mongo, name, stored, load.documents(messages), "ours")
    wires = [sent.wire(f"{name}.") for sent in load.messages(messages)]
    async with _running(servers, load.name, name, count) as processes:
        pids = {f"replica {n}": one.running.pid for n, one in enumerate(processes)}
        meter, began = Meter({**pids, **servers.pids}), time.monotonic()
        await preload(servers.kafka, wires)
        shares = await _until_applied(processes, len(wires))
        took = time.monotonic() - began
        used = meter.used()
    await drop_database(servers.mongo, name)
    await delete_topics(servers.kafka, f"{name}.", load.topics)
    return Shared(load.name, count, len(wires), took, shares, used)


def part_of(found: Sequence[Shared]) -> Part:
    """What was measured, as a table and data."""
    header = (
        "service",
        "replicas",
        "messages/s",
        "of one's",
        "shares",
        "processor ms/message (replicas + broker + database)",
    )
    alone = {one.service: one.per_second for one in found if one.replicas == 1}
    rows = [_row(one, alone.get(one.service)) for one in found]
    data = {f"{one.service}/{one.replicas}": asdict(one) for one in found}
    return Part("replicas", [Table("Replicas share the work", header, rows, NOTE)], (), data)


def _row(one: Shared, alone: float | None) -> list[str]:
    servers = [one.cpu_seconds.get(name, 0.0) for name in ("broker", "database")]
    used = [sum(one.cpu_seconds.values()) - sum(servers), *servers]
    return [
        one.service,
        str(one.replicas),
        number(one.per_second),
        number(one.per_second / alone) if alone else "",
        " + ".join(f"{share:,}" for share in one.shares),
        " + ".join(number(1000 * seconds / one.messages) for seconds in used),
    ]


@asynccontextmanager
async def _running(
    servers: Servers, service: str, name: str, count: int
) -> AsyncIterator[list[Process]]:
    """So many replicas, all ready; ended with the block."""
    with TemporaryDirectory(prefix="brocante-replicas-") as folder:
        logs = [Path(folder) / f"{n}.log" for n in range(count)]
        processes = [Process(_plan(servers, service, name, log)) for log in logs]
        try:
            for process in processes:
                process.start()
            await asyncio.gather(*(process.ready() for process in processes))
            yield processes
        finally:
            await asyncio.gather(*(process.stop(STOP_SECONDS) for process in processes))


def _plan(servers: Servers, service: str, name: str, log: Path) -> Plan:
    port = free_port()
    url = f"http://{HOST}:{port}"
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith("BROCANTE_")},
        "BROCANTE_KAFKA": servers.kafka,
        "BROCANTE_MONGO": servers.mongo,
        "BROCANTE_TOPIC_PREFIX": f"{name}.",
        "BROCANTE_DATABASE": name,
        "BROCANTE_LOG_LEVEL": "ERROR",
        "BROCANTE_METRICS_PORT": str(port),
    }
    argv = [sys.executable, "-m", service]
    launch = Launch(service, argv, url, partial(is_ready, url), environment)
    return Plan(service, lambda: launch, log, f"{url}/metrics", READY_SECONDS)


async def _until_applied(processes: Sequence[Process], messages: int) -> tuple[int, ...]:
    """How many each replica applied, once that is all of them."""
    async with asyncio.timeout(DONE_SECONDS):
        while sum(shares := [await _applied(one) for one in processes]) < messages:  # noqa: ASYNC110 - other processes
            await asyncio.sleep(LOOK_SECONDS)
    if sum(shares) > messages:
        raise AssertionError(f"{messages} messages were applied {sum(shares)} times")
    return tuple(shares)


async def _applied(process: Process) -> int:
    counts = await dealt_with(process)
    return int(sum(count for labels, count in counts if labels["outcome"] == "applied"))
