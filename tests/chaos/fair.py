"""The marketplaces seen from the buyers' side: the sandbox's control API, which faults spare."""

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import httpx2

from tests.chaos.ending import ended

LOOK_SECONDS = 0.4
OFF = frozenset(("inactive", "ended", "draft", "sold", "on_hold", "none"))


class Fair:
    """Buys, cancels, switches marketplace faults, and keeps looking at what is shown."""

    def __init__(self, sandbox: str) -> None:
        self._client = httpx2.AsyncClient(base_url=sandbox, timeout=30, trust_env=False)
        self.shown: dict[tuple[str, str], str] = {}
        """By marketplace and SKU: the state shown a moment ago."""
        self._looker: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin looking."""
        self._looker = asyncio.create_task(self._look())

    async def stop(self) -> None:
        """Stop looking."""
        if self._looker is not None:
            await ended(self._looker)
        await self._client.aclose()

    async def buy(self, marketplace: str, sku: str) -> dict[str, str] | None:
        """A buyer buys; None when it is not for sale there."""
        answer = await self._client.post(f"/control/{marketplace}/sell", json={"sku": sku})
        if answer.status_code in (httpx2.codes.CONFLICT, httpx2.codes.NOT_FOUND):
            return None
        sold: dict[str, str] = answer.raise_for_status().json()
        return sold

    async def cancel(self, marketplace: str, order_id: str) -> None:
        """The order is canceled there."""
        answer = await self._client.post(
            f"/control/{marketplace}/cancel-order", json={"order_id": order_id}
        )
        answer.raise_for_status()

    async def faults(self, marketplace: str, faults: Mapping[str, float]) -> None:
        """Replace a marketplace's faults."""
        answer = await self._client.put(f"/control/{marketplace}/faults", json=dict(faults))
        answer.raise_for_status()

    async def until_shown(self, sku: str, wanted: Mapping[str, str], seconds: float) -> bool:
        """Wait until a piece is shown as wanted: `active` or `off` by marketplace."""
        end = time.monotonic() + seconds
        while not self.shows(sku, wanted):
            if time.monotonic() > end:
                return False
            await asyncio.sleep(LOOK_SECONDS)
        return True

    def shows(self, sku: str, wanted: Mapping[str, str]) -> bool:
        """Whether a piece is shown as wanted."""
        return all(as_shown(self.shown.get((m, sku))) == how for m, how in wanted.items())

    async def ledger(self) -> dict[str, list[dict[str, Any]]]:
        """Everything that really happened there."""
        answer = await self._client.get("/control/ledger", timeout=120)
        found: dict[str, list[dict[str, Any]]] = answer.raise_for_status().json()
        return found

    async def look(self) -> None:
        """Look once at everything on show."""
        answer = await self._client.get("/control/listings")
        listings = answer.raise_for_status().json()
        self.shown = {(x["marketplace"], x["sku"]): x["state"] for x in listings}

    async def _look(self) -> None:
        while True:
            began = time.monotonic()
            with suppress(httpx2.HTTPError):
                await self.look()
            # A large catalogue takes a while to read: never more than a fifth of the time.
            await asyncio.sleep(max(LOOK_SECONDS, 4 * (time.monotonic() - began)))


def as_shown(state: str | None) -> str:
    """`active`, or `off` for whatever cannot be bought."""
    return "active" if state == "active" else "off"
