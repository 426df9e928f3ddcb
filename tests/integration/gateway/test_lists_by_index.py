"""What a real MongoDB examines for each list: no more than it returns (docs/lists.md)."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from brocante.documents.driver import Collection, Database, connect
from gateway.records.finding import ItemQuery, Page, page_of_items, page_of_sales
from gateway.records.views import ITEMS, SALES
from tests.bench.lists.shop import seed

pytestmark = [pytest.mark.mongodb, pytest.mark.timeout(180)]
STORED = 1500
LIMIT, FEW = 20, 4
QUERIES = {
    "all": ItemQuery(limit=LIMIT),
    "all, from the middle": ItemQuery(cursor="piece-000700", limit=LIMIT),
    "a status": ItemQuery(status="sold", limit=LIMIT),
    "a marketplace": ItemQuery(marketplace="etsy", limit=LIMIT),
    "a marketplace and a state": ItemQuery(marketplace="etsy", state="inactive", limit=LIMIT),
    "an issue": ItemQuery(issue="required_field_missing", limit=LIMIT),
    "every filter": ItemQuery(
        status="available", marketplace="etsy", state="inactive", issue="any", limit=LIMIT
    ),
    "one word": ItemQuery(words="piece-000003", limit=LIMIT),
}
SALES_OF: dict[str, tuple[dict[str, str], str | None]] = {
    "all": ({}, None),
    "open, from the middle": ({"status": "open"}, "2026-11-24T12:00:00.000000|ebay:500"),
    "a place": ({"marketplace": "ebay"}, None),
    "an item": ({"item_id": "piece-000010"}, None),
}


@pytest.fixture
async def shop(real_mongo: str, database_name: str) -> AsyncIterator[Database]:
    database = connect(real_mongo, database_name)
    await seed(database, STORED)
    yield database
    await database.drop()
    await database.close()


async def examined(collection: Collection, page: Page) -> tuple[dict[str, Any], int]:
    most = page.limit + 1
    said = await collection.explain(page.where, sort=[page.order], limit=most)
    return said["executionStats"], most


async def test_each_list_is_read_from_its_index_and_no_further(shop: Database) -> None:
    asked = [(shop.collection(ITEMS), page_of_items("main", one)) for one in QUERIES.values()]
    sales = shop.collection(SALES)
    asked += [
        (sales, page_of_sales("main", where, cursor, LIMIT)) for where, cursor in SALES_OF.values()
    ]
    for collection, page in asked:
        said, most = await examined(collection, page)
        assert 0 < said["nReturned"] <= most, page
        assert said["totalDocsExamined"] == said["nReturned"], page
        # One key more ends the scan.
        assert said["totalKeysExamined"] <= said["nReturned"] + 1, page
        assert "SORT" not in str(said["executionStages"]), page


async def test_what_bounds_the_windows_of_a_page_is_read_from_the_index_too(shop: Database) -> None:
    page = page_of_items("main", ItemQuery(limit=LIMIT))
    fences = replace(page, where={**page.where, "terms": page.fences}, limit=FEW)
    said, most = await examined(shop.collection(ITEMS), fences)
    assert said["totalDocsExamined"] == said["nReturned"] == most


async def test_a_search_of_two_words_reads_only_what_has_the_rarer_one(shop: Database) -> None:
    items = shop.collection(ITEMS)
    rare = await items.count({"terms": "main|shown piece-000003"})
    page = page_of_items("main", ItemQuery(words="piece-000003 piece", limit=LIMIT))
    said, _ = await examined(items, page)
    assert said["totalDocsExamined"] <= rare
