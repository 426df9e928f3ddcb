"""What an outcome does to a listing (reconcile rules 3 to 7, rules R9 and R10)."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from marketplace_sync.domain import outcomes, setbacks
from marketplace_sync.domain.facts import Deferred, Fact, Failed, Observed, Reached, Refused
from marketplace_sync.domain.listing import CALM, Cause, Linked, Listing, Seen, Trouble
from marketplace_sync.domain.steps import fingerprint_of, next_step
from tests.support.worker_listings import (
    CONTENT,
    HOLDS,
    LINK,
    NOW,
    OTHER,
    at,
    issue,
    listed,
    shows,
    waiting,
    wanted,
)

SKU_ONLY = Linked("91.10")


def due_in(listing: Listing) -> float | None:
    return None if listing.due_at is None else (listing.due_at - NOW).total_seconds()


def test_an_activation_that_shows_active_reaches_its_target() -> None:
    before = waiting(link=SKU_ONLY, tried=True, trouble=Trouble(attempts=3))
    after = outcomes.saw(before, "activate", LINK, shows("active"), at(), verified=True)
    assert after.facts == (Reached(wanted(), verified=True),)
    assert (after.listing.open, after.listing.due_at, after.listing.trouble) == (False, None, CALM)
    assert after.listing.link == LINK
    assert after.listing.shown_content == fingerprint_of(CONTENT, 1)


def test_a_review_at_the_marketplace_satisfies_an_activation() -> None:
    after = outcomes.saw(waiting(), "activate", LINK, shows("pending_review"), at(), verified=False)
    assert after.facts == (Reached(wanted(), verified=False),)


@pytest.mark.parametrize(("desired", "observed"), [("inactive", "active"), ("active", "inactive")])
def test_a_yes_that_shows_no_is_tried_again(desired: str, observed: str) -> None:
    step = wanted(desired).operation
    after = outcomes.saw(listed(desired), step, LINK, shows(observed), at(), verified=True)
    assert after.listing.open
    (said,) = after.facts
    assert isinstance(said, Deferred)
    assert said.why == "retrying"


def test_a_read_that_shows_it_active_is_enough_only_for_the_content_wanted() -> None:
    shown = outcomes.saw(listed(), "read", LINK, shows("active"), at(), verified=True)
    assert shown.facts == (Reached(wanted(), verified=True),)
    other = listed(wanted=wanted(content=OTHER))
    unsure = outcomes.saw(other, "read", LINK, shows("active"), at(), verified=True)
    assert (unsure.facts, unsure.listing.open, due_in(unsure.listing)) == ((), True, 0.0)


def test_a_read_that_shows_it_off_sale_reaches_every_target_off_sale() -> None:
    after = outcomes.saw(listed("sold"), "read", LINK, shows("ended"), at(), verified=True)
    assert after.facts == (Reached(wanted("sold"), verified=True),)


def test_a_read_that_shows_it_still_active_goes_on_at_once_having_looked() -> None:
    after = outcomes.saw(listed("sold"), "read", LINK, shows("active"), at(), verified=True)
    assert (after.facts, due_in(after.listing), after.listing.trouble.looked) == ((), 0.0, True)


def test_whoever_asked_for_a_check_is_answered_beside_the_target() -> None:
    asked = listed("inactive", checks=(Cause("c8"), Cause("c9")))
    after = outcomes.saw(asked, "read", LINK, shows("ended"), at(), verified=True)
    assert after.facts[:2] == (Observed(Cause("c8")), Observed(Cause("c9")))
    assert (len(after.facts), after.listing.checks) == (3, ())


def test_a_change_nobody_asked_about_is_said_once() -> None:
    quiet = listed(open=False)
    changed = outcomes.saw(quiet, "read", LINK, shows("ended"), at(), verified=True)
    assert changed.facts == (Observed(Cause("")),)
    again = outcomes.saw(changed.listing, "read", LINK, shows("ended"), at(), verified=True)
    assert again.facts == ()


def test_each_step_of_an_activation_is_recorded_before_the_next() -> None:
    half_way = Linked("91.10", steps={"offer": "o1"})
    after = outcomes.progressed(waiting(link=SKU_ONLY), half_way, NOW)
    assert (after.listing.link, after.listing.tried, due_in(after.listing)) == (half_way, True, 0.0)
    assert after.facts == ()


def test_an_unknown_outcome_is_read_back_at_1_10_and_60_seconds() -> None:
    listing, seconds, when = waiting(link=SKU_ONLY), 0.0, []
    for _ in range(4):
        listing = setbacks.unknown(listing, at(seconds)).listing
        seconds = due_in(listing) or 0.0
        when.append(seconds)
    assert when == [1.0, 10.0, 60.0, 120.0]
    assert listing.seen.observed == "unknown"


def test_after_an_unknown_outcome_the_content_shown_is_not_known() -> None:
    assert setbacks.unknown(listed(), at()).listing.shown_content is None


def test_a_read_back_that_shows_the_effect_settles_a_call_off_sale() -> None:
    doubted = setbacks.unknown(listed("inactive"), at()).listing
    after = outcomes.saw(doubted, "read", LINK, shows("inactive"), at(1), verified=True)
    assert after.facts == (Reached(wanted("inactive"), verified=True),)


def test_a_read_back_that_shows_no_effect_waits_a_moment_as_was_said_with_the_doubt() -> None:
    doubted = setbacks.unknown(listed("inactive"), at()).listing
    after = outcomes.saw(doubted, "read", LINK, shows("active"), at(1, draw=1.0), verified=True)
    assert (due_in(after.listing), after.listing.trouble.doubt) == (2.0, None)
    assert after.facts == ()


def test_a_creation_that_left_nothing_is_made_again_where_that_cannot_make_two() -> None:
    doubted = setbacks.unknown(waiting(link=SKU_ONLY), at()).listing
    after = outcomes.gone(doubted, at(1))
    assert (after.listing.trouble.doubt, after.listing.tried) == (None, False)


def test_a_creation_that_is_not_idempotent_is_looked_for_three_times_before_it_is_made_again() -> (
    None
):
    listing = setbacks.unknown(waiting(link=SKU_ONLY), at()).listing
    looks = []
    while listing.trouble.doubt is not None:
        looks.append(due_in(listing))
        listing = outcomes.gone(listing, at(looks[-1] or 0.0, idempotent=False)).listing
    assert looks == [1.0, 10.0, 60.0]
    assert (listing.open, listing.tried) == (True, False)


def test_a_listing_the_marketplace_does_not_have_is_off_sale() -> None:
    after = outcomes.gone(listed("inactive"), at())
    assert after.facts == (Reached(wanted("inactive"), verified=True),)
    assert after.listing.link == SKU_ONLY
    assert after.listing.seen == Seen("none", NOW, "read_back")


def test_refused_content_names_all_issues_and_waits_for_a_new_target() -> None:
    issues = (issue("dealer", field="/title"), issue("dealer", field="/attributes/period"))
    after = setbacks.refused(waiting(), issues, at())
    assert after.facts == (Refused(wanted(), issues),)
    assert (after.listing.open, after.listing.due_at) == (False, None)


def test_a_warning_to_the_dealer_beside_a_failure_is_not_a_refusal() -> None:
    issues = (issue("dealer", severity="warning"), issue())
    (said,) = setbacks.refused(waiting(), issues, at()).facts
    assert isinstance(said, Failed)


@pytest.mark.parametrize("category", ["dealer", "marketplace", "system"])
def test_taking_off_sale_is_tried_for_ever_whoever_is_at_fault(category: str) -> None:
    listing = listed("sold")
    for n in range(1, 30):
        listing = setbacks.refused(listing, [issue(category)], at(draw=1.0)).listing  # type: ignore[arg-type]
        assert listing.open
        assert (due_in(listing) or 0.0) <= 10.0, n
    assert not listing.trouble.blocked


def test_three_failures_alike_block_and_call_no_more() -> None:
    listing, said = waiting(), list[Fact]()
    for _ in range(3):
        after = setbacks.refused(listing, [issue()], at())
        listing, said = after.listing, [*said, *after.facts]
    assert (listing.trouble.blocked, listing.open, listing.due_at) == (True, False, None)
    assert said == [
        Failed(wanted(), (issue(),), 1, gives_up=False),
        Failed(wanted(), (issue(),), 3, gives_up=True),
    ]


def test_failures_of_another_kind_begin_a_new_count() -> None:
    listing = waiting()
    for code in ("25001", "25001", "25007", "25001"):
        listing = setbacks.refused(listing, [issue(code=code)], at()).listing
    assert (listing.trouble.same, listing.trouble.blocked) == (1, False)


def test_a_fingerprint_is_marketplace_code_and_field_in_any_order() -> None:
    one, other = issue(field="/title"), issue(code="25007")
    assert setbacks.fingerprint([one, other]) == setbacks.fingerprint([other, one])
    reworded = one.model_copy(update={"message": "Request 4711 failed."})
    assert setbacks.fingerprint([one]) == setbacks.fingerprint([reworded])
    assert setbacks.fingerprint([one]) != setbacks.fingerprint([issue(field="/price")])


def test_waiting_is_said_only_when_the_reason_changes() -> None:
    listing, said = waiting(), []
    for why in ("rate_limited", "rate_limited", "circuit_open", "circuit_open"):
        after = setbacks.later(listing, why, None, at())
        listing = after.listing
        said += [fact.why for fact in after.facts if isinstance(fact, Deferred)]
    assert said == ["rate_limited", "circuit_open"]


def test_retry_after_is_honoured_before_our_own_backoff() -> None:
    after = setbacks.later(waiting(), "rate_limited", 90.0, at())
    assert due_in(after.listing) == 90.0


def test_a_day_of_failing_gives_up_except_off_sale() -> None:
    day = timedelta(hours=24, seconds=1).total_seconds()
    selling = setbacks.later(waiting(), "retrying", None, at()).listing
    (said,) = setbacks.later(selling, "retrying", None, at(day)).facts
    assert said == Failed(wanted(), (), 2, gives_up=True)
    ending = setbacks.later(listed("sold"), "retrying", None, at()).listing
    assert setbacks.later(ending, "retrying", None, at(day)).listing.open


def test_a_check_that_must_wait_says_nothing_of_a_target_that_is_done() -> None:
    asked = listed(open=False, checks=(Cause("c9"),))
    after = setbacks.later(asked, "rate_limited", 5.0, at())
    assert (after.facts, due_in(after.listing)) == ((), 5.0)
    assert after.listing == replace(asked, due_at=after.listing.due_at)


def test_a_check_that_is_refused_answers_with_what_is_known_and_reopens_nothing() -> None:
    asked = listed(open=False, checks=(Cause("c9"),))
    after = setbacks.refused(asked, [issue()], at())
    assert after.facts == (Observed(Cause("c9")),)
    assert (after.listing.open, after.listing.checks) == (False, ())


def test_settling_reaches_the_target_unverified() -> None:
    after = outcomes.settled(listed())
    assert after.facts == (Reached(wanted(), verified=False),)


def test_what_someone_took_off_sale_there_is_said_and_not_fought_by_an_update() -> None:
    edited = listed(wanted=wanted(content=OTHER, operation="update"))
    after = outcomes.saw(edited, "update", LINK, shows("ended"), at(), verified=True)
    assert after.facts == (Observed(Cause("c1")),)
    assert (after.listing.open, after.listing.seen.changed_by) == (False, "dealer")


def test_what_is_asked_to_be_on_sale_is_activated_although_an_update_found_it_taken_off() -> None:
    asked = listed(wanted=wanted(content=OTHER))
    after = outcomes.saw(asked, "update", LINK, shows("inactive"), at(), verified=True)
    assert (after.facts, after.listing.open, after.listing.due_at) == ((), True, NOW)
    assert next_step(after.listing, HOLDS) == "check_content"
