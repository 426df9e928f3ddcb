"""The same edits among ever more documents; rounds go over all sizes, so all see the same noise."""

import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from tests.bench.contenders.assignment import Done
from tests.bench.contenders.process import contender
from tests.bench.figures import ratio, spread
from tests.bench.options import Options
from tests.bench.results import Bar, Part, Table
from tests.bench.scale.stock import WARM, stock
from tests.bench.servers import Servers
from tests.bench.writing import number

BAR = 1.2
NOTE = (
    "Inventory with item.update (a new price) on catalogue pieces on sale on three marketplaces, "
    "at random over all documents, none again before all others; each answered by a snapshot and "
    f"three targets. {WARM:,} edits come before those measured: of a thousand documents the "
    "runtime then remembers all, of a million next to none, and that is in the figures. "
    "Microseconds per message: wall, and processor of everyone "
    "(own + broker + database). Medians with (smallest to largest); ratios are medians of ratios "
    "within one round."
)
Samples = Mapping[int, Sequence[Done]]


async def scale(servers: Servers, options: Options) -> Part:
    """Seed every size, then measure them in turn."""
    driver = options.drivers[0]
    stocks = [stock(servers, size, driver) for size in options.sizes]
    samples: dict[int, list[Done]] = {size: [] for size in options.sizes}
    try:
        for one in stocks:
            began = time.perf_counter()
            await one.seed()
            took = time.perf_counter() - began
            sys.stderr.write(f"bench: scale {one.size:,} documents stored in {took:.1f} s\n")
        async with contender("ours") as ours:
            for one in stocks:
                # Unmeasured: each stock's first edits are looked for one by one.
                await one.worked(ours, options.messages)
            for round_ in range(options.repeat):
                for one in stocks:
                    done = await one.worked(ours, options.messages)
                    samples[one.size].append(done)
                    sys.stderr.write(
                        f"bench: scale {one.size:,} documents round {round_ + 1}: "
                        f"{_wall(done):,.0f} us, {1000 * done.whole_ms:,.0f} us processor\n"
                    )
    finally:
        for one in stocks:
            await one.drop()
    return part_of(samples, servers)


def part_of(samples: Samples, servers: Servers) -> Part:
    """What was measured, as a table, bars and data."""
    sizes = list(samples)
    rows = [_row(size, samples[size], samples[sizes[0]]) for size in sizes]
    header = (
        "documents",
        "wall us/message",
        "to the first",
        "processor us/message",
        "to the first",
    )
    fewest = min(done.messages for dones in samples.values() for done in dones)
    note = f"{NOTE} At least {fewest:,} messages in each measurement. Database: "
    note += f"{servers.mongo_kind}."
    largest, first = samples[sizes[-1]], samples[sizes[0]]
    name = f"per message at {sizes[-1]:,} ÷ {sizes[0]:,} documents"
    bars = [
        Bar(f"wall {name}", _wall_ratio(largest, first), BAR, at_least=False),
        Bar(f"processor {name}", _cost_ratio(largest, first), BAR, at_least=False),
    ]
    data = {str(size): [asdict(done) for done in dones] for size, dones in samples.items()}
    return Part("scale", [Table("Cost by number of documents", header, rows, note)], bars, data)


def _row(size: int, dones: Sequence[Done], first: Sequence[Done]) -> list[str]:
    wall = spread([_wall(done) for done in dones])
    whole = spread([1000 * done.whole_ms for done in dones])
    own = spread([1000 * done.cpu_ms for done in dones])
    servers = [
        spread([1000 * done.server_ms(name) for done in dones]) for name in ("broker", "database")
    ]
    return [
        f"{size:,}",
        f"{number(wall.median)} ({number(wall.smallest)} to {number(wall.largest)})",
        number(_wall_ratio(dones, first)),
        f"{number(whole.median)} ({' + '.join(number(p.median) for p in (own, *servers))})",
        number(_cost_ratio(dones, first)),
    ]


def _wall(done: Done) -> float:
    return 1e6 / done.per_second


def _wall_ratio(dones: Sequence[Done], first: Sequence[Done]) -> float:
    return ratio([_wall(done) for done in dones], [_wall(done) for done in first])


def _cost_ratio(dones: Sequence[Done], first: Sequence[Done]) -> float:
    return ratio([done.whole_ms for done in dones], [done.whole_ms for done in first])
