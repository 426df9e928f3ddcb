"""Ours between two runs of the bare chain, on the same servers, one message at a time."""

import sys
from collections.abc import Mapping, Sequence

import httpx2

from tests.bench.figures import percentile
from tests.bench.installed import installed
from tests.bench.latency.bare_chain import bare_chain
from tests.bench.latency.single_sales import OTHERS, single_sales
from tests.bench.latency.stages import published, stages
from tests.bench.latency.webhook_catcher import webhook_catcher
from tests.bench.options import Options
from tests.bench.results import Bar, Part, Table
from tests.bench.servers import Servers
from tests.bench.writing import number

WARM_UP = 10
BAR = 2.0
HOPS = {"sale.record on Kafka": 3, "the marketplace's webhook": 5}
"""Services a sale passes, each of which writes once: sales, inventory and the worker of another
marketplace; before them the gateway and the worker of the marketplace that it comes from."""
COMMAND, WEBHOOK = HOPS
NOTE = (
    "An idle system, one sale at a time, after a warm-up. Ours: real processes; from just before "
    "the command is sent (or the signed webhook posted to the gateway) until the last of the two "
    "deactivations is at the sandbox (until the sandbox shows both off sale: the row below, with "
    "its own answering of all workers' calls in it). The bare chain: as many plain loops as "
    "services write, each a process, each writing to the database once; until the last write. Half "
    "of the chain's samples were taken before ours and half after, so that neither has the other's "
    "idle processes beside it."
)
STAGES_NOTE = (
    "Ours alone. A stage begins when the one before has published (Kafka's own stamp, whole "
    "milliseconds) and ends when it has published itself."
)
Samples = dict[str, list[float]]
Stages = Mapping[str, Sequence[tuple[str, float]]]


async def latency(servers: Servers, options: Options) -> Part:
    """Measure from both starting points."""
    half = (options.samples + 1) // 2
    chain = await _chain(servers, half)
    ours, shown, stages_ms = await _ours(servers, options)
    for start, more in (await _chain(servers, half)).items():
        chain[start] += more
    return part_of(ours, shown, chain, stages_ms)


def part_of(ours: Samples, shown: Samples, chain: Samples, stages_ms: Stages) -> Part:
    """What was measured, in milliseconds, as a table and bars."""
    rows, bars = [], []
    for start, hops in HOPS.items():
        ratio = percentile(ours[start], 50) / percentile(chain[start], 50)
        rows.append(
            [start, "Brocante, last call out", *_figures(ours[start]), f"{number(ratio)} times"]
        )
        rows.append([start, "Brocante, shown off sale", *_figures(shown[start]), ""])
        rows.append([start, f"bare chain of {hops} hops", *_figures(chain[start]), ""])
        name = f"latency p50 from {start} ÷ {hops} bare hops"
        bars.append(Bar(name, ratio, BAR, at_least=False))
    header = ("from", "what", "samples", "p50 ms", "p99 ms", "p50, ours to bare")
    table = Table("Sale in to last deactivation call out", header, rows, NOTE)
    data = {"ours ms": ours, "shown ms": shown, "bare chain ms": chain, "stages ms": stages_ms}
    return Part("latency", [table, _stages_table(stages_ms)], bars, data)


def _stages_table(stages_ms: Stages) -> Table:
    rows = [
        [start, stage, number(ms)] for start, stages in stages_ms.items() for stage, ms in stages
    ]
    return Table("Where the time of a sale goes", ("from", "stage", "p50 ms"), rows, STAGES_NOTE)


def _figures(samples: Sequence[float]) -> list[str]:
    return [
        str(len(samples)),
        number(percentile(samples, 50)),
        number(percentile(samples, 99)),
    ]


async def _chain(servers: Servers, count: int) -> Samples:
    found: Samples = {start: [] for start in HOPS}
    async with bare_chain(servers) as chain:
        for n in range(WARM_UP + count):
            for start, hops in HOPS.items():
                seconds = await chain.seconds(hops)
                if n >= WARM_UP:
                    found[start].append(1000 * seconds)
    _say("bare chain", found)
    return found


async def _ours(servers: Servers, options: Options) -> tuple[Samples, Samples, Stages]:
    names = [f"p{n}" for n in range(2 * (WARM_UP + options.samples))]
    async with (
        installed(servers, options.drivers[0]) as one,
        single_sales(one) as sales,
        webhook_catcher() as catcher,
        httpx2.AsyncClient(base_url=one.layout.http, timeout=30, trust_env=False) as http,
    ):
        target = await one.sandbox.put("/control/webhook-target", json={"url": catcher.url})
        target.raise_for_status()
        await sales.put_on_sale(names)
        for command, webhook in zip(names[::2], names[1::2], strict=True):
            await sales.sell_by_command(command)
            await sales.sell_by_webhook(webhook, catcher, http)
        took = await sales.milliseconds()
        at = await published(servers.kafka, OTHERS)
    measured = names[2 * WARM_UP :]
    sold = {COMMAND: measured[::2], WEBHOOK: measured[1::2]}
    out = {start: {name: took.out[name] for name in names} for start, names in sold.items()}
    found = {start: list(each.values()) for start, each in out.items()}
    shown = {start: [took.shown[name] for name in names] for start, names in sold.items()}
    _say("Brocante", found)
    by_stage = {start: stages(sales.began, each, at) for start, each in out.items()}
    return found, shown, by_stage


def _say(who: str, found: Samples) -> None:
    for start, samples in found.items():
        sys.stderr.write(
            f"bench: latency from {start}, {who}: p50 {percentile(samples, 50):.1f} ms, "
            f"p99 {percentile(samples, 99):.1f} ms of {len(samples)}\n"
        )
