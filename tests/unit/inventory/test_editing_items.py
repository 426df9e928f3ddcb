"""Creating and changing an item: content, quantity, availability, listing details."""

from typing import Any

import pytest

from inventory.domain.editing import merge_patch
from inventory.domain.item import shown
from inventory.domain.listing import Details, Money
from tests.unit.inventory.story import LAMP, Story, on_sale, sold_at


def test_marketplaces_named_when_creating_become_connected_drafts() -> None:
    story = Story().create("ebay", "etsy")
    assert story.desired == {"ebay": "draft", "etsy": "draft"}
    assert story.told == {}
    assert all(listing.settled for listing in story.known.listings.values())


def test_creating_again_with_the_same_content_changes_nothing() -> None:
    story = Story().create("ebay").activate().edit(price="10.00")
    same = story.known
    assert story.create("ebay").known is same


def test_creating_again_with_other_content_is_refused() -> None:
    story = Story().create("ebay").create("ebay", quantity=2)
    assert story.refusal
    assert story.refusal.code == "item_id_taken"


def test_active_listings_are_updated_and_the_rest_left_alone() -> None:
    story = Story().create("ebay", "etsy").activate("ebay").done().edit(price="900.00")
    assert story.told == {"ebay": "update"}


def test_an_edit_that_changes_nothing_raises_no_intent() -> None:
    story = on_sale("ebay")
    same = story.known
    assert story.edit().known is same


def test_an_edit_of_one_listings_details_updates_that_one() -> None:
    story = on_sale("ebay", "etsy").edit(details={"etsy": Details(title="Lamp, brass")})
    assert story.told == {"etsy": "update"}


def test_an_edit_overridden_by_a_listings_own_details_does_not_touch_it() -> None:
    story = on_sale("ebay", "etsy").edit(details={"etsy": Details(price=Money("1.00", "EUR"))})
    assert story.done().edit(
        price="900.00", details={"etsy": Details(price=Money("1.00", "EUR"))}
    ).told == {"ebay": "update"}


def test_details_for_a_new_marketplace_start_a_draft_there() -> None:
    assert on_sale("ebay").edit(details={"etsy": Details()}).desired["etsy"] == "draft"


def test_a_listings_details_lie_over_the_items_content() -> None:
    own = Details(title="Lamp, brass", attributes={"period": "1920s"})
    merged = shown(LAMP, own)
    assert (merged.title, merged.sku, merged.attributes) == (
        "Lamp, brass",
        "91.10",
        {"period": "1920s"},
    )


def test_withdrawing_an_item_takes_it_off_sale_and_nothing_comes_back_by_itself() -> None:
    story = on_sale("ebay", "etsy").edit(available=False)
    assert (story.status, set(story.desired.values())) == ("unavailable", {"inactive"})
    assert story.edit(available=True).status == "available"
    assert set(story.desired.values()) == {"inactive"}


def test_a_quantity_of_none_takes_it_off_sale_as_out_of_stock() -> None:
    story = on_sale("ebay").edit(quantity=0)
    assert (story.status, story.desired) == ("out_of_stock", {"ebay": "inactive"})


def test_more_of_a_sold_item_makes_it_available_and_puts_nothing_on_sale() -> None:
    story = sold_at("ebay", "etsy").edit(quantity=2)
    assert (story.status, story.on_hand) == ("available", 1)
    assert set(story.desired.values()) == {"inactive"}
    assert story.known.before == {}


def test_a_quantity_below_what_is_sold_is_not_clamped() -> None:
    story = on_sale("ebay", quantity=5).sell("ebay", quantity=3).edit(quantity=1)
    assert (story.on_hand, story.status) == (-2, "sold")


def test_a_deleted_item_cannot_be_edited() -> None:
    story = on_sale("ebay").delete().edit(price="1.00")
    assert story.refusal
    assert story.refusal.code == "item_deleted"


@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [1]}, {"a": [2]}, {"a": [2]}),
        ({"a": "foo"}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_a_merge_patch_works_as_rfc_7396_shows(target: Any, patch: Any, result: Any) -> None:
    assert merge_patch(target, patch) == result
