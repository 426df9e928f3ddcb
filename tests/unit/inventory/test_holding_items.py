"""R6: off sale for a while."""

from datetime import timedelta

import pytest

from inventory.domain.holding import hold, holds_due, next_due
from inventory.domain.listing import Hold, Wanted
from inventory.domain.refusals import Refused
from tests.unit.inventory.story import MONDAY, Story, on_sale, sold_at

FRIDAY = MONDAY + timedelta(days=4)


def test_a_hold_takes_the_item_off_sale_there() -> None:
    story = on_sale("ebay", "etsy").hold("ebay", until=FRIDAY)
    assert story.desired == {"ebay": "on_hold", "etsy": "active"}
    assert story.told == {"ebay": "hold"}
    assert next_due(story.known) == FRIDAY


def test_a_hold_on_everything_leaves_drafts_alone() -> None:
    story = Story().create("ebay", "etsy").activate("ebay").done().hold()
    assert story.desired == {"ebay": "on_hold", "etsy": "draft"}


def test_releasing_returns_to_what_was_before_the_first_hold() -> None:
    story = on_sale("ebay").deactivate("ebay").done().hold("ebay").hold("ebay", until=FRIDAY)
    assert story.release("ebay").desired == {"ebay": "inactive"}


def test_a_hold_that_is_put_back_ends_where_the_first_one_would_have() -> None:
    story = on_sale("ebay").hold("ebay").done().deactivate("ebay").done()
    story.hold("ebay", before="active").done()
    assert story.hold("ebay", before="inactive").release("ebay").desired == {"ebay": "active"}


def test_a_hold_ends_by_itself() -> None:
    story = on_sale("ebay", "etsy").hold(until=FRIDAY).done().pass_time(hours=100)
    assert holds_due(story.known, story.now) == {FRIDAY: ["ebay", "etsy"]}
    story.release("ebay", "etsy", hold_ended=FRIDAY)
    assert story.desired == {"ebay": "active", "etsy": "active"}
    assert next_due(story.known) is None


def test_the_end_of_a_hold_that_was_meanwhile_prolonged_is_ignored() -> None:
    story = on_sale("ebay").hold(until=FRIDAY).hold(until=FRIDAY + timedelta(days=1)).done()
    held = story.known
    assert story.release("ebay", hold_ended=FRIDAY).known is held


def test_a_hold_that_ends_in_the_past_is_refused() -> None:
    story = on_sale("ebay").hold(until=MONDAY)
    assert story.refusal
    assert (story.refusal.code, story.refusal.field) == ("invalid", "/until")


def test_a_sold_item_cannot_be_held() -> None:
    story = sold_at("ebay").hold()
    assert story.refusal
    assert story.refusal.code == "item_sold"


def test_a_sale_ends_holds() -> None:
    story = on_sale("ebay", "etsy").hold("etsy").done().sell("ebay")
    assert story.listing("etsy").hold is None
    assert story.desired == {"ebay": "sold", "etsy": "inactive"}


def test_as_before_of_a_hold_that_has_meanwhile_expired_restores_what_was_before_it() -> None:
    story = on_sale("ebay", "etsy").hold("etsy", until=FRIDAY).done().sell("ebay").done()
    assert story.plan(relist="as_before")["etsy"] == "on_hold"
    story.pass_time(hours=100)
    assert story.plan(relist="as_before")["etsy"] == "active"
    assert story.cancel(relist="as_before").desired == {"ebay": "active", "etsy": "active"}


def test_a_remembered_hold_ends_by_itself_too_so_that_the_shown_plan_stays_true() -> None:
    story = on_sale("ebay", "etsy").hold("etsy", until=FRIDAY).done().sell("ebay").done()
    story.pass_time(hours=100)
    assert holds_due(story.known, story.now) == {FRIDAY: ["etsy"]}
    story.release("etsy", hold_ended=FRIDAY)
    assert story.known.before["etsy"].desired == "active"
    assert next_due(story.known) is None
    assert story.told == {}


def test_a_release_that_is_refused_stays_on_hold_without_end() -> None:
    story = on_sale("ebay").hold(until=FRIDAY).done().pass_time(hours=100)
    story.release("ebay", hold_ended=FRIDAY).refuse("ebay")
    listing = story.listing("ebay")
    assert (listing.desired, listing.operation) == ("on_hold", "needs_dealer")
    assert next_due(story.known) is None


def test_activating_a_held_listing_ends_the_hold() -> None:
    story = on_sale("ebay").hold(until=FRIDAY).done().activate("ebay")
    assert (story.desired, story.listing("ebay").hold) == ({"ebay": "active"}, None)


def test_a_marketplace_that_shows_a_hold_otherwise_is_settled_all_the_same() -> None:
    story = on_sale("etsy").hold("etsy").outcome("etsy", "held", "inactive")
    assert story.listing("etsy").settled
    assert story.shows("etsy", "inactive").listing("etsy").drift is None


def test_a_hold_may_end_a_moment_from_now_and_not_now() -> None:
    item, now = on_sale("ebay").known, MONDAY
    with pytest.raises(Refused, match=r"^The end of a hold must be in the future\.$") as refused:
        hold(item, ("ebay",), now, until=now)
    assert (refused.value.code, refused.value.field) == ("invalid", "/until")
    end = now + timedelta(microseconds=1)
    held = hold(item, ("ebay",), now, until=end).item
    assert held
    assert held.listings["ebay"].hold == Hold(end, before="active")


def test_releasing_on_a_sold_item_ends_the_hold_it_would_come_back_to() -> None:
    story = on_sale("ebay", "etsy").hold("etsy").done().sell("ebay").done().release("etsy")
    assert story.known.before["etsy"] == Wanted("active")
