"""What an outcome leaves behind on a listing: nothing of what is over, all of what is not."""

from datetime import timedelta

import pytest

from inventory.domain import outcomes
from inventory.domain.facts import Change
from inventory.domain.listing import ChangedBy, Observed
from inventory.domain.outcomes import Seen
from tests.unit.inventory.story import MISSING, Story, on_sale, sold_at


def troubled(story: Story) -> Story:
    """Tried three times, with an issue, and waiting for the next attempt."""
    return story.fail("ebay", gives_up=False).defer("ebay", "retrying")


def left(story: Story) -> tuple[str, int, bool, bool]:
    """What is being done, attempts, and whether there are issues and a next attempt."""
    one = story.listing("ebay")
    return one.operation, one.attempts, bool(one.issues), one.next_attempt_at is not None


def test_a_listing_that_got_there_has_no_trouble_left() -> None:
    story = troubled(Story().create("ebay").activate())
    assert left(story) == ("retrying", 3, True, True)
    assert left(story.outcome("ebay", "activated", "active")) == ("idle", 0, False, False)


def test_an_edit_that_gave_way_is_not_tried_again() -> None:
    story = troubled(on_sale("ebay").edit(price="9.00")).shows("ebay", "inactive", "dealer")
    assert left(story) == ("idle", 0, True, False)


def test_a_refusal_ends_the_waiting() -> None:
    story = troubled(on_sale("ebay").edit(price="9.00")).refuse("ebay", "update")
    assert left(story) == ("needs_dealer", 3, True, False)


@pytest.mark.parametrize(
    ("under_way", "shows"),
    [
        (Story().create("ebay").activate(), "inactive"),
        (on_sale("ebay").deactivate(), "active"),
        (on_sale("ebay").hold(), "draft"),
    ],
    ids=["activating", "deactivating", "holding"],
)
def test_only_an_edit_gives_way_to_the_dealer(under_way: Story, shows: Observed) -> None:
    assert under_way.shows("ebay", shows, "dealer").listing("ebay").operation == "queued"


@pytest.mark.parametrize("by", ["us", "marketplace", "other_tool", "unknown"])
def test_an_edit_gives_way_to_nobody_but_the_dealer(by: ChangedBy) -> None:
    story = on_sale("ebay").edit(price="9.00").shows("ebay", "inactive", by)
    assert story.listing("ebay").operation == "queued"


def test_an_edit_gives_way_to_no_change_met_by_what_was_wanted_before() -> None:
    story = on_sale("ebay")
    before = story.listing("ebay").intent
    story.edit(price="9.00").shows("ebay", "inactive", "dealer", intent=before)
    assert story.listing("ebay").operation == "queued"


def test_what_an_older_target_led_to_ends_no_newer_one() -> None:
    story = on_sale("ebay")
    before = story.listing("ebay").intent
    story.edit(price="9.00").shows("ebay", "active", "us", intent=before)
    assert story.listing("ebay").operation == "queued"
    assert story.shows("ebay", "active", "us").listing("ebay").operation == "idle"


def test_of_two_outcomes_of_one_moment_the_later_one_is_shown() -> None:
    story = Story().create("ebay").activate()
    at = story.now
    story.defer("ebay", "paused", said_at=at).fail("ebay", gives_up=True, said_at=at)
    assert story.listing("ebay").operation == "blocked"


def test_what_was_said_at_the_moment_the_end_was_seen_is_over() -> None:
    story = Story().create("ebay").activate().outcome("ebay", "activated", "active")
    settled = story.known
    at = story.listing("ebay").observed_at
    assert story.defer("ebay", "paused", said_at=at).known is settled


def test_what_was_said_before_an_outcome_that_is_known_is_over_while_it_is_under_way() -> None:
    story = Story().create("ebay").activate()
    before = story.now
    known = story.outcome("ebay", "activated", "pending_review").known
    assert story.defer("ebay", "paused", said_at=before).known is known


def test_what_was_said_before_a_refusal_is_over() -> None:
    story = on_sale("ebay").edit(price="9.00").refuse("ebay", "update")
    heard = story.listing("ebay").heard_at
    assert heard
    known = story.known
    assert story.defer("ebay", "paused", said_at=heard - timedelta(seconds=1)).known is known


def test_a_failure_said_once_more_is_not_remembered() -> None:
    story = Story().create("ebay").activate().fail("ebay", gives_up=True)
    known = story.known
    assert story.fail("ebay", gives_up=True).known is known


def test_a_success_said_once_more_is_no_change_of_the_item() -> None:
    story = on_sale("ebay")
    revision = story.known.revision
    story.outcome("ebay", "activated", "active")
    assert (story.known.revision, story.facts) == (revision, ())


def test_a_refusal_from_before_the_listing_was_seen_settled_keeps_the_item() -> None:
    story = on_sale("ebay")
    known, at = story.known, story.listing("ebay").observed_at
    assert at
    change = outcomes.refused(known, "ebay", 99, "activate", (MISSING,), at, at)
    assert change == Change(known)


def test_what_is_seen_where_the_item_has_no_listing_keeps_the_item() -> None:
    story = on_sale("ebay")
    seen = Seen("active", story.now, "sweep")
    assert outcomes.observed(story.known, "etsy", 1, seen) == Change(story.known)


@pytest.mark.parametrize("shows", ["active", "unknown", "pending_review"])
def test_what_says_nothing_of_holds_is_not_how_holds_look_there(shows: Observed) -> None:
    assert on_sale("ebay").hold().outcome("ebay", "held", shows).listing("ebay").held_as is None


@pytest.mark.parametrize(
    ("shows", "by", "drifts"),
    [
        ("sold", "dealer", True),
        ("sold", "other_tool", True),
        ("sold", "marketplace", False),
        ("sold", "unknown", False),
        ("ended", "marketplace", True),
        ("ended", "unknown", True),
    ],
)
def test_a_sale_seen_there_is_drift_only_where_somebody_marked_it_so(
    shows: Observed, by: ChangedBy, *, drifts: bool
) -> None:
    drift = on_sale("ebay").shows("ebay", shows, by).listing("ebay").drift
    assert (drift is not None) is drifts


@pytest.mark.parametrize("shows", ["active", "pending_review"])
def test_a_sold_item_about_to_be_on_sale_there_is_taken_down(shows: Observed) -> None:
    assert sold_at("ebay", "etsy").shows("etsy", shows).told == {"etsy": "deactivate"}
