from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from sandbox.service import create_app
from sandbox.settings import SandboxSettings
from tests.support.sandbox_sellers import EbaySeller, EtsySeller, ShopifySeller


@pytest.fixture
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app=create_app(SandboxSettings()))
    async with httpx2.AsyncClient(transport=transport, base_url="http://sandbox") as client:
        yield client


@pytest.fixture
def ebay(client: httpx2.AsyncClient) -> EbaySeller:
    return EbaySeller(client)


@pytest.fixture
def etsy(client: httpx2.AsyncClient) -> EtsySeller:
    return EtsySeller(client)


@pytest.fixture
def shopify(client: httpx2.AsyncClient) -> ShopifySeller:
    return ShopifySeller(client)


class Control:
    """The control API."""

    def __init__(self, client: httpx2.AsyncClient) -> None:
        self._client = client

    async def get(self, path: str) -> Any:
        answer = await self._client.get(f"/control{path}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def send(self, method: str, path: str, body: Any, status: int = 200) -> Any:
        answer = await self._client.request(method, f"/control{path}", json=body)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def state(self, marketplace: str, sku: str) -> str | None:
        listings = await self.get("/listings")
        states = [
            entry["state"]
            for entry in listings
            if entry["marketplace"] == marketplace and entry["sku"] == sku
        ]
        assert len(states) < 2, states
        return states[0] if states else None

    async def sell(self, marketplace: str, sku: str) -> dict[str, str]:
        order: dict[str, str] = await self.send("POST", f"/{marketplace}/sell", {"sku": sku})
        return order

    async def require(self, marketplace: str, *fields: dict[str, Any]) -> None:
        await self.send("PUT", f"/{marketplace}/requirements", {"fields": list(fields)})


@pytest.fixture
def control(client: httpx2.AsyncClient) -> Control:
    return Control(client)
