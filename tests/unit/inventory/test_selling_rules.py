"""R1 to R4: what a sale does, what canceling it does, and what the dealer can choose."""

import pytest

from inventory.domain.sales import RELISTS, Relist
from tests.unit.inventory.story import FOUR, Story, on_sale, sold_at


def test_the_reference_story_the_canceled_sale_is_active_where_it_was_sold_and_nowhere_else() -> (
    None
):
    story = sold_at("1stdibs", *FOUR).cancel()
    assert story.status == "available"
    assert story.desired == {
        "1stdibs": "active",
        "ebay": "inactive",
        "etsy": "inactive",
        "shopify": "inactive",
    }
    assert story.told == {"1stdibs": "activate"}
    assert all(listing.settled for listing in story.done().known.listings.values())


def test_r1_the_last_piece_sold_is_sold_there_and_inactive_elsewhere() -> None:
    story = on_sale("ebay", "etsy", "shopify").sell("etsy")
    assert story.status == "sold"
    assert story.on_hand == 0
    assert story.desired == {"ebay": "inactive", "etsy": "sold", "shopify": "inactive"}
    assert story.told == {"ebay": "deactivate", "etsy": "deactivate", "shopify": "deactivate"}


def test_r1_every_listing_as_it_was_just_before_is_kept() -> None:
    story = Story().create("ebay", "etsy", "shopify").activate("ebay", "etsy").done()
    story.hold("etsy").done().sell("ebay")
    kept = {m: wanted.desired for m, wanted in story.known.before.items()}
    assert kept == {"ebay": "active", "etsy": "on_hold", "shopify": "draft"}


def test_r1_with_stock_left_listings_stay_and_quantity_is_updated_everywhere() -> None:
    story = on_sale("ebay", "etsy", quantity=3).sell("ebay")
    assert (story.status, story.on_hand) == ("available", 2)
    assert story.desired == {"ebay": "active", "etsy": "active"}
    assert story.told == {"ebay": "update", "etsy": "update"}
    assert story.known.before == {}


def test_r1_a_worker_that_never_heard_of_a_draft_is_not_told_of_the_sale() -> None:
    story = Story().create("ebay", "etsy").activate("ebay").done().sell("ebay")
    assert story.desired == {"ebay": "sold", "etsy": "inactive"}
    assert story.told == {"ebay": "deactivate"}
    assert story.listing("etsy").settled


def test_r1_the_place_of_sale_gets_the_order_so_that_its_worker_can_read_it() -> None:
    story = on_sale("ebay", "etsy").sell("ebay", "ebay:1", order="o-7")
    at_place, elsewhere = story.listing("ebay").told, story.listing("etsy").told
    assert at_place
    assert elsewhere
    assert (at_place.sale_id, at_place.external_order_id) == ("ebay:1", "o-7")
    assert (elsewhere.sale_id, elsewhere.external_order_id) == ("ebay:1", None)


def test_r2_if_stock_never_ran_out_listings_stay_and_quantity_is_updated() -> None:
    story = on_sale("ebay", "etsy", quantity=2).sell("ebay").done().cancel()
    assert story.on_hand == 2
    assert story.desired == {"ebay": "active", "etsy": "active"}
    assert story.told == {"ebay": "update", "etsy": "update"}


def test_r2_what_was_before_is_forgotten_once_stock_is_back() -> None:
    assert sold_at("ebay", "etsy").cancel().known.before == {}


def test_r3_nothing_is_reactivated_when_the_sale_was_not_on_a_connected_marketplace() -> None:
    story = on_sale("ebay", "etsy").sell("showroom").done().cancel()
    assert story.status == "available"
    assert story.desired == {"ebay": "inactive", "etsy": "inactive"}
    assert story.told == {}


def test_r3_whether_the_place_is_connected_is_judged_when_canceling() -> None:
    story = on_sale("ebay").sell("etsy").done().link("etsy").shows("etsy", "ended").cancel()
    assert story.desired == {"ebay": "inactive", "etsy": "active"}


@pytest.mark.parametrize(
    ("relist", "expected"),
    [
        ("origin", {"ebay": "active", "etsy": "inactive", "shopify": "inactive"}),
        ("as_before", {"ebay": "active", "etsy": "active", "shopify": "draft"}),
        ("none", {"ebay": "inactive", "etsy": "inactive", "shopify": "inactive"}),
    ],
)
def test_r4_each_relist_choice_leads_to_its_plan(relist: Relist, expected: dict[str, str]) -> None:
    story = Story().create("ebay", "etsy", "shopify").activate("ebay", "etsy").done()
    story.sell("ebay").done()
    assert story.plan(relist=relist) == expected
    assert story.cancel(relist=relist).desired == expected


def test_r4_as_before_works_for_a_sale_on_a_place_that_is_not_connected() -> None:
    story = on_sale("ebay", "etsy").sell("showroom").done().cancel(relist="as_before")
    assert story.desired == {"ebay": "active", "etsy": "active"}


def test_r4_a_damaged_piece_is_unavailable_until_the_dealer_makes_it_available() -> None:
    story = sold_at("ebay", "etsy").cancel(relist="none", unavailable=True)
    assert story.status == "unavailable"
    assert set(story.desired.values()) == {"inactive"}
    refused = story.activate().refusal
    assert refused
    assert refused.code == "item_unavailable"
    assert story.edit(available=True).activate().desired == {"ebay": "active", "etsy": "active"}


def test_r4_a_chosen_relist_wins_over_an_unavailable_item() -> None:
    story = sold_at("ebay", "etsy").edit(available=False)
    story.cancel(relist="as_before", chosen=True)
    assert story.status == "available"
    assert story.desired == {"ebay": "active", "etsy": "active"}


def test_r4_an_unavailable_item_is_not_reactivated_by_a_cancellation_nobody_chose() -> None:
    story = sold_at("ebay", "etsy").edit(available=False).cancel()
    assert story.status == "unavailable"
    assert set(story.desired.values()) == {"inactive"}


@pytest.mark.parametrize("relist", RELISTS)
def test_a_deleted_item_comes_back_nowhere(relist: Relist) -> None:
    story = sold_at("ebay", "etsy").delete().cancel(relist=relist, chosen=True)
    assert story.status == "deleted"
    assert set(story.desired.values()) == {"inactive"}
    assert not story.known.sales
