"""Adapters against the marketplaces' own descriptions, errors, orders and webhooks."""

from typing import Any

import pytest
import yaml
from graphql import build_schema, parse, validate
from jsonschema import Draft202012Validator
from jsonschema import validate as validate_json

from brocante.contracts.marketplace import Content
from brocante.contracts.values import Issue, Money
from marketplace_sync.marketplaces.contract import (
    CancellationSeen,
    ListingSeen,
    OrderToRead,
    SaleSeen,
)
from marketplace_sync.marketplaces.ebay import errors as ebay_errors
from marketplace_sync.marketplaces.ebay import mapping as ebay
from marketplace_sync.marketplaces.ebay.webhooks import decode as decode_ebay
from marketplace_sync.marketplaces.etsy import errors as etsy_errors
from marketplace_sync.marketplaces.etsy import mapping as etsy
from marketplace_sync.marketplaces.etsy.webhooks import decode as decode_etsy
from marketplace_sync.marketplaces.shopify import documents
from marketplace_sync.marketplaces.shopify import errors as shopify_errors
from marketplace_sync.marketplaces.shopify import mapping as shopify
from marketplace_sync.marketplaces.shopify.webhooks import decode as decode_shopify
from tests.support.specs import spec_file, spec_json

pytestmark = pytest.mark.specs
CONTENT = Content(
    sku="91.10",
    title="Walnut chair",
    description="A side chair.",
    price=Money(amount="950.00", currency="USD"),
    condition="used",
    images=["https://images.invalid/1.jpg"],
    attributes={"period": "George III", "materials": ["walnut", "cane"]},
)
DEFAULTS = {
    "categoryId": "20081",
    "marketplaceId": "EBAY_US",
    "merchantLocationKey": "main",
    "fulfillmentPolicyId": "1",
    "paymentPolicyId": "2",
    "returnPolicyId": "3",
    "taxonomy_id": "811281",
    "who_made": "someone_else",
    "when_made": "before_1700",
    "shipping_profile_id": "3",
    "location_id": "gid://shopify/Location/1",
}
# Without a body or by its access alone: judged before the adapter's errors are asked.
BY_STATUS = {401, 429}


def _ebay(entry: dict[str, Any]) -> list[Issue]:
    return [ebay_errors.to_issue(e, entry["status"]) for e in ebay_errors.errors_of(entry["body"])]


def _etsy(entry: dict[str, Any]) -> list[Issue]:
    return etsy_errors.issues(entry["status"], entry["body"])


def _shopify(entry: dict[str, Any]) -> list[Issue]:
    return shopify_errors.issues(entry["body"])


@pytest.mark.parametrize(
    ("slug", "issues_of"), [("ebay", _ebay), ("etsy", _etsy), ("shopify", _shopify)]
)
def test_every_real_error_comes_out_with_its_category_field_and_retryable(
    slug: str, issues_of: Any
) -> None:
    wrong = []
    for entry in spec_json(f"errors/{slug}.json"):
        expected = entry["expected"]
        category = {"user": "dealer"}.get(expected["category"], expected["category"])
        issue = issues_of(entry)[0]
        field = (expected["field"] or "").replace(".", "/").lower()
        found = (issue.field or "").lower()
        named = not field or _same_field(field, found)
        if (issue.category, issue.retryable) != (category, expected["retryable"]) or not named:
            wrong.append((entry["body"], expected, issue))
    assert wrong == []


def _same_field(expected: str, found: str) -> bool:
    """By containment, or the same field in the words of an item's content."""
    ours = {
        "categoryid": "category",
        "media/0/originalsource": "images",
        "input/variants/0/inventoryitem/cost": "cost",
        "input/quantities/0/quantity": "quantity",
    }
    return expected in found or ours.get(expected, "\0") in found


