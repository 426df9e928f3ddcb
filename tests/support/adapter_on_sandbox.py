"""One marketplace account on a sandbox in this process, with the adapter that speaks to it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx2

from brocante.contracts.marketplace import Content
from brocante.contracts.values import Money
from marketplace_sync.marketplaces.contract import (
    Account,
    Adapter,
    Done,
    Link,
    Notice,
    Notices,
    Outcome,
    Progress,
)
from marketplace_sync.marketplaces.registry import build
from sandbox.service import create_app
from sandbox.settings import SandboxSettings

CONTENT = Content(
    sku="91.10",
    title="Walnut chair",
    description="A side chair.",
    price=Money(amount="950.00", currency="USD"),
    attributes={"period": "George III"},
)
MOST_STEPS, MOST_PAGES = 6, 50


@dataclass
class OnSandbox:
    """What a test does: as the adapter, or as the marketplace through the control API."""

    slug: str
    adapter: Adapter
    http: httpx2.AsyncClient

    async def control(self, method: str, path: str, body: Any = None) -> Any:
        answer = await self.http.request(method, f"http://sandbox/control/{path}", json=body)
        assert answer.status_code < httpx2.codes.MULTIPLE_CHOICES, answer.text
        return answer.json()

    async def activate(self, link: Link, content: Content = CONTENT) -> Outcome:
        """Step by step, as the reconcile loop does it."""
        outcome: Outcome = Progress(link)
        for _ in range(MOST_STEPS):
            if not isinstance(outcome, Progress):
                return outcome
            outcome = await self.adapter.activate(content, 1, outcome.link)
        raise AssertionError("an activation that never ends")

    async def active(self, sku: str = "91.10", content: Content = CONTENT) -> Link:
        done = await self.activate(Link(f"item-{sku}", sku), content)
        assert isinstance(done, Done), done
        assert done.observation.observed == "active"
        return done.link

    async def require(self, *fields: dict[str, Any]) -> None:
        await self.control("PUT", f"{self.slug}/requirements", {"fields": list(fields)})

    async def shown(self, sku: str = "91.10") -> list[str]:
        """The states of every listing with the SKU, as the marketplace itself has them."""
        listings = await self.control("GET", "listings")
        own = [one for one in listings if (one["marketplace"], one["sku"]) == (self.slug, sku)]
        return [one["state"] for one in own]

    async def sell(self, sku: str = "91.10") -> dict[str, str]:
        sold: dict[str, str] = await self.control("POST", f"{self.slug}/sell", {"sku": sku})
        return sold

    async def cancel(self, order_id: str, **how: Any) -> None:
        body = {"order_id": order_id, **how}
        await self.control("POST", f"{self.slug}/cancel-order", body)

    async def edit(self, link: Link, **change: Any) -> None:
        body = {"external_id": link.external_id, **change}
        await self.control("POST", f"{self.slug}/edit", body)

    async def calls(self) -> list[tuple[str, str]]:
        """Method and path of every call the marketplace got."""
        ledger = await self.control("GET", "ledger")
        return [(one["method"], one["path"]) for one in ledger["calls"]]

    async def swept(self, cursor: str | None = None) -> tuple[list[Notice], str | None]:
        """Every notice of a sweep of orders, and where the next one starts."""
        found: list[Notice] = []
        for _ in range(MOST_PAGES):
            page = await self.adapter.order_changes(cursor)
            assert isinstance(page, Notices), page
            found += page.notices
            if page.cursor is None:
                return found, page.resume
            cursor = page.cursor
        raise AssertionError("a sweep that never ends")


@asynccontextmanager
async def on_sandbox(slug: str, **settings: Any) -> AsyncIterator[OnSandbox]:
    """`settings` are the sandbox's; `credentials` and `defaults` replace some of the account's."""
    credentials, defaults = settings.pop("credentials", {}), settings.pop("defaults", {})
    app: Any = create_app(SandboxSettings(data=None, **settings))
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport) as http:
        accounts = (await http.get("http://sandbox/control/accounts")).json()
        (own,) = [one for one in accounts if one["marketplace"] == slug]
        account = Account(
            own["dealer_id"],
            own["account"],
            f"http://sandbox/{slug}",
            {**own["credentials"], **credentials},
            {**own["defaults"], **defaults},
        )
        yield OnSandbox(slug, build(slug, account, http), http)
