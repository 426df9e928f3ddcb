"""Shopify's HTTP: one GraphQL path, an access token."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx2

from marketplace_sync.marketplaces.calls import Answer, Calls

GRAPHQL = "/admin/api/2026-04/graphql.json"


@dataclass(slots=True)
class ShopifyToken:
    """An offline access token; renewed by client credentials where the app has them."""

    http: httpx2.AsyncClient
    base_url: str
    credentials: Mapping[str, str]
    access: str = field(init=False)
    renewing: asyncio.Lock = field(init=False, default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        """Start with the token the account came with."""
        self.access = self.credentials.get("access_token", "")

    async def headers(self) -> Mapping[str, str]:
        """The access token's header."""
        return {"X-Shopify-Access-Token": self.access}

    async def refresh(self) -> bool:
        """A new token by client credentials, if there are any; calls refused together ask once."""
        refused = self.access
        if not self.credentials.get("client_secret"):
            return False
        async with self.renewing:
            return self.access != refused or await self._refresh()

    async def _refresh(self) -> bool:
        form = {
            "grant_type": "client_credentials",
            "client_id": self.credentials.get("client_id", ""),
            "client_secret": self.credentials["client_secret"],
        }
        try:
            response = await self.http.post(f"{self.base_url}/admin/oauth/access_token", data=form)
            tokens = response.json() if response.status_code == httpx2.codes.OK else {}
        except (httpx2.HTTPError, ValueError):
            return False
        if not tokens.get("access_token"):
            return False
        self.access = str(tokens["access_token"])
        return True


@dataclass(frozen=True, slots=True)
class ShopifyClient:
    """Sends documents."""

    calls: Calls

    async def query(
        self, document: str, variables: Mapping[str, Any], operation: str, listing: str | None
    ) -> Answer:
        """A query: may simply be tried again."""
        return await self._send(document, variables, operation, listing, idempotent=True)

    async def mutate(
        self,
        document: str,
        variables: Mapping[str, Any],
        operation: str,
        listing: str | None,
        *,
        idempotent: bool = False,
        off_sale: bool = False,
    ) -> Answer:
        """A mutation; cut on the way, it is in doubt unless the same twice is the same."""
        return await self._send(
            document, variables, operation, listing, idempotent=idempotent, off_sale=off_sale
        )

    async def _send(
        self,
        document: str,
        variables: Mapping[str, Any],
        operation: str,
        listing: str | None,
        *,
        idempotent: bool,
        off_sale: bool = False,
    ) -> Answer:
        body = {"query": document, "variables": dict(variables)}
        return await self.calls.send(
            "POST",
            GRAPHQL,
            operation=operation,
            listing=listing,
            json=body,
            idempotent=idempotent,
            off_sale=off_sale,
        )
