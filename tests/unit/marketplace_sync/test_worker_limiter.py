"""The rate windows of an account (reconcile rules 1 and 8)."""

import pytest

from marketplace_sync.marketplaces.contract import Window
from marketplace_sync.reconcile.limiter import Limiter
from tests.support.hand_clock import HandClock

SECOND = Window("second", 10, 1.0)
DAY = Window("day", 1000, 86_400)
REVISIONS = Window("revisions", 5, 86_400, per_listing=True)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


def passed(limiter: Limiter, listing: str | None = None, *, off_sale: bool = False) -> int:
    """How many calls pass at once."""
    calls = 0
    while limiter.wait(off_sale=off_sale, listing=listing) == 0.0:
        limiter.count(listing)
        calls += 1
    return calls


def test_a_fifth_of_the_budget_is_kept_for_taking_off_sale(clock: HandClock) -> None:
    limiter = Limiter([SECOND], clock, clock)
    assert passed(limiter) == 8
    assert passed(limiter, off_sale=True) == 2


def test_a_window_slides_so_that_no_second_sees_more_than_allowed(clock: HandClock) -> None:
    limiter = Limiter([SECOND], clock, clock)
    limiter.count()
    clock.pass_(0.9)
    assert passed(limiter, off_sale=True) == 9
    clock.pass_(0.2)
    assert passed(limiter, off_sale=True) == 1


def test_it_says_how_long_until_the_next_call_fits(clock: HandClock) -> None:
    limiter = Limiter([SECOND], clock, clock)
    passed(limiter)
    clock.pass_(0.25)
    assert limiter.wait(off_sale=False) == pytest.approx(0.75)


def test_the_narrowest_window_decides(clock: HandClock) -> None:
    limiter = Limiter([SECOND, Window("minute", 5, 60.0)], clock, clock)
    assert passed(limiter) == 4
    assert limiter.wait(off_sale=False) == pytest.approx(60.0)
    assert limiter.remaining() == {"second": 6, "minute": 1}


def test_a_listings_own_window_holds_back_only_that_listing(clock: HandClock) -> None:
    limiter = Limiter([DAY, REVISIONS], clock, clock)
    assert passed(limiter, "x1") == 4
    assert limiter.wait(off_sale=False, listing="x2") == 0.0
    assert limiter.wait(off_sale=False) == 0.0


def test_what_a_listing_used_of_its_own_day_survives_a_restart_until_the_day_is_over(
    clock: HandClock,
) -> None:
    before = Limiter([REVISIONS], clock, clock)
    assert passed(before, "x1") == 4
    after = Limiter([REVISIONS], clock, clock)
    after.recall_of("x1", before.used_of("x1"))
    wait = after.wait(off_sale=False, listing="x1")
    assert wait > REVISIONS.seconds * 0.9
    assert after.wait(off_sale=False, listing="x2") == 0.0
    clock.pass_(wait)
    assert after.wait(off_sale=False, listing="x1") == 0.0
    assert after.used_of("x1") == {}


def test_recalling_what_is_known_already_counts_no_revision_twice(clock: HandClock) -> None:
    limiter = Limiter([REVISIONS], clock, clock)
    limiter.count("x1")
    for _ in range(3):
        limiter.recall_of("x1", limiter.used_of("x1"))
    assert passed(limiter, "x1") == 3


def test_too_many_requests_stops_every_call_for_as_long_as_said(clock: HandClock) -> None:
    limiter = Limiter([SECOND], clock, clock)
    limiter.slow_down(30.0)
    limiter.slow_down(5.0)
    assert limiter.wait(off_sale=True) == pytest.approx(30.0)
    clock.pass_(30.0)
    assert limiter.wait(off_sale=True) == 0.0


def test_a_days_budget_is_remembered_in_chunks_across_a_restart(clock: HandClock) -> None:
    before = Limiter([SECOND, DAY], clock, clock)
    for _ in range(150):
        before.count()
    (parts,) = before.remembered().values()
    assert list(parts.values()) == [200]
    after = Limiter([SECOND, DAY], clock, clock)
    after.recall(before.remembered())
    assert after.remaining() == {"second": 10, "day": 800}


def test_what_is_to_be_remembered_changes_once_in_a_hundred_calls(clock: HandClock) -> None:
    limiter = Limiter([DAY], clock, clock)
    kept: list[dict[str, dict[int, int]]] = []
    for _ in range(250):
        limiter.count()
        if not kept or kept[-1] != limiter.remembered():
            kept.append(limiter.remembered())
    assert len(kept) == 3


def test_what_an_earlier_process_used_is_over_a_day_after_it_was_used(clock: HandClock) -> None:
    used = Limiter([DAY], clock, clock)
    for _ in range(1000):
        used.count()
    clock.pass_(DAY.seconds / 2)
    limiter = Limiter([DAY], clock, clock)
    limiter.recall(used.remembered())
    wait = limiter.wait(off_sale=True)
    assert DAY.seconds / 2 <= wait <= DAY.seconds / 2 + DAY.seconds / 24
    clock.pass_(wait)
    assert limiter.wait(off_sale=True) == 0.0
    assert limiter.remembered() == {"day": {}}


def test_taking_over_one_s_own_budget_again_counts_no_call_twice(clock: HandClock) -> None:
    limiter = Limiter([DAY], clock, clock)
    for _ in range(100):
        limiter.count()
    limiter.recall(limiter.remembered())
    assert limiter.remaining() == {"day": 900}
