"""The sandbox's answers against the marketplaces' own descriptions."""

import json
import os
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml
from graphql import GraphQLSchema, build_schema, extend_schema, graphql_sync, parse, validate
from jsonschema import Draft202012Validator

from sandbox.service import create_app
from sandbox.settings import SandboxSettings
from tests.support import sandbox_sellers
from tests.support.sandbox_sellers import EbaySeller, EtsySeller, ShopifySeller

SPECS = os.environ.get("BROCANTE_SPECS")
pytestmark = [
    pytest.mark.specs,
    pytest.mark.skipif(SPECS is None, reason="BROCANTE_SPECS is not set"),
]
EBAY_PERIOD = {"field": "/attributes/period", "label": "Period", "required": True}
EBAY_FILES = {
    "inventory": "ebay-sell-inventory-v1.openapi.json",
    "fulfillment": "ebay-sell-fulfillment-v1.openapi.json",
    "taxonomy": "ebay-commerce-taxonomy-v1.openapi.json",
    "notification": "ebay-commerce-notification-v1.openapi.json",
}
PRODUCT = """query Product($id: ID!, $location: ID!) {
  product(id: $id) {
    id legacyResourceId title handle descriptionHtml vendor productType tags status createdAt
    updatedAt publishedAt onlineStoreUrl totalInventory tracksInventory hasOnlyDefaultVariant
    mediaCount { count precision }
    resourcePublicationsV2(first: 2) { nodes { isPublished publishDate publication { id name } } }
    metafields(first: 5) { nodes { id namespace key type value ownerType } }
    variants(first: 2) { nodes { id sku price inventoryQuantity
      inventoryItem { id sku tracked
        inventoryLevel(locationId: $location) { id quantities(names: ["available"]) {
          name quantity } } } } }
  } }"""
ORDERS = """query Orders($query: String) {
  orders(first: 5, query: $query, sortKey: UPDATED_AT) {
    edges { cursor node { id legacyResourceId name createdAt updatedAt cancelledAt cancelReason
      displayFinancialStatus displayFulfillmentStatus currencyCode
      totalPriceSet { shopMoney { amount currencyCode } }
      lineItems(first: 5) { nodes { id sku title quantity currentQuantity product { id }
        originalUnitPriceSet { shopMoney { amount currencyCode } } } } } }
    pageInfo { hasNextPage endCursor } } }"""
SHOP = """{ shop { id name myshopifyDomain currencyCode }
  locations(first: 5) { nodes { id name isActive } }
  publications(first: 5) { nodes { id name } }
  currentAppInstallation { accessScopes { handle } } }"""
DEFINITIONS = """{ metafieldDefinitions(ownerType: PRODUCT, first: 5) { nodes {
  namespace key name validations { name type value } } } }"""
MISSING_FROM_THE_TRIMMED_SDL = """
extend type QueryRoot {
  metafieldDefinitions(ownerType: MetafieldOwnerType!, first: Int): MetafieldDefinitionConnection!
}
type MetafieldDefinitionConnection { nodes: [MetafieldDefinition!]! }
type MetafieldDefinition {
  namespace: String! key: String! name: String! validations: [MetafieldDefinitionValidation!]!
}
type MetafieldDefinitionValidation { name: String! type: String! value: String }
"""


@pytest.fixture
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app=create_app(SandboxSettings()))
    async with httpx2.AsyncClient(transport=transport, base_url="http://sandbox") as client:
        yield client


def specification(name: str) -> dict[str, Any]:
    text = (Path(SPECS or "") / name).read_text()
    loader = yaml.CSafeLoader
    found: dict[str, Any] = json.loads(text) if name.endswith("json") else yaml.load(text, loader)  # noqa: S506 - the safe loader, in C
    return found


