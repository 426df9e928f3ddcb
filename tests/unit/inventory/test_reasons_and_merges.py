"""Why a worker is told of a target, and sales that turn out to be one."""

import pytest
from msgspec.structs import replace

from inventory.domain.facts import SplitWanted
from inventory.domain.item import Content, shown
from inventory.domain.listing import Details, Hold, Told, Wanted
from inventory.domain.sales import MergedSale
from tests.unit.inventory.story import Story, on_sale, sold_at


def told(story: Story, marketplace: str = "ebay") -> tuple[str, str] | None:
    one = story.listing(marketplace).told
    return (one.action, one.reason) if one else None


def test_every_target_says_why_it_is_wanted() -> None:
    assert told(Story().create("ebay").activate()) == ("activate", "requested")
    assert told(on_sale("ebay").deactivate()) == ("deactivate", "requested")
    assert told(on_sale("ebay").hold()) == ("hold", "hold")
    assert told(on_sale("ebay").hold().release()) == ("activate", "hold_ended")
    assert told(on_sale("ebay").delete()) == ("deactivate", "deleted")
    assert told(on_sale("ebay").edit(price="9.00")) == ("update", "edited")
    assert told(on_sale("ebay").edit(quantity=0)) == ("deactivate", "edited")
    assert told(on_sale("ebay").edit(available=False)) == ("deactivate", "edited")
    assert told(on_sale("ebay").sell("ebay")) == ("deactivate", "sold")
    assert told(sold_at("ebay").cancel()) == ("activate", "sale_canceled")
    assert told(Story().create("ebay").activate().refuse("ebay")) == ("deactivate", "refused")


def test_a_sale_that_leaves_stock_tells_every_worker_which_sale_it_was() -> None:
    story = on_sale("ebay", "etsy", quantity=3).sell("ebay", order="o-1")
    at = story.places["s1"].sold_at
    assert story.listing("ebay").told == Told("update", "sold", "s1", "o-1", at)
    assert story.listing("etsy").told == Told("update", "sold", "s1", sold_at=at)
    story.done().cancel()
    assert story.listing("etsy").told == Told("update", "sale_canceled", "s1", sold_at=at)


def test_deleting_forgets_what_was_before_the_sale() -> None:
    story = sold_at("ebay", "etsy")
    before = story.known.revision
    story.delete()
    assert (story.known.before, story.known.deleted) == ({}, True)
    assert story.known.revision == before + 1


def test_an_item_made_available_again_is_so() -> None:
    story = on_sale("ebay").edit(available=False).done()
    assert story.status == "unavailable"
    assert story.edit(available=True).status == "available"
    assert story.known.unavailable is False


def test_all_marketplaces_are_not_meant_to_take_a_draft_off_sale() -> None:
    story = on_sale("ebay")
    story.edit(details={"etsy": story.listing("ebay").details})
    assert story.deactivate().desired == {"ebay": "inactive", "etsy": "draft"}
    assert story.deactivate("etsy").desired == {"ebay": "inactive", "etsy": "inactive"}


def test_what_is_sold_stays_sold_when_taken_off_sale() -> None:
    story = sold_at("ebay", "etsy").deactivate()
    assert story.desired == {"ebay": "sold", "etsy": "inactive"}
    assert story.told == {}


@pytest.mark.parametrize("settled", [True, False])
def test_taking_off_sale_twice_tells_nobody_twice(settled: bool) -> None:
    story = on_sale("ebay").deactivate()
    if settled:
        story.done()
    assert story.deactivate().told == {}


def test_a_deactivation_that_came_to_nothing_is_told_again() -> None:
    story = on_sale("ebay").deactivate().fail("ebay", gives_up=True)
    assert story.deactivate().told == {"ebay": "deactivate"}


def test_the_same_creation_is_known_by_what_the_item_is_now() -> None:
    story = on_sale("ebay", quantity=2).edit(quantity=3)
    assert story.create("ebay", quantity=3).refusal is None
    refusal = story.create("ebay", quantity=4).refusal
    assert refusal
    assert (refusal.code, refusal.field) == ("item_id_taken", "/item_id")
    assert story.create("ebay", quantity=2).refusal is None


def merging() -> Story:
    """A sale by hand that the marketplace then reported: the merge is asked for, not made."""
    story = on_sale("ebay", "etsy").sell("ebay", "by-hand").done()
    return story.sell("ebay", "ebay:77", order="o-77")


def test_a_merge_asked_for_is_kept_with_the_sale_until_it_is_made() -> None:
    story = merging()
    sale = story.places["by-hand"]
    assert story.known.merged == {"by-hand": MergedSale(sale, "ebay:77", confirmed=False)}
    story.merge("by-hand", "other")
    assert story.known.merged == {"by-hand": MergedSale(sale, "other", confirmed=True)}


def test_a_merged_sale_filled_in_while_the_merge_is_being_made_stays_merged() -> None:
    story = merging().sell("ebay", "by-hand", order="o-77")
    kept = story.known.merged["by-hand"]
    assert (kept.confirmed, kept.sale.external_order_id) == (False, "o-77")
    assert list(story.known.sales) == ["ebay:77"]
    assert story.facts == ()


