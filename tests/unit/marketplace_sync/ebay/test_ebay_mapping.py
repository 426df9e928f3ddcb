"""Content to eBay and back."""

from datetime import UTC, datetime
from typing import Any

import pytest

from brocante.contracts.marketplace import Content
from brocante.contracts.values import CancelReason, Money, Observed
from marketplace_sync.marketplaces.contract import CancellationSeen, SaleSeen
from marketplace_sync.marketplaces.ebay import mapping

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
CONTENT = Content(sku="91.10", title="Chair", price=Money(amount="950.00", currency="USD"))


def content(**more: Any) -> Content:
    return CONTENT.model_copy(update=more)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (None, {"condition": "USED_EXCELLENT"}),
        ("used", {"condition": "USED_EXCELLENT"}),
        ("Very  Good", {"condition": "USED_VERY_GOOD"}),
        ("new", {"condition": "NEW"}),
        ("USED_GOOD", {"condition": "USED_GOOD"}),
        (
            "One leg restored",
            {"condition": "USED_EXCELLENT", "conditionDescription": "One leg restored"},
        ),
    ],
)
def test_a_condition_is_ebays_or_describes_a_used_piece(
    words: str | None, expected: dict[str, str]
) -> None:
    item = mapping.inventory_item(content(condition=words), 1)
    assert {name: item[name] for name in expected} == expected
    assert ("conditionDescription" in item) == ("conditionDescription" in expected)


def test_item_specifics_are_lists_of_texts_under_the_dealers_names() -> None:
    attributes = {"Period": "George III", "Materials": ["oak", "", 3], "Height": 77, "Maker": None}
    assert mapping.aspects(attributes) == {
        "Period": ["George III"],
        "Materials": ["oak", "3"],
        "Height": ["77"],
    }


def test_a_long_description_is_the_offers_alone() -> None:
    long = content(description="x" * 4001)
    assert "description" not in mapping.inventory_item(long, 1)["product"]
    assert len(mapping.offer(long, 1, "91.10", {})["listingDescription"]) == 4001


def test_an_offer_carries_the_accounts_policies_and_nothing_empty() -> None:
    defaults = {
        "paymentPolicyId": "2",
        "categoryId": 20081,
        "merchantLocationKey": None,
        "other": 1,
    }
    offer = mapping.offer(content(category="Furniture > Chairs"), 1, "91.10", defaults)
    assert offer["listingPolicies"] == {"paymentPolicyId": "2"}
    assert offer["categoryId"] == "20081"
    assert "merchantLocationKey" not in offer
    assert mapping.offer(content(category="3197"), 1, "x", defaults)["categoryId"] == "3197"


def test_a_price_in_another_currency_than_the_accounts_is_known_to_be_wrong() -> None:
    issue = mapping.wrong_currency(CONTENT, {"currency": "EUR"})
    assert issue is not None
    assert (issue.field, issue.category) == ("/price", "dealer")
    for fine in ({"currency": "USD"}, {}):
        assert mapping.wrong_currency(CONTENT, fine) is None


def offer(status: str | None, quantity: int = 1, sold: int = 0, **more: Any) -> dict[str, Any]:
    listing = {"listingId": "110", "listingStatus": status, "soldQuantity": sold, **more}
    return {"status": "PUBLISHED", "availableQuantity": quantity, "listing": listing}


@pytest.mark.parametrize(
    ("shown", "observed"),
    [
        (offer("ACTIVE"), "active"),
        (offer("ACTIVE", sold=1), "active"),
        (offer("ACTIVE", 0), "on_hold"),
        (offer("OUT_OF_STOCK", 0), "on_hold"),
        (offer("OUT_OF_STOCK", 0, sold=1), "sold"),
        (offer("ENDED", 0, sold=1), "sold"),
        (offer("ENDED", 1, sold=1), "ended"),
        (offer("ENDED"), "ended"),
        (offer("EBAY_ENDED"), "ended"),
        (offer("INACTIVE"), "inactive"),
        (offer("NOT_LISTED"), "inactive"),
        (offer("ACTIVE", listingOnHold=True), "on_hold"),
        (offer("SOMETHING_NEW"), "unknown"),
        (offer(None), "unknown"),
        ({"status": "UNPUBLISHED"}, "draft"),
    ],
)
def test_an_offer_shows_what_buyers_can_do_with_its_listing(
    shown: dict[str, Any], observed: Observed
) -> None:
    assert mapping.observation(shown, NOW, None).observed == observed


