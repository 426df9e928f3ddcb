"""Sellers who list single pieces on the sandbox's marketplaces, in each one's own language."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx2

ETSY_APP = "/etsy/v3/application"
SHOPIFY = "/shopify/admin/api/2026-04/graphql.json"

PRODUCT_SET = """
mutation Put($input: ProductSetInput!, $identifier: ProductSetIdentifiers) {
  productSet(input: $input, identifier: $identifier, synchronous: true) {
    product { id status handle variants(first: 1) { nodes { id sku inventoryItem { id } } } }
    userErrors { field message code }
  }
}
"""
PUBLISH = """
mutation Publish($id: ID!, $input: [PublicationInput!]!) {
  publishablePublish(id: $id, input: $input) {
    publishable { ... on Product { id publishedOnCurrentPublication } }
    userErrors { field message }
  }
}
"""
SET_QUANTITY = """
mutation Stock($input: InventorySetQuantitiesInput!, $key: String!) {
  inventorySetQuantities(input: $input) @idempotent(key: $key) {
    inventoryAdjustmentGroup { id reason changes { name delta } }
    userErrors { field message code }
  }
}
"""


@dataclass(frozen=True)
class EbaySeller:
    """The account `main` on eBay."""

    client: httpx2.AsyncClient
    token: str = "ebay-access-main"

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", "Content-Language": "en-US"}

    async def call(self, method: str, path: str, **kwargs: Any) -> httpx2.Response:
        return await self.client.request(method, f"/ebay{path}", headers=self.headers, **kwargs)

    async def put_item(self, sku: str, quantity: int = 1, **aspects: str) -> httpx2.Response:
        product = {
            "title": f"Chair {sku}",
            "description": "A chair.",
            "aspects": {name: [value] for name, value in aspects.items()},
            "imageUrls": ["https://images.example.com/1.jpg"],
        }
        body = {
            "availability": {"shipToLocationAvailability": {"quantity": quantity}},
            "condition": "USED_EXCELLENT",
            "product": product,
        }
        path = f"/sell/inventory/v1/inventory_item/{quote(sku, safe='')}"
        return await self.call("PUT", path, json=body)

    async def offer(self, sku: str) -> str:
        body = {
            "sku": sku,
            "marketplaceId": "EBAY_US",
            "format": "FIXED_PRICE",
            "categoryId": "20081",
            "merchantLocationKey": "main",
            "listingPolicies": {
                "fulfillmentPolicyId": "6000000001",
                "paymentPolicyId": "6000000002",
                "returnPolicyId": "6000000003",
            },
            "pricingSummary": {"price": {"value": "1250.00", "currency": "USD"}},
        }
        answer = await self.call("POST", "/sell/inventory/v1/offer", json=body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["offerId"])

    async def publish(self, offer_id: str) -> httpx2.Response:
        return await self.call("POST", f"/sell/inventory/v1/offer/{offer_id}/publish")

    async def list_piece(self, sku: str) -> tuple[str, str]:
        """Offer id and listing id."""
        await self.put_item(sku)
        offer_id = await self.offer(sku)
        answer = await self.publish(offer_id)
        assert answer.status_code == 200, answer.text
        return offer_id, str(answer.json()["listingId"])


@dataclass(frozen=True)
class EtsySeller:
    """The account `main` on Etsy."""

    client: httpx2.AsyncClient
    token: str = "etsy-access-main"
    shop: int = 12_000_001

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", "x-api-key": "etsy-key"}

    async def call(self, method: str, path: str, **kwargs: Any) -> httpx2.Response:
        url = f"{ETSY_APP}{path}"
        return await self.client.request(method, url, headers=self.headers, **kwargs)

    async def draft(self, **fields: Any) -> httpx2.Response:
        form = {
            "quantity": "1",
            "title": "Chair",
            "description": "A chair.",
            "price": "1250.00",
            "who_made": "someone_else",
            "when_made": "1900s",
            "taxonomy_id": "20081",
        }
        return await self.call("POST", f"/shops/{self.shop}/listings", data=form | fields)

    async def put_inventory(self, listing_id: str, sku: str, quantity: int) -> httpx2.Response:
        offering = {"price": 1250.0, "quantity": quantity, "is_enabled": True}
        product = {"sku": sku, "property_values": [], "offerings": [offering]}
        path = f"/listings/{listing_id}/inventory"
        return await self.call("PUT", path, json={"products": [product]})

    async def set_state(self, listing_id: str, state: str) -> httpx2.Response:
        path = f"/shops/{self.shop}/listings/{listing_id}"
        return await self.call("PATCH", path, data={"state": state})

    async def list_piece(self, sku: str) -> str:
        listing_id = str((await self.draft()).json()["listing_id"])
        await self.put_inventory(listing_id, sku, 1)
        answer = await self.set_state(listing_id, "active")
        assert answer.status_code == 200, answer.text
        return listing_id


@dataclass(frozen=True)
class ShopifySeller:
    """The account `main` on Shopify."""

    client: httpx2.AsyncClient
    token: str = "shpat_main"
    location: str = "gid://shopify/Location/9200000000000001"
    publication: str = "gid://shopify/Publication/9300000000000001"

    async def run(self, query: str, /, **variables: Any) -> dict[str, Any]:
        answer = await self.post(query, **variables)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    async def post(self, query: str, /, **variables: Any) -> httpx2.Response:
        return await self.client.post(
            SHOPIFY,
            headers={"X-Shopify-Access-Token": self.token},
            json={"query": query, "variables": variables},
        )

    def input(self, sku: str, **fields: Any) -> dict[str, Any]:
        stock = {"locationId": self.location, "name": "available", "quantity": 1}
        variant = {
            "optionValues": [{"optionName": "Title", "name": "Default Title"}],
            "price": "1250.00",
            "inventoryItem": {"sku": sku, "tracked": True},
            "inventoryQuantities": [stock],
        }
        options = [{"name": "Title", "values": [{"name": "Default Title"}]}]
        shape = {"productOptions": options, "variants": [variant]}
        return {"title": f"Chair {sku}", "handle": f"chair-{sku}".lower(), **shape, **fields}

    async def put(self, sku: str, **fields: Any) -> dict[str, Any]:
        body = await self.run(PRODUCT_SET, input=self.input(sku, **fields))
        payload: dict[str, Any] = body["data"]["productSet"]
        return payload

    async def publish(self, product_id: str) -> dict[str, Any]:
        publications = [{"publicationId": self.publication}]
        body = await self.run(PUBLISH, id=product_id, input=publications)
        payload: dict[str, Any] = body["data"]["publishablePublish"]
        return payload

    async def set_quantity(self, item: str, quantity: int, **entry: Any) -> dict[str, Any]:
        change = {"inventoryItemId": item, "locationId": self.location, "quantity": quantity}
        change |= {"changeFromQuantity": None} | entry
        given = {"name": "available", "reason": "correction", "quantities": [change]}
        return await self.run(SET_QUANTITY, input=given, key=str(uuid4()))

    async def list_piece(self, sku: str) -> tuple[str, str]:
        """Product digits and inventory item gid."""
        payload = await self.put(sku, status="ACTIVE")
        assert payload["userErrors"] == [], payload
        product = payload["product"]
        assert (await self.publish(product["id"]))["userErrors"] == []
        item = product["variants"]["nodes"][0]["inventoryItem"]["id"]
        return product["id"].rsplit("/", 1)[-1], item
