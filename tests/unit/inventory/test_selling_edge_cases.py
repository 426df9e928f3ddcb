"""The edge-case table of the domain page, one test per row that is inventory's."""

from msgspec.structs import replace

from inventory.domain.facts import SplitWanted, UnknownItem
from inventory.domain.item import Item
from tests.unit.inventory.story import Story, on_sale, sold_at


def test_the_same_sale_event_twice_is_applied_once() -> None:
    story = on_sale("ebay", "etsy", quantity=5).sell("ebay", version=1)
    once = story.known
    assert story.sell("ebay", version=1).known is once
    assert story.facts == ()


def test_a_late_recording_after_the_cancel_is_stale() -> None:
    story = sold_at("ebay", "etsy").cancel().done()
    canceled = story.known
    assert story.sell("ebay", version=1).known is canceled


def test_a_cancel_whose_recording_was_lost_ends_as_if_it_had_come() -> None:
    story = on_sale("ebay", "etsy")
    lost = on_sale("ebay", "etsy").sell("ebay")
    story.places = lost.places
    story.cancel(version=2)
    assert story.desired == lost.cancel(version=2).desired == {"ebay": "active", "etsy": "inactive"}
    assert story.sell("ebay", version=1).status == "available"


def test_missing_fields_filled_in_later_change_no_listing() -> None:
    story = sold_at("ebay", "etsy").sell("ebay", order="o-1")
    assert story.known.sales["s1"].external_order_id == "o-1"
    assert (story.on_hand, story.told) == (0, {})


def test_a_sale_by_hand_and_the_marketplaces_own_are_the_same_sale() -> None:
    story = on_sale("ebay", "etsy").sell("ebay", "by-hand").done()
    story.sell("ebay", "ebay:77", order="o-77")
    assert story.merge_wanted
    assert (story.merge_wanted.sale_id, story.merge_wanted.into) == ("by-hand", "ebay:77")
    assert story.oversold is None
    assert (story.on_hand, list(story.known.sales)) == (0, ["ebay:77"])
    assert story.told == {}
    story.merge("by-hand", "ebay:77")
    assert story.known.merged["by-hand"].confirmed
    assert story.cancel("ebay:77").desired == {"ebay": "active", "etsy": "inactive"}


def test_a_sale_by_hand_elsewhere_is_another_sale() -> None:
    story = on_sale("ebay", "etsy").sell("etsy", "by-hand").sell("ebay", "ebay:77", order="o-77")
    assert story.merge_wanted is None
    assert story.oversold == ("by-hand", "ebay:77")


def test_a_sale_by_hand_with_its_own_order_is_another_sale() -> None:
    story = on_sale("ebay").sell("ebay", "by-hand", order="o-1")
    assert story.sell("ebay", "ebay:77", order="o-77").oversold == ("by-hand", "ebay:77")


def test_a_merged_sale_that_is_split_counts_again_and_is_oversold() -> None:
    story = on_sale("ebay").sell("ebay", "by-hand").sell("ebay", "ebay:77", order="o-77")
    story.merge("by-hand", "ebay:77").split("by-hand")
    assert story.oversold == ("by-hand", "ebay:77")
    assert story.on_hand == -1


def test_sales_merged_by_hand_count_once() -> None:
    story = sold_at("ebay", "etsy").sell("etsy", "s2").done().merge("s2", "s1")
    assert (story.on_hand, list(story.known.sales)) == (0, ["s1"])
    assert story.desired == {"ebay": "sold", "etsy": "inactive"}


def test_a_sale_merged_into_one_not_seen_yet_counts_until_that_one_comes() -> None:
    story = sold_at("ebay", "etsy").merge("s1", "s9")
    assert (story.status, list(story.known.sales)) == ("sold", ["s1"])
    story.sell("ebay", "s9")
    assert (story.status, list(story.known.sales)) == ("sold", ["s9"])
    assert story.oversold is None


def test_a_sale_merged_into_a_canceled_one_brings_stock_back_and_puts_nothing_on_sale() -> None:
    story = sold_at("ebay", "etsy").sell("etsy", "s2").done().cancel("s2").merge("s1", "s2")
    assert story.status == "available"
    assert set(story.desired.values()) == {"inactive"}


def test_two_sales_merged_into_each_other_do_not_put_the_piece_back_on_sale() -> None:
    story = sold_at("ebay", "etsy").sell("etsy", "s2").merge("s1", "s2").merge("s2", "s1")
    assert story.facts[0] == SplitWanted("s2")
    assert (story.status, list(story.known.sales)) == ("sold", ["s2"])
    story.split("s2")
    assert (story.status, story.on_hand) == ("sold", 0)


def test_two_open_sales_of_one_piece_are_both_recorded_and_named() -> None:
    story = sold_at("ebay", "etsy").sell("etsy", "s2")
    assert (story.status, story.on_hand) == ("sold", -1)
    assert story.oversold == ("s1", "s2")
    assert story.desired == {"ebay": "sold", "etsy": "sold"}


