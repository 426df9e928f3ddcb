"""`python -m tests.mutation [--sample N --seed S]`: plant small faults, see which a test notices.

mutmut changes one thing at a time in the runtime, the sales and the inventory domain, and runs the
unit tests that reach it. Each result is kept at once, so a run that is stopped tells what it found,
and the next one goes on there; `--fresh` begins anew. Ends with 1 when it did not come to its end
or an area stays under the bar.
"""

import argparse
import os
import random
import subprocess
import sys
from collections import defaultdict
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from tests.mutation.reading import read, table, written
from tests.mutation.verdicts import OPEN, mutants
from tests.mutation.workspace import WORKSPACE, prepare

BAR = 80.0
NICE = 19
NOTHING = "nothing"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run; the exit code says whether every area is over the bar."""
    parser = argparse.ArgumentParser(prog="mutation")
    parser.add_argument("--sample", type=int, metavar="N", help="at most N mutants per module")
    parser.add_argument("--seed", type=int, default=0, help="chooses the sample")
    parser.add_argument("--only", nargs="+", default=["*"], metavar="MODULE", help="patterns")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--fresh", action="store_true", help="forget earlier runs")
    parser.add_argument("--read", action="store_true", help="only show the last run")
    options = parser.parse_args(arguments)
    ended = 0 if options.read else _run(options)
    chosen = _chosen(options)
    found = [mutant for mutant in mutants() if mutant.name in chosen]
    whole = all(mutant.verdict != OPEN for mutant in mutants())
    reading = read(found, whole=whole)
    written(reading, WORKSPACE / "report.json")
    sys.stdout.write(f"{table(reading)}\n")
    low = [area for area, score in reading.areas.items() if score.percent < BAR]
    return 1 if low or ended else 0


def _run(options: argparse.Namespace) -> int:
    """Try what was chosen and not tried yet; how mutmut ended."""
    os.nice(NICE)
    prepare(fresh=options.fresh)
    _make()
    left = sorted(_chosen(options) - _tried())
    if not left:
        return 0
    try:
        command = _command(options.processes, *left)
        return subprocess.run(command, cwd=WORKSPACE, env=_lean(), check=False).returncode
    except KeyboardInterrupt:
        return 1


def _make() -> None:
    """Make what mutants are missing and try none: mutmut stops once it finds none of that name."""
    command = _command(2, NOTHING)
    ended = subprocess.run(
        command, cwd=WORKSPACE, env=_lean(), capture_output=True, text=True, check=False
    )
    if "nothing matches" not in ended.stderr:
        raise SystemExit(f"{ended.stdout}\n{ended.stderr}")


def _command(processes: int, *names: str) -> list[str]:
    program = str(Path(sys.executable).with_name("mutmut"))
    return [program, "run", "--max-children", str(processes), *names]


def _lean() -> dict[str, str]:
    return {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}


def _chosen(options: argparse.Namespace) -> set[str]:
    """The same ones for the same options and sources."""
    modules: dict[str, list[str]] = defaultdict(list)
    for mutant in mutants():
        if any(fnmatchcase(mutant.module, pattern) for pattern in options.only):
            modules[mutant.module].append(mutant.name)
    chance = random.Random(options.seed)  # noqa: S311 - the same sample again is the point
    most = options.sample or sys.maxsize
    return {
        name for group in modules.values() for name in chance.sample(group, min(most, len(group)))
    }


def _tried() -> set[str]:
    return {mutant.name for mutant in mutants() if mutant.verdict != OPEN}


if __name__ == "__main__":
    raise SystemExit(main())
