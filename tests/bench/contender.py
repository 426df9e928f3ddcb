"""`python -m tests.bench.contender`: one contender's process.

It imports everything, says `ready`, and then for each assignment (a line of JSON) says how it went
(a line of JSON), until its input ends: what is measured holds no interpreter start.
"""

import asyncio
import cProfile
import json
import sys
from collections.abc import Awaitable, Callable
from dataclasses import asdict

from brocante.messaging.serving import collect_seldom
from tests.bench.contenders import hand_tuned, one_at_a_time, ours
from tests.bench.contenders.assignment import Assignment, Done, Kind

RUN: dict[Kind, Callable[[Assignment], Awaitable[Done]]] = {
    "ours": ours.run,
    "hand": hand_tuned.run,
    "one": one_at_a_time.run,
}


def main() -> int:
    """Do what is assigned, one after the other."""
    # As a service's process does; the others are not to lose by Python's own thresholds.
    collect_seldom()
    _say("ready")
    for line in sys.stdin:
        assignment = Assignment(**json.loads(line))
        done = _profiled(assignment) if assignment.profile else _done(assignment)
        _say(json.dumps(asdict(done)))
    return 0


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


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
