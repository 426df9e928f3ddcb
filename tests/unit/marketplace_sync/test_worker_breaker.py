"""The breaker of an account (reconcile rule 8)."""

import pytest

from marketplace_sync.reconcile.breaker import OPEN_SECONDS, Breaker
from tests.support.hand_clock import HandClock


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def opened(clock: HandClock) -> Breaker:
    breaker = Breaker(clock)
    for _ in range(5):
        breaker.failed()
    return breaker


def test_it_opens_on_the_fifth_failure_in_a_row_and_says_so_once(clock: HandClock) -> None:
    breaker = Breaker(clock)
    assert [breaker.failed() for _ in range(6)] == [False] * 4 + [True, False]
    assert breaker.state == "open"


def test_a_success_in_between_begins_the_row_anew(clock: HandClock) -> None:
    breaker = Breaker(clock)
    for _ in range(4):
        breaker.failed()
    breaker.succeeded()
    for _ in range(4):
        breaker.failed()
    assert breaker.state == "closed"


def test_it_opens_when_more_than_half_of_the_last_twenty_failed(clock: HandClock) -> None:
    breaker = Breaker(clock)
    for n in range(18):
        breaker.failed() if n % 2 else breaker.succeeded()
    breaker.failed()
    assert breaker.wait() == 0.0
    assert breaker.failed()
    assert breaker.state == "open"


def test_open_lets_nothing_pass_and_says_for_how_long(opened: Breaker, clock: HandClock) -> None:
    clock.pass_(4.0)
    assert opened.wait() == pytest.approx(OPEN_SECONDS - 4.0)


def test_one_probe_passes_once_the_time_is_over(opened: Breaker, clock: HandClock) -> None:
    clock.pass_(OPEN_SECONDS)
    assert opened.wait() == 0.0
    assert opened.state == "probing"
    assert opened.wait() > 0


def test_a_probe_that_is_answered_closes_it_and_forgets_the_failures(
    opened: Breaker, clock: HandClock
) -> None:
    clock.pass_(OPEN_SECONDS)
    opened.wait()
    assert opened.succeeded()
    assert (opened.state, opened.wait(), opened.succeeded()) == ("closed", 0.0, False)
    assert not opened.failed()


def test_a_probe_that_fails_keeps_it_open_without_saying_so_again(
    opened: Breaker, clock: HandClock
) -> None:
    clock.pass_(OPEN_SECONDS)
    opened.wait()
    assert not opened.failed()
    assert (opened.state, opened.wait()) == ("open", OPEN_SECONDS)


def test_a_probe_that_never_comes_to_an_answer_makes_room_for_another(
    opened: Breaker, clock: HandClock
) -> None:
    clock.pass_(OPEN_SECONDS)
    opened.wait()
    clock.pass_(OPEN_SECONDS)
    assert opened.wait() == 0.0
