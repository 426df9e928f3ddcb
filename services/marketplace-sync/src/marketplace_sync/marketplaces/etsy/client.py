"""Etsy's HTTP: paths, forms, access."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx2

from marketplace_sync.marketplaces.calls import Answer, Calls

APP = "/v3/application"
EARLIEST = 946_684_800
"""The earliest time that receipts can be asked for, in seconds: the year 2000."""


@dataclass(slots=True)
class EtsyToken:
    """An access token with a rotating refresh token: each refresh brings both anew."""

    http: httpx2.AsyncClient
    base_url: str
    credentials: Mapping[str, str]
    access: str = field(init=False)
    renewal: str = field(init=False)
    renewing: asyncio.Lock = field(init=False, default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        """Start with the tokens the account came with."""
        self.access = self.credentials.get("access_token", "")
        self.renewal = self.credentials.get("refresh_token", "")

    async def headers(self) -> Mapping[str, str]:
        """The application's key, and bearer access."""
        return {
            "x-api-key": self.credentials.get("api_key", ""),
            "Authorization": f"Bearer {self.access}",
        }

    async def refresh(self) -> bool:
        """New tokens; after a lost rotation the first refresh token is tried once more.

        Calls refused together refresh once: a second use of a rotated token would revoke both.
        """
        refused = self.access
        async with self.renewing:
            if self.access != refused:
                return True
            first = self.credentials.get("refresh_token", "")
            return await self._refresh(self.renewal) or (
                first != self.renewal and await self._refresh(first)
            )

    async def _refresh(self, token: str) -> bool:
        form = {
            "grant_type": "refresh_token",
            "client_id": self.credentials.get("api_key", ""),
            "refresh_token": token,
        }
        try:
            response = await self.http.post(f"{self.base_url}/v3/public/oauth/token", data=form)
            tokens = response.json() if response.status_code == httpx2.codes.OK else {}
        except (httpx2.HTTPError, ValueError):
            return False
        if not tokens.get("access_token"):
            return False
        self.access = str(tokens["access_token"])
        self.renewal = str(tokens.get("refresh_token") or token)
        return True


@dataclass(frozen=True, slots=True)
class EtsyClient:
    """The calls the adapter makes, one method each."""

    calls: Calls
    shop_id: str

    async def create(self, form: Mapping[str, str], sku: str) -> Answer:
        """CreateDraftListing."""
        return await self._send("POST", self._shop("/listings"), "activate", sku, form=form)

    async def update(
        self, listing_id: str, form: Mapping[str, str], operation: str, *, off_sale: bool = False
    ) -> Answer:
        """updateListing: the same twice is the same; cut while going on sale, it is in doubt."""
        return await self._send(
            "PATCH",
            self._shop(f"/listings/{listing_id}"),
            operation,
            listing_id,
            form=form,
            idempotent=form.get("state") != "active",
            off_sale=off_sale,
        )

    async def put_inventory(self, listing_id: str, body: Mapping[str, Any], op: str) -> Answer:
        """UpdateListingInventory."""
        path = f"{APP}/listings/{listing_id}/inventory"
        return await self._send("PUT", path, op, listing_id, json=body, idempotent=True)

    async def put_property(
        self, listing_id: str, property_id: int, body: Mapping[str, Any], operation: str
    ) -> Answer:
        """updateListingProperty, as JSON: of a list in a form Etsy keeps the last (issue 524)."""
        return await self._send(
            "PUT",
            self._shop(f"/listings/{listing_id}/properties/{property_id}"),
            operation,
            listing_id,
            json=body,
            idempotent=True,
        )

    async def listing(self, listing_id: str) -> Answer:
        """GetListing."""
        return await self._send("GET", f"{APP}/listings/{listing_id}", "read", listing_id)

    async def listings(self, state: str, offset: int, limit: int, operation: str) -> Answer:
        """getListingsByShop: one state at a time."""
        params = {
            "state": state,
            "limit": str(limit),
            "offset": str(offset),
            "includes": "Inventory",
        }
        return await self._send("GET", self._shop("/listings"), operation, None, params=params)

    async def receipt(self, receipt_id: str) -> Answer:
        """GetShopReceipt."""
        path = self._shop(f"/receipts/{receipt_id}")
        return await self._send("GET", path, "read_order", None)

    async def receipts(self, since: int, offset: int, limit: int) -> Answer:
        """GetShopReceipts changed since a moment, oldest change first."""
        params = {
            "min_last_modified": str(max(since, EARLIEST)),
            "sort_on": "updated",
            "sort_order": "asc",
            "limit": str(limit),
            "offset": str(offset),
        }
        return await self._send("GET", self._shop("/receipts"), "sweep", None, params=params)

    async def properties(self, taxonomy_id: str) -> Answer:
        """GetPropertiesByTaxonomyId."""
        path = f"{APP}/seller-taxonomy/nodes/{taxonomy_id}/properties"
        return await self._send("GET", path, "requirements", None)

    def _shop(self, path: str) -> str:
        return f"{APP}/shops/{self.shop_id}{path}"

    async def _send(
        self, method: str, path: str, operation: str, listing: str | None, **request: Any
    ) -> Answer:
        return await self.calls.send(method, path, operation=operation, listing=listing, **request)
