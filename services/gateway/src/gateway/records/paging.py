"""A page is read from windows of its list, a narrow one first.

The embedded server reads everything between the bounds of a list before it cuts the page out. So
that these are never all items, about one document in 64 is a fence (`finding.FENCE`): the second
one from the cursor on bounds a first window, the eighth a wider one. A list that has most items
fills its page from the first; one that has few is read quickly as a whole. So is what is narrowed
by more than its term, which begins at a rare word.
"""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from brocante.documents.driver import Collection
from gateway.records.finding import FENCE_EVERY, Page

WIDER = 4
Between = dict[str, str]


async def cut(collection: Collection, page: Page, fields: Sequence[str]) -> list[dict[str, Any]]:
    """The documents of a page and, where there is more, one that says so."""
    found: list[dict[str, Any]] = []
    async for window in _windows(collection, page):
        where = {**page.where, page.order[0]: window}
        left = page.limit + 1 - len(found)
        found += await collection.find(where, fields=fields, sort=[page.order], limit=left)
        if len(found) > page.limit:
            break
    return found


async def _windows(collection: Collection, page: Page) -> AsyncIterator[Between]:
    """Side by side from the cursor on; together they are the page's whole range."""
    field, left = page.order[0], dict(page.where[page.order[0]])
    if "has" in page.where:
        yield left
        return
    nth = 2 * page.limit // FENCE_EVERY + 1
    where = {"terms": page.fences, field: dict(left)}
    fences = await collection.find(where, fields=[field], sort=[page.order], limit=WIDER * nth)
    for fence in fences[nth - 1 :: (WIDER - 1) * nth]:
        window, left = _parted(page, left, fence[field])
        yield window
    yield left


def _parted(page: Page, between: Between, fence: str) -> tuple[Between, Between]:
    """The range up to a fence, and what is behind it."""
    near, far, up_to = ("$gt", "$lt", "$lte") if page.order[1] > 0 else ("$lt", "$gt", "$gte")
    return {near: between[near], up_to: fence}, {near: fence, far: between[far]}
