"""Which other item has a listing already, and who gets one that is free."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta

import pytest

from brocante.contracts.inventory import ItemCreate, ItemDelete, ItemLink
from brocante.contracts.message import Message
from brocante.documents.document import Document
from brocante.documents.store import DocumentStore
from brocante.messaging.wire import Received
from brocante.testing.memory_database import MemoryDatabase
from inventory import claiming
from inventory.claiming import CLAIMS
from inventory.domain import linking
from inventory.domain.item import Item
from inventory.domain.listing import Listing
from inventory.domain.refusals import Refused
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


def replica(database: MemoryDatabase) -> dict[str, DocumentStore]:
    names = (ITEMS.collection, CLAIMS.collection)
    return {name: DocumentStore(database, name) for name in names}


async def keep(stores: Mapping[str, DocumentStore], *items: Item, dealer: str = "main") -> None:
    documents = [
        Document(f"{dealer}/{one.item_id}").next(**ITEMS.written(one, START)) for one in items
    ]
    await stores[ITEMS.collection].save(documents)


@pytest.fixture
def database() -> MemoryDatabase:
    return MemoryDatabase()


@pytest.fixture
async def stores(database: MemoryDatabase) -> dict[str, DocumentStore]:
    stores = replica(database)
    lamp = Item("lamp", listings={"ebay": Listing(external_id="9"), "etsy": Listing()})
    await keep(stores, lamp, Item("chair"), Item("desk"))
    await keep(stores, Item("chair"), dealer="anna")
    return stores


async def test_the_item_that_has_a_listing_is_found(stores: dict[str, DocumentStore]) -> None:
    asked = batch(link("chair"), link("chair", "8"), link("chair", marketplace="etsy"))
    assert await look_up(stores, asked) == {0: ("lamp",), 1: ("chair",), 2: ("chair",)}
    assert await look_up(stores, batch(link("lamp"))) == {0: ("lamp",)}


async def test_a_link_earlier_in_the_batch_counts(stores: dict[str, DocumentStore]) -> None:
    asked = batch(link("chair", "8"), link("desk", "8"))
    assert await look_up(stores, asked) == {0: ("chair",), 1: ("chair",)}


async def test_another_dealers_listing_is_none(stores: dict[str, DocumentStore]) -> None:
    assert await look_up(stores, batch(link("chair"), dealer="anna")) == {0: ("chair",)}


async def test_of_two_items_that_ask_on_two_replicas_at_once_one_gets_the_listing(
    database: MemoryDatabase, stores: dict[str, DocumentStore]
) -> None:
    met = asyncio.Barrier(2)

    async def both_have_seen_nobody(collection: str, operation: str) -> None:
        if (collection, operation) == (CLAIMS.collection, "bulk_write") and met.n_waiting < 2:
            await asyncio.wait_for(met.wait(), 5)
            database.hook = nothing

    async def nothing(_collection: str, _operation: str) -> None:
        return

    database.hook = both_have_seen_nobody
    one, other = await asyncio.gather(
        look_up(stores, batch(link("chair", "8"))),
        look_up(replica(database), batch(link("desk", "8"))),
    )
    assert one == other
    assert one[0] in {("chair",), ("desk",)}


async def test_a_claim_that_led_to_no_link_lapses(
    stores: dict[str, DocumentStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await look_up(stores, batch(link("chair", "8"))) == {0: ("chair",)}
    assert await look_up(stores, batch(link("desk", "8"))) == {0: ("chair",)}
    monkeypatch.setattr(claiming, "LAPSES_AFTER", timedelta())
    assert await look_up(stores, batch(link("desk", "8"))) == {0: ("desk",)}


async def test_an_item_that_cannot_be_linked_keeps_nobody_from_it(
    stores: dict[str, DocumentStore],
) -> None:
    await keep(stores, Item("old", deleted=True))
    for item in ("nobody", "old"):
        assert await look_up(stores, batch(link(item, "8"))) == {0: ("",)}
    assert await look_up(stores, batch(link("desk", "8"))) == {0: ("desk",)}


async def test_an_item_created_beside_its_link_gets_the_listing(
    stores: dict[str, DocumentStore],
) -> None:
    price = {"amount": "1.00", "currency": "EUR"}
    create = {"item_id": "vase", "sku": "1", "title": "Vase", "price": price}
    asked = batch(ItemCreate.model_validate(create), link("vase", "8"))
    assert await look_up(stores, asked) == {1: ("vase",)}
    # It is still to be written: not there is not deleted.
    assert await look_up(stores, batch(link("desk", "8"))) == {0: ("vase",)}


def test_a_link_that_could_not_be_claimed_is_refused_and_can_be_asked_for_again() -> None:
    with pytest.raises(Refused) as refused:
        linking.link(Item("chair"), "ebay", "9", (linking.UNCLAIMED,))
    assert (refused.value.code, refused.value.field) == ("link_taken", "/external_id")
    assert "ask for it again" in refused.value.message


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


async def test_what_an_item_claimed_that_is_deleted_by_another_replica_is_free(
    database: MemoryDatabase, stores: dict[str, DocumentStore]
) -> None:
    assert await look_up(stores, batch(link("chair", "8"))) == {0: ("chair",)}
    assert await look_up(stores, batch(link("desk", "8"))) == {0: ("chair",)}
    other = replica(database)
    chair = (await other[ITEMS.collection].load(["main/chair"]))["main/chair"]
    gone = ITEMS.written(Item("chair", deleted=True), START)
    await other[ITEMS.collection].save([chair.next(**gone)])
    assert await look_up(stores, batch(link("desk", "8"))) == {0: ("desk",)}


async def test_a_link_that_is_refused_hides_none_of_those_behind_it(
    stores: dict[str, DocumentStore],
) -> None:
    await keep(stores, Item("old", deleted=True))
    price = {"amount": "1.00", "currency": "EUR"}
    create = {"item_id": "vase", "sku": "1", "title": "Vase", "price": price}
    new = ItemCreate.model_validate(create)
    asked = batch(new, link("old", "7"), link("vase", "8"), link("chair", "6"))
    assert await look_up(stores, asked) == {1: ("",), 2: ("vase",), 3: ("chair",)}


async def test_an_item_that_has_another_listing_there_claims_none(
    stores: dict[str, DocumentStore],
) -> None:
    shown = Listing(external_id="5", observed="active", desired="active")
    await keep(stores, Item("bowl", listings={"ebay": shown}))
    assert await look_up(stores, batch(link("bowl", "8"))) == {0: ("",)}
    assert await look_up(stores, batch(link("bowl", "8", "etsy"))) == {0: ("bowl",)}
    assert await look_up(stores, batch(link("bowl", "5"))) == {0: ("bowl",)}
