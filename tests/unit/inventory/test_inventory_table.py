"""Inventory's table: what it reads and answers, under which name, and what it remembers."""

from datetime import timedelta

import pytest

from brocante.contracts.answers import CommandRejected
from brocante.contracts.inventory import ItemActivate, ItemCreate, ItemHold, ItemLink, ItemUpdate
from brocante.contracts.listings import ListingActivated, ListingObserved, ListingSuperseded
from brocante.contracts.marketplace import ListingActivate, ListingLink
from brocante.contracts.message import Command
from brocante.contracts.sales import SaleMerge, SaleMerged, SaleRecorded, SaleSplit
from brocante.contracts.snapshot import ItemChanged, ItemUnknown
from brocante.messaging.deciding import Outgoing, Said
from inventory import outgoing
from inventory.claiming import CLAIMS, say_nothing
from inventory.domain.facts import Oversold, SplitWanted
from inventory.domain.item import Item
from inventory.handlers import BUILT_IN, SALE_EVENTS, table
from inventory.hearing import OUTCOMES
from inventory.looking_up import look_up
from inventory.routing import ITEMS, due, say
from inventory.snapshot import snapshot as shown
from tests.support.tables import START, Driven
from tests.unit.inventory.wire import ACTIVATE, CREATE, sold


def test_the_table_says_who_inventory_is_and_what_it_reads() -> None:
    one = table(BUILT_IN)
    assert (one.name, one.source) == ("inventory", "brocante/inventory")
    assert one.events_topic == "inventory.events"
    assert one.topics == ("sales.events", "inventory.commands", "marketplace.events")
    assert one.ignored == (ListingSuperseded,)
    assert one.resolve is look_up
    assert [(t.document, t.due) for t in one.timers] == [(ITEMS, due)]
    assert [(s.document, s.say) for s in one.say_again] == [(ITEMS, say), (CLAIMS, say_nothing)]
    assert {route.document.collection for route in one.routes} == {"items"}
    assert ITEMS.indexes == ("next_due", "links")


def test_ids_of_commands_and_of_what_sales_says_are_remembered_and_of_observations_not() -> None:
    routes = table(BUILT_IN).routes
    remembered = {route.message for route in routes if route.remember}
    forgotten = {route.message for route in routes if not route.remember}
    assert forgotten == {*OUTCOMES, ListingObserved, CommandRejected}
    assert set(SALE_EVENTS) <= remembered
    assert all(issubclass(message, Command) for message in remembered - set(SALE_EVENTS))


@pytest.mark.parametrize("known", [frozenset({"ebay"}), frozenset({"ebay", "etsy", "own-shop"})])
def test_an_installation_knows_the_marketplaces_it_declares(known: frozenset[str]) -> None:
    driven = Driven(table(known))
    bare = CREATE.model_copy(update={"listings": {}})
    driven.take(bare)
    driven.take(ItemActivate(item_id="lamp", marketplaces=["own-shop"]))
    activations = [m.marketplace for m in driven.said(ListingActivate)]
    assert activations == (["own-shop"] if "own-shop" in known else [])


def test_an_item_is_one_document_of_its_dealer(inventory: Driven) -> None:
    inventory.take(CREATE, dealer="anna")
    assert list(inventory.stored) == ["anna/lamp"]


def test_a_command_answered_long_ago_is_answered_with_the_snapshot_of_now(
    inventory: Driven,
) -> None:
    inventory.take(CREATE)
    item: Item = inventory.state("main/lamp")
    route = inventory.table.route(ItemCreate)
    assert route
    received = inventory.received(CREATE, "m1", "app", {})
    assert list(route.answer(item, received)) == [
        Outgoing(shown(item, inventory.now, item), snapshot=True, said="item.changed")
    ]


def test_a_placeholder_has_nothing_to_answer(inventory: Driven) -> None:
    inventory.take(sold())
    route = inventory.table.route(ItemUpdate)
    assert route
    asked = inventory.received(ItemUpdate(item_id="lamp", changes={}), "m1", "app", {})
    assert list(route.answer(inventory.state("main/lamp"), asked)) == []


def test_a_refusal_names_the_command_the_rule_and_the_field(inventory: Driven) -> None:
    inventory.take(ItemHold(item_id="lamp", marketplaces=["*"]), id="h1")
    (out,) = inventory.last
    assert out.message == CommandRejected(
        command_id="h1",
        command_type="item.hold",
        code="unknown_item",
        message="There is no item with this item_id.",
        field="/item_id",
    )
    assert (out.subject, out.snapshot, out.said) == ("lamp", False, None)


def test_a_refused_command_leaves_the_item_as_it_is(inventory: Driven) -> None:
    inventory.take(CREATE)
    before = inventory.state("main/lamp")
    inventory.take(ItemActivate(item_id="lamp", marketplaces=["amazon"]))
    assert inventory.types == ["command.rejected"]
    assert inventory.state("main/lamp") == before


