"""Waits that are nobody's failure, doubts that last, and a lease lost during a call."""

import pytest

from marketplace_sync.domain import outcomes, setbacks
from marketplace_sync.domain.delivery import Canceled
from marketplace_sync.domain.facts import CanceledThere, Deferred
from marketplace_sync.domain.listing import Cause, Linked, Seen, Trouble
from tests.support.worker_listings import LINK, NOW, at, listed, waiting, wanted

DAY = 24 * 3600.0 + 1
OURS = Canceled("ebay:l1", "o1", "unpaid")
SOLD = wanted("sold", external_order_id="o1", sale_id="ebay:l1")


@pytest.mark.parametrize("why", ["paused", "circuit_open", "rate_limited"])
def test_work_that_waits_for_an_account_is_kept_however_long_it_takes(why: str) -> None:
    waits = setbacks.later(waiting(), why, 30.0, at()).listing
    after = setbacks.later(waits, why, 30.0, at(DAY))
    assert (after.listing.open, after.facts) == (True, ())


def test_a_day_of_pause_is_no_day_of_failing() -> None:
    failing = setbacks.later(waiting(), "retrying", None, at()).listing
    paused = setbacks.rest(failing, at(30).now).listing
    assert setbacks.later(paused, "retrying", None, at(DAY)).listing.open


@pytest.mark.parametrize("why", ["paused", "circuit_open"])
def test_a_wait_that_ends_by_itself_does_not_make_the_next_ones_longer(why: str) -> None:
    listing = waiting()
    for _ in range(10):
        listing = setbacks.later(listing, why, 5.0, at()).listing
    assert (listing.trouble.attempts, listing.due_at) == (0, at(5).now)


def test_a_rest_is_said_once_and_moves_the_due_time() -> None:
    first = setbacks.rest(waiting(), at(30).now)
    assert first.facts == (Deferred(wanted(), "paused", at(30).now),)
    again = setbacks.rest(first.listing, at(60).now)
    assert (again.facts, again.listing.due_at) == ((), at(60).now)


def test_a_rest_of_a_listing_without_work_says_nothing() -> None:
    quiet = listed(open=False, checks=(Cause("c9"),))
    after = setbacks.rest(quiet, at(30).now)
    assert (after.facts, after.listing.checks) == ((), quiet.checks)


def test_a_doubt_is_said_at_once_and_not_again_while_it_lasts() -> None:
    listing, said = waiting(link=Linked("91.10")), []
    for _ in range(4):
        after = setbacks.unknown(listing, at())
        listing = after.listing
        said.append(after.facts)
    assert said == [(Deferred(wanted(), "retrying", at(1).now),), (), (), ()]


def test_a_doubt_about_what_nobody_waits_for_says_nothing() -> None:
    assert setbacks.unknown(listed(open=False, checks=(Cause("c9"),)), at()).facts == ()


def test_a_call_that_outlived_its_lease_is_read_back_at_once_and_keeps_its_link() -> None:
    after = setbacks.late(waiting(link=Linked("91.10")), LINK, at()).listing
    assert (after.link, after.tried, after.due_at) == (LINK, True, NOW)
    assert after.seen.observed == "unknown"
    assert after.trouble == Trouble(doubt=0)


def test_a_sale_canceled_there_is_said_and_gets_a_moment_before_it_is_taken_down() -> None:
    after = outcomes.ordered(listed("sold", wanted=SOLD), [OURS], at())
    assert after.facts == (CanceledThere(OURS, Cause("c1")),)
    assert after.listing.trouble.order_read
    assert after.listing.due_at == at(outcomes.CANCELLATION_SECONDS).now


@pytest.mark.parametrize("canceled", [[], [Canceled("ebay:l2", "o1", None)]])
def test_an_order_that_stands_or_another_line_of_it_holds_up_nothing(
    canceled: list[Canceled],
) -> None:
    after = outcomes.ordered(listed("sold", wanted=SOLD), canceled, at())
    assert (after.facts, after.listing.due_at) == ((), NOW)


def test_a_change_seen_after_a_pause_still_counts_as_seen() -> None:
    paused = setbacks.rest(listed("inactive"), at(30).now).listing
    after = outcomes.saw(paused, "read", LINK, Seen("ended", NOW), at(31), verified=True)
    assert after.listing.seen.observed == "ended"
    assert not after.listing.open
