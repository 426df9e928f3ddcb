"""Every planted fault has a weather, or a reason why none shows it; every wait has an end."""

import asyncio
import re
from itertools import islice
from pathlib import Path

import pytest

from tests.chaos.limits import TooLong, within
from tests.chaos.lot_plan import Custom, lots
from tests.chaos.planted_runs import Trial, in_weathers, trials
from tests.chaos.weather.catalogue import SHOWN_BY, UNSEEN, WEATHERS
from tests.chaos.wish import Wish
from tests.planted.planting import UnknownFault
from tests.planted.registry import FAULTS

ROOT = Path(__file__).parents[3]
WISH = Wish(seed=1)
RED = {"violations": {"I1": ["lost"]}, "seconds": 1.0}
GREEN = {"violations": {}, "seconds": 1.0}


def test_every_fault_has_a_weather_or_a_reason() -> None:
    assert {*SHOWN_BY, *UNSEEN} == set(FAULTS)
    assert not {*SHOWN_BY} & {*UNSEEN}
    assert {*SHOWN_BY.values()} <= {*WEATHERS}


def test_faults_are_tried_each_in_its_weather_and_all_weathers_without() -> None:
    seen: list[Wish] = []

    def ran(wish: Wish) -> dict[str, object]:
        seen.append(wish)
        return RED if wish.plant else GREEN

    done = trials(WISH, "all", ran)
    assert [wish.plant for wish in seen] == ["", *sorted(SHOWN_BY)]
    assert seen[0].weathers == tuple(WEATHERS)
    assert all(trial.as_it_should_be for trial in done)


def test_a_fault_nobody_saw_and_a_red_run_without_one_are_wrong() -> None:
    unseen = Trial(("fair",), "lease-ignored", {}, 1.0)
    red = Trial(("fair",), "", {"I1": ["lost"]}, 1.0)
    late = Trial(("fair",), "lease-ignored", {"I7": ["waited 9 s in vain for rest"]}, 1.0)
    assert not unseen.as_it_should_be
    assert not late.as_it_should_be
    assert not red.as_it_should_be
    assert unseen.row().endswith("WRONG")
    assert "I1: lost" in red.row()


def test_a_fault_that_no_weather_shows_is_refused_with_the_reason() -> None:
    with pytest.raises(UnknownFault, match="decider"):
        trials(WISH, "parked-goes-on", lambda _: GREEN)


def test_a_run_has_what_its_weathers_need() -> None:
    wish = in_weathers(WISH, ["fair", "rush"])
    assert wish.pieces == WEATHERS["fair"].pieces + WEATHERS["rush"].pieces
    assert in_weathers(WISH, ["unpublished"]).settings == {"BROCANTE_PUBLISH_SECONDS": "3.0"}


def test_tills_sell_lots_that_are_never_sold_out() -> None:
    first = list(islice(lots(3, 0, Custom()), 5))
    assert first == list(islice(lots(3, 0, Custom()), 5))
    assert first != list(islice(lots(3, 1, Custom()), 5))
    assert all(lot.quantity > sum(one.size for one in lot.rounds) for lot in first)


async def test_a_wait_that_takes_too_long_says_what_was_awaited() -> None:
    with pytest.raises(TooLong, match=r"waited 0\.01 s in vain for a sale"):
        async with within(0.01, "a sale"):
            await asyncio.Event().wait()
    with pytest.raises(TooLong, match="failed while waiting for a sale"):
        async with within(5, "a sale"):
            raise TimeoutError("of another kind")


def test_the_tables_of_weathers_are_what_is_run() -> None:
    text = (ROOT / "docs/testing.md").read_text().split("### The rig on trial")[1]
    rows = re.findall(r"^\| `([a-z-]+)` \| `([a-z-]+)` \|$", text, re.MULTILINE)
    assert rows == sorted(SHOWN_BY.items())
    assert set(re.findall(r"^\| `([a-z-]+)` \| [^`]", text, re.MULTILINE)) == set(WEATHERS)
    assert all(f"`{fault}`" in text for fault in UNSEEN)