def test_what_can_be_said_again_is_remembered_under_its_name(inventory: Driven) -> None:
    inventory.take(CREATE).take(ACTIVATE)
    assert [out.said for out in inventory.last] == ["listing:ebay", "listing:etsy", "item.changed"]
    assert all(out.snapshot for out in inventory.last)
    inventory.take(sold("by-hand")).take(sold("ebay:7", external_order_id="o-7"))
    (merge,) = [out for out in inventory.last if isinstance(out.message, SaleMerge)]
    assert merge.said == "merge:by-hand"


def test_a_sale_of_an_unknown_item_is_remembered_under_its_name(inventory: Driven) -> None:
    inventory.take(sold())
    (out,) = inventory.last
    unknown = ItemUnknown(item_id="lamp", sale_id="s1")
    assert (out.message, out.said) == (unknown, "unknown:s1")


def test_a_split_and_an_oversale_are_said_once() -> None:
    item = Item("lamp")
    split, oversold = outgoing.of_facts(item, [SplitWanted("s1"), Oversold(("s1", "s2"))])
    assert split == Outgoing(SaleSplit(sale_id="s1"))
    assert oversold.message.wire() == {"item_id": "lamp", "sales": ["s1", "s2"]}
    assert oversold.said is None


def test_everything_others_may_have_missed_is_said_again(inventory: Driven) -> None:
    inventory.take(CREATE).take(ItemActivate(item_id="lamp", marketplaces=["ebay"]))
    inventory.take(sold("by-hand")).take(sold("ebay:7", external_order_id="o-7"))
    item = inventory.state("main/lamp")
    changed = START + timedelta(days=1)
    said = list(say("main/lamp", item, changed, START))
    assert said == [
        Said("item.changed", shown(item, changed, item)),
        Said("merge:by-hand", SaleMerge(sale_id="by-hand", into="ebay:7")),
        Said("listing:ebay", outgoing.listing_command(item, "ebay")),
    ]


def test_a_confirmed_merge_is_not_asked_for_again(inventory: Driven) -> None:
    inventory.take(CREATE).take(sold("by-hand")).take(sold("ebay:7", external_order_id="o-7"))
    inventory.take(SaleMerged(sale_id="by-hand", sale_version=2, item_id="lamp", into="ebay:7"))
    said = say("main/lamp", inventory.state("main/lamp"), START, START)
    assert [one.said for one in said] == ["item.changed"]


def test_of_a_placeholder_only_the_sales_that_wait_are_said_again(inventory: Driven) -> None:
    inventory.take(sold("s1")).take(sold("s2"))
    said = list(say("main/lamp", inventory.state("main/lamp"), START, START))
    assert said == [
        Said("unknown:s1", ItemUnknown(item_id="lamp", sale_id="s1")),
        Said("unknown:s2", ItemUnknown(item_id="lamp", sale_id="s2")),
    ]


def test_once_created_an_items_sales_are_in_its_snapshot_only(inventory: Driven) -> None:
    inventory.take(sold("s1")).take(CREATE)
    said = list(say("main/lamp", inventory.state("main/lamp"), START, START))
    assert [one.said for one in said] == ["item.changed"]
    assert isinstance(said[0].message, ItemChanged)


def test_a_worker_told_of_nothing_cannot_be_told_again(inventory: Driven) -> None:
    inventory.take(CREATE)
    with pytest.raises(ValueError, match="no worker was told of ebay"):
        outgoing.listing_command(inventory.state("main/lamp"), "ebay")


def test_a_link_names_the_listing_and_its_intent(inventory: Driven) -> None:
    inventory.take(CREATE).take(ItemLink(item_id="lamp", marketplace="ebay", external_id="9"))
    assert inventory.said(ListingLink) == [
        ListingLink(item_id="lamp", marketplace="ebay", intent=1, external_id="9")
    ]


def test_an_oversold_item_is_shown_to_marketplaces_as_none_left(on_sale: Driven) -> None:
    on_sale.take(sold("s1")).take(sold("s2", "etsy"))
    item = on_sale.state("main/lamp")
    command = outgoing.listing_command(item, "ebay").wire()
    assert command["target"]["quantity"] == 0
    assert command["external_id"] == "ebay-1"


def test_an_event_that_changed_nothing_shows_no_snapshot(on_sale: Driven) -> None:
    same = SaleRecorded.model_validate(sold("s1").model_dump())
    assert on_sale.take(same).types[-1] == "item.changed"
    assert on_sale.take(same).types == []
    assert ListingActivated in OUTCOMES


def test_an_answer_given_again_plans_from_the_time_of_its_question(on_sale: Driven) -> None:
    end = on_sale.now + timedelta(hours=1)
    on_sale.take(ItemHold(item_id="lamp", marketplaces=["etsy"], until=end)).take(sold())
    on_sale.now = end
    route = on_sale.table.route(ItemUpdate)
    assert route
    asked = on_sale.received(ItemUpdate(item_id="lamp", changes={}), "m1", "app", {})
    (again,) = route.answer(on_sale.state("main/lamp"), asked)
    assert isinstance(again.message, ItemChanged)
    assert again.message.open_sales[0].plans["as_before"] == {"ebay": "active", "etsy": "active"}
