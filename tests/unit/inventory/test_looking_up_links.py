"""Which other item has a listing already: looked up once for a batch, earlier links counted."""

from collections.abc import Sequence

import pytest

from brocante.contracts.inventory import ItemDelete, ItemLink
from brocante.contracts.message import Message
from brocante.documents.document import Document
from brocante.documents.store import DocumentStore
from brocante.messaging.wire import Received
from brocante.testing.memory_database import MemoryDatabase
from inventory.domain.item import Item
from inventory.domain.listing import Listing
from inventory.handlers import BUILT_IN, table
from inventory.looking_up import look_up
from inventory.routing import ITEMS
from tests.support.tables import START, Driven


def batch(*messages: Message, dealer: str = "main") -> Sequence[Received]:
    driven = Driven(table(BUILT_IN))
    return [
        driven.received(message, f"m{n}", "app", {"dealer": dealer})
        for n, message in enumerate(messages)
    ]


def link(item: str, external_id: str = "9", marketplace: str = "ebay") -> ItemLink:
    return ItemLink(item_id=item, marketplace=marketplace, external_id=external_id)


@pytest.fixture
async def stores() -> dict[str, DocumentStore]:
    store = DocumentStore(MemoryDatabase(), ITEMS.collection)
    lamp = Item("lamp", listings={"ebay": Listing(external_id="9"), "etsy": Listing()})
    await store.save([Document("main/lamp").next(**ITEMS.written(lamp, START))])
    return {ITEMS.collection: store}


async def test_the_item_that_has_a_listing_is_found(stores: dict[str, DocumentStore]) -> None:
    asked = batch(link("chair"), link("chair", "8"), link("chair", marketplace="etsy"))
    assert await look_up(stores, asked) == {0: ("lamp",), 1: (), 2: ()}


async def test_a_link_earlier_in_the_batch_counts(stores: dict[str, DocumentStore]) -> None:
    asked = batch(link("chair"), link("desk"), link("chair", "8"), link("desk", "8"))
    assert await look_up(stores, asked) == {
        0: ("lamp",),
        1: ("lamp", "chair"),
        2: (),
        3: ("chair",),
    }


async def test_another_dealers_listing_is_none(stores: dict[str, DocumentStore]) -> None:
    assert await look_up(stores, batch(link("chair"), dealer="anna")) == {0: ()}


async def test_a_batch_without_links_looks_nothing_up() -> None:
    assert await look_up({}, batch(ItemDelete(item_id="lamp"))) == {}


@pytest.mark.parametrize(
    ("item", "links"),
    [
        (Item("lamp", listings={"ebay": Listing(external_id="9")}), ["ebay:9"]),
        (Item("lamp", listings={"ebay": Listing()}), None),
        (Item("lamp", listings={"ebay": Listing(external_id="9")}, deleted=True), None),
        (Item("l", listings={"ebay": Listing(external_id="9", operation="needs_dealer")}), None),
        (
            Item(
                "lamp",
                listings={
                    "ebay": Listing(external_id="9", observed="ended", operation="needs_dealer")
                },
            ),
            ["ebay:9"],
        ),
    ],
)
def test_an_items_listings_are_found_unless_it_is_deleted_or_they_are_not_there(
    item: Item, links: list[str] | None
) -> None:
    assert ITEMS.indexed(item) == {"next_due": None, "links": links}
