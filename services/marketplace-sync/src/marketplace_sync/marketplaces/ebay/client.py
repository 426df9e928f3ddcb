"""eBay's HTTP: paths, headers, access."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import httpx2

from marketplace_sync.marketplaces.calls import Answer, Calls

INVENTORY = "/sell/inventory/v1"
FULFILLMENT = "/sell/fulfillment/v1"
TAXONOMY = "/commerce/taxonomy/v1"
TREES = {"EBAY_US": "0", "EBAY_GB": "3", "EBAY_DE": "77", "EBAY_FR": "71", "EBAY_IT": "101"}


@dataclass(slots=True)
class EbayToken:
    """A user token, renewed by the account's refresh token."""

    http: httpx2.AsyncClient
    base_url: str
    credentials: Mapping[str, str]
    access: str = field(init=False)

    def __post_init__(self) -> None:
        """Start with the token the account came with."""
        self.access = self.credentials.get("access_token", "")

    async def headers(self) -> Mapping[str, str]:
        """Bearer access."""
        return {"Authorization": f"Bearer {self.access}"}

    async def refresh(self) -> bool:
        """A new access token; the refresh token stays."""
        pair = f"{self.credentials.get('client_id')}:{self.credentials.get('client_secret')}"
        basic = base64.b64encode(pair.encode()).decode()
        try:
            response = await self.http.post(
                f"{self.base_url}/identity/v1/oauth2/token",
                data={
                    "grant_type": "refresh_token",
                    "refresh_token": self.credentials.get("refresh_token", ""),
                },
                headers={"Authorization": f"Basic {basic}"},
            )
        except httpx2.HTTPError:
            return False
        if response.status_code != httpx2.codes.OK:
            return False
        self.access = str(response.json()["access_token"])
        return True


@dataclass(frozen=True, slots=True)
class EbayClient:
    """The calls the adapter makes, one method each."""

    calls: Calls
    language: str = "en-US"

    async def put_item(self, sku: str, body: Mapping[str, Any], operation: str) -> Answer:
        """CreateOrReplaceInventoryItem."""
        return await self._send("PUT", _item(sku), operation, sku, json=body, idempotent=True)

    async def get_item(self, sku: str, operation: str) -> Answer:
        """GetInventoryItem."""
        return await self._send("GET", _item(sku), operation, sku)

    async def offers(self, sku: str, operation: str, *, off_sale: bool = False) -> Answer:
        """GetOffers of a SKU; 404 when it has none."""
        path = f"{INVENTORY}/offer"
        return await self._send("GET", path, operation, sku, params={"sku": sku}, off_sale=off_sale)

    async def create_offer(self, body: Mapping[str, Any], operation: str) -> Answer:
        """CreateOffer."""
        return await self._send(
            "POST", f"{INVENTORY}/offer", operation, str(body["sku"]), json=body
        )

    async def put_offer(
        self, offer_id: str, body: Mapping[str, Any], sku: str, operation: str
    ) -> Answer:
        """updateOffer: replaces all of it."""
        return await self._send("PUT", _offer(offer_id), operation, sku, json=body, idempotent=True)

    async def publish(self, offer_id: str, sku: str) -> Answer:
        """publishOffer: publishing a live offer keeps its listing."""
        return await self._send("POST", f"{_offer(offer_id)}/publish", "activate", sku)

    async def withdraw(self, offer_id: str, sku: str) -> Answer:
        """WithdrawOffer."""
        path = f"{_offer(offer_id)}/withdraw"
        return await self._send("POST", path, "deactivate", sku, off_sale=True)

    async def set_quantity(self, sku: str, quantity: int, offer_id: str) -> Answer:
        """BulkUpdatePriceQuantity for one SKU."""
        request = {
            "sku": sku,
            "shipToLocationAvailability": {"quantity": quantity},
            "offers": [{"offerId": offer_id, "availableQuantity": quantity}],
        }
        return await self._send(
            "POST",
            f"{INVENTORY}/bulk_update_price_quantity",
            "hold",
            sku,
            json={"requests": [request]},
            idempotent=True,
            off_sale=quantity == 0,
        )

    async def order(self, order_id: str) -> Answer:
        """getOrder: the only call that shows cancel requests."""
        return await self._send("GET", f"{FULFILLMENT}/order/{quote(order_id)}", "read_order", None)

    async def orders(self, since: str, offset: int, limit: int) -> Answer:
        """GetOrders changed since a moment, oldest change first."""
        params = {
            "filter": f"lastmodifieddate:[{since}..]",
            "limit": str(limit),
            "offset": str(offset),
        }
        return await self._send("GET", f"{FULFILLMENT}/order", "sweep", None, params=params)

    async def items(self, offset: int, limit: int) -> Answer:
        """getInventoryItems, a page."""
        params = {"limit": str(limit), "offset": str(offset)}
        return await self._send("GET", f"{INVENTORY}/inventory_item", "sweep", None, params=params)

    async def aspects(self, marketplace_id: str, category_id: str) -> Answer:
        """GetItemAspectsForCategory."""
        tree = TREES.get(marketplace_id, "0")
        path = f"{TAXONOMY}/category_tree/{tree}/get_item_aspects_for_category"
        params = {"category_id": category_id}
        return await self._send("GET", path, "requirements", None, params=params)

    async def _send(
        self, method: str, path: str, operation: str, listing: str | None, **request: Any
    ) -> Answer:
        headers = {"Content-Language": self.language, "Accept-Language": self.language}
        return await self.calls.send(
            method, path, operation=operation, listing=listing, headers=headers, **request
        )


def _item(sku: str) -> str:
    return f"{INVENTORY}/inventory_item/{quote(sku, safe='')}"


def _offer(offer_id: str) -> str:
    return f"{INVENTORY}/offer/{quote(offer_id, safe='')}"
