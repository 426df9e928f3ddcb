"""What a message must know beyond its own document is looked up in the service's others."""

from datetime import UTC, datetime
from typing import Any

from brocante.contracts.answers import CommandRejected
from brocante.contracts.envelope import Envelope, decode
from brocante.contracts.inventory import ItemCreate, ItemDelete, ItemLink
from brocante.contracts.message import Message
from brocante.contracts.sales import SaleMerge, SaleRecord
from brocante.documents.driver import Database
from brocante.documents.store import DocumentStore
from brocante.messaging.deciding import ServiceTable
from brocante.messaging.journal import Known
from brocante.messaging.processor import Processor, document_types
from brocante.messaging.wire import Position, RawRecord, Received
from inventory.handlers import TABLE as INVENTORY
from sales.handlers import TABLE as SALES

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
LINK = ItemLink(item_id="lamp", marketplace="ebay", external_id="110")


class Service:
    """A table over documents in a database; each `take` is a batch."""

    def __init__(self, table: ServiceTable, stores: dict[str, DocumentStore]) -> None:
        self._processor = Processor(table, stores, "")
        self._count = 0

    async def take(self, *messages: Message, dealer: str = "main") -> list[str]:
        """Process a batch; the codes of what it refuses."""
        batch = [self._received(message, dealer) for message in messages]
        outcome = await self._processor.process(batch, Known(1))
        said = [decode(wire.value, wire.headers).message for wire in outcome.wires]
        return [one.code for one in said if isinstance(one, CommandRejected)]

    def _received(self, message: Message, dealer: str) -> Received:
        self._count += 1
        raw = RawRecord(Position(1, "t", 0, self._count), None, b"", (), 0)
        at = Envelope(f"m{self._count}", "app", message.TYPE, NOW, message.subject, dealer=dealer)
        return Received(at, message, raw)


async def service(table: ServiceTable, database: Database) -> Service:
    stores = {}
    for kind in document_types(table):
        stores[kind.collection] = DocumentStore(database, kind.collection)
        await stores[kind.collection].prepare(kind.indexes)
    return Service(table, stores)


def sale(sale_id: str, item_id: str = "lamp") -> SaleRecord:
    return SaleRecord(sale_id=sale_id, item_id=item_id, marketplace="ebay", sold_at=NOW)


def item(item_id: str) -> ItemCreate:
    price: Any = {"amount": "1250.00", "currency": "EUR"}
    return ItemCreate(item_id=item_id, sku=item_id, title="Lamp", price=price)


async def test_a_sale_is_merged_only_into_one_that_was_recorded_for_the_same_item(
    database: Database,
) -> None:
    sales = await service(SALES, database)
    await sales.take(sale("s1"), sale("s9", "sofa"))
    merge = SaleMerge(sale_id="s1", into="s2")
    assert await sales.take(merge) == ["unknown_sale"]
    assert await sales.take(merge.model_copy(update={"into": "s9"})) == ["invalid"]
    assert await sales.take(sale("s2"), dealer="other") == []
    assert await sales.take(merge) == ["unknown_sale"]
    assert await sales.take(merge, sale("s2")) == []


async def test_a_listing_is_linked_to_one_item_of_a_dealer(database: Database) -> None:
    inventory = await service(INVENTORY, database)
    await inventory.take(item("lamp"), item("sofa"))
    await inventory.take(item("lamp"), dealer="other")
    to_sofa = LINK.model_copy(update={"item_id": "sofa"})
    assert await inventory.take(LINK) == []
    assert await inventory.take(LINK, to_sofa) == ["link_taken"]
    assert await inventory.take(LINK, dealer="other") == []
    await inventory.take(ItemDelete(item_id="lamp"))
    assert await inventory.take(to_sofa) == []


async def test_of_two_links_in_a_batch_the_first_gets_the_listing(database: Database) -> None:
    inventory = await service(INVENTORY, database)
    await inventory.take(item("lamp"), item("sofa"))
    to_sofa = LINK.model_copy(update={"item_id": "sofa"})
    assert await inventory.take(LINK, to_sofa) == ["link_taken"]
