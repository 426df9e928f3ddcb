"""The operation shown on a listing, drift (R10), late effects (R9) and links."""

from datetime import timedelta

import pytest

from inventory.domain.listing import Observed
from inventory.domain.outcomes import Why
from tests.unit.inventory.story import Story, on_sale, sold_at


def test_an_activation_is_queued_then_idle() -> None:
    story = Story().create("ebay").activate()
    assert story.listing("ebay").operation == "queued"
    story.outcome("ebay", "activated", "active")
    listing = story.listing("ebay")
    assert (listing.operation, listing.observed, listing.external_id) == (
        "idle",
        "active",
        "ebay-1",
    )


def test_an_outcome_that_does_not_satisfy_leaves_the_operation_under_way() -> None:
    story = Story().create("ebay").activate().outcome("ebay", "activated", "pending_review")
    assert story.listing("ebay").operation == "queued"
    assert story.shows("ebay", "active", "marketplace").listing("ebay").settled


@pytest.mark.parametrize(("gives_up", "shown"), [(True, "blocked"), (False, "retrying")])
def test_a_failure_is_blocked_or_retrying(gives_up: bool, shown: str) -> None:
    story = Story().create("ebay").activate().fail("ebay", gives_up=gives_up)
    assert (story.listing("ebay").operation, story.listing("ebay").attempts) == (shown, 3)


@pytest.mark.parametrize(
    ("why", "shown"), [("rate_limited", "retrying"), ("waiting_for_person", "needs_person")]
)
def test_a_deferred_operation_waits(why: Why, shown: str) -> None:
    story = Story().create("ebay").activate().defer("ebay", why)
    assert story.listing("ebay").operation == shown
    assert story.listing("ebay").next_attempt_at


def test_a_wait_that_ended_early_is_not_shown_when_it_is_said_again() -> None:
    story = Story().create("ebay").activate()
    said_at = story.now
    story.defer("ebay", "rate_limited", said_at=said_at)
    settled = story.outcome("ebay", "activated", "active").known
    assert story.defer("ebay", "rate_limited", said_at=said_at).known is settled
    assert story.defer("ebay", "paused").listing("ebay").operation == "retrying"


def test_a_failure_that_was_got_over_is_not_shown_when_it_is_said_again() -> None:
    story = Story().create("ebay").activate()
    said_at = story.now
    story.fail("ebay", gives_up=False, said_at=said_at)
    settled = story.outcome("ebay", "activated", "active").known
    assert story.fail("ebay", gives_up=False, said_at=said_at).known is settled


def test_a_wait_that_ended_with_what_was_seen_is_not_shown_when_it_is_said_again() -> None:
    story = Story().create("ebay").activate()
    said_at = story.now
    story.defer("ebay", "rate_limited", said_at=said_at)
    settled = story.shows("ebay", "active", "us").known
    assert story.defer("ebay", "rate_limited", said_at=said_at).known is settled


def test_of_two_waits_that_are_said_again_neither_changes_anything() -> None:
    story = Story().create("ebay").activate()
    first, second = story.now, story.now + timedelta(seconds=9)
    story.defer("ebay", "rate_limited", said_at=first)
    waiting = story.defer("ebay", "paused", said_at=second).known
    story.defer("ebay", "rate_limited", said_at=first)
    assert story.defer("ebay", "paused", said_at=second).known is waiting


def test_a_wait_that_is_heard_after_something_was_seen_is_shown_while_nothing_is_settled() -> None:
    story = Story().create("ebay").activate()
    said_at = story.now
    story.shows("ebay", "pending_review", "marketplace")
    story.defer("ebay", "waiting_for_person", said_at=said_at)
    assert story.listing("ebay").operation == "needs_person"


def test_what_was_said_of_the_target_before_does_not_hide_what_is_said_of_this_one() -> None:
    story = on_sale("ebay")
    before = story.now - timedelta(minutes=1)
    story.deactivate("ebay").defer("ebay", "paused", said_at=before)
    assert story.listing("ebay").operation == "retrying"


def test_an_outcome_of_an_older_target_shows_what_is_there_and_nothing_more() -> None:
    story = Story().create("ebay").activate()
    older = story.listing("ebay").intent
    story.deactivate("ebay").outcome("ebay", "activated", "active", intent=older)
    assert (story.listing("ebay").observed, story.listing("ebay").operation) == ("active", "queued")


def test_an_older_observation_is_dropped() -> None:
    story = on_sale("ebay")
    at = story.now
    story.shows("ebay", "inactive")
    seen = story.known
    assert story.shows("ebay", "active", at=at).known is seen


def test_the_same_seen_again_later_is_remembered_but_changes_nothing() -> None:
    story = on_sale("ebay")
    revision = story.known.revision
    story.shows("ebay", "active")
    assert (story.known.revision, story.facts) == (revision, ())
    assert story.listing("ebay").observed_at == story.now - timedelta(seconds=1)


@pytest.mark.parametrize("shows", ["inactive", "ended", "on_hold", "draft", "none"])
def test_a_change_made_there_by_someone_else_is_drift_and_not_fought(shows: Observed) -> None:
    story = on_sale("ebay").shows("ebay", shows, "dealer")
    drift = story.listing("ebay").drift
    assert drift
    assert (drift.observed, drift.changed_by) == (shows, "dealer")
    assert (story.told, story.desired) == ({}, {"ebay": "active"})


def test_drift_keeps_its_first_time_and_goes_when_it_is_undone_there() -> None:
    story = on_sale("ebay").shows("ebay", "inactive")
    first = story.listing("ebay").drift
    assert story.shows("ebay", "inactive").listing("ebay").drift == first
    assert story.shows("ebay", "active").listing("ebay").drift is None


