"""Plans depend on the seed and on nothing else, and leave no kind of fault out."""

from itertools import islice, pairwise

import pytest

from tests.chaos.command_line import as_wish
from tests.chaos.fault_plan import CARDS, GROUPS, fault_plan
from tests.chaos.load_plan import SALES, calm_lives, lives

DECK = sum(card.weight for card in CARDS)


def test_the_same_seed_plans_the_same_faults_and_lives() -> None:
    assert list(islice(fault_plan(7, 2.0), 300)) == list(islice(fault_plan(7, 2.0), 300))
    assert lives(7, 20, 200, 60) == lives(7, 20, 200, 60)
    assert calm_lives(7, 5) == calm_lives(7, 5)


def test_another_seed_plans_others() -> None:
    assert list(islice(fault_plan(7, 2.0), 20)) != list(islice(fault_plan(8, 2.0), 20))
    assert lives(7, 20, 200, 60) != lives(8, 20, 200, 60)


def test_every_kind_of_fault_comes_once_before_the_deck_is_dealt_again() -> None:
    dealt = list(islice(fault_plan(1, 2.0, keeps_data=True), DECK))
    assert {planned.kind for planned in dealt} == {card.kind for card in CARDS}
    assert all(a.at < b.at for a, b in pairwise(dealt))


def test_a_broker_that_keeps_nothing_is_never_restarted() -> None:
    kinds = {planned.kind for planned in islice(fault_plan(1, 2.0), 2 * DECK)}
    assert "broker-restart" not in kinds
    assert "broker-wipe" in kinds


@pytest.mark.parametrize("group", GROUPS)
def test_faults_can_be_narrowed_to_a_group(group: str) -> None:
    kinds = {p.kind for p in islice(fault_plan(1, 2.0, (group,), keeps_data=True), 30)}
    assert kinds == {card.kind for card in CARDS if card.group == group}


def test_lives_hold_about_as_many_sales_as_asked_for() -> None:
    told = [chapter for life in lives(3, 100, 2000, 60) for chapter in life.chapters]
    sales = sum(2 if c.kind in ("double", "raced") else 1 for c in told if c.kind in SALES)
    assert 1600 < sales < 2400


def test_a_short_run_strikes_at_least_25_faults() -> None:
    wish = as_wish(["--short", "--seed", "5"])
    plan = islice(fault_plan(wish.seed, wish.fault_gap, wish.faults), 60)
    assert sum(planned.at < wish.storm_seconds for planned in plan) >= 25


@pytest.mark.parametrize("seed", range(20))
def test_every_short_run_loses_its_broker_while_there_is_time_for_a_resync(seed: int) -> None:
    wish = as_wish(["--short", "--seed", str(seed)])
    plan = islice(fault_plan(wish.seed, wish.fault_gap), 60)
    wipes = [planned.at for planned in plan if planned.kind == "broker-wipe"]
    assert wipes[0] < 0.7 * wish.storm_seconds


def test_a_long_run_strikes_at_least_300_faults() -> None:
    wish = as_wish(["--minutes", "20", "--seed", "5", "--sales", "50000"])
    plan = islice(fault_plan(wish.seed, wish.fault_gap, wish.faults), 600)
    assert sum(planned.at < wish.storm_seconds for planned in plan) >= 300
    assert (wish.sales, wish.seed) == (50_000, 5)


def test_a_group_that_does_not_exist_is_refused() -> None:
    with pytest.raises(SystemExit):
        as_wish(["--faults", "kill,hiccups"])
