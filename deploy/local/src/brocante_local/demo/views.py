"""The two places the story looks at: the gateway's API, and what the marketplaces show."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx2

POLL_SECONDS = 0.2
WAIT_SECONDS = 20
PAGE = 200
HTTP_ACCEPTED = 202
HTTP_REFUSED = 422


class StoryEnded(Exception):  # noqa: N818 - a finding
    """Something did not come about; the text says what."""


class Gateway:
    """The HTTP API as an upstream app uses it."""

    def __init__(self, http: str, token: str) -> None:
        self._client = httpx2.AsyncClient(
            base_url=f"{http}/api/v1",
            headers={"Authorization": f"Bearer {token}"},
            timeout=WAIT_SECONDS + 40,
            trust_env=False,
        )

    async def get(self, path: str, **query: Any) -> Any:
        """Read; StoryEnded with the problem's words when it is refused."""
        return _body(await self._client.get(path, params=query))

    async def send(self, method: str, path: str, body: Any, *, wait: bool = True) -> Any:
        """Write, and wait for the outcome if wanted."""
        return _body(await self.try_to(method, path, body, wait=wait))

    async def try_to(
        self, method: str, path: str, body: Any, *, wait: bool = True
    ) -> httpx2.Response:
        """Write and give the answer as it is, refusals included."""
        kind = "merge-patch+json" if method == "PATCH" else "json"
        headers = {"Content-Type": f"application/{kind}"}
        if wait:
            headers["Prefer"] = f"wait={WAIT_SECONDS}"
        return await self._client.request(method, path, content=json.dumps(body), headers=headers)

    async def import_file(self, file: Path) -> dict[str, Any]:
        """Import a product export and wait until every row is answered."""
        content = await asyncio.to_thread(file.read_bytes)
        answer = await self._client.post(
            "/imports", content=content, headers={"Content-Type": "text/csv"}
        )
        started: dict[str, Any] = _body(answer)

        async def done() -> dict[str, Any] | None:
            now: dict[str, Any] = await self.get(f"/imports/{started['id']}")
            return now if now["status"] in ("done", "failed") else None

        found: dict[str, Any] = await until(done, "the import is done", 120)
        if found["status"] == "failed":
            raise StoryEnded(f"the import failed: {found.get('detail')}")
        return found

    async def items(self) -> list[dict[str, Any]]:
        """Every item."""
        found: list[dict[str, Any]] = []
        cursor: str | None = None
        while True:
            query = {"limit": PAGE, **({"cursor": cursor} if cursor else {})}
            page = await self.get("/items", **query)
            found += page["items"]
            cursor = page["next_cursor"]
            if not cursor:
                return found

    async def close(self) -> None:
        """Let go of the connections."""
        await self._client.aclose()


class Sandbox:
    """What the marketplaces themselves show, and what a buyer or a marketplace does there."""

    def __init__(self, url: str) -> None:
        self._client = httpx2.AsyncClient(base_url=f"{url}/control", timeout=30, trust_env=False)

    async def listings(self) -> list[dict[str, Any]]:
        """Every listing."""
        found: list[dict[str, Any]] = _body(await self._client.get("/listings"))
        return found

    async def shown(self, sku: str) -> dict[str, str]:
        """A piece's state by marketplace."""
        return {
            one["marketplace"]: one["state"] for one in await self.listings() if one["sku"] == sku
        }

    async def require(self, marketplace: str, fields: list[dict[str, Any]]) -> None:
        """Make fields required there."""
        _body(await self._client.put(f"/{marketplace}/requirements", json={"fields": fields}))

    async def sell(self, marketplace: str, sku: str) -> dict[str, Any]:
        """A buyer buys; the order and the sale it will become."""
        sold: dict[str, Any] = _body(
            await self._client.post(f"/{marketplace}/sell", json={"sku": sku})
        )
        return sold

    async def delisted_after(self, sku: str, order_id: str) -> dict[str, float]:
        """Seconds from an order until each other marketplace stopped selling, by its own clock."""
        ledger = _body(await self._client.get("/ledger"))
        order = next(o for o in ledger["orders"] if o["order_id"] == order_id)
        sold_at = datetime.fromisoformat(order["at"])
        seconds: dict[str, float] = {}
        for interval in ledger["states"]:
            since = datetime.fromisoformat(interval["since"])
            elsewhere = interval["marketplace"] != order["marketplace"]
            if interval["sku"] == sku and elsewhere and interval["state"] != "active":
                after = (since - sold_at).total_seconds()
                if after >= 0:
                    seconds.setdefault(interval["marketplace"], round(after, 3))
        return seconds

    async def close(self) -> None:
        """Let go of the connections."""
        await self._client.aclose()


async def until(found: Callable[[], Awaitable[Any]], what: str, seconds: float = 30) -> Any:
    """Wait for something truthy; StoryEnded when it does not come about."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = await found()
        if value:
            return value
        await asyncio.sleep(POLL_SECONDS)
    raise StoryEnded(f"not within {seconds:g} s: {what}")


def _body(answer: httpx2.Response) -> Any:
    if answer.is_success:
        return answer.json() if answer.content else None
    raise StoryEnded(f"{answer.request.method} {answer.request.url.path}: {answer.text[:500]}")
