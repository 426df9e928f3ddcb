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
    "it. Medians with (smallest to largest); ratios are medians of ratios within one round. "
    "Processor milliseconds per message: of everyone, and of the contender's own process, the "
    "broker, the database; the last column is by everyone's."
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

    def cost_ratio_to(self, kind: Kind) -> float | None:
        """How many times as cheap ours is, in everyone's processor time per message."""
        if "ours" not in self.samples or kind not in self.samples:
            return None
        theirs = [done.whole_ms for done in self.samples[kind]]
        return ratio(theirs, [done.whole_ms for done in self.samples["ours"]])


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
                f"{measured.done.per_second:,.0f}/s, {measured.done.whole_ms:.2f} ms processor, "
                f"{measured.answered} answered with {measured.outputs} outputs\n"
            )
    return compared


def messages_for(kind: Kind, messages: int) -> int:
    """How many of the messages a contender does."""
    return max(FEWEST, messages // ONE_DOES) if kind == "one" else messages


def _table(compared: Sequence[Compared]) -> Table:
    rows = [_row(one, kind, samples) for one in compared for kind, samples in one.samples.items()]
    header = (
        "load",
        "driver",
        "contender",
        "messages/s",
        "ours is",
        "processor ms/message (own + broker + database)",
        "ours costs",
    )
    loads = "; ".join(f"{name}: {LOADS[name].describes}" for name in {c.load: 0 for c in compared})
    return Table("Throughput per service", header, rows, f"{NOTE} Loads: {loads}.")


def _row(one: Compared, kind: Kind, samples: Sequence[Done]) -> list[str]:
    rate = spread([done.per_second for done in samples])
    whole = spread([done.whole_ms for done in samples])
    parts = [spread([done.cpu_ms for done in samples])]
    parts += [spread([d.server_ms(name) for d in samples]) for name in ("broker", "database")]
    faster, cheaper = one.ratio_to(kind), one.cost_ratio_to(kind)
    other = kind != "ours"
    return [
        one.load,
        one.driver,
        NAMES[kind],
        f"{number(rate.median)} ({number(rate.smallest)} to {number(rate.largest)})",
        f"{number(faster)} times as fast" if other and faster is not None else "",
        f"{number(whole.median)} ({' + '.join(number(part.median) for part in parts)})",
        f"{number(1 / cheaper)} times as much" if other and cheaper else "",
    ]


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
            "cost ratios": {k: one.cost_ratio_to(k) for k in BAR},
        }
        for one in compared
    }