def strict(schema: Any, schemas: Mapping[str, Any]) -> Any:
    """OpenAPI 3.0 to JSON Schema: nullable, numbers in text enumerations, no unknown fields."""
    if isinstance(schema, list):
        return [strict(entry, schemas) for entry in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return {"$ref": schema["$ref"].replace("#/components/schemas/", "#/$defs/")}
    changed = {
        name: strict(entry, schemas)
        for name, entry in schema.items()
        if name not in ("example", "nullable", "format", "description")
    }
    if schema.get("nullable") and "type" in changed:
        changed["type"] = [changed["type"], "null"]
    if "enum" in schema:
        changed["enum"] = [*map(str, schema["enum"]), None]
    if "properties" in schema:
        changed["properties"] = {
            name: strict(entry, schemas) for name, entry in schema["properties"].items()
        }
        changed["additionalProperties"] = False
    return changed


def complaints(spec: dict[str, Any], operation_id: str, answer: httpx2.Response) -> list[str]:
    """What an answer has that its operation does not describe."""
    operation = next(
        operation
        for path in spec["paths"].values()
        for operation in path.values()
        if isinstance(operation, dict) and operation.get("operationId") == operation_id
    )
    described = operation["responses"].get(str(answer.status_code))
    if described is None:
        return [f"{operation_id}: {answer.status_code} is not described"]
    content = described.get("content", {}).get("application/json")
    if content is None:
        return []
    schemas = spec["components"]["schemas"]
    definitions = {name: strict(entry, schemas) for name, entry in schemas.items()}
    schema = {**strict(content["schema"], schemas), "$defs": definitions}
    errors = Draft202012Validator(schema).iter_errors(answer.json())
    return [f"{operation_id} {error.json_path}: {error.message[:200]}" for error in errors]


Call = tuple[str, str, str, str, Any]


def ebay_calls(offer_id: str, order_id: str, kid: str) -> list[Call]:
    """Description, operation, method, path, body."""
    inventory = "/sell/inventory/v1"
    orders = "/sell/fulfillment/v1/order"
    key = f"/commerce/notification/v1/public_key/{kid}"
    tree = "/commerce/taxonomy/v1/category_tree/0"
    aspects = f"{tree}/get_item_aspects_for_category?category_id=20081"
    suggestions = f"{tree}/get_category_suggestions?q=chair"
    offer, bulk = f"{inventory}/offer/{offer_id}", f"{inventory}/bulk_update_price_quantity"
    restock = {"sku": "A1", "shipToLocationAvailability": {"quantity": 1}}
    return [
        ("inventory", "getInventoryItem", "GET", f"{inventory}/inventory_item/A1", None),
        ("inventory", "getInventoryItems", "GET", f"{inventory}/inventory_item", None),
        ("inventory", "getOffers", "GET", f"{inventory}/offer?sku=A1", None),
        ("inventory", "getOffer", "GET", offer, None),
        ("inventory", "getOffer", "GET", f"{inventory}/offer/1", None),
        ("inventory", "getInventoryLocations", "GET", f"{inventory}/location", None),
        ("inventory", "bulkUpdatePriceQuantity", "POST", bulk, {"requests": [restock]}),
        ("inventory", "withdrawOffer", "POST", f"{offer}/withdraw", None),
        ("inventory", "publishOffer", "POST", f"{offer}/publish", None),
        ("fulfillment", "getOrders", "GET", orders, None),
        ("fulfillment", "getOrder", "GET", f"{orders}/{order_id}", None),
        ("taxonomy", "getItemAspectsForCategory", "GET", aspects, None),
        ("taxonomy", "getCategorySuggestions", "GET", suggestions, None),
        ("notification", "getPublicKey", "GET", key, None),
    ]


async def test_ebay_answers_as_its_descriptions_say(client: httpx2.AsyncClient) -> None:
    seller = EbaySeller(client)
    specs = {name: specification(file) for name, file in EBAY_FILES.items()}
    await client.put("/control/ebay/requirements", json={"fields": [EBAY_PERIOD]})
    created = await seller.put_item("A1", period="1890")
    offer_id = await seller.offer("A1")
    published = await seller.publish(offer_id)
    sold = (await client.post("/control/ebay/sell", json={"sku": "A1"})).json()
    await client.post("/control/ebay/cancel-order", json={"order_id": sold["order_id"]})
    hook = (await client.get("/control/webhooks")).json()[0]
    calls = ebay_calls(offer_id, sold["order_id"], hook["kid"])
    found = complaints(specs["inventory"], "createOrReplaceInventoryItem", created)
    found += complaints(specs["inventory"], "publishOffer", published)
    for name, operation, method, path, body in calls:
        answer = await seller.call(method, path, json=body)
        found += complaints(specs[name], operation, answer)
    # Live orders have legacyOrderId, which is not described; aspects are described as a string,
    # and are an object of lists in every example and capture.
    quirks = ("legacyOrderId", ".product.aspects")
    assert [text for text in found if not any(quirk in text for quirk in quirks)] == []


async def test_etsy_answers_as_its_description_says(client: httpx2.AsyncClient) -> None:
    seller = EtsySeller(client)
    spec = specification("etsy-open-api-v3.openapi.yaml")
    await client.put("/control/etsy/requirements", json={"fields": [EBAY_PERIOD]})
    draft = await seller.draft()
    listing_id = draft.json()["listing_id"]
    refused = await seller.set_state(listing_id, "active")
    await client.put("/control/etsy/requirements", json={"fields": []})
    stocked = await seller.put_inventory(listing_id, "E1", 1)
    active = await seller.set_state(listing_id, "active")
    found = complaints(spec, "createDraftListing", draft)
    found += complaints(spec, "updateListing", refused) + complaints(spec, "updateListing", active)
    found += complaints(spec, "updateListingInventory", stocked)
    sold = (await client.post("/control/etsy/sell", json={"sku": "E1"})).json()
    shop = f"/shops/{seller.shop}"
    for operation, path in (
        ("getListing", f"/listings/{listing_id}?includes=Inventory,Images"),
        ("getListingsByShop", f"{shop}/listings?state=sold_out"),
        ("getListingInventory", f"/listings/{listing_id}/inventory"),
        ("getShopReceipts", f"{shop}/receipts"),
        ("getShopReceipt", f"{shop}/receipts/{sold['order_id']}"),
        ("getShopReceipt", f"{shop}/receipts/1"),
        ("getShopReceiptTransactionsByReceipt", f"{shop}/receipts/{sold['order_id']}/transactions"),
        ("getSellerTaxonomyNodes", "/seller-taxonomy/nodes"),
        ("getPropertiesByTaxonomyId", "/seller-taxonomy/nodes/20081/properties"),
        ("getShop", shop),
        ("getMe", "/users/me"),
        ("getShopShippingProfiles", f"{shop}/shipping-profiles"),
    ):
        found += complaints(spec, operation, await seller.call("GET", path))
    # The live API writes the status with a capital, unlike its description (open-api #469).
    assert [text for text in found if "status" not in text.split(":")[0]] == []


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    text = (Path(SPECS or "") / "shopify-admin.graphql").read_text()
    return extend_schema(
        build_schema(text, assume_valid=True),
        parse(MISSING_FROM_THE_TRIMMED_SDL),
        assume_valid=True,
    )


async def test_shopify_documents_and_answers_fit_the_schema(
    client: httpx2.AsyncClient, schema: GraphQLSchema
) -> None:
    seller = ShopifySeller(client)
    product, item = await seller.list_piece("S1")
    await client.put("/control/shopify/requirements", json={"fields": [EBAY_PERIOD]})
    await client.post("/control/shopify/sell", json={"sku": "S1"})
    gid = f"gid://shopify/Product/{product}"
    publications = [{"publicationId": seller.publication}]
    change = {
        "inventoryItemId": item,
        "locationId": seller.location,
        "quantity": 1,
        "changeFromQuantity": 0,
    }
    stock = {"name": "available", "reason": "correction", "quantities": [change]}
    refused = {"input": seller.input("S2", status="ACTIVE")}
    for query, variables in (
        (sandbox_sellers.PRODUCT_SET, refused),
        (sandbox_sellers.PUBLISH, {"id": gid, "input": publications}),
        (sandbox_sellers.SET_QUANTITY, {"input": stock, "key": "k1"}),
        (PRODUCT, {"id": gid, "location": seller.location}),
        (ORDERS, {"query": "updated_at:>='2020-01-01T00:00:00Z'"}),
        (SHOP, {}),
        (DEFINITIONS, {}),
    ):
        assert validate(schema, parse(query)) == []
        body = await seller.run(query, **variables)
        assert "errors" not in body, body
        replayed = graphql_sync(
            schema,
            query,
            root_value=body["data"],
            variable_values=variables,
            field_resolver=by_response_key,
            type_resolver=concrete,
        )
        assert replayed.errors is None, replayed.errors
        assert replayed.data == body["data"]


def by_response_key(source: Any, info: Any, **_: Any) -> Any:
    return source[info.path.key]


def concrete(value: Any, info: Any, abstract: Any) -> str:
    """Abstract results here are products, or errors of the payload's own kind."""
    _ = info, value
    return "Product" if abstract.name == "Publishable" else str(abstract.name)
