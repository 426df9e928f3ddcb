"""Where our runtime's time goes: one measurement under cProfile, the top functions printed."""

import pstats
import sys
import tempfile
from pathlib import Path

from tests.bench.contenders.process import contender
from tests.bench.loads.all_loads import LOADS
from tests.bench.measuring import measure
from tests.bench.options import Options
from tests.bench.servers import Servers

TOP = 45


async def profile(servers: Servers, options: Options) -> None:
    """Profile each load; the figures are of the main thread (Motor's driver has threads beside)."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.report or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        for name in options.loads:
            for driver in options.drivers:
                path = folder / f"{name}-{driver}.prof"
                async with contender("ours") as ours:
                    measured = await measure(
                        servers, LOADS[name], ours, options.messages, driver, path
                    )
                sys.stdout.write(
                    f"\n{name} with {driver}, {options.messages} messages, profiled: "
                    f"{measured.done.per_second:,.0f}/s\n"
                )
                _print(path)


def _print(path: Path) -> None:
    for order in ("tottime", "cumulative"):
        stats = pstats.Stats(str(path), stream=sys.stdout)
        stats.strip_dirs().sort_stats(order).print_stats(TOP)
