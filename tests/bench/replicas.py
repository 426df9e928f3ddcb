"""Replicas: one, two and four processes of a service share its work.

Real service processes on the same broker and database, which share the machine's cores with them:
where cores are few, the figures grow only as far as those allow.
"""

import asyncio
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass

import httpx2

from brocante.contracts.topics import DEAD_LETTERS
from brocante_local.backends.ports import HOST, free_port
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
    topics = (*load.topics, DEAD_LETTERS)
    await make_topics(servers.kafka, f"{name}.", dict.fromkeys(topics))
    stored = load.table.routes[0].document.collection
    await store_documents(servers.mongo, name, stored, load.documents(messages), "ours")
    wires = [sent.wire(f"{name}.") for sent in load.messages(messages)]
    ports = [free_port() for _ in range(count)]
    with _running(servers, load.name, name, ports) as pids:
        async with httpx2.AsyncClient(trust_env=False, timeout=30) as http:
            await asyncio.gather(*(_until_ready(http, port) for port in ports))
            meter, began = Meter({**pids, **servers.pids}), time.monotonic()
            await preload(servers.kafka, wires)
            shares = await _until_applied(http, ports, len(wires))
            took = time.monotonic() - began
            used = meter.used()
    await drop_database(servers.mongo, name)
    await delete_topics(servers.kafka, f"{name}.", dict.fromkeys(topics))
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


@contextmanager
def _running(
    servers: Servers, service: str, name: str, ports: Sequence[int]
) -> Iterator[dict[str, int]]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("BROCANTE_")}
    given = {
        "BROCANTE_KAFKA": servers.kafka,
        "BROCANTE_MONGO": servers.mongo,
        "BROCANTE_TOPIC_PREFIX": f"{name}.",
        "BROCANTE_DATABASE": name,
        "BROCANTE_LOG_LEVEL": "ERROR",
    }
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", service],
            env={**kept, **given, "BROCANTE_METRICS_PORT": str(port)},
        )
        for port in ports
    ]
    try:
        yield {f"replica {n}": process.pid for n, process in enumerate(processes)}
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()


async def _until_ready(http: httpx2.AsyncClient, port: int) -> None:
    async with asyncio.timeout(READY_SECONDS):
        while True:
            try:
                if (await http.get(f"http://{HOST}:{port}/readyz")).status_code == 200:
                    return
            except httpx2.TransportError:
                pass
            await asyncio.sleep(LOOK_SECONDS)


async def _until_applied(
    http: httpx2.AsyncClient, ports: Sequence[int], messages: int
) -> tuple[int, ...]:
    """How many each replica applied, once that is all of them."""
    async with asyncio.timeout(DONE_SECONDS):
        while sum(shares := [await _applied(http, port) for port in ports]) < messages:  # noqa: ASYNC110 - other processes
            await asyncio.sleep(LOOK_SECONDS)
    if sum(shares) > messages:
        raise AssertionError(f"{messages} messages were applied {sum(shares)} times")
    return tuple(shares)


async def _applied(http: httpx2.AsyncClient, port: int) -> int:
    text = (await http.get(f"http://{HOST}:{port}/metrics")).text
    lines = [line for line in text.splitlines() if line.startswith("brocante_messages_total{")]
    return int(sum(float(line.split()[-1]) for line in lines if 'outcome="applied"' in line))
