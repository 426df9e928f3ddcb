"""No await is forgotten: each has its points, or stands in a list with the reason why not."""

import ast
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from tests.support.crashing import plan, trial
from tests.support.crashing.places import (
    EXEMPT,
    LEFT_OUT,
    MODULES,
    SPARED,
    UNREACHED,
    WATCHED,
    matters,
)
from tests.support.crashing.points import woven
from tests.support.crashing.weaving import names_in

ROOT = Path(__file__).parents[2]
SOURCES = (*ROOT.glob("services/*/src"), ROOT / "shared/src")


def with_awaits() -> dict[str, list[str]]:
    """Every module of the product that awaits anything, and the names of what it awaits."""
    found = {}
    for source in SOURCES:
        for path in source.rglob("*.py"):
            name = ".".join(path.relative_to(source).with_suffix("").parts)
            _, awaits = woven(name, path.read_text(), lambda _name: False)
            if awaits:
                found[name] = awaits
    return found


def belongs(module: str, listed: str) -> bool:
    return module == listed or module.startswith(f"{listed}.")


def test_every_module_that_awaits_is_watched_or_left_out_with_a_reason() -> None:
    forgotten = [
        module
        for module in with_awaits()
        if not any(belongs(module, one) for one in (*WATCHED, *LEFT_OUT))
    ]
    assert forgotten == []


def test_what_is_left_out_or_exempt_still_exists() -> None:
    known = with_awaits()
    gone = [one for one in LEFT_OUT if not any(belongs(module, one) for module in known)]
    awaits = [name for module in MODULES for name in known.get(module, ())]
    gone += [p for p in EXEMPT if not any(fnmatchcase(name, p) for name in awaits)]
    points = set(plan.every_point())
    gone += [point for point in (*SPARED, *UNREACHED) if point not in points]
    assert gone == []


def test_each_reason_is_given() -> None:
    for listed in (LEFT_OUT, EXEMPT, SPARED, UNREACHED):
        assert all(reason.strip() for reason in listed.values())


def test_every_point_is_reached_by_a_scenario_or_listed_as_unreached() -> None:
    with trial.woven_once():
        reached = {p for one in plan.SCENARIOS for p in plan.reached_by(one.name)[0]}
    points = set(plan.every_point())
    assert points - reached == set(UNREACHED)
    assert reached <= points


def test_a_new_await_is_a_new_pair_of_points() -> None:
    source = "async def f(store):\n    await store.save()\n    await store.save()\n"
    tree, awaits = woven("m", source, lambda _name: True)
    assert awaits == ["m.f:store.save#1", "m.f:store.save#2"]
    text = ast.unparse(tree)
    for name in awaits:
        assert f"{name} before" in text
        assert f"{name} after" in text


@pytest.mark.parametrize("module", MODULES)
def test_code_runs_as_before_once_it_is_woven_no_more(module: str) -> None:
    with trial.woven_once():
        pass
    assert not [
        name for name in vars(__import__(module, fromlist=["x"])) if name.endswith("_point__")
    ]
    assert names_in(module, matters) is not None
