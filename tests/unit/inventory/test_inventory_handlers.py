"""Inventory on the wire: answers, whole targets, snapshots with plans, timers, saying it again."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from brocante.contracts import sources
from brocante.contracts.inventory import (
    ItemActivate,
    ItemHold,
    ItemLink,
    ItemRelease,
    ItemUpdate,
)
from brocante.contracts.listings import ListingObserved, ListingValidationFailed
from brocante.contracts.marketplace import (
    ListingActivate,
    ListingCommand,
    ListingDeactivate,
    ListingHold,
    ListingLink,
)
from brocante.contracts.sales import SaleMerge
from brocante.contracts.snapshot import ItemOversold, ItemUnknown
from brocante.contracts.values import Issue
from brocante.messaging.deciding import Outgoing
from inventory.handlers import TABLE
from inventory.routing import due, say
from tests.support.tables import START, Driven
from tests.unit.inventory.wire import ACTIVATE, CREATE, canceled, code, snapshot, sold

SOLD_AT = START - timedelta(hours=1)


def test_every_command_is_answered_with_the_snapshot_even_when_nothing_changed(
    inventory: Driven,
) -> None:
    first = snapshot(inventory.take(CREATE))
    again = snapshot(inventory.take(CREATE))
    assert (first.revision, again.revision) == (1, 1)
    assert "title" in first.changed
    assert again.changed == []


@pytest.mark.parametrize(
    ("sale_id", "order", "counts_from"),
    [("ebay:l1", None, SOLD_AT), ("s1", "12-34", SOLD_AT), ("s1", None, START)],
)
def test_taking_off_sale_says_since_when_it_must_not_be_on_sale(
    on_sale: Driven, sale_id: str, order: str | None, counts_from: datetime
) -> None:
    sale = sold(sale_id, external_order_id=order).model_copy(update={"sold_at": SOLD_AT})
    on_sale.take(sale)
    commands = on_sale.said(ListingDeactivate)
    assert {one.marketplace: one.sold_at for one in commands} == {
        "ebay": counts_from,
        "etsy": counts_from,
    }


def test_an_observation_that_changes_nothing_says_nothing(on_sale: Driven) -> None:
    listing = on_sale.state("main/lamp").listings["ebay"]
    same = ListingObserved(
        item_id="lamp",
        marketplace="ebay",
        intent=listing.intent,
        observed="active",
        source="sweep",
        observed_at=listing.observed_at + timedelta(minutes=1),
    )
    assert on_sale.take(same).types == []


def test_an_event_about_an_item_nobody_knows_says_nothing(inventory: Driven) -> None:
    inventory.take(
        ListingObserved(
            item_id="lamp",
            marketplace="ebay",
            intent=1,
            observed="active",
            source="sweep",
            observed_at=START,
        )
    )
    assert inventory.types == []


def test_a_command_to_a_worker_carries_the_whole_target(inventory: Driven) -> None:
    inventory.take(CREATE).take(ACTIVATE)
    ebay, etsy = inventory.said(ListingActivate)
    assert (ebay.marketplace, ebay.intent, ebay.reason) == ("ebay", 1, "requested")
    assert (ebay.target.desired, ebay.target.quantity) == ("active", 1)
    assert ebay.target.content
    assert etsy.target.content
    assert (ebay.target.content.title, etsy.target.content.title) == ("Lamp, brass", "Brass lamp")
    assert ebay.target.content.attributes == {"period": "1920s"}


def test_a_sale_tells_the_workers_first_and_then_everyone(on_sale: Driven) -> None:
    on_sale.take(sold(external_order_id="o-1"), source=sources.SALES)
    assert on_sale.types == ["listing.deactivate", "listing.deactivate", "item.changed"]
    place, other = on_sale.said(ListingDeactivate)
    assert (place.target.desired, place.sale_id, place.external_order_id) == ("sold", "s1", "o-1")
    assert (other.target.desired, other.external_order_id) == ("inactive", None)
    assert place.target.quantity == 0


def test_the_snapshot_shows_the_plan_of_each_choice(on_sale: Driven) -> None:
    shown = snapshot(on_sale.take(sold()))
    (sale,) = shown.open_sales
    assert sale.plans == {
        "origin": {"ebay": "active", "etsy": "inactive"},
        "as_before": {"ebay": "active", "etsy": "active"},
        "none": {"ebay": "inactive", "etsy": "inactive"},
    }
    assert {m: one.desired for m, one in shown.before.items()} == {
        "ebay": "active",
        "etsy": "active",
    }
    assert (shown.status, shown.on_hand, shown.settled) == ("sold", 0, False)
    assert shown.sale_versions == {"s1": 1}


def test_the_reference_story_ends_active_where_it_was_sold(on_sale: Driven) -> None:
    shown = snapshot(on_sale.take(sold()).take(canceled()))
    assert {m: one.desired for m, one in shown.listings.items()} == {
        "ebay": "active",
        "etsy": "inactive",
    }
    (back,) = on_sale.said(ListingCommand)
    assert isinstance(back, ListingActivate)
    assert (back.reason, back.sale_id) == ("sale_canceled", "s1")


@pytest.mark.parametrize(
    ("event", "status"),
    [
        ({"relist": "none", "availability": "unavailable", "reason": "damaged"}, "unavailable"),
        ({"relist": "origin", "reason": "damaged"}, "available"),
        ({"relist": "none", "reason": "sold_elsewhere"}, "available"),
    ],
)
def test_a_cancellation_decides_whether_the_item_is_available(
    on_sale: Driven, event: dict[str, Any], status: str
) -> None:
    assert snapshot(on_sale.take(sold()).take(canceled(**event))).status == status


def test_a_second_sale_is_said_to_be_oversold(on_sale: Driven) -> None:
    on_sale.take(sold()).take(sold("s2", "etsy"))
    assert [event.sales for event in on_sale.said(ItemOversold)] == [["s1", "s2"]]


@pytest.mark.parametrize(("chosen", "status"), [(True, "available"), (None, "unavailable")])
def test_only_a_relist_that_was_chosen_makes_an_unavailable_item_available(
    on_sale: Driven, chosen: bool | None, status: str
) -> None:
    withdrawn = ItemUpdate(item_id="lamp", changes={"availability": "unavailable"})
    on_sale.take(sold()).take(withdrawn).take(canceled(relist_chosen=chosen))
    shown = snapshot(on_sale)
    assert shown.status == status
    assert shown.listings["ebay"].desired == ("active" if chosen else "inactive")


def test_a_sale_by_hand_is_merged_into_the_marketplaces_own(on_sale: Driven) -> None:
    on_sale.take(sold("by-hand")).take(sold("ebay:7", external_order_id="o-7"))
    assert on_sale.said(SaleMerge) == [SaleMerge(sale_id="by-hand", into="ebay:7")]
    assert on_sale.said(ItemOversold) == []


def test_a_sale_of_an_unknown_item_is_said_so_and_shows_no_snapshot(inventory: Driven) -> None:
    inventory.take(sold())
    assert inventory.said(ItemUnknown) == [ItemUnknown(item_id="lamp", sale_id="s1")]
    assert inventory.types == ["item.unknown"]
    assert snapshot(inventory.take(CREATE)).status == "sold"


def test_a_refused_activation_keeps_every_issue(inventory: Driven) -> None:
    issue = Issue(
        marketplace="ebay",
        code="missing",
        category="dealer",
        field="/attributes/period",
        message="Period is missing.",
        action="Add it.",
    )
    inventory.take(CREATE).take(ACTIVATE)
    failed = ListingValidationFailed(
        item_id="lamp", marketplace="ebay", intent=1, operation="activate", issues=[issue]
    )
    shown = snapshot(inventory.take(failed)).listings["ebay"]
    assert (shown.desired, shown.operation, shown.issues) == ("draft", "needs_dealer", [issue])
    (back,) = inventory.said(ListingDeactivate)
    assert (back.reason, back.target.desired, back.intent) == ("refused", "draft", 2)


def test_a_hold_is_said_with_its_end_and_ended_by_a_timer(on_sale: Driven) -> None:
    end = on_sale.now + timedelta(hours=1)
    on_sale.take(ItemHold(item_id="lamp", marketplaces=["ebay"], until=end, holder="Ann"))
    (held,) = on_sale.said(ListingHold)
    assert held.target.until == end
    assert snapshot(on_sale).listings["ebay"].hold
    item = on_sale.state("main/lamp")
    document = TABLE.routes[0].document
    assert document.indexed(item)["next_due"] == end
    assert list(due("main/lamp", item, on_sale.now)) == []
    on_sale.now = end
    release = ItemRelease(item_id="lamp", marketplaces=["ebay"], hold_ended=end)
    assert list(due("main/lamp", item, end)) == [Outgoing(release)]
    shown = snapshot(on_sale.take(release, source=sources.INVENTORY))
    assert (shown.listings["ebay"].desired, shown.listings["ebay"].hold) == ("active", None)


def test_a_link_is_sent_to_the_worker(inventory: Driven) -> None:
    inventory.take(CREATE).take(ItemLink(item_id="lamp", marketplace="shopify", external_id="9"))
    assert [link.external_id for link in inventory.said(ListingLink)] == ["9"]


def test_a_marketplace_that_is_not_set_up_is_refused_by_name(inventory: Driven) -> None:
    inventory.take(CREATE)
    named = ItemActivate(item_id="lamp", marketplaces=["ebay", "instagram"])
    assert code(inventory.take(named)) == ("unknown_marketplace", "/marketplaces/1")


def test_an_update_of_an_unknown_item_is_refused(inventory: Driven) -> None:
    assert code(inventory.take(ItemUpdate(item_id="lamp", changes={})))[0] == "unknown_item"


def test_everything_is_said_again_with_the_same_intents(on_sale: Driven) -> None:
    on_sale.take(sold("by-hand")).take(sold("ebay:7", external_order_id="o-7"))
    item = on_sale.state("main/lamp")
    said = {one.said: one.message for one in say("main/lamp", item, on_sale.now, START)}
    assert set(said) == {"item.changed", "listing:ebay", "listing:etsy", "merge:by-hand"}
    target = said["listing:ebay"]
    assert isinstance(target, ListingDeactivate)
    assert (target.intent, target.reason) == (item.listings["ebay"].intent, "sold")


def test_dealers_do_not_see_each_others_items(inventory: Driven) -> None:
    inventory.take(CREATE, dealer="anna")
    assert set(inventory.stored) == {"anna/lamp"}
    assert code(inventory.take(ACTIVATE, dealer="bert"))[0] == "unknown_item"


def test_a_stored_item_is_read_as_it_was_written(inventory: Driven) -> None:
    stored = inventory.take(CREATE).state("main/lamp")
    document = TABLE.routes[0].document
    assert document.state.decode(document.text(stored)) == stored
