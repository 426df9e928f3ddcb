"""`python -m tests.chaos`: faults, load, and whether anything was lost."""

import argparse
import asyncio
import json
import logging
import math
import os
import random
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.chaos.fault_plan import GROUPS
from tests.chaos.lot_plan import Custom
from tests.chaos.planted_runs import trials
from tests.chaos.report import page, summary
from tests.chaos.running import Run
from tests.chaos.wish import TIGHT, WIDE, Wish
from tests.planted.planting import UnknownFault

SHORT_SECONDS = 85.0
SHORT_GAP = 2.4
LONG_GAP = 3.8
TILLS_FOR_SALES = 96
MUCH = Custom(rounds=6, sizes=(24, 60))
PIECES_SHORT = 60
PIECES_LONG = 150


def main(arguments: Sequence[str] | None = None) -> int:
    """Run; 0 when no invariant was violated, 1 when one was."""
    words = tuple(sys.argv[1:] if arguments is None else arguments)
    wish = as_wish(words)
    sys.stderr.write(f'chaos: seed {wish.seed} (again: make chaos CHAOS_ARGS="{_again(wish)}")\n')
    _forget_settings()
    # Every cut connection would be a line or a stack; the report has them all.
    for name in ("aiokafka", "asyncio"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    if wish.plant and not wish.storm_seconds:
        return _tried(wish)
    said = _ran(wish)
    for name, found in said["violations"].items():
        for words_ in found[:20]:
            sys.stderr.write(f"VIOLATED {name}: {words_}\n")
    sys.stdout.write(json.dumps({k: v for k, v in said.items() if k != "faults"}) + "\n")
    return 1 if said["violated"] else 0


def _tried(wish: Wish) -> int:
    """Whether the rig is red with each fault chosen, and green without."""
    try:
        done = trials(wish, wish.plant, _ran)
    except UnknownFault as unknown:
        sys.stderr.write(f"{unknown}\n")
        return 2
    sys.stdout.write("\n".join(trial.row() for trial in done) + "\n")
    return 0 if all(trial.as_it_should_be for trial in done) else 1


def _ran(wish: Wish) -> dict[str, Any]:
    """One run; its summary, and its report where one is asked for."""
    with tempfile.TemporaryDirectory(prefix="chaos-") as scratch:
        run = Run(wish, Path(scratch))
        asyncio.run(run.go())
        said = summary(run)
        if wish.report is not None:
            folder = (wish.report / wish.plant).absolute()
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "report.json").write_text(json.dumps(said, indent=2) + "\n")
            (folder / "report.html").write_text(page(said))
            sys.stderr.write(f"report: {folder / 'report.html'}\n")
            _keep_files(Path(scratch), folder)
    return said


def as_wish(words: Sequence[str]) -> Wish:
    """The wish in the arguments."""
    given = _parser().parse_args(words)
    seed = given.seed if given.seed is not None else random.SystemRandom().randrange(10**6)
    minutes = given.minutes
    sales = given.sales
    long = minutes is not None
    pieces = given.pieces or (PIECES_LONG if long else PIECES_SHORT)
    return Wish(
        seed=seed,
        storm_seconds=0.0 if given.planted else minutes * 60 if long else SHORT_SECONDS,
        fault_gap=given.gap or (LONG_GAP if long else SHORT_GAP),
        most_seconds=given.at_most * 60,
        pieces=pieces,
        tills=TILLS_FOR_SALES if sales else 2,
        till_pause=0.0 if sales else 1.5,
        custom=MUCH if sales else Custom(),
        pace=sales / (minutes * 60) if sales and long else math.inf,
        sales=sales,
        etsy_per_second=WIDE if sales else TIGHT,
        kafka=given.kafka,
        mongo=given.mongo,
        mongo_binary=given.mongo_binary,
        faults=tuple(given.faults),
        plant=given.planted or given.plant,
        report=given.report,
        rest_seconds=given.rest,
        calm_limit=given.calm_limit,
        words=tuple(words),
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="chaos", description=__doc__)
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--short", action="store_true", help="about three minutes (the default)")
    length.add_argument("--minutes", type=float, help="how long faults strike")
    parser.add_argument("--seed", type=int, help="the same seed plans the same faults and load")
    parser.add_argument("--sales", type=int, default=0, help="go on until so many pieces are sold")
    parser.add_argument("--gap", type=float, default=0.0, help="seconds from fault to fault")
    parser.add_argument(
        "--at-most", type=float, default=math.inf, help="minutes, however few are sold by then"
    )
    parser.add_argument("--pieces", type=int, default=0, help="how many pieces there are")
    parser.add_argument("--kafka", choices=("embedded", "apache"), default="embedded")
    parser.add_argument(
        "--mongo", default="embedded", help='"embedded", "fast", or a connection string'
    )
    parser.add_argument(
        "--mongo-binary", default=os.environ.get("CHAOS_MONGO_BINARY", ""), help='for "fast"'
    )
    parser.add_argument(
        "--faults", type=_groups, default=(), help=f"only these: {','.join(GROUPS)}"
    )
    parser.add_argument(
        "--planted",
        default="",
        help='faults by name, or "all": each must be red in its weather, which is green without',
    )
    parser.add_argument("--plant", default="", help="a planted fault the services start with")
    parser.add_argument("--report", type=Path, help="folder for report.html, report.json, logs")
    parser.add_argument("--rest", type=float, default=180.0, help="longest wait for rest, seconds")
    parser.add_argument(
        "--calm-limit", type=float, default=1.0, help="p99 of exposure without faults, seconds"
    )
    return parser


def _groups(text: str) -> tuple[str, ...]:
    groups = tuple(filter(None, text.split(",")))
    unknown = [group for group in groups if group not in GROUPS]
    if unknown:
        raise argparse.ArgumentTypeError(f"no such faults: {', '.join(unknown)}")
    return groups


def _again(wish: Wish) -> str:
    rest = [word for word in wish.words if not word.startswith("--seed")]
    if "--seed" in wish.words:
        at = wish.words.index("--seed")
        rest = [*wish.words[:at], *wish.words[at + 2 :]]
    return " ".join([*rest, f"--seed {wish.seed}"])


def _forget_settings() -> None:
    """Services get what the rig says and nothing of the caller's."""
    for name in [n for n in os.environ if n.startswith("BROCANTE_") and n != "BROCANTE_CACHE"]:
        del os.environ[name]


def _keep_files(scratch: Path, folder: Path) -> None:
    """Logs, what was accepted and every record, for whoever looks into a violation."""
    (folder / "logs").mkdir(exist_ok=True)
    for log in scratch.rglob("*.log"):
        shutil.copy(log, folder / "logs" / log.name)
    for name in ("accepted.jsonl", "topics.jsonl"):
        if (scratch / name).exists():
            shutil.move(scratch / name, folder / name)
