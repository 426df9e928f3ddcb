"""Every list holds exactly what its filters say, page after page; checked against plain reading."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from brocante.contracts.envelope import Decoded, Envelope
from brocante.contracts.message import Message
from brocante.contracts.sales import SaleCanceled, SaleRecorded
from brocante.contracts.samples.inventory import SAMPLES
from brocante.contracts.snapshot import ItemChanged, Listing
from brocante.contracts.values import Issue
from brocante.testing.memory_database import MemoryDatabase
from gateway.records.finding import ItemQuery, page_of_items, page_of_sales, terms_of_item
from gateway.records.views import Views
from tests.bench.loads.load import PREPARED_AT

SAMPLE = ItemChanged.model_validate(SAMPLES["item.changed"])
ISSUE = Issue(code="too_long", category="dealer", message="Title is long.", action="Shorten it.")
STATUSES = ("available", "sold", "unavailable", "deleted")
STATES = ("active", "inactive", "on_hold")


def event(message: Message, dealer: str = "main") -> Decoded:
    name = f"{message.TYPE}-{message.subject}-{getattr(message, 'sale_version', 0)}"
    at = Envelope(
        name, "brocante/inventory", message.TYPE, PREPARED_AT, message.subject, dealer=dealer
    )
    return Decoded(at, message)


def piece(n: int) -> ItemChanged:
    """Item n: its number decides what it is called, where it is listed and what is wrong there."""
    places = [m for bit, m in ((1, "ebay"), (2, "etsy")) if n & bit]
    listings = {
        m: Listing(
            desired="active",
            intent=1,
            observed=STATES[(n + at) % 3],
            issues=[ISSUE] if (n + at) % 4 == 0 else [],
        )
        for at, m in enumerate(places)
    }
    changed = {
        "item_id": f"i{n:02d}",
        "sku": f"9{n}.1",
        "title": ("Walnut chair", "Walnut table", "Oak chair")[n % 3],
        "attributes": {},
        "status": STATUSES[n % 4],
        "listings": listings,
        "revision": 1,
    }
    return SAMPLE.model_copy(update=changed)


PIECES = [piece(n) for n in range(24)]


def wanted(one: ItemChanged, query: ItemQuery) -> bool:
    """The filters once more, as a person would read them."""
    listings = one.listings
    here = {query.marketplace} & listings.keys() if query.marketplace else listings.keys()
    found = {issue for m, at in listings.items() if at.issues for issue in ("any", "too_long", m)}
    return (
        (one.status == query.status if query.status else one.status != "deleted")
        and (not query.marketplace or query.marketplace in listings)
        and (not query.state or any(listings[m].observed == query.state for m in here))
        and (not query.issue or query.issue in found)
        and all(word in one.title.lower() for word in (query.words or "").lower().split())
    )


def queries() -> Iterator[ItemQuery]:
    texts, issues = (None, "Walnut CHAIR"), (None, "any", "etsy")
    for words, status, place, state, issue in product(
        texts, (None, "sold", "deleted"), (None, "ebay", "etsy"), (None, *STATES[:2]), issues
    ):
        yield ItemQuery(words, status, place, state, issue)


@pytest.fixture
async def views() -> Views:
    made = Views(MemoryDatabase())
    await made.take([event(one) for one in PIECES])
    await made.take([event(one, "other") for one in PIECES])
    return made


async def listed(views: Views, query: ItemQuery, limit: int = 1000) -> list[str]:
    ids: list[str] = []
    cursor: str | None = None
    while True:
        asked = ItemQuery(
            query.words, query.status, query.marketplace, query.state, query.issue, cursor, limit
        )
        items, cursor = await views.items("main", asked)
        assert len(items) <= limit
        ids += [item["item_id"] for item in items]
        if cursor is None:
            return ids


async def test_each_choice_of_filters_lists_exactly_what_it_says(views: Views) -> None:
    for query in queries():
        expected = [one.item_id for one in PIECES if wanted(one, query)]
        assert await listed(views, query) == expected, query


async def test_pages_of_any_size_are_the_whole_list_in_order(views: Views) -> None:
    whole = await listed(views, ItemQuery())
    assert len(whole) == 18
    for limit in (1, 5, 17, 18, 19):
        assert await listed(views, ItemQuery(), limit) == whole


async def test_a_list_without_words_asks_for_one_term_and_nothing_else() -> None:
    for query in queries():
        if query.words is None:
            assert set(page_of_items("main", query).where) == {"terms", "_id"}


def test_one_word_is_one_term_too_and_a_number_begins_a_search() -> None:
    assert set(page_of_items("main", ItemQuery("chair")).where) == {"terms", "_id"}
    where = page_of_items("main", ItemQuery("mahogany 91.10")).where
    assert where["terms"] == "main|shown 91.10"
    assert where["has"] == {"$all": ["main|shown mahogany"]}


def test_a_word_with_a_hyphen_is_looked_up_whole() -> None:
    where = page_of_items("main", ItemQuery("Side-chair")).where
    assert where["terms"] == "main|shown side-chair"
    assert "has" not in where


def test_an_item_without_issues_is_in_few_lists() -> None:
    quiet = SAMPLE.model_copy(update={"listings": {"ebay": Listing(desired="active", intent=1)}})
    lists = {term for term in terms_of_item(quiet) if "/" in term}
    # Shown or by its status; everywhere, there, there in that state, in that state.
    assert len(lists) == 2 * 4


def sale(n: int, place: str = "ebay", **changes: Any) -> SaleRecorded:
    at = PREPARED_AT + timedelta(microseconds=n * 250_000)
    said = {"sale_id": f"s{n}", "sale_version": 1, "item_id": f"i{n % 3}", "marketplace": place}
    return SaleRecorded.model_validate({**said, "sold_at": at, "recorded_at": at, **changes})


def canceled(n: int) -> SaleCanceled:
    return SaleCanceled(
        sale_id=f"s{n}",
        sale_version=2,
        item_id=f"i{n % 3}",
        marketplace="ebay",
        relist="origin",
        availability="available",
        canceled_at=PREPARED_AT,
    )


async def test_sales_come_newest_first_by_status_place_and_item() -> None:
    views = Views(MemoryDatabase())
    said = [sale(n, "etsy" if n == 4 else "ebay") for n in range(8)]
    await views.take([event(one) for one in said])
    await views.take([event(canceled(2))])

    async def ids(limit: int = 3, **where: str) -> list[str]:
        found: list[str] = []
        cursor: str | None = None
        while True:
            page, cursor = await views.sales("main", where, cursor, limit)
            found += [one["sale_id"] for one in page]
            if cursor is None:
                return found

    assert await ids() == [f"s{n}" for n in range(7, -1, -1)]
    assert await ids(status="open") == ["s7", "s6", "s5", "s4", "s3", "s1", "s0"]
    assert await ids(status="canceled") == ["s2"]
    assert await ids(marketplace="etsy") == ["s4"]
    assert await ids(item_id="i1") == ["s7", "s4", "s1"]
    assert await ids(item_id="i2", status="open") == ["s5"]
    assert await ids(item_id="i1", marketplace="etsy") == ["s4"]
    assert (await views.sales("other", {}, None, 5)) == ([], None)


def test_a_list_of_sales_asks_for_one_term_unless_an_items_are_narrowed() -> None:
    for where in ({}, {"status": "open"}, {"marketplace": "ebay"}, {"item_id": "i1"}):
        asked = page_of_sales("main", where, None, 50).where
        assert set(asked) == {"terms", "order"}
    narrowed = page_of_sales("main", {"item_id": "i1", "status": "open"}, None, 50).where
    assert set(narrowed) == {"terms", "has", "order"}


async def test_what_is_oversold_is_a_list_of_its_own() -> None:
    views = Views(MemoryDatabase())
    oversold = SAMPLE.model_copy(update={"item_id": "vase", "status": "sold", "on_hand": -1})
    gone = oversold.model_copy(update={"item_id": "bowl", "status": "deleted"})
    await views.take([event(one) for one in (*PIECES, oversold, gone)])
    assert await listed(views, ItemQuery(status="oversold")) == ["vase"]


def test_an_empty_cursor_is_the_beginning() -> None:
    assert page_of_sales("main", {}, "", 50) == page_of_sales("main", {}, None, 50)
    empty, none = (page_of_items("main", ItemQuery(cursor=one)) for one in ("", None))
    assert empty == none