def test_shopify_documents_are_valid_against_the_admin_schema() -> None:
    schema = build_schema(spec_file("shopify-admin.graphql").read_text(), assume_valid=True)
    # The description at hand is trimmed and lacks this root; the full one has it.
    asked = [document for document in documents.ALL if document != documents.DEFINITIONS]
    problems = [str(e) for document in asked for e in validate(schema, parse(document))]
    assert problems == []


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("InventoryItem", ebay.inventory_item(CONTENT, 1)),
        ("EbayOfferDetailsWithKeys", ebay.offer(CONTENT, 1, "91.10", DEFAULTS)),
    ],
)
def test_ebay_requests_are_valid_against_the_inventory_api(name: str, body: dict[str, Any]) -> None:
    api = spec_json("ebay-sell-inventory-v1.openapi.json")
    # The description calls aspects a string; the API takes lists by name, as its own samples do.
    product = api["components"]["schemas"]["Product"]["properties"]
    product["aspects"] = {"type": "object"}
    schema = {"$ref": f"#/components/schemas/{name}", "components": api["components"]}
    validate_json(body, schema, cls=Draft202012Validator)
    unknown = set(body) - set(api["components"]["schemas"][name]["properties"])
    assert unknown == set()


def test_etsy_requests_have_only_fields_that_the_api_knows_and_all_it_requires() -> None:
    api = yaml.safe_load(spec_file("etsy-open-api-v3.openapi.yaml").read_text())
    schema = api["components"]["schemas"]["createDraftListing_request"]
    form = etsy.listing_form(CONTENT, 1, DEFAULTS, new=True)
    assert set(form) <= set(schema["properties"])
    assert set(schema["required"]) <= set(form)


def _order(name: str) -> Any:
    return spec_json(f"orders/{name}.json")["body"]


def test_a_real_ebay_order_is_a_sale_and_a_canceled_one_a_cancellation() -> None:
    sale, *rest = ebay.notices(_order("ebay-getOrder-paid"))
    assert isinstance(sale, SaleSeen)
    assert sale.sale_id == "ebay:10000000000001"
    assert rest == []
    canceled = ebay.notices(_order("ebay-getOrder-cancelled"))[-1]
    assert isinstance(canceled, CancellationSeen)
    assert canceled.reason == "buyer_changed_mind"


def test_a_real_etsy_receipt_is_a_sale_whatever_the_case_of_its_status() -> None:
    assert isinstance(etsy.notices(_order("etsy-getShopReceipt-paid"))[0], SaleSeen)
    assert isinstance(etsy.notices(_order("etsy-getShopReceipt-canceled"))[-1], CancellationSeen)


def test_a_real_shopify_order_is_a_sale_and_a_canceled_one_a_cancellation() -> None:
    paid = _first_order(_order("shopify-order-paid.graphql"))
    canceled = _first_order(_order("shopify-order-cancelled.graphql"))
    assert paid["id"]
    assert shopify.cancel_reason(canceled.get("cancelReason")) is not None


def _first_order(value: Any) -> dict[str, Any]:
    """The first object that is an order, wherever the recording has it."""
    if isinstance(value, dict):
        if str(value.get("id", "")).startswith("gid://shopify/Order/"):
            return value
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            if isinstance(one, dict | list):
                found = _first_order(one)
                if found:
                    return found
    return {}


def _webhook(name: str) -> tuple[dict[str, str], bytes]:
    one = spec_json(f"webhooks/{name}.json")
    return one["headers"], one["body"].encode()


def test_real_shopify_webhooks_keep_ids_beyond_53_bits_exact() -> None:
    sale = decode_shopify(*_webhook("shopify/orders-create"))[0]
    assert isinstance(sale, SaleSeen)
    assert sale.external_order_id == "820982911946154508"
    canceled = decode_shopify(*_webhook("shopify/orders-cancelled"))[0]
    assert isinstance(canceled, CancellationSeen)
    assert canceled.sale_id == sale.sale_id
    product = decode_shopify(*_webhook("shopify/products-update"))[0]
    assert isinstance(product, ListingSeen)
    assert product.external_id == "788032119674292922"


def test_real_etsy_webhooks_name_the_receipt_to_read() -> None:
    assert decode_etsy(*_webhook("etsy/order.paid")) == [OrderToRead("54321")]
    assert decode_etsy(*_webhook("etsy/order.canceled")) == [OrderToRead("1234567890")]


def test_a_real_ebay_order_confirmation_is_a_sale() -> None:
    (sale,) = decode_ebay(*_webhook("ebay/ORDER_CONFIRMATION-unsigned"))
    assert isinstance(sale, SaleSeen)
    assert (sale.sale_id, sale.quantity) == ("ebay:10000000000001", 2)
    assert decode_ebay(*_webhook("ebay/MARKETPLACE_ACCOUNT_DELETION-valid")) == ()
