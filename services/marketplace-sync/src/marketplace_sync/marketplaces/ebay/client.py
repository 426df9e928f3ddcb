"""eBay's HTTP: paths, headers, access."""

import asyncio
import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import httpx2

from marketplace_sync.marketplaces.calls import Answer, Calls
from marketplace_sync.marketplaces.contract import RetryLater

INVENTORY = "/sell/inventory/v1"
FULFILLMENT = "/sell/fulfillment/v1"
TAXONOMY = "/commerce/taxonomy/v1"
TOKEN_SECONDS = 10.0
# Default category trees and languages of the sites, eBay's Taxonomy API, read 2026-11.
TREES = {
    "EBAY_US": "0",
    "EBAY_CA": "2",
    "EBAY_GB": "3",
    "EBAY_AU": "15",
    "EBAY_AT": "16",
    "EBAY_FR": "71",
    "EBAY_DE": "77",
    "EBAY_IT": "101",
    "EBAY_NL": "146",
    "EBAY_ES": "186",
    "EBAY_CH": "193",
    "EBAY_IE": "205",
}
LANGUAGES = {
    "EBAY_GB": "en-GB",
    "EBAY_AU": "en-AU",
    "EBAY_CA": "en-CA",
    "EBAY_IE": "en-GB",
    "EBAY_AT": "de-AT",
    "EBAY_CH": "de-CH",
    "EBAY_DE": "de-DE",
    "EBAY_FR": "fr-FR",
    "EBAY_IT": "it-IT",
    "EBAY_NL": "nl-NL",
    "EBAY_ES": "es-ES",
}


@dataclass(slots=True)
class EbayToken:
    """A user token, renewed by the account's refresh token."""

    http: httpx2.AsyncClient
    base_url: str
    credentials: Mapping[str, str]
    access: str = field(init=False)
    renewing: asyncio.Lock = field(init=False, default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        """Start with the token the account came with."""
        self.access = self.credentials.get("access_token", "")

    async def headers(self) -> Mapping[str, str]:
        """Bearer access."""
        return {"Authorization": f"Bearer {self.access}"}

    async def refresh(self) -> bool | RetryLater:
        """A new access token; the refresh token stays. Calls refused together renew once."""
        refused = self.access
        async with self.renewing:
            return True if self.access != refused else await self._renew()

    async def _renew(self) -> bool | RetryLater:
        pair = f"{self.credentials.get('client_id')}:{self.credentials.get('client_secret')}"
        basic = base64.b64encode(pair.encode()).decode()
        form = {
            "grant_type": "refresh_token",
            "refresh_token": self.credentials.get("refresh_token", ""),
        }
        try:
            response = await self.http.post(
                f"{self.base_url}/identity/v1/oauth2/token",
                data=form,
                headers={"Authorization": f"Basic {basic}"},
                timeout=TOKEN_SECONDS,
            )
            token = response.json() if response.status_code == httpx2.codes.OK else {}
        except (httpx2.HTTPError, ValueError):
            return RetryLater(None, "retrying")
        if response.status_code == httpx2.codes.TOO_MANY_REQUESTS or response.is_server_error:
            return RetryLater(None, "retrying")
        if not isinstance(token, Mapping) or not token.get("access_token"):
            return False
        self.access = str(token["access_token"])
        return True


@dataclass(frozen=True, slots=True)
class EbayClient:
    """The calls the adapter makes, one method each."""

    calls: Calls
    marketplace_id: str = "EBAY_US"

    async def put_item(self, sku: str, body: Mapping[str, Any], operation: str) -> Answer:
        """CreateOrReplaceInventoryItem."""
        return await self._send("PUT", _item(sku), operation, sku, json=body, idempotent=True)

    async def offers(self, sku: str, operation: str) -> Answer:
        """GetOffers of a SKU at a fixed price; 404 when it has none."""
        params = {"sku": sku, "format": "FIXED_PRICE"}
        return await self._send("GET", f"{INVENTORY}/offer", operation, sku, params=params)

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
        """publishOffer: a listing of an offer that has none on sale."""
        return await self._send("POST", f"{_offer(offer_id)}/publish", "activate", sku)

    async def withdraw(self, offer_id: str, sku: str) -> Answer:
        """withdrawOffer: withdrawing twice does what withdrawing once does."""
        path = f"{_offer(offer_id)}/withdraw"
        return await self._send("POST", path, "deactivate", sku, idempotent=True, off_sale=True)

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
        """GetOrders changed since a moment; `offset` counts orders, their sequence is eBay's."""
        params = {
            "filter": f"lastmodifieddate:[{since}..]",
            "limit": str(limit),
            "offset": str(offset),
        }
        return await self._send("GET", f"{FULFILLMENT}/order", "sweep", None, params=params)

    async def items(self, offset: int, limit: int) -> Answer:
        """getInventoryItems; `offset` is as the answer before has it in `next`, 0 at first."""
        params = {"limit": str(limit), "offset": str(offset)}
        return await self._send("GET", f"{INVENTORY}/inventory_item", "sweep", None, params=params)

    async def aspects(self, category_id: str) -> Answer:
        """GetItemAspectsForCategory."""
        tree = TREES.get(self.marketplace_id, TREES["EBAY_US"])
        path = f"{TAXONOMY}/category_tree/{tree}/get_item_aspects_for_category"
        params = {"category_id": category_id}
        return await self._send("GET", path, "requirements", None, params=params)

    async def _send(
        self, method: str, path: str, operation: str, listing: str | None, **request: Any
    ) -> Answer:
        language = LANGUAGES.get(self.marketplace_id, "en-US")
        headers = {"Content-Language": language, "Accept-Language": language}
        return await self.calls.send(
            method, path, operation=operation, listing=listing, headers=headers, **request
        )


def _item(sku: str) -> str:
    return f"{INVENTORY}/inventory_item/{quote(sku, safe='')}"


def _offer(offer_id: str) -> str:
    return f"{INVENTORY}/offer/{quote(offer_id, safe='')}"
