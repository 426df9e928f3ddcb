"""From the wire's words to plain values: every field arrives, and a patch is checked whole."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from brocante.contracts.inventory import ItemCreate, ListingDetails
from brocante.contracts.listings import ListingActivated, ListingObserved
from brocante.contracts.sales import SaleCanceled, SaleMerged, SaleRecorded, SaleSplitOff
from inventory import incoming
from inventory.domain.item import Content, Item
from inventory.domain.listing import Details, Issue, Listing, Money
from inventory.domain.outcomes import Seen
from inventory.domain.refusals import Refused
from inventory.domain.sales import Canceled, Merged, OpenSale, Recorded, SplitOff
from tests.unit.inventory.wire import WIRE_ISSUE

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
OWN = {
    "title": "T",
    "description": "D",
    "price": {"amount": "9.00", "currency": "USD"},
    "category": "C",
    "condition": "mint",
    "images": ["i9"],
    "attributes": {"a": 9},
}
DETAILS = Details("T", "D", Money("9.00", "USD"), "C", "mint", ("i9",), {"a": 9})
CONTENT = Content(
    "91.10", "Lamp", "Brass", Money("10.00", "EUR"), "light", "used", ("i1",), {"k": 1}
)
LAMP = Item("lamp", CONTENT, quantity=2, listings={"ebay": Listing(details=DETAILS)})


def created(**more: Any) -> ItemCreate:
    return ItemCreate.model_validate(
        {
            "item_id": "lamp",
            "sku": "91.10",
            "title": "Lamp",
            "description": "Brass",
            "price": {"amount": "10.00", "currency": "EUR"},
            "quantity": 2,
            "category": "light",
            "condition": "used",
            "images": ["i1"],
            "attributes": {"k": 1},
            "listings": {"ebay": {"details": OWN}},
            **more,
        }
    )


def refused(changes: dict[str, Any]) -> Refused:
    with pytest.raises(Refused) as raised:
        incoming.edited(LAMP, changes)
    return raised.value


def test_an_items_content_arrives_whole() -> None:
    assert incoming.content(created()) == CONTENT
    assert incoming.drafts(created(listings={"ebay": {"details": OWN}, "etsy": {}})) == {
        "ebay": DETAILS,
        "etsy": Details(),
    }
    assert incoming.details(ListingDetails()) == Details()
    assert incoming.money(None) is None


def test_issues_arrive_as_the_worker_named_them() -> None:
    whole = Issue(
        code="code",
        category="system",
        message="What.",
        action="Do.",
        marketplace="ebay",
        field="/f",
        severity="warning",
        retryable=True,
        marketplace_code="m-1",
    )
    assert incoming.issues([WIRE_ISSUE]) == (whole,)


def test_a_sale_arrives_whole() -> None:
    message = SaleRecorded(
        sale_id="s1",
        sale_version=3,
        item_id="lamp",
        marketplace="ebay",
        quantity=2,
        sold_at=NOW,
        recorded_at=NOW + timedelta(hours=1),
        external_order_id="o-1",
    )
    known = NOW + timedelta(hours=1)
    sale = OpenSale("s1", 3, "ebay", 2, NOW, "o-1", recorded_at=known)
    assert incoming.recorded(message) == Recorded(sale)


def test_a_sale_by_hand_counts_from_when_it_was_recorded() -> None:
    known = NOW + timedelta(hours=1)
    assert OpenSale("s1", 1, "ebay", 1, NOW, recorded_at=known).known_since == known
    assert OpenSale("s1", 1, "ebay", 1, NOW).known_since == NOW
    assert OpenSale("ebay:1", 1, "ebay", 1, NOW, recorded_at=known).known_since == NOW


def test_a_relisting_that_sales_says_was_chosen_is() -> None:
    message = SaleCanceled(
        sale_id="s1",
        sale_version=4,
        item_id="lamp",
        marketplace="ebay",
        relist="origin",
        relist_chosen=True,
        availability="available",
        canceled_at=NOW,
    )
    assert incoming.canceled(message).chosen


def test_a_merge_and_a_split_arrive_whole() -> None:
    common: Any = {"sale_id": "s1", "sale_version": 3, "item_id": "lamp", "into": "s2"}
    assert incoming.merged(SaleMerged(**common)) == Merged("s1", 3, "s2")
    assert incoming.split_off(SaleSplitOff(**common)) == SplitOff("s1", 3)


@pytest.mark.parametrize(
    ("reason", "relist", "availability", "unavailable", "chosen"),
    [
        (None, "origin", "available", False, False),
        (None, "none", "available", False, True),
        ("unpaid", "origin", "available", False, False),
        ("unpaid", "as_before", "available", False, True),
        ("sold_elsewhere", "none", "available", False, False),
        ("sold_elsewhere", "origin", "available", False, True),
        ("not_as_described", "none", "available", False, False),
        ("damaged", "none", "unavailable", True, False),
        ("damaged", "none", "available", False, True),
        ("missing", "none", "unavailable", True, False),
        ("missing", "none", "available", False, True),
        ("returned", "none", "unavailable", True, True),
    ],
)
def test_a_relisting_counts_as_chosen_where_the_reason_would_not_have_led_to_it(
    reason: Any, relist: Any, availability: Any, unavailable: bool, chosen: bool
) -> None:
    message = SaleCanceled(
        sale_id="s1",
        sale_version=4,
        item_id="lamp",
        marketplace="ebay",
        quantity=2,
        reason=reason,
        relist=relist,
        availability=availability,
        canceled_at=NOW,
    )
    sale = OpenSale("s1", 4, "ebay", 2, NOW)
    expected = Canceled(sale=sale, relist=relist, unavailable=unavailable, chosen=chosen)
    assert incoming.canceled(message) == expected


def test_what_a_call_of_ours_led_to_is_our_doing() -> None:
    common: Any = {
        "item_id": "lamp",
        "marketplace": "ebay",
        "intent": 1,
        "external_id": "e-1",
        "url": "https://shop/e-1",
        "observed": "active",
        "observed_at": NOW,
        "source": "webhook",
    }
    called = incoming.seen(ListingActivated(**common, verified=True))
    assert called == Seen("active", NOW, "webhook", "e-1", "https://shop/e-1", "us")
    shown = incoming.seen(ListingObserved(**common, changed_by="dealer"))
    assert shown == Seen("active", NOW, "webhook", "e-1", "https://shop/e-1", "dealer")


def test_a_patch_leaves_what_it_does_not_name() -> None:
    assert incoming.edited(LAMP, {}) == created()
    assert incoming.edited(LAMP, {"title": "Lamp, brass", "quantity": 3}) == created(
        title="Lamp, brass", quantity=3
    )


def test_a_null_takes_a_field_away() -> None:
    bare = created(description=None, category=None, condition=None)
    assert incoming.edited(LAMP, {"description": None, "category": None, "condition": None}) == bare
    own = {"ebay": {"details": {"title": None}}}
    patched = incoming.edited(LAMP, {"listings": own}).listings["ebay"].details
    assert patched == ListingDetails.model_validate({**OWN, "title": None})


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"colour": "red"}, "/changes/colour", "An item has no field colour."),
        ({"item_id": "chair"}, "/changes/item_id", "An item_id never changes."),
        ({"listings": []}, "/changes/listings", "listings is an object."),
        (
            {"listings": {"ebay": {"intent": 1}}},
            "/changes/listings/ebay",
            "Of a listing only its details can be changed.",
        ),
        (
            {"listings": {"ebay": {"details": {}, "intent": 1}}},
            "/changes/listings/ebay",
            "Of a listing only its details can be changed.",
        ),
        (
            {"listings": {"ebay": []}},
            "/changes/listings/ebay",
            "Of a listing only its details can be changed.",
        ),
        (
            {"listings": {"ebay": {"details": ["x"]}}},
            "/changes/listings/ebay/details",
            "details is an object.",
        ),
        (
            {"listings": {"ebay": {"details": {"colour": 1}}}},
            "/changes/listings/ebay/details/colour",
            "A listing's details have no colour.",
        ),
    ],
)
def test_what_cannot_be_patched_is_refused_by_its_field(
    changes: dict[str, Any], field: str, message: str
) -> None:
    one = refused(changes)
    assert (one.code, one.field, one.message) == ("invalid", field, message)


def test_a_wrong_value_is_refused_as_if_created_so() -> None:
    one = refused({"price": {"amount": "much"}})
    assert (one.code, one.field) == ("invalid", "/changes/price/amount")
    assert one.message.startswith("/price/amount: ")
    assert refused({"title": None}).field == "/changes/title"


def test_naming_the_same_item_and_availability_is_no_change() -> None:
    assert incoming.edited(LAMP, {"item_id": "lamp", "availability": "available"}) == created()
    assert incoming.edited(LAMP, {"listings": {"ebay": {"details": None}}}).listings


@pytest.mark.parametrize(
    ("changes", "said"),
    [({}, None), ({"availability": "available"}, True), ({"availability": "unavailable"}, False)],
)
def test_availability_is_said_or_not(changes: dict[str, Any], said: bool | None) -> None:
    assert incoming.availability(changes) is said


def test_another_availability_is_refused() -> None:
    with pytest.raises(Refused) as raised:
        incoming.availability({"availability": "gone"})
    one = raised.value
    assert (one.code, one.field) == ("invalid", "/changes/availability")
    assert one.message == "availability is available or unavailable."
