"""Sales, inventory and a worker's intake together on real back ends."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from brocante.contracts.answers import CommandRejected
from brocante.contracts.envelope import Envelope, encode
from brocante.contracts.inventory import ItemActivate, ItemCreate
from brocante.contracts.marketplace import ListingCommand
from brocante.contracts.message import Message
from brocante.contracts.sales import SaleCancel, SaleRecord
from brocante.contracts.snapshot import ItemChanged
from brocante.contracts.topics import INVENTORY_EVENTS, SALES_EVENTS
from brocante.messaging.wire import Wire
from brocante.settings import Settings
from inventory import handlers as inventory
from marketplace_sync.documents import kinds
from marketplace_sync.handlers import table as worker_table
from sales import handlers as sales
from tests.support.running import Bench, bench, eventually
from tests.support.tables import START, finds_nothing

WORKER_TOPIC = "marketplace.ebay.commands"
CREATE: dict[str, Any] = {
    "item_id": "lamp",
    "sku": "91.10",
    "title": "Brass lamp",
    "price": {"amount": "1250.00", "currency": "EUR"},
    "listings": {"ebay": {}},
}


@pytest.fixture
async def made(
    kafka: str, mongo: str, topic_prefix: str, database_name: str
) -> AsyncIterator[Bench]:
    settings = Settings(kafka=kafka, mongo=mongo, topic_prefix=topic_prefix, database=database_name)
    async with bench(settings, [INVENTORY_EVENTS, SALES_EVENTS, WORKER_TOPIC]) as one:
        yield one


def wire(made: Bench, message: Message, id_: str) -> Wire:
    at = Envelope(id_, "app", message.TYPE, START, message.subject)
    value, headers = encode(at, message)
    key = f"main/{message.key}".encode()
    return Wire(f"{made.settings.topic_prefix}{message.topic}", key, value, headers)


def answered(made: Bench, topic: str, id_: str) -> list[Message]:
    return [one.message for one in made.messages(topic) if one.envelope.causation_id == id_]


async def ask(made: Bench, message: Message, id_: str, topic: str) -> list[Message]:
    """Publish a command and wait for its answer."""
    await made.publish(wire(made, message, id_))
    await eventually(lambda: bool(answered(made, topic, id_)), f"an answer to {id_}")
    return answered(made, topic, id_)


def shown(made: Bench) -> ItemChanged | None:
    said = [d.message for d in made.messages(INVENTORY_EVENTS)]
    snapshots = [message for message in said if isinstance(message, ItemChanged)]
    return max(snapshots, key=lambda one: one.revision, default=None)


def status(made: Bench) -> str:
    newest = shown(made)
    return newest.status if newest else ""


async def test_a_sale_and_its_cancel_reach_the_worker_as_targets(made: Bench) -> None:
    activate = ItemActivate(item_id="lamp", marketplaces=["*"])
    sell = SaleRecord(sale_id="s1", item_id="lamp", marketplace="ebay", sold_at=START)
    async with made.all_running(sales.TABLE, inventory.TABLE):
        await ask(made, ItemCreate.model_validate(CREATE), "c1", INVENTORY_EVENTS)
        await ask(made, activate, "c2", INVENTORY_EVENTS)
        await ask(made, sell, "c3", SALES_EVENTS)
        await eventually(lambda: status(made) == "sold", "the item is sold")
        (refused,) = await ask(made, activate, "c4", INVENTORY_EVENTS)
        assert isinstance(refused, CommandRejected)
        assert refused.code == "item_sold"
        await ask(made, SaleCancel(sale_id="s1"), "c5", SALES_EVENTS)
        await eventually(lambda: status(made) == "available", "the item is available")
        await eventually(lambda: len(made.records(WORKER_TOPIC)) == 3, "three targets")
    targets = [d.message for d in made.messages(WORKER_TOPIC)]
    assert [
        (one.intent, one.target.desired, one.reason)
        for one in targets
        if isinstance(one, ListingCommand)
    ] == [(1, "active", "requested"), (2, "sold", "sold"), (3, "active", "sale_canceled")]


async def test_a_listing_of_a_dealer_without_an_account_there_comes_to_rest(made: Bench) -> None:
    worker = worker_table("ebay", kinds("ebay"), finds_nothing, {"another"})
    activate = ItemActivate(item_id="lamp", marketplaces=["*"])

    def blocked() -> bool:
        newest = shown(made)
        return newest is not None and newest.listings["ebay"].operation == "blocked"

    async with made.all_running(worker, inventory.TABLE):
        await ask(made, ItemCreate.model_validate(CREATE), "c1", INVENTORY_EVENTS)
        await ask(made, activate, "c2", INVENTORY_EVENTS)
        await eventually(blocked, "the listing is blocked")
    newest = shown(made)
    assert newest is not None
    assert [issue.code for issue in newest.listings["ebay"].issues] == ["unknown_marketplace"]
