"""A page read from windows is the page of the whole list, and the windows are narrow."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from brocante.documents.driver import Collection
from brocante.testing.memory_database import MemoryDatabase
from gateway.records.finding import (
    FENCE_EVERY,
    ItemQuery,
    Page,
    page_of_items,
    page_of_sales,
    terms_of,
)
from gateway.records.paging import cut

COUNT = 900
RARE_EVERY = 90
KEYS = [f"main/i{n:03d}" for n in range(COUNT)]


class Watched:
    """A collection that remembers between which bounds it was asked."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection
        self.asked: list[Mapping[str, Any]] = []

    async def find(self, where: Mapping[str, Any], **how: Any) -> list[dict[str, Any]]:
        self.asked.append(where)
        return await self._collection.find(where, **how)


@pytest.fixture
async def stored() -> Watched:
    collection = MemoryDatabase().collection("things")
    for n, key in enumerate(KEYS):
        lists = {"shown//", "/", *(("shown/rare/",) if n % RARE_EVERY == 0 else ())}
        terms = terms_of(key, lists)
        await collection.insert_one({"_id": key, "order": key, "terms": terms, "has": terms})
    return Watched(collection)


async def found(stored: Watched, page: Page) -> Sequence[str]:
    # What is read is the same as of the driver's own.
    collection: Any = stored
    return [one["_id"] for one in await cut(collection, page, ["order"])]


@pytest.mark.parametrize("limit", [1, 50, 200, COUNT - 1, COUNT])
@pytest.mark.parametrize("start", [0, 1, 450, COUNT - 2, COUNT - 1])
async def test_a_page_is_what_the_whole_list_says(stored: Watched, limit: int, start: int) -> None:
    after = page_of_items("main", ItemQuery(cursor=f"i{start:03d}", limit=limit))
    assert await found(stored, after) == KEYS[start + 1 :][: limit + 1]
    before = page_of_sales("main", {}, KEYS[start], limit)
    assert await found(stored, before) == KEYS[:start][::-1][: limit + 1]


async def test_a_list_that_has_few_is_found_whole_behind_every_window(stored: Watched) -> None:
    rare = page_of_items("main", ItemQuery(marketplace="x", limit=50))
    page = Page({**rare.where, "terms": "main|shown/rare/"}, rare.order, rare.limit, rare.fences)
    assert await found(stored, page) == KEYS[::RARE_EVERY]


async def test_a_page_of_a_list_that_has_all_is_read_within_a_few_fences(stored: Watched) -> None:
    await found(stored, page_of_items("main", ItemQuery(limit=20)))
    _, window = stored.asked
    inside = [key for key in KEYS if key <= window["_id"]["$lte"]]
    assert 20 < len(inside) < 8 * FENCE_EVERY


async def test_one_document_in_sixty_four_is_a_fence_whatever_it_is() -> None:
    fences = [key for key in KEYS if "main|fence" in terms_of(key, set())]
    assert COUNT / FENCE_EVERY / 2 < len(fences) < COUNT / FENCE_EVERY * 2


async def test_what_is_narrowed_further_is_read_at_once(stored: Watched) -> None:
    page = page_of_items("main", ItemQuery(words="walnut chair"))
    assert await found(stored, page) == []
    assert stored.asked == [page.where]