def test_canceling_one_of_two_changes_only_its_own_place_which_becomes_inactive() -> None:
    story = sold_at("ebay", "etsy", "shopify").sell("etsy", "s2").done()
    before = story.listing("ebay"), story.listing("shopify")
    assert story.plan("s2") == {"etsy": "inactive", "shopify": "inactive", "ebay": "sold"}
    story.cancel("s2")
    assert story.status == "sold"
    assert story.desired == {"ebay": "sold", "etsy": "inactive", "shopify": "inactive"}
    assert (story.listing("ebay"), story.listing("shopify")) == before
    assert story.told == {"etsy": "deactivate"}


def test_the_place_of_two_sales_stays_sold_when_one_is_canceled() -> None:
    story = sold_at("ebay", "etsy").sell("ebay", "s2", order="o-2")
    story.split("s1").done()
    assert story.cancel("s1").desired["ebay"] == "sold"


def test_before_is_shared_by_all_open_sales_until_stock_is_back() -> None:
    story = sold_at("ebay", "etsy").sell("etsy", "s2").cancel("s1")
    assert story.status == "sold"
    story.cancel("s2", relist="as_before")
    assert story.desired == {"ebay": "active", "etsy": "active"}


def test_a_new_sale_supersedes_a_reactivation_that_is_waiting() -> None:
    story = sold_at("ebay", "etsy").cancel()
    waiting = story.listing("ebay").intent
    story.sell("etsy", "s2")
    assert story.desired == {"ebay": "inactive", "etsy": "sold"}
    assert story.listing("ebay").intent == waiting + 1
    assert story.told["ebay"] == "deactivate"


def test_a_reactivation_that_took_effect_after_the_new_sale_is_taken_down_at_once() -> None:
    story = sold_at("ebay", "etsy").cancel()
    reactivation = story.listing("ebay").intent
    story.sell("etsy", "s2").done()
    assert story.listing("ebay").settled
    story.outcome("ebay", "activated", "active", intent=reactivation)
    assert story.told == {"ebay": "deactivate"}
    assert story.listing("ebay").operation == "queued"


def test_an_origin_that_fails_validation_is_inactive_with_its_issues() -> None:
    story = sold_at("ebay", "etsy").cancel().refuse("ebay")
    assert not story.known.sales
    listing = story.listing("ebay")
    assert (listing.desired, listing.operation) == ("inactive", "needs_dealer")
    assert [issue.field for issue in listing.issues] == ["/attributes/period"]
    assert listing.told
    assert listing.told.reason == "refused"


def test_an_origin_that_was_on_hold_becomes_active_and_the_others_inactive() -> None:
    story = Story().create("ebay", "etsy", "shopify").activate("ebay", "etsy").done()
    story.hold("ebay", "etsy").done().sell("ebay").done().cancel()
    assert story.desired == {"ebay": "active", "etsy": "inactive", "shopify": "inactive"}


def test_as_before_restores_what_was_on_hold_or_draft() -> None:
    story = Story().create("ebay", "etsy", "shopify").activate("ebay", "etsy").done()
    story.hold("etsy").done().sell("ebay").done().cancel(relist="as_before")
    assert story.desired == {"ebay": "active", "etsy": "on_hold", "shopify": "draft"}
    assert story.listing("etsy").hold


def test_content_edited_between_sale_and_cancel_is_what_goes_live() -> None:
    story = sold_at("ebay", "etsy").edit(price="900.00")
    assert story.told == {}
    story.cancel()
    assert story.told == {"ebay": "activate"}
    assert story.known.content.price
    assert story.known.content.price.amount == "900.00"


def test_a_sale_of_an_unknown_item_is_kept_on_a_placeholder_and_said() -> None:
    story = Story().sell("ebay")
    assert story.facts == (UnknownItem("s1"),)
    assert not story.known.known
    assert story.activate().refusal
    assert story.refusal.code == "unknown_item"  # type: ignore[union-attr]


def test_a_placeholder_is_folded_in_as_if_creating_had_come_first() -> None:
    late = Story().sell("ebay").create("ebay", "etsy")
    early = Story().create("ebay", "etsy").sell("ebay")
    assert late.status == "sold"
    assert {m: w.desired for m, w in late.known.before.items()} == {
        "ebay": "draft",
        "etsy": "draft",
    }
    assert _same(late.known, early.known)


def test_a_placeholder_whose_sale_was_canceled_is_folded_in_the_same_way() -> None:
    late = Story().sell("ebay").cancel().create("ebay", "etsy")
    early = Story().create("ebay", "etsy").sell("ebay").cancel()
    assert late.desired == early.desired == {"ebay": "active", "etsy": "inactive"}
    assert late.told == {"ebay": "activate"}


def test_a_placeholder_drops_the_same_event_twice() -> None:
    story = Story().sell("ebay", version=1)
    kept = story.known
    assert story.sell("ebay", version=1).known is kept


def test_a_sale_of_a_deleted_item_is_recorded_and_its_cancel_reactivates_nothing() -> None:
    story = on_sale("ebay").delete().done().sell("ebay").cancel()
    assert story.status == "deleted"
    assert story.desired == {"ebay": "inactive"}


def _same(one: Item, other: Item) -> bool:
    def timeless(item: Item) -> Item:
        sales = {i: replace(sale, sold_at=Story().now) for i, sale in item.sales.items()}
        return replace(item, revision=0, sales=sales)

    return timeless(one) == timeless(other)