def test_an_edit_that_meets_someone_s_change_there_is_drift_and_under_way_no_more() -> None:
    story = on_sale("ebay").edit(price="1300.00")
    assert story.listing("ebay").operation == "queued"
    listing = story.shows("ebay", "inactive", "dealer").listing("ebay")
    assert (listing.operation, listing.drift and listing.drift.observed) == ("idle", "inactive")
    assert (story.told, story.desired) == ({}, {"ebay": "active"})


@pytest.mark.parametrize("shows", ["unknown", "pending_review"])
def test_not_knowing_is_no_drift(shows: Observed) -> None:
    assert on_sale("ebay").shows("ebay", shows).listing("ebay").drift is None


def test_a_sale_seen_there_is_no_drift_for_the_sale_itself_is_on_its_way() -> None:
    story = on_sale("ebay").shows("ebay", "sold", "marketplace")
    assert (story.listing("ebay").drift, story.listing("ebay").settled) == (None, False)


def test_drift_is_accepted() -> None:
    story = on_sale("ebay").shows("ebay", "ended").accept_drift("ebay")
    assert (story.desired, story.listing("ebay").drift) == ({"ebay": "inactive"}, None)
    assert story.told == {"ebay": "deactivate"}


def test_drift_is_undone() -> None:
    story = on_sale("ebay").shows("ebay", "ended").restore("ebay")
    assert (story.desired, story.told) == ({"ebay": "active"}, {"ebay": "activate"})


def test_accepting_where_nothing_drifted_changes_nothing() -> None:
    story = on_sale("ebay")
    same = story.known
    assert story.accept_drift("ebay").restore("ebay").known is same


def test_drift_to_active_of_an_unavailable_item_cannot_be_accepted() -> None:
    story = on_sale("ebay").edit(available=False).done().shows("ebay", "active")
    assert story.listing("ebay").drift
    story.accept_drift("ebay")
    assert story.refusal
    assert story.refusal.code == "item_unavailable"


def test_edits_do_not_fight_drift() -> None:
    story = on_sale("ebay").shows("ebay", "inactive").edit(price="10.00")
    assert story.told == {}
    assert story.listing("ebay").drift


@pytest.mark.parametrize("marketplace", ["ebay", "etsy"])
def test_a_sold_item_found_active_is_taken_down_at_once(marketplace: str) -> None:
    story = sold_at("ebay", "etsy").shows(marketplace, "active", "dealer")
    assert story.told == {marketplace: "deactivate"}
    assert story.listing(marketplace).drift is None
    told = story.listing(marketplace).told
    assert told
    order_is_read_at = {"ebay": "s1", "etsy": None}
    assert (told.reason, told.sale_id) == ("drift", order_is_read_at[marketplace])


def test_a_sold_item_still_active_while_its_deactivation_is_on_the_way_is_left_to_it() -> None:
    story = on_sale("ebay", "etsy").sell("ebay").shows("etsy", "active", "unknown")
    assert story.told == {}


def test_a_sold_item_whose_deactivation_is_blocked_burns_no_budget() -> None:
    story = on_sale("ebay", "etsy").sell("ebay").fail("etsy", gives_up=True)
    assert story.shows("etsy", "active", "unknown").told == {}


def test_a_late_effect_of_our_own_call_is_undone() -> None:
    story = on_sale("ebay").deactivate("ebay").done().shows("ebay", "active", "us")
    assert story.told == {"ebay": "deactivate"}


@pytest.mark.parametrize(
    ("shows", "wanted"),
    [
        ("active", "active"),
        ("on_hold", "on_hold"),
        ("inactive", "inactive"),
        ("ended", "inactive"),
        ("draft", "draft"),
    ],
)
def test_a_link_wants_what_the_listing_shows_without_a_call(shows: Observed, wanted: str) -> None:
    story = Story().create().link("ebay")
    assert story.told == {"ebay": "link"}
    story.shows("ebay", shows, "unknown")
    assert story.desired == {"ebay": wanted}
    assert story.told == {}
    assert story.listing("ebay").settled


def test_linking_never_puts_anything_on_sale() -> None:
    story = Story().create().link("ebay").shows("ebay", "pending_review", "unknown")
    assert story.told == {}


def test_linking_an_item_sold_there_wants_it_sold() -> None:
    story = on_sale("etsy").sell("ebay").done().link("ebay").shows("ebay", "ended")
    assert story.desired["ebay"] == "sold"


def test_linking_a_sold_item_elsewhere_takes_it_down() -> None:
    story = sold_at("etsy").link("ebay").shows("ebay", "active", "unknown")
    assert (story.desired["ebay"], story.told) == ("inactive", {"ebay": "deactivate"})


def test_a_link_to_a_listing_that_is_not_there_needs_the_dealer() -> None:
    listing = Story().create().link("ebay").shows("ebay", "none").listing("ebay")
    assert listing.operation == "needs_dealer"
    assert [issue.code for issue in listing.issues] == ["unknown_external_id"]


def test_a_listing_that_is_not_over_keeps_its_link() -> None:
    story = on_sale("ebay").link("ebay", "another")
    assert story.refusal
    assert story.refusal.code == "link_taken"


def test_a_listing_that_ended_can_be_replaced_by_another() -> None:
    story = on_sale("ebay").deactivate().done().shows("ebay", "ended").link("ebay", "another")
    assert (story.told, story.listing("ebay").external_id) == ({"ebay": "link"}, "another")
