"""`python -m tests.bench.contender`: one contender's process.

It imports everything, says `ready`, reads its assignment (a line of JSON) and says how it went (a
line of JSON): what is measured holds no interpreter start.
"""

import asyncio
import cProfile
import json
import sys
from collections.abc import Awaitable, Callable
from dataclasses import asdict

from tests.bench.contenders import hand_tuned, one_at_a_time, ours
from tests.bench.contenders.assignment import Assignment, Done, Kind

RUN: dict[Kind, Callable[[Assignment], Awaitable[Done]]] = {
    "ours": ours.run,
    "hand": hand_tuned.run,
    "one": one_at_a_time.run,
}


def main() -> int:
    """Wait for the assignment, do it."""
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    line = sys.stdin.readline()
    if not line:
        return 1
    assignment = Assignment(**json.loads(line))
    done = _profiled(assignment) if assignment.profile else _done(assignment)
    sys.stdout.write(json.dumps(asdict(done)) + "\n")
    return 0


def _done(assignment: Assignment) -> Done:
    async def run() -> Done:
        return await RUN[assignment.kind](assignment)

    return asyncio.run(run())


def _profiled(assignment: Assignment) -> Done:
    profiler = cProfile.Profile()
    try:
        return profiler.runcall(_done, assignment)
    finally:
        profiler.dump_stats(str(assignment.profile))


if __name__ == "__main__":
    sys.exit(main())