def test_a_piece_held_after_an_earlier_sale_is_held_and_not_sold_until_it_sells_again() -> None:
    held = mapping.held_mark(offer("OUT_OF_STOCK", 0, sold=1))
    assert mapping.observation(offer("OUT_OF_STOCK", 0, sold=1), NOW, held).observed == "on_hold"
    assert mapping.observation(offer("OUT_OF_STOCK", 0, sold=2), NOW, held).observed == "sold"
    other = offer("OUT_OF_STOCK", 0, sold=1, listingId="111")
    assert mapping.observation(other, NOW, held).observed == "sold"


def test_what_ebay_ended_or_holds_was_the_marketplace() -> None:
    for shown in (offer("EBAY_ENDED"), offer("ACTIVE", listingOnHold=True)):
        assert mapping.observation(shown, NOW, None).changed_by == "marketplace"


def test_a_listing_has_an_address_on_the_real_ebay_only() -> None:
    real = "https://api.ebay.com"
    assert mapping.url("110", real, "EBAY_GB") == "https://www.ebay.co.uk/itm/110"
    for base in ("https://api.sandbox.ebay.com", "http://sandbox/ebay"):
        assert mapping.url("110", base, "EBAY_US") is None
    assert mapping.url(None, real, "EBAY_US") is None


def order(**more: Any) -> dict[str, Any]:
    line = {
        "lineItemId": "10000000000001",
        "legacyItemId": "110",
        "sku": "91.10",
        "quantity": 1,
        "lineItemCost": {"value": "950.0", "currency": "USD"},
    }
    return {
        "orderId": "01-1",
        "creationDate": "2026-11-24T07:00:00.000Z",
        "lastModifiedDate": "2026-11-24T07:30:00.000Z",
        "cancelStatus": {"cancelState": "NONE_REQUESTED", "cancelRequests": []},
        "lineItems": [line],
        **more,
    }


def test_a_discounted_line_was_sold_at_the_discounted_price() -> None:
    discounted = order()
    discounted["lineItems"][0]["discountedLineItemCost"] = {"value": "900.0", "currency": "USD"}
    (sale,) = mapping.notices(discounted)
    assert isinstance(sale, SaleSeen)
    assert sale.price == Money(amount="900.00", currency="USD")


def canceled(*requests: dict[str, str]) -> CancellationSeen:
    status = {"cancelState": "CANCELED", "cancelRequests": list(requests)}
    _, found = mapping.notices(order(cancelStatus=status))
    assert isinstance(found, CancellationSeen)
    return found


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("OUT_OF_STOCK_OR_CANNOT_FULFILL", "sold_elsewhere"),
        ("BUYER_ASKED_CANCEL", "buyer_changed_mind"),
        ("FOUND_CHEAPER_PRICE", "buyer_changed_mind"),
        ("ORDER_MISTAKE", "buyer_changed_mind"),
        ("ORDER_UNPAID", "unpaid"),
        ("ADDRESS_ISSUES", "other"),
        ("SOMETHING_NEW", "other"),
    ],
)
def test_a_cancellation_gives_the_reason_in_our_words(reason: str, expected: CancelReason) -> None:
    found = canceled({"cancelReason": reason, "cancelRequestState": "COMPLETED"})
    assert found.reason == expected
    assert found.canceled_at == datetime(2026, 11, 24, 7, 30, tzinfo=UTC)


def test_the_reason_is_that_of_the_request_that_was_granted() -> None:
    rejected = {"cancelReason": "ORDER_MISTAKE", "cancelRequestState": "REJECTED"}
    granted = {"cancelReason": "ORDER_UNPAID", "cancelRequestState": "COMPLETED"}
    assert canceled(rejected, granted).reason == "unpaid"
    assert canceled(granted, rejected).reason == "unpaid"
    assert canceled().reason is None


def test_a_cancellation_that_is_only_asked_for_cancels_nothing() -> None:
    asked = {"cancelState": "IN_PROGRESS", "cancelRequests": [{"cancelReason": "ORDER_MISTAKE"}]}
    assert [type(one) for one in mapping.notices(order(cancelStatus=asked))] == [SaleSeen]
