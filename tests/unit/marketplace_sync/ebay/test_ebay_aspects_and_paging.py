"""What a category asks for, where a sweep stands, and what a notification says."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from marketplace_sync.marketplaces.contract import ListingSeen, OrderToRead, SaleSeen
from marketplace_sync.marketplaces.ebay import aspects, paging
from marketplace_sync.marketplaces.ebay.webhooks import decode

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


def aspect(name: str = "Period", *values: str, **constraint: Any) -> dict[str, Any]:
    found = [{"localizedValue": value} for value in values]
    return {"localizedAspectName": name, "aspectConstraint": constraint, "aspectValues": found}


def test_a_required_aspect_is_an_attribute_by_ebays_own_name() -> None:
    field = aspects.requirement(aspect("Original/Reproduction", aspectRequired=True))
    assert (field.field, field.required) == ("/attributes/Original~1Reproduction", True)
    assert aspects.requirement(aspect("Condition")).field == "/attributes/Condition"


@pytest.fixture
def far_from_utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine whose own days are not eBay's."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("far_from_utc")
@pytest.mark.parametrize("text", ["2027-01-31", "2027-01-31T00:00:00.000Z"])
def test_an_announced_aspect_is_required_from_its_date_on(text: str) -> None:
    field = aspects.requirement(aspect(aspectRequired=False, expectedRequiredByDate=text))
    assert (field.required, field.effective_at) == (True, datetime(2027, 1, 31, tzinfo=UTC))
    already = aspects.requirement(aspect(aspectRequired=True, expectedRequiredByDate=text))
    assert already.effective_at is None


def test_a_date_that_is_none_announces_nothing() -> None:
    field = aspects.requirement(aspect(expectedRequiredByDate="soon"))
    assert (field.required, field.effective_at) == (False, None)


def test_the_length_of_an_aspect_counts_characters_of_one_value_and_entries_of_many() -> None:
    one = aspects.requirement(aspect(aspectMaxLength=65))
    many = aspects.requirement(aspect(aspectMaxLength=65, itemToAspectCardinality="MULTI"))
    assert (one.type, one.max_length) == ("string", 65)
    assert (many.type, many.max_length) == ("list", 30)


def test_only_an_aspect_to_be_chosen_limits_its_values() -> None:
    chosen = aspects.requirement(aspect("Wood", "Oak", "Ash", aspectMode="SELECTION_ONLY"))
    assert chosen.allowed == ["Oak", "Ash"]
    assert aspects.requirement(aspect("Wood", "Oak", aspectMode="FREE_TEXT")).allowed is None
    assert aspects.requirement(aspect("Wood", aspectMode="SELECTION_ONLY")).allowed is None


def test_the_version_changes_with_what_is_asked_for_and_with_nothing_else() -> None:
    searched = {**aspect(), "relevanceIndicator": {"searchCount": 12}}
    first = aspects.requirement_set("1", [searched, aspect("Maker")])
    assert first.version == aspects.requirement_set("1", [aspect("Maker"), aspect()]).version
    changed = aspects.requirement_set("1", [aspect(aspectRequired=True), aspect("Maker")])
    assert first.version != changed.version


def changed(*stamps: str) -> list[dict[str, str]]:
    return [{"lastModifiedDate": f"2026-11-{stamp}:00.000Z"} for stamp in stamps]


def test_a_first_sweep_looks_back_a_month() -> None:
    at = paging.orders_at(None, NOW)
    assert (at.since, at.offset) == ("2026-10-25T08:00:00.000Z", 0)


def test_pages_of_orders_overlap_and_carry_the_newest_change() -> None:
    at = paging.orders_at(None, NOW)
    cursor, resume = at.after(changed("20T10:00", "21T10:00", "19T10:00"), 250)
    assert resume is None
    following = paging.orders_at(cursor, NOW)
    assert (following.since, following.offset) == (at.since, 90)
    cursor, resume = following.after(changed("18T10:00"), 180)
    assert cursor is None
    assert json.loads(resume or "") == {"since": "2026-11-21T09:58:00.000Z"}


def test_the_next_sweep_never_starts_before_the_last_one_nor_moves_without_a_change() -> None:
    since = "2026-11-24T07:59:00.000Z"
    at = paging.orders_at(json.dumps({"since": since}), NOW)
    for orders in ([], changed("24T08:00")):
        assert json.loads(at.after(orders, len(orders))[1] or "") == {"since": since}


def test_an_empty_page_ends_a_sweep_whatever_the_total_says() -> None:
    at = paging.OrdersAt("2026-11-24T07:59:00.000Z", 0, "2026-11-24T07:59:00.000Z")
    assert at.after([], 5_000)[0] is None


@pytest.mark.parametrize(
    ("link", "following"),
    [
        ("/sell/inventory/v1/inventory_item?limit=25&offset=1", "1"),
        ("https://api.ebay.com/sell/inventory/v1/inventory_item?offset=25&limit=25", "25"),
        ("/sell/inventory/v1/inventory_item?limit=25&offset=0", None),
        ("/sell/inventory/v1/inventory_item?limit=25", None),
        (None, None),
    ],
)
def test_the_next_page_of_items_is_where_ebay_says_it_is(
    link: str | None, following: str | None
) -> None:
    assert paging.next_items({"next": link, "inventoryItems": [{}]}, 0) == following


def test_an_empty_page_of_items_is_the_last() -> None:
    assert paging.next_items({"next": "/x?offset=1", "inventoryItems": []}, 0) is None


def notification(topic: str, data: Any) -> bytes:
    body = {"eventDate": "2026-11-24T07:00:00.000Z", "data": data}
    return json.dumps({"metadata": {"topic": topic}, "notification": body}).encode()


def test_an_order_confirmation_is_a_sale_of_each_line() -> None:
    lines = [{"orderLineItemId": str(n), "listingId": "110", "quantity": 1} for n in (1, 2)]
    found = decode(
        {}, notification("ORDER_CONFIRMATION", {"order": {"orderId": "9", "orderLineItems": lines}})
    )
    assert [one.sale_id for one in found if isinstance(one, SaleSeen)] == ["ebay:1", "ebay:2"]


@pytest.mark.parametrize("lines", [[], None, [{"listingId": "110"}]])
def test_an_order_confirmation_without_lines_names_an_order_to_read(lines: Any) -> None:
    order = {"orderId": "01-1", "orderLineItems": lines}
    assert decode({}, notification("ORDER_CONFIRMATION", {"order": order})) == [OrderToRead("01-1")]


@pytest.mark.parametrize("item_id", ["v1|110|0", "110"])
def test_a_change_of_availability_names_a_listing_to_look_at(item_id: str) -> None:
    (seen,) = decode({}, notification("ITEM_AVAILABILITY", {"itemId": item_id}))
    assert isinstance(seen, ListingSeen)
    assert (seen.external_id, seen.observation.observed) == ("110", "unknown")


@pytest.mark.parametrize("topic", ["MARKETPLACE_ACCOUNT_DELETION", "FEEDBACK_LEFT", ""])
def test_other_topics_say_nothing(topic: str) -> None:
    assert decode({}, notification(topic, {})) == ()


@pytest.mark.parametrize("body", [b"{}", b"[]", b'{"metadata": null, "notification": null}'])
def test_a_body_that_is_no_notification_says_nothing(body: bytes) -> None:
    assert decode({}, body) == ()