def test_a_merged_sale_said_to_be_open_counts_again() -> None:
    story = merging().merge("by-hand", "ebay:77")
    story.sell("ebay", "by-hand")
    assert story.known.merged == {}
    assert sorted(story.known.sales) == ["by-hand", "ebay:77"]
    assert story.oversold == ("by-hand", "ebay:77")


def test_a_split_sale_counts_with_the_version_of_its_split() -> None:
    story = merging().merge("by-hand", "ebay:77").split("by-hand")
    sale = story.known.sales["by-hand"]
    assert (sale.version, sale.into) == (3, None)
    assert story.known.merged == {}


def test_a_split_before_the_other_sale_came_counts_on_its_own() -> None:
    story = on_sale("ebay").sell("ebay", "s1").done().merge("s1", "s2")
    assert story.known.sales["s1"].into == "s2"
    story.split("s1")
    sale = story.known.sales["s1"]
    assert (sale.into, sale.version) == (None, 3)
    story.sell("ebay", "s2")
    assert story.oversold == ("s1", "s2")


def test_a_sale_merged_into_one_that_was_seen_is_kept_for_a_split() -> None:
    story = sold_at("ebay", "etsy").sell("etsy", "s2").done().merge("s2", "s1")
    assert story.known.merged["s2"].sale.marketplace == "etsy"
    story.split("s2")
    assert story.oversold == ("s1", "s2")


def test_a_merge_into_a_canceled_sale_brings_holds_back_to_nothing() -> None:
    story = on_sale("ebay", "etsy", quantity=2)
    story.hold("etsy").done()
    story.sell("ebay", "s1").sell("ebay", "s2").done().cancel("s1").done().merge("s2", "s1")
    assert story.on_hand == 2
    assert "s2" in story.known.merged


def test_a_longer_circle_of_merges_is_undone_too() -> None:
    story = on_sale("ebay", quantity=9)
    for sale_id in ("s1", "s2", "s3"):
        story.sell("ebay", sale_id)
    story.merge("s1", "s2").merge("s2", "s3").merge("s3", "s1")
    assert story.facts == (SplitWanted("s3"),)
    assert list(story.known.sales) == ["s3"]


def test_a_hold_refused_goes_back_without_its_end() -> None:
    story = on_sale("ebay").hold(until=on_sale("ebay").pass_time(hours=5).now).done()
    story.release().refuse("ebay")
    hold = story.listing("ebay").hold
    assert story.desired == {"ebay": "on_hold"}
    assert hold == replace(hold or Hold(), until=None)


def test_a_timer_of_another_hold_ends_none_that_is_remembered_through_a_sale() -> None:
    story = on_sale("ebay", "etsy")
    end = story.now.replace(hour=20)
    story.hold("etsy", until=end).done().sell("ebay")
    story.pass_time(hours=20).release("etsy", hold_ended=end.replace(hour=19))
    assert story.known.before["etsy"].desired == "on_hold"
    story.release("etsy", hold_ended=end)
    assert story.known.before["etsy"] == Wanted("active")


def test_a_hold_has_ended_at_its_end() -> None:
    end = Story().now
    assert Hold(until=end).ended(end)
    assert not Hold(until=end).ended(end.replace(hour=0))
    assert not Hold().ended(end)


def test_a_circle_of_merges_among_others_does_not_hold_anybody_up() -> None:
    story = on_sale("ebay", quantity=9).sell("ebay", "s1").sell("ebay", "s2").sell("ebay", "s3")
    story.merge("s1", "s2")
    item = story.known
    circle = {"s1": item.merged["s1"], "s2": MergedSale(item.sales["s2"], "s1")}
    story.item = replace(item, merged=circle)
    story.merge("s3", "s1")
    assert "s3" in story.known.merged


def test_the_same_hold_again_tells_nobody() -> None:
    story = on_sale("ebay").hold().done()
    assert story.hold().told == {}
    assert story.hold(until=story.now.replace(hour=23)).told == {"ebay": "hold"}


def test_of_several_sales_at_a_place_the_latest_is_read_before_taking_it_down() -> None:
    story = on_sale("ebay").sell("ebay", "z-first", order="o-1").sell("ebay", "a-last", order="o-2")
    story.delete()
    at = story.places["a-last"].sold_at
    assert story.listing("ebay").told == Told("deactivate", "deleted", "a-last", "o-2", at)


def test_a_listing_shows_its_own_attributes_over_the_items() -> None:
    content = Content("1", "Lamp", attributes={"period": "1920s", "colour": "brass"})
    own = Details(title="Own", attributes={"colour": "gold"})
    assert shown(content, own) == Content(
        "1", "Own", attributes={"period": "1920s", "colour": "gold"}
    )
    assert shown(content, Details()) == content


def test_a_refused_update_of_what_is_shown_leaves_it_on_sale() -> None:
    story = on_sale("ebay").edit(price="9.00").refuse("ebay", "activate")
    assert story.desired == {"ebay": "active"}
    assert story.listing("ebay").operation == "needs_dealer"


def test_what_goes_wrong_with_taking_a_refused_listing_back_hides_no_issue() -> None:
    story = Story().create("ebay").activate().refuse("ebay")
    same = story.known
    assert story.fail("ebay", gives_up=True).known is same
    assert story.defer("ebay", "paused").known is same


def test_a_link_whose_listing_cannot_be_read_yet_is_still_being_made() -> None:
    story = Story().create().link("ebay").shows("ebay", "unknown")
    assert story.listing("ebay").linking
