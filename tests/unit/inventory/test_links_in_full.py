"""Links and drift, field by field: what is wanted, what is told, what a refusal goes back to."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from inventory.domain.drifting import wanted_as
from inventory.domain.linking import link
from inventory.domain.listing import Details, Drift, Hold, Issue, Listing, Observed, Told, Wanted
from inventory.domain.refusals import Refused
from inventory.domain.rejecting import rejected
from tests.unit.inventory.story import MISSING, Story, on_sale, sold_at


def test_a_link_starts_a_target_of_its_own() -> None:
    story = Story().create().link("ebay", "9")
    assert story.listing("ebay") == Listing(
        desired="inactive",
        intent=1,
        operation="queued",
        external_id="9",
        told=Told("link", "linked"),
        linking=True,
    )
    assert story.known.revision == 2


def test_a_link_forgets_what_stood_against_the_old_listing() -> None:
    story = on_sale("ebay").deactivate().done().shows("ebay", "ended")
    before = story.listing("ebay")
    worse = replace(
        before,
        issues=(MISSING,),
        operation="needs_dealer",
        drift=Drift("ended", story.now),
        refused=True,
    )
    story.item = story.known.with_listing("ebay", worse)
    after = story.link("ebay", "another").listing("ebay")
    assert (after.issues, after.drift, after.refused) == ((), None, False)
    assert (after.operation, after.linking) == ("queued", True)
    assert after.intent == before.intent + 1


def test_linking_what_is_linked_and_shown_changes_nothing() -> None:
    story = on_sale("ebay")
    same = story.known
    assert story.link("ebay", "ebay-1").known is same


@pytest.mark.parametrize("shown", ["none", "unknown"])
def test_a_listing_that_was_not_found_can_be_linked_again(shown: Observed) -> None:
    story = on_sale("ebay")
    story.item = story.known.with_listing("ebay", replace(story.listing("ebay"), observed=shown))
    assert story.link("ebay", "ebay-1").told == {"ebay": "link"}


def test_a_listing_that_is_not_over_is_named() -> None:
    refusal = on_sale("ebay").link("ebay", "another").refusal
    assert refusal
    assert refusal.field == "/external_id"
    assert refusal.message == "This item is linked to listing ebay-1 there, which is not over."


def test_a_link_to_nothing_says_what_the_dealer_can_do() -> None:
    story = Story().create().link("ebay", "9").shows("ebay", "none")
    assert story.listing("ebay").issues == (
        Issue(
            code="unknown_external_id",
            category="dealer",
            message="There is no listing 9 on ebay.",
            action="Check the listing's number and link again.",
            marketplace="ebay",
            field="/external_id",
        ),
    )


def test_a_linked_listing_on_hold_is_on_hold_here_and_returns_to_active() -> None:
    listing = Story().create().link("ebay").shows("ebay", "on_hold", "unknown").listing("ebay")
    assert listing.wanted == Wanted("on_hold", Hold(before="active"))
    assert listing.linking is False


def test_a_linked_listing_of_a_sold_item_is_taken_down_for_the_link() -> None:
    told = sold_at("etsy").link("ebay").shows("ebay", "active", "unknown").listing("ebay").told
    assert told
    assert (told.action, told.reason) == ("deactivate", "linked")


def test_what_is_shown_on_hold_is_wanted_so_and_returns_to_what_was() -> None:
    assert wanted_as("on_hold") == Wanted("on_hold", Hold(before="active"))
    assert wanted_as("on_hold", "inactive") == Wanted("on_hold", Hold(before="inactive"))
    assert wanted_as("active") == Wanted("active")
    assert wanted_as("pending_review") == Wanted("active")
    assert wanted_as("draft") == Wanted("draft")
    assert wanted_as("sold") == Wanted("inactive")


def test_drift_keeps_when_it_was_first_seen_and_by_whom() -> None:
    story = on_sale("ebay").shows("ebay", "ended", "dealer")
    first = story.listing("ebay").observed_at
    assert first
    assert story.listing("ebay").drift == Drift("ended", first, "dealer")
    story.pass_time(hours=1).shows("ebay", "ended", "other_tool")
    assert story.listing("ebay").drift == Drift("ended", first, "dealer")


def test_accepted_drift_is_said_as_such_and_can_be_refused() -> None:
    story = on_sale("ebay").deactivate().done().shows("ebay", "active")
    before = story.known.revision
    listing = story.accept_drift("ebay").listing("ebay")
    assert (listing.desired, listing.fallback) == ("active", Wanted("inactive"))
    assert listing.told
    assert listing.told.reason == "drift"
    assert story.known.revision == before + 1


def test_a_hold_made_there_is_accepted_and_returns_to_what_was_wanted() -> None:
    story = on_sale("ebay").deactivate().done().shows("ebay", "on_hold").accept_drift("ebay")
    assert story.listing("ebay").wanted == Wanted("on_hold", Hold(before="inactive"))


def test_a_hold_made_there_on_an_unavailable_item_cannot_be_accepted() -> None:
    story = on_sale("ebay").edit(available=False).done().shows("ebay", "on_hold")
    refusal = story.accept_drift("ebay").refusal
    assert refusal
    assert refusal.code == "item_unavailable"


def test_a_restored_listing_goes_back_to_inactive_when_refused() -> None:
    story = on_sale("ebay").shows("ebay", "ended").restore("ebay")
    listing = story.listing("ebay")
    assert (listing.fallback, listing.told) == (Wanted("inactive"), Told("activate", "drift"))
    assert story.known.revision == on_sale("ebay").shows("ebay", "ended").known.revision + 1
    off = on_sale("ebay").deactivate().done().shows("ebay", "active").restore("ebay")
    assert off.listing("ebay").fallback is None


@pytest.mark.parametrize("what", ["accept", "restore"])
def test_drift_of_a_listing_there_is_not_is_refused_by_its_field(what: str) -> None:
    story = Story().create("etsy")
    refusal = (story.accept_drift if what == "accept" else story.restore)("ebay").refusal
    assert refusal
    assert (refusal.code, refusal.field) == ("not_connected", "/marketplace")
    assert refusal.message == "This item is not connected to ebay."


def test_an_older_sight_of_a_listing_changes_nothing() -> None:
    story = on_sale("ebay")
    same = story.known
    story.shows("ebay", "ended", at=story.now - timedelta(hours=1))
    assert story.known == same


def test_details_of_its_own_survive_a_link() -> None:
    story = Story().create("ebay").edit(details={"ebay": Details(title="Own")}).link("ebay", "9")
    assert story.listing("ebay").details == Details(title="Own")


def test_a_listing_of_another_item_is_not_linked() -> None:
    item = Story().create().known
    with pytest.raises(Refused) as raised:
        link(item, "ebay", "9", ("lamp", "chair"))
    assert (raised.value.code, raised.value.field) == ("link_taken", "/external_id")
    assert raised.value.message == "Listing 9 there belongs to another item: chair."
    assert link(item, "ebay", "9", ("lamp",)).item is not item


@pytest.mark.parametrize(
    ("code", "action"),
    [
        ("unknown_marketplace", "Connect an account there, then ask for it again."),
        ("invalid", "Tell whoever runs Brocante: its services may be of different versions."),
        ("odd", "Ask for it again; if that does not help, tell whoever runs Brocante."),
    ],
)
def test_a_target_a_worker_refused_is_blocked_and_says_what_to_do(code: str, action: str) -> None:
    story = Story().create("ebay").activate().defer("ebay", "paused")
    after = rejected(story.known, "ebay", None, code, "No.", story.now).item
    assert after
    listing = after.listings["ebay"]
    assert (listing.operation, listing.next_attempt_at) == ("blocked", None)
    assert listing.issues == (Issue(code, "system", "No.", action, marketplace="ebay"),)
