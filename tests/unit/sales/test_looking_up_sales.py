"""What a merge must know of the other sale: looked up once for a batch, or found beside it."""

from collections.abc import Sequence

import pytest

from brocante.contracts.message import Message
from brocante.contracts.sales import SaleMerge, SaleRecord
from brocante.documents.document import Document
from brocante.documents.store import DocumentStore
from brocante.messaging.wire import Received
from brocante.testing.memory_database import MemoryDatabase
from sales.documents import SALES
from sales.domain.sale import Cancellation, Line, Refused, Sale, merge
from sales.handlers import TABLE
from sales.looking_up import look_up
from tests.support.tables import START, Driven

LINE = Line("lamp", "ebay", 1, START)
OPEN = Sale("s1", 1, "open", LINE, START)


def batch(*messages: Message, dealer: str = "main") -> Sequence[Received]:
    driven = Driven(TABLE)
    return [
        driven.received(message, f"m{n}", "app", {"dealer": dealer})
        for n, message in enumerate(messages)
    ]


@pytest.fixture
async def stores() -> dict[str, DocumentStore]:
    store = DocumentStore(MemoryDatabase(), SALES.collection)
    expected = Sale("s8", cancellation=Cancellation())
    await store.save(
        [
            Document(f"main/{sale.sale_id}").next(**SALES.written(sale, START))
            for sale in (Sale("s2", 1, "open", LINE, START), expected)
        ]
    )
    return {SALES.collection: store}


async def test_the_item_of_the_other_sale_is_found(stores: dict[str, DocumentStore]) -> None:
    asked = batch(SaleMerge(sale_id="s1", into="s2"), SaleMerge(sale_id="s1", into="s9"))
    assert await look_up(stores, asked) == {0: "lamp", 1: ""}


async def test_a_sale_only_expected_was_not_recorded(stores: dict[str, DocumentStore]) -> None:
    assert await look_up(stores, batch(SaleMerge(sale_id="s1", into="s8"))) == {0: ""}


async def test_another_dealers_sale_is_none(stores: dict[str, DocumentStore]) -> None:
    asked = batch(SaleMerge(sale_id="s1", into="s2"), dealer="anna")
    assert await look_up(stores, asked) == {0: ""}


async def test_a_sale_recorded_beside_the_merge_counts(stores: dict[str, DocumentStore]) -> None:
    beside = SaleRecord(sale_id="s9", item_id="chair", marketplace="ebay", sold_at=START)
    asked = batch(SaleMerge(sale_id="s1", into="s9"), beside)
    assert await look_up(stores, asked) == {0: "chair"}


async def test_a_batch_without_merges_looks_nothing_up() -> None:
    beside = SaleRecord(sale_id="s9", item_id="chair", marketplace="ebay", sold_at=START)
    assert await look_up({}, batch(beside)) == {}


def test_a_sale_is_merged_only_into_one_of_the_same_item() -> None:
    text = "Sale s2 is of another item: chair."
    assert merge(OPEN, "s1", "s2", "chair").facts == (Refused("invalid", text, "/into"),)
    unknown = Refused("unknown_sale", "There is no sale s2.", "/into")
    assert merge(OPEN, "s1", "s2", "").facts == (unknown,)
    for other in ("lamp", None):
        change = merge(OPEN, "s1", "s2", other)
        assert change.sale is not None
        assert (change.sale.status, change.sale.into) == ("merged", "s2")
