"""Fine points of the rules: each a case where a small slip would go unnoticed elsewhere."""

from brocante.contracts.inventory import ItemLink
from inventory.domain.facts import TargetChanged, change
from inventory.domain.item import Content, Item
from inventory.domain.listing import Details, Listing, Told, Wanted
from inventory.snapshot import changed_fields
from tests.support.tables import Driven
from tests.unit.inventory.story import Story, on_sale, sold_at
from tests.unit.inventory.wire import CREATE


def test_where_stock_never_ran_out_drift_is_not_fought_by_canceling() -> None:
    story = on_sale("ebay", "etsy", quantity=3).sell("ebay").done().shows("etsy", "ended")
    assert story.listing("etsy").drift
    assert story.cancel().told == {"ebay": "update"}


def test_a_reactivation_that_is_refused_leaves_the_listing_inactive() -> None:
    story = sold_at("ebay").cancel()
    assert story.listing("ebay").fallback == Wanted("inactive")


def test_two_sights_of_the_same_moment_count_in_the_order_they_come() -> None:
    story = on_sale("ebay")
    story.shows("ebay", "ended", at=story.listing("ebay").observed_at)
    assert story.listing("ebay").observed == "ended"


def test_a_hold_that_shows_as_active_is_not_how_holds_look_there() -> None:
    listing = on_sale("ebay").hold().outcome("ebay", "held", "active").listing("ebay")
    assert (listing.held_as, listing.settled) == (None, False)


def test_a_listing_linked_after_the_sale_comes_back_inactive_as_before() -> None:
    story = sold_at("ebay").link("etsy").shows("etsy", "ended", "unknown")
    assert story.cancel(relist="as_before").desired == {"ebay": "active", "etsy": "inactive"}


def test_a_damaged_piece_leaves_drafts_as_they_are() -> None:
    story = on_sale("ebay", quantity=2).edit(details={"etsy": Details()})
    story.sell("ebay").done().cancel(unavailable=True)
    assert story.desired == {"ebay": "inactive", "etsy": "draft"}


def test_a_sale_filled_in_while_it_waits_for_another_still_waits() -> None:
    story = on_sale("ebay").sell("ebay", "s1").done().merge("s1", "s2")
    story.sell("ebay", "s1", order="o-1")
    assert story.known.sales["s1"].into == "s2"


def test_an_edit_does_not_change_what_a_refusal_goes_back_to() -> None:
    story = Story().create("ebay").activate().done().hold().done().activate().edit(price="9.00")
    assert story.refuse("ebay").desired == {"ebay": "on_hold"}


def test_what_an_item_does_not_have_has_not_changed_when_it_is_created() -> None:
    named = changed_fields(None, Item("lamp", Content("1", "Lamp")))
    assert not {"attributes", "open_sales", "before", "listings", "sale_versions"} & set(named)


def test_what_was_looked_up_for_a_link_is_used(inventory: Driven) -> None:
    inventory.take(CREATE)
    link = ItemLink(item_id="lamp", marketplace="shopify", external_id="9")
    route = inventory.table.route(ItemLink)
    assert route
    asked = inventory.received(link, "l1", "app", {})._replace(resolved=("chair",))
    decided = route.decide(inventory.state("main/lamp"), asked, inventory.now)
    assert [out.message.TYPE for out in decided.outputs] == ["command.rejected"]


def test_taking_off_sale_is_told_before_putting_on_sale() -> None:
    on, off = Told("activate", "requested"), Told("deactivate", "requested")
    listings = {
        "a": Listing(intent=1, told=on),
        "b": Listing(intent=1, told=off),
        "c": Listing(intent=1, told=on),
    }
    facts = change(None, Item("lamp", listings=listings)).facts
    assert facts == (TargetChanged("b"), TargetChanged("a"), TargetChanged("c"))


def test_an_edit_reaches_every_marketplace_that_shows_the_item() -> None:
    story = on_sale("ebay", "etsy", "shopify").edit(details={"amazon": Details()}, price="9.00")
    assert story.told == {"ebay": "update", "etsy": "update", "shopify": "update"}


def test_a_merged_sale_that_is_canceled_can_no_longer_be_split_off() -> None:
    story = on_sale("ebay", "etsy", quantity=4)
    for sale_id in ("s1", "s2", "s3"):
        story.sell("ebay", sale_id)
    story.merge("s1", "s3").merge("s2", "s3").done()
    before = story.known
    story.cancel("s1")
    assert (list(story.known.merged), list(story.known.sales)) == (["s2"], ["s3"])
    assert story.known.listings == before.listings
    assert story.split("s1").on_hand == 3


def test_a_merged_sale_canceled_leaves_the_listings_alone_where_it_was_the_last_piece() -> None:
    story = on_sale("ebay", "etsy", quantity=2).sell("ebay", "s1").sell("ebay", "s2")
    story.merge("s1", "s2").done()
    before = story.known.listings
    assert story.cancel("s1", relist="origin").known.listings == before


def test_a_damaged_piece_comes_back_to_no_draft_either() -> None:
    story = Story().create("ebay", "etsy").activate("ebay").done().sell("ebay").done()
    story.cancel(relist="as_before", unavailable=True)
    assert story.desired == {"ebay": "inactive", "etsy": "inactive"}


def test_only_a_sale_asks_for_an_item_that_is_not_known() -> None:
    story = Story().sell("ebay")
    revision = story.known.revision
    assert story.cancel().facts == ()
    assert story.known.revision == revision + 1


def test_of_two_sales_by_hand_the_older_one_is_the_marketplaces() -> None:
    story = on_sale("ebay", quantity=3).sell("ebay", "z-first").sell("ebay", "a-last")
    story.sell("ebay", "ebay:1", order="o-1")
    assert story.merge_wanted
    assert story.merge_wanted.sale_id == "z-first"
