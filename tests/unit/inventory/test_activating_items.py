"""R5 and R7: putting on sale, what is refused, going back, taking off sale, deleting."""

import pytest

from tests.unit.inventory.story import Story, on_sale, sold_at


def code(story: Story) -> str | None:
    return story.refusal.code if story.refusal else None


def test_an_item_goes_on_sale_where_the_dealer_says() -> None:
    story = Story().create("ebay", "etsy").activate("ebay")
    assert story.desired == {"ebay": "active", "etsy": "draft"}
    assert story.told == {"ebay": "activate"}
    assert story.listing("ebay").operation == "queued"


def test_a_star_means_every_connected_marketplace() -> None:
    story = Story().create("ebay", "etsy").activate("*")
    assert story.desired == {"ebay": "active", "etsy": "active"}


def test_a_star_with_no_connection_is_refused() -> None:
    assert code(Story().create().activate("*")) == "not_connected"


def test_activating_on_a_new_marketplace_connects_it() -> None:
    assert Story().create().activate("etsy").desired == {"etsy": "active"}


def test_activating_what_is_active_changes_nothing() -> None:
    story = on_sale("ebay")
    before = story.known
    assert story.activate("ebay").known is before


def test_activating_an_unknown_item_is_refused() -> None:
    assert code(Story().activate("ebay")) == "unknown_item"


def test_a_sold_item_is_refused() -> None:
    assert code(sold_at("ebay").activate()) == "item_sold"


def test_an_item_out_of_stock_is_refused() -> None:
    assert code(Story().create("ebay", quantity=0).activate()) == "item_out_of_stock"


def test_an_unavailable_item_is_refused() -> None:
    assert code(on_sale("ebay").edit(available=False).activate()) == "item_unavailable"


def test_a_deleted_item_is_refused() -> None:
    assert code(on_sale("ebay").delete().activate()) == "item_deleted"


@pytest.mark.parametrize("before", ["draft", "inactive", "on_hold"])
def test_a_refused_activation_goes_back_to_what_was_and_keeps_its_issues(before: str) -> None:
    story = Story().create("ebay", "etsy")
    if before != "draft":
        story.activate("ebay").done()
    if before == "inactive":
        story.deactivate("ebay").done()
    if before == "on_hold":
        story.hold("ebay").done()
    story.activate().refuse("ebay")
    listing = story.listing("ebay")
    assert (listing.desired, listing.operation) == (before, "needs_dealer")
    assert len(listing.issues) == 1
    assert story.listing("etsy").operation == "queued"
    assert story.told == {"ebay": "hold" if before == "on_hold" else "deactivate"}


def test_issues_stand_whatever_is_observed_until_the_dealers_next_command() -> None:
    story = Story().create("ebay").activate().refuse("ebay")
    story.outcome("ebay", "deactivated", "none").shows("ebay", "none", "unknown")
    assert story.listing("ebay").operation == "needs_dealer"
    assert story.listing("ebay").issues
    story.activate("ebay")
    assert (story.listing("ebay").operation, story.listing("ebay").issues) == ("queued", ())


def test_only_a_new_activate_tries_again() -> None:
    story = Story().create("ebay").activate().refuse("ebay").edit(price="10.00")
    assert story.told == {}
    assert story.desired == {"ebay": "draft"}


def test_a_refusal_of_an_older_target_is_dropped() -> None:
    story = Story().create("ebay").activate()
    older = story.listing("ebay").intent
    story.deactivate("ebay")
    waiting = story.known
    assert story.refuse("ebay", intent=older).known is waiting


def test_a_refused_update_leaves_the_listing_on_sale_with_issues() -> None:
    story = on_sale("ebay").edit(price="10.00").refuse("ebay", "update")
    assert story.desired == {"ebay": "active"}
    assert story.listing("ebay").operation == "needs_dealer"
    assert story.shows("ebay", "active", "unknown").listing("ebay").issues
    story.edit(price="11.00").done()
    assert story.listing("ebay").settled


def test_deactivating_takes_an_item_off_sale_there() -> None:
    story = on_sale("ebay", "etsy").deactivate("ebay")
    assert story.desired == {"ebay": "inactive", "etsy": "active"}
    assert story.told == {"ebay": "deactivate"}


def test_deactivating_where_it_is_not_connected_is_refused_by_name() -> None:
    story = on_sale("ebay").deactivate("ebay", "etsy")
    assert code(story) == "not_connected"
    assert story.refusal
    assert story.refusal.field == "/marketplaces/1"


def test_deactivating_a_sold_item_changes_what_as_before_puts_back() -> None:
    story = sold_at("ebay", "etsy").deactivate("etsy").cancel(relist="as_before")
    assert story.desired == {"ebay": "active", "etsy": "inactive"}


def test_deleting_makes_every_listing_inactive_sold_or_not() -> None:
    story = sold_at("ebay", "etsy").delete()
    assert story.status == "deleted"
    assert set(story.desired.values()) == {"inactive"}


def test_deleting_twice_is_answered() -> None:
    story = on_sale("ebay").delete()
    deleted = story.known
    assert story.delete().refusal is None
    assert story.known is deleted


def test_each_change_of_the_target_raises_the_intent_by_one() -> None:
    story = Story().create("ebay")
    assert story.listing("ebay").intent == 0
    assert story.activate().done().listing("ebay").intent == 1
    assert story.edit(price="10.00").done().listing("ebay").intent == 2
    assert story.hold("ebay").listing("ebay").intent == 3
    assert story.sell("ebay").listing("ebay").intent == 4
    assert story.sell("ebay", version=1).listing("ebay").intent == 4
