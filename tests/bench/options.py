"""What a run is asked to do."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from brocante.documents.driver import Driver
from tests.bench.contenders.assignment import NAMES, Kind
from tests.bench.loads.all_loads import LOADS

PARTS = ("throughput", "latency", "scale", "pipeline", "replicas", "lists")
Size = Literal["small", "full"]
MESSAGES: dict[Size, int] = {"small": 2000, "full": 6000}
REPEATS: dict[Size, int] = {"small": 3, "full": 5}
SIZES: dict[Size, tuple[int, ...]] = {
    "small": (1_000, 20_000),
    "full": (1_000, 10_000, 100_000, 1_000_000),
}
LISTED: dict[Size, tuple[int, ...]] = {"small": (5_000,), "full": (5_000, 100_000)}
EMBEDDED_SIZES = (1_000, 10_000)
"""The embedded database is made for a few thousand documents."""
SAMPLES: dict[Size, int] = {"small": 60, "full": 200}


@dataclass(frozen=True, slots=True)
class Options:
    """The command line, resolved."""

    parts: tuple[str, ...]
    loads: tuple[str, ...]
    contenders: tuple[Kind, ...]
    kafka: str
    mongo: str
    drivers: tuple[Driver, ...]
    size: Size
    repeat: int
    messages: int
    samples: int
    sizes: tuple[int, ...]
    items: tuple[int, ...] = ()
    profile: bool = False
    enforce: bool = False
    json: Path | None = None
    report: Path | None = None


def parsed(arguments: Sequence[str] | None) -> Options:
    """Read the command line; exits 2 on what it does not understand."""
    given = _parser().parse_args(arguments)
    drivers: tuple[Driver, ...] = (
        ("motor", "pymongo") if given.driver == "both" else (given.driver,)
    )
    return Options(
        given.only,
        given.service,
        given.contenders,
        given.kafka,
        " ".join(given.mongo),
        drivers,
        given.scale,
        given.repeat or REPEATS[given.scale],
        given.messages or MESSAGES[given.scale],
        given.samples or SAMPLES[given.scale],
        given.sizes or _sizes(given.scale, given.mongo),
        given.items or _listed(given.scale, given.mongo),
        given.profile,
        given.enforce,
        given.json,
        given.report,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="every sample, as JSON")
    parser.add_argument("--report", type=Path, metavar="DIR", help="bench.md and bench.json there")
    parser.add_argument("--kafka", default="embedded", help="embedded, apache or host:port")
    parser.add_argument(
        "--mongo", default=["embedded"], nargs="+", help="embedded, fast PROGRAM or a URL"
    )
    parser.add_argument(
        "--only", type=_some_of(PARTS), default=PARTS, help=f"of {', '.join(PARTS)}"
    )
    parser.add_argument("--scale", choices=("small", "full"), default="small")
    parser.add_argument("--driver", choices=("motor", "pymongo", "both"), default="motor")
    parser.add_argument(
        "--service",
        type=_some_of(tuple(LOADS)),
        default=tuple(LOADS),
        help=f"of {', '.join(LOADS)}",
    )
    parser.add_argument(
        "--contenders", type=_some_of(tuple(NAMES)), default=tuple(NAMES), help="ours,hand,one"
    )
    parser.add_argument("--repeat", type=int, help="measurements of each")
    parser.add_argument("--messages", type=int, help="in each measurement")
    parser.add_argument("--samples", type=int, help="of latency, from each starting point")
    parser.add_argument("--sizes", type=_numbers, help="documents, the smallest first: 1000,20000")
    parser.add_argument("--items", type=_numbers, help="items in lists: 5000,100000")
    parser.add_argument("--profile", action="store_true", help="ours alone, under cProfile")
    parser.add_argument("--enforce", action="store_true", help="exit 1 when a bar is missed")
    return parser


def _sizes(scale: Size, mongo: Sequence[str]) -> tuple[int, ...]:
    return EMBEDDED_SIZES if mongo[0] == "embedded" else SIZES[scale]


def _listed(scale: Size, mongo: Sequence[str]) -> tuple[int, ...]:
    return LISTED["small"] if mongo[0] == "embedded" else LISTED[scale]


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(one) for one in text.split(","))


class _Some:
    def __init__(self, names: Sequence[str]) -> None:
        self._names = names

    def __call__(self, text: str) -> tuple[str, ...]:
        chosen = tuple(text.split(","))
        for name in chosen:
            if name not in self._names:
                raise argparse.ArgumentTypeError(f"{name} is not of {', '.join(self._names)}")
        return chosen


def _some_of(names: Sequence[str]) -> _Some:
    return _Some(names)
