"""Throughput per service: ours against a hand-tuned loop and against one message at a time.

Measurements are interleaved (ours, hand, one, ours, …), so that all see the same noise.
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

from brocante.documents.driver import Driver
from tests.bench.contenders.assignment import NAMES, Done, Kind
from tests.bench.contenders.process import Contender, contenders
from tests.bench.figures import ratio, spread
from tests.bench.loads.all_loads import LOADS
from tests.bench.loads.load import Load
from tests.bench.measuring import measure
from tests.bench.options import Options
from tests.bench.results import Bar, Part, Table
from tests.bench.servers import Servers
from tests.bench.writing import number

ONE_DOES = 20
"""One message at a time does a twentieth of the messages: it is a rate that is compared."""
FEWEST = 40
BAR: dict[Kind, tuple[float, float]] = {"hand": (0.8, 1.0), "one": (12.0, 20.0)}
NOTE = (
    "Messages are preloaded; the time runs from the assignment of partitions to the last commit, "
    "in the contender's own process. The broker and the database share the machine's cores with "
    "it. Medians with (smallest to largest); ratios are medians of ratios within one round; "
    "processor time is the contender's own."
)


@dataclass(slots=True)
class Compared:
    """The samples of one load with one driver."""

    load: str
    driver: Driver
    samples: dict[Kind, list[Done]] = field(default_factory=dict)

    def ratio_to(self, kind: Kind) -> float | None:
        """How many times as fast ours is; None when either was not measured."""
        if "ours" not in self.samples or kind not in self.samples:
            return None
        ours = [done.per_second for done in self.samples["ours"]]
        return ratio(ours, [done.per_second for done in self.samples[kind]])


async def throughput(servers: Servers, options: Options) -> Part:
    """Measure every load with every driver."""
    async with contenders(options.contenders) as started:
        compared = [
            await _compare(servers, options, LOADS[name], driver, started)
            for driver in options.drivers
            for name in options.loads
        ]
    return part_of(compared)


def part_of(compared: Sequence[Compared]) -> Part:
    """What was measured, as tables, bars and data."""
    return Part("throughput", [_table(compared)], _bars(compared), _data(compared))


async def _compare(
    servers: Servers,
    options: Options,
    load: Load,
    driver: Driver,
    started: Mapping[Kind, Contender],
) -> Compared:
    compared = Compared(load.name, driver)
    for round_ in range(options.repeat):
        for kind, contender in started.items():
            count = messages_for(kind, options.messages)
            measured = await measure(servers, load, contender, count, driver)
            compared.samples.setdefault(kind, []).append(measured.done)
            sys.stderr.write(
                f"bench: {load.name} {driver} round {round_ + 1}: {kind} "
                f"{measured.done.per_second:,.0f}/s, {measured.done.cpu_ms:.2f} ms processor, "
                f"{measured.answered} answered with {measured.outputs} outputs\n"
            )
    return compared


def messages_for(kind: Kind, messages: int) -> int:
    """How many of the messages a contender does."""
    return max(FEWEST, messages // ONE_DOES) if kind == "one" else messages


def _table(compared: Sequence[Compared]) -> Table:
    rows = []
    for one in compared:
        for kind, samples in one.samples.items():
            rate = spread([done.per_second for done in samples])
            cpu = spread([done.cpu_ms for done in samples])
            against = one.ratio_to(kind) if kind != "ours" else None
            rows.append(
                [
                    one.load,
                    one.driver,
                    NAMES[kind],
                    f"{number(rate.median)} ({number(rate.smallest)} to {number(rate.largest)})",
                    number(cpu.median),
                    "" if against is None else f"ours is {number(against)} times",
                ]
            )
    header = ("load", "driver", "contender", "messages/s", "processor ms/message", "ratio")
    loads = "; ".join(f"{name}: {LOADS[name].describes}" for name in {c.load: 0 for c in compared})
    return Table("Throughput per service", header, rows, f"{NOTE} Loads: {loads}.")


def _bars(compared: Sequence[Compared]) -> list[Bar]:
    found = []
    for one in compared:
        for kind, (bar, aim) in BAR.items():
            measured = one.ratio_to(kind)
            if measured is not None:
                name = f"{one.load} ({one.driver}) ÷ {NAMES[kind]}"
                found.append(Bar(name, measured, bar, aim))
    return found


def _data(compared: Sequence[Compared]) -> dict[str, object]:
    return {
        f"{one.load}/{one.driver}": {
            "samples": {k: [asdict(done) for done in ds] for k, ds in one.samples.items()},
            "ratios": {k: one.ratio_to(k) for k in BAR},
        }
        for one in compared
    }
