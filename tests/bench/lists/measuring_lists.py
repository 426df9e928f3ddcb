"""How long a person waits for a list, a search and an item's page, by number of items."""

import sys
import time
from collections.abc import Mapping, Sequence

import httpx2

from tests.bench.figures import percentile, spread
from tests.bench.lists.gateway_alone import Shop, shop
from tests.bench.options import Options
from tests.bench.results import Bar, Part, Table
from tests.bench.servers import Servers
from tests.bench.writing import number

LONGEST_MS = 300.0
FOR_EMBEDDED = 5_000
UNMEASURED = 3
NOTE = (
    "One gateway process, asked over HTTP one request after another; kinds of request take turns, "
    "the first few are not counted. Pages of 50 items; `page` is the console's. Milliseconds."
)
Samples = Mapping[str, Sequence[float]]


async def lists(servers: Servers, options: Options) -> Part:
    """Seed each size, then ask."""
    measured: dict[int, Samples] = {}
    for items in options.items:
        began = time.perf_counter()
        async with shop(servers, items) as one:
            took = time.perf_counter() - began
            sys.stderr.write(f"bench: lists {items:,} items stored in {took:.1f} s\n")
            measured[items] = await ask(one, options.samples)
    return part_of(measured, servers)


def requests_of(items: int) -> dict[str, str]:
    """What is asked, by what a person does."""
    middle = f"piece-{items // 2:06d}"
    listed = "/api/v1/items"
    return {
        "list": listed,
        "list, from the middle": f"{listed}?cursor={middle}",
        "filter: one in ten": f"{listed}?status=sold",
        "filter: marketplace and state": f"{listed}?marketplace=ebay&state=active",
        "filter: an issue": f"{listed}?issue=required_field_missing",
        "search: a SKU": f"{listed}?query={items // 200}.{(items // 2) % 100}",
        "search: two words": f"{listed}?query=walnut+chair",
        "Sold list": "/api/v1/sales?status=open",
        "item": f"{listed}/{middle}",
        "history": f"{listed}/{middle}/history",
        "page: Inventory": "/inventory",
        "page: Inventory, from the middle": f"/inventory?cursor={middle}",
        "page: Inventory, two words": "/inventory?query=walnut+chair",
        "page: Sold": "/sold",
        "page: item": f"/items/{middle}",
        "page: marketplace details": f"/items/{middle}/listings/ebay",
        "page: Double sales": "/double-sales",
    }


async def ask(one: Shop, samples: int) -> Samples:
    """Milliseconds of each request, by its name."""
    asked = requests_of(one.items)
    found: dict[str, list[float]] = {name: [] for name in asked}
    for turn in range(samples + UNMEASURED):
        for name, path in asked.items():
            began = time.perf_counter()
            answer = await one.client.get(path)
            took = 1000 * (time.perf_counter() - began)
            if answer.status_code != httpx2.codes.OK:
                raise RuntimeError(f"{path}: {answer.status_code} {answer.text[:200]}")
            if turn >= UNMEASURED:
                found[name].append(took)
    return found


def part_of(measured: Mapping[int, Samples], servers: Servers) -> Part:
    """What was measured, as a table, bars and data."""
    rows = [
        [f"{items:,}", name, number(spread(took).median), number(percentile(took, 95))]
        for items, samples in measured.items()
        for name, took in samples.items()
    ]
    bars = [
        Bar(
            f"slowest p95 of {items:,} items, ms",
            max(percentile(took, 95) for took in samples.values()),
            LONGEST_MS,
            at_least=False,
        )
        for items, samples in measured.items()
        if items <= FOR_EMBEDDED
    ]
    note = f"{NOTE} Database: {servers.mongo_kind}."
    table = Table("Lists", ("items", "asked", "p50", "p95"), rows, note)
    return Part("lists", [table], bars, {str(items): dict(s) for items, s in measured.items()})
