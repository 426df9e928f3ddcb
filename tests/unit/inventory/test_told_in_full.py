"""What workers are told of a listing's content, and how inventory's routes are marked."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from brocante.contracts import sources
from brocante.contracts.answers import CommandRejected
from brocante.contracts.inventory import ItemCreate, ItemHold, ItemUpdate
from brocante.contracts.marketplace import (
    Content,
    ListingActivate,
    ListingCommand,
    ListingUpdate,
)
from brocante.contracts.message import Command
from brocante.contracts.snapshot import ItemChanged
from brocante.contracts.values import Money
from brocante.messaging.deciding import always, never
from inventory.routing import say
from tests.support.tables import START, Driven
from tests.unit.inventory.wire import ACTIVATE, CREATE, sold

SHOWN: dict[str, Any] = {
    "description": "From a house in Ghent.",
    "category": "lighting",
    "condition": "good",
    "images": ["https://pictures.example/1.jpg"],
}
PRICE = Money(amount="1250.00", currency="EUR")


def titles(told: Sequence[ListingCommand]) -> list[str]:
    return [one.target.content.title for one in told if one.target.content]


def test_a_worker_is_told_all_that_its_listing_shows(inventory: Driven) -> None:
    create = ItemCreate.model_validate({**CREATE.model_dump(mode="json"), **SHOWN})
    told = inventory.take(create).take(ACTIVATE).said(ListingActivate)
    alike = {"sku": "91.10", "price": PRICE, "attributes": {"period": "1920s"}, **SHOWN}
    assert {one.marketplace: one.target.content for one in told} == {
        "ebay": Content(title="Lamp, brass", **alike),
        "etsy": Content(title="Brass lamp", **alike),
    }


def test_content_that_several_listings_show_is_made_once(inventory: Driven) -> None:
    own = {"listings": {"ebay": {}, "etsy": {}, "shopify": {"details": {"title": "Other"}}}}
    create = CREATE.model_validate({**CREATE.model_dump(mode="json"), **own})
    one, two, other = inventory.take(create).take(ACTIVATE).said(ListingActivate)
    assert one.target.content is two.target.content
    assert titles([one, two, other]) == ["Brass lamp", "Brass lamp", "Other"]


def test_an_edit_tells_every_listing_the_new_content(on_sale: Driven) -> None:
    price = {"amount": "9.00", "currency": "EUR"}
    on_sale.take(ItemUpdate(item_id="lamp", changes={"price": price, "title": "Lamp"}))
    told = on_sale.said(ListingUpdate)
    assert sorted(titles(told)) == ["Lamp", "Lamp, brass"]
    prices = [one.target.content.price for one in told if one.target.content]
    assert prices == [Money(amount="9.00", currency="EUR")] * 2


def test_an_item_said_again_counts_holds_that_have_ended_by_then(on_sale: Driven) -> None:
    end = on_sale.now + timedelta(hours=1)
    on_sale.take(ItemHold(item_id="lamp", marketplaces=["etsy"], until=end)).take(sold())
    item = on_sale.state("main/lamp")
    for now, etsy in ((end, "active"), (START, "on_hold")):
        (again,) = [one.message for one in say("main/lamp", item, now, START)][:1]
        assert isinstance(again, ItemChanged)
        assert again.open_sales[0].plans["as_before"] == {"ebay": "active", "etsy": etsy}


def test_only_creating_finds_no_document_as_a_rule(inventory: Driven) -> None:
    creating = {one.message: one.creates for one in inventory.table.routes}
    assert creating.pop(ItemCreate) is always
    assert set(creating.values()) == {never}


def test_commands_may_be_asked_again_and_what_others_say_is_final(inventory: Driven) -> None:
    for route in inventory.table.routes:
        assert route.final is (not issubclass(route.message, Command)), route.message


@pytest.mark.parametrize("subject", ["", None])
def test_a_workers_refusal_that_names_no_item_is_passed_over(
    inventory: Driven, subject: str | None
) -> None:
    refusal = CommandRejected(
        command_id="c1", command_type="listing.activate", code="invalid", message="What."
    )
    worker = sources.worker("ebay")
    assert inventory.take(refusal, source=worker, subject=subject).last == ()
    assert inventory.stored == {}


@pytest.mark.parametrize(
    ("marketplaces", "field", "words"),
    [
        (["ebay", "shopify"], "/marketplaces/1", "This item is not connected to shopify."),
        (["etsy"], None, None),
    ],
)
def test_a_marketplace_without_a_listing_is_named_with_its_place(
    on_sale: Driven, marketplaces: list[str], field: str | None, words: str | None
) -> None:
    refused = on_sale.take(ItemHold(item_id="lamp", marketplaces=marketplaces)).said(
        CommandRejected
    )
    expected = [("not_connected", field, words)] if words else []
    assert [(one.code, one.field, one.message) for one in refused] == expected


def test_an_item_without_listings_cannot_be_meant_everywhere(inventory: Driven) -> None:
    inventory.take(CREATE.model_copy(update={"listings": {}}))
    (refused,) = inventory.take(ACTIVATE).said(CommandRejected)
    assert (refused.code, refused.field, refused.message) == (
        "not_connected",
        "/marketplaces/0",
        "This item is not connected to any marketplace.",
    )
