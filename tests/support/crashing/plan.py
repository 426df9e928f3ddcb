"""Which scenario tries which points: each point belongs to the first that reaches it."""

import os
import zlib
from functools import cache
from typing import Any

from tests.support.crashing import accepting, reconciling_story, selling, stocking, trial
from tests.support.crashing.faults import KINDS, Kind
from tests.support.crashing.places import MODULES, SPARED, matters
from tests.support.crashing.trial import Scenario
from tests.support.crashing.weaving import names_in

SETTING = "BROCANTE_CRASH_POINTS"
SCENARIOS: tuple[Scenario, ...] = (
    selling.SCENARIO,
    stocking.SCENARIO,
    *reconciling_story.SCENARIOS,
    accepting.SCENARIO,
)


def every_point() -> list[str]:
    """Every point of the product, as its code now has them."""
    return [name for module in MODULES for name in names_in(module, matters)]


@cache
def reached_by(name: str) -> tuple[tuple[str, ...], Any]:
    """The points a scenario reaches, and the state in which it ends."""
    (scenario,) = (one for one in SCENARIOS if one.name == name)
    points, state = trial.without_fault(scenario)
    return tuple(points), state


def own_points(name: str) -> list[str]:
    """The points that this scenario tries."""
    others: set[str] = set()
    for scenario in SCENARIOS:
        if scenario.name == name:
            break
        others |= set(reached_by(scenario.name)[0])
    return [point for point in reached_by(name)[0] if point not in others]


def kinds_at(point: str) -> tuple[Kind, ...]:
    """The faults that can strike at a point."""
    return tuple(k for k in KINDS if point not in SPARED or k in ("canceled", "death"))


def tried_at(point: str) -> tuple[Kind, ...]:
    """The faults that this run tries at a point: one, by its name, unless it is told all."""
    kinds = kinds_at(point)
    if os.environ.get(SETTING) == "all":
        return kinds
    return (kinds[zlib.crc32(point.encode()) % len(kinds)],)


def failures(name: str, kind: Kind) -> dict[str, list[str]]:
    """Try one kind of fault at every point of a scenario; what was wrong, by point."""
    (scenario,) = (one for one in SCENARIOS if one.name == name)
    found: dict[str, list[str]] = {}
    with trial.woven_once():
        expected = reached_by(name)[1]
        for point in own_points(name):
            if kind not in tried_at(point):
                continue
            wrong = trial.with_fault(scenario, kind, point, expected)
            if wrong:
                found[point] = wrong
    return found


__all__ = ["KINDS", "SCENARIOS", "every_point", "failures", "own_points", "reached_by"]
