"""Content to Etsy's forms, Etsy's listings and receipts to notices."""

from datetime import UTC, datetime
from typing import Any

import pytest

from brocante.contracts.marketplace import Content
from brocante.contracts.requirements import check
from brocante.contracts.values import Money
from marketplace_sync.marketplaces.contract import CancellationSeen, OrderToRead, SaleSeen
from marketplace_sync.marketplaces.etsy import mapping
from marketplace_sync.marketplaces.etsy.webhooks import decode

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
CONTENT = Content(sku="91.10", title="Walnut chair", price=Money(amount="950.10", currency="USD"))
RECEIPT: dict[str, Any] = {
    "receipt_id": 7,
    "status": "Paid",
    "created_timestamp": 1_776_254_400,
    "updated_timestamp": 1_776_340_800,
    "transactions": [
        {
            "transaction_id": 41,
            "listing_id": 15,
            "sku": "91.10",
            "quantity": 2,
            "paid_timestamp": 1_776_254_460,
            "price": {"amount": 2799, "divisor": 100, "currency_code": "USD"},
        },
        {"transaction_id": 42, "listing_id": None, "sku": "", "quantity": 1},
    ],
}


@pytest.mark.parametrize("quantity", [-1, 0, 1])
def test_a_quantity_below_one_is_never_sent(quantity: int) -> None:
    form = mapping.listing_form(CONTENT, quantity, {}, new=True)
    assert form["quantity"] == "1"
    (product,) = mapping.inventory(CONTENT, quantity, "91.10")["products"]
    assert product["offerings"][0]["quantity"] == 1


def test_a_price_keeps_its_hundredths() -> None:
    assert mapping.listing_form(CONTENT, 1, {}, new=True)["price"] == "950.10"
    (product,) = mapping.inventory(CONTENT, 1, "91.10")["products"]
    assert product["offerings"][0]["price"] == 950.1
    assert product["sku"] == "91.10"


def test_an_existing_listing_keeps_its_price_and_quantity_in_its_inventory() -> None:
    form = mapping.listing_form(CONTENT, 1, {}, new=False)
    assert not {"price", "quantity", "state"} & set(form)


def test_a_draft_tells_whose_it_is_before_it_has_a_sku() -> None:
    description = mapping.marked("A side chair.", "91.1")
    draft = {"state": "draft", "description": description}
    assert mapping.is_marked(draft, "91.1")
    assert not mapping.is_marked(draft, "1.1")
    assert not mapping.is_marked(draft, "91.10")
    assert not mapping.is_marked({**draft, "state": "active"}, "91.1")


@pytest.mark.parametrize(
    ("state", "observed"),
    [
        ("active", "active"),
        ("Active", "active"),
        ("inactive", "inactive"),
        ("sold_out", "sold"),
        ("draft", "draft"),
        ("expired", "ended"),
        ("something new", "unknown"),
        (None, "unknown"),
    ],
)
def test_a_state_is_read_whatever_its_case(state: str | None, observed: str) -> None:
    seen = mapping.observation({"state": state, "quantity": 1}, NOW)
    assert (seen.observed, seen.observed_at, seen.quantity) == (observed, NOW, 1)


def test_every_transaction_of_a_receipt_is_a_sale() -> None:
    first, second = mapping.notices(RECEIPT)
    assert first == SaleSeen(
        "etsy:41",
        "7",
        "15",
        "91.10",
        2,
        Money(amount="27.99", currency="USD"),
        datetime(2026, 4, 15, 12, 1, tzinfo=UTC),
    )
    assert isinstance(second, SaleSeen)
    assert (second.external_id, second.external_sku, second.price) == (None, None, None)
    assert second.sold_at == datetime(2026, 4, 15, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize("status", ["Canceled", "canceled", "CANCELLED"])
def test_a_canceled_receipt_is_its_sales_and_their_cancellations(status: str) -> None:
    found = mapping.notices({**RECEIPT, "status": status})
    canceled = [one for one in found if isinstance(one, CancellationSeen)]
    assert [one.sale_id for one in canceled] == ["etsy:41", "etsy:42"]
    assert {one.reason for one in canceled} == {None}
    assert canceled[0].canceled_at == datetime(2026, 4, 16, 12, 0, tzinfo=UTC)
    assert len(found) == 4


def test_older_names_of_a_receipts_times_are_read_too() -> None:
    receipt = {**RECEIPT, "updated_timestamp": None, "update_timestamp": 5}
    assert mapping.changed_at(receipt) == 5


def test_a_required_property_is_asked_of_the_attributes_and_its_values_are_known() -> None:
    one = {
        "property_id": 1,
        "name": "period/style",
        "display_name": "Period",
        "is_required": True,
        "is_multivalued": False,
        "possible_values": [{"value_id": 9, "name": "Georgian"}],
    }
    field = mapping.requirements([one], {})[-1]
    assert (field.field, field.required, field.allowed) == (
        "/attributes/period~1style",
        True,
        ["Georgian"],
    )
    body = mapping.property_values(one, ["Georgian", "Other"])
    assert body == {"value_ids": [9], "values": ["Georgian", "Other"]}


def test_a_title_with_a_sign_twice_is_refused_before_any_call() -> None:
    def wrong(title: str) -> list[str]:
        content = CONTENT.model_copy(update={"title": title}).model_dump()
        return [str(i.field) for i in check(content, mapping.requirements([], {}), "etsy")]

    assert wrong("Chair: walnut & cane, 100% old + rare") == []
    assert wrong("Chair: walnut: cane") == ["/title"]
    assert wrong("Salt & pepper & sugar") == ["/title"]


def test_a_price_in_another_currency_than_the_shops_is_refused() -> None:
    asked = mapping.requirements([], {"currency": "EUR"})
    issues = check(CONTENT.model_dump(), asked, "etsy")
    assert [issue.field for issue in issues] == ["/price/currency"]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b'{"event_type": "order.paid", "resource_url": "http://evil.invalid/receipts/5"}', "5"),
        (b'{"event_type": "order.canceled", "resource_url": "x/receipts/6?a=b"}', "6"),
        (b'{"event_type": "order.shipped", "resource_url": "x/receipts/5"}', None),
        (b'{"event_type": "order.paid", "resource_url": "x/receipts/5a"}', None),
        (b'{"event_type": "order.paid"}', None),
        (b"[]", None),
    ],
)
def test_a_thin_notice_gives_the_number_of_a_receipt_and_nothing_else(
    body: bytes, found: str | None
) -> None:
    assert list(decode({}, body)) == ([OrderToRead(found)] if found else [])


def test_a_body_that_is_not_json_is_unusable() -> None:
    with pytest.raises(ValueError, match="Expecting"):
        decode({}, b"<html>")
