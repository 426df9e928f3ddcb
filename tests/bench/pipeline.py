"""The whole pipeline in real processes, with what each process needs to start and to live.

`sale.record` commands go in; sales, then inventory (real pieces on sale on three marketplaces),
then the intake of three workers deal with them.
"""

import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from statistics import median

from brocante.contracts.topics import SALES_COMMANDS
from brocante.documents.driver import Driver
from brocante_local.supervisor.layout import MARKETPLACES
from tests.bench.installed import Installed, installed
from tests.bench.loads.inventory import INVENTORY
from tests.bench.loads.load import Sent
from tests.bench.loads.pieces import pieces
from tests.bench.loads.sales import record
from tests.bench.options import Options
from tests.bench.preparing import preload, store_documents
from tests.bench.processes import Meter, rss_mb
from tests.bench.results import Part, Table
from tests.bench.servers import Servers
from tests.bench.writing import number

DEADLINE_SECONDS = 300
WORKERS = tuple(f"marketplace-sync-{marketplace}" for marketplace in MARKETPLACES)
PIPELINE_NOTE = (
    "Taken in: from the first sale.record sent to the last worker's intake of the last target. "
    "Settled: until inventory has every worker's outcome, too (the marketplaces know none of these "
    "pieces, so nothing is called). Messages: everything sales, inventory and the workers dealt "
    "with until then. Processor milliseconds per sale: of all services, broker and database."
)
PROCESS_NOTE = (
    "Services started one after another: seconds from exec until /readyz says 200, joining the "
    "consumer group included, and the processor seconds of their own in it, which a busy machine "
    "does not stretch. Memory in megabytes (RSS), when all were ready and after the load."
)


@dataclass(slots=True)
class Flow:
    """How one round of sales went."""

    sales: int
    taken_in_seconds: float
    seconds: float
    messages: float
    cpu_seconds: Mapping[str, float]

    @property
    def taken_in(self) -> float:
        """Sales per second, until the last intake."""
        return self.sales / self.taken_in_seconds

    @property
    def cpu_ms(self) -> float:
        """Processor milliseconds per sale, of everyone."""
        return 1000 * sum(self.cpu_seconds.values()) / self.sales


@dataclass(slots=True)
class Found:
    """Everything that was measured with one driver."""

    driver: Driver
    ready_seconds: Mapping[str, float] = field(default_factory=dict)
    ready_cpu_seconds: Mapping[str, float] = field(default_factory=dict)
    rss_before: Mapping[str, float] = field(default_factory=dict)
    rss_after: Mapping[str, float] = field(default_factory=dict)
    flows: list[Flow] = field(default_factory=list)


async def pipeline(servers: Servers, options: Options) -> Part:
    """Start everything, send sales through, look at the processes."""
    found = Found(options.drivers[0])
    async with installed(servers, found.driver) as one:
        found.ready_seconds = dict(one.ready_seconds)
        found.ready_cpu_seconds = dict(one.ready_cpu_seconds)
        await store_documents(
            servers.mongo,
            one.settings.database,
            INVENTORY.table.routes[0].document.collection,
            pieces(options.repeat * options.messages),
            "ours",
        )
        found.rss_before = {name: rss_mb(pid) for name, pid in one.pids.items()}
        for round_ in range(options.repeat):
            flow = await _flow(servers, one, round_ * options.messages, options.messages)
            found.flows.append(flow)
            sys.stderr.write(
                f"bench: pipeline round {round_ + 1}: {flow.taken_in:,.0f} sales/s taken in, "
                f"{flow.messages / flow.seconds:,.0f} messages/s, {flow.cpu_ms:.1f} ms processor\n"
            )
        found.rss_after = {name: rss_mb(pid) for name, pid in one.pids.items()}
    return part_of(found)


def part_of(found: Found) -> Part:
    """What was measured, as tables and data."""
    flows = found.flows
    rows = [
        [
            f"{flows[0].sales:,}",
            number(median(flow.taken_in for flow in flows)),
            number(median(flow.sales / flow.seconds for flow in flows)),
            number(median(flow.messages / flow.seconds for flow in flows)),
            number(median(flow.messages / flow.sales for flow in flows)),
            number(median(flow.cpu_ms for flow in flows)),
        ]
    ]
    header = (
        "sales",
        "taken in, sales/s",
        "settled, sales/s",
        "messages/s",
        "messages/sale",
        "processor ms/sale",
    )
    columns = (found.ready_seconds, found.ready_cpu_seconds, found.rss_before, found.rss_after)
    processes = [
        [name, *(number(values[name]) for values in columns)] for name in found.ready_seconds
    ]
    tables = [
        Table(f"Whole pipeline ({found.driver})", header, rows, PIPELINE_NOTE),
        Table(
            f"Start-up and memory ({found.driver})",
            ("process", "ready s", "processor s", "MB at start", "MB after load"),
            processes,
            PROCESS_NOTE,
        ),
    ]
    return Part(f"pipeline/{found.driver}", tables, data=asdict(found))


async def _flow(servers: Servers, one: Installed, first: int, sales: int) -> Flow:
    commands = [
        Sent(f"r{n}", SALES_COMMANDS, record(f"ebay:{n}", f"piece-{n}")).wire("")
        for n in range(first, first + sales)
    ]
    before = await _dealt_with(one)
    meter = Meter({**servers.pids, **one.pids})
    began = time.perf_counter()
    await preload(servers.kafka, commands)
    wanted = {"listing.deactivate": first + sales}
    await one.until_counted(dict.fromkeys(WORKERS, wanted), DEADLINE_SECONDS)
    taken_in = time.perf_counter() - began
    settled = {"listing.deactivated": len(WORKERS) * (first + sales)}
    await one.until_counted({"inventory": settled}, DEADLINE_SECONDS)
    seconds = time.perf_counter() - began
    used = meter.used()
    return Flow(sales, taken_in, seconds, await _dealt_with(one) - before, used)


async def _dealt_with(one: Installed) -> float:
    services = ("sales", "inventory", *WORKERS)
    return sum([sum((await one.counted(service)).values()) for service in services])
