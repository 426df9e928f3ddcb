"""Every adapter passes the same suite, on the marketplace as the sandbox shows it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import httpx2
import pytest

from brocante.contracts.marketplace import Content
from brocante.contracts.requirements import check
from brocante.contracts.values import Money
from marketplace_sync.marketplaces.contract import (
    Account,
    Adapter,
    CancellationSeen,
    Done,
    Gone,
    Invalid,
    Link,
    Notices,
    Observation,
    Outcome,
    Progress,
    RequirementSet,
    RetryLater,
    SaleSeen,
    Unauthorized,
    Unknown,
)
from marketplace_sync.marketplaces.registry import ADAPTERS, build
from sandbox.service import create_app
from sandbox.settings import SandboxSettings
from tests.support.running import eventually

CONTENT = Content(
    sku="91.10",
    title="Walnut chair",
    description="A side chair.",
    price=Money(amount="950.00", currency="USD"),
    condition="used",
    images=["https://images.invalid/1.jpg"],
    attributes={"period": "George III"},
)


@dataclass
class Shop:
    """One account of one marketplace, and the sandbox behind it."""

    slug: str
    adapter: Adapter
    http: httpx2.AsyncClient

    async def control(self, method: str, path: str, body: Any = None) -> httpx2.Response:
        return await self.http.request(method, f"http://sandbox/control/{path}", json=body)

    async def activate(self, link: Link, content: Content = CONTENT) -> Outcome:
        """Step by step, as the reconcile loop does it."""
        outcome: Outcome = Progress(link)
        for _ in range(6):
            if not isinstance(outcome, Progress):
                return outcome
            outcome = await self.adapter.activate(content, 1, outcome.link)
        raise AssertionError("an activation that never ends")

    async def active(self, sku: str = "91.10") -> Link:
        done = await self.activate(Link("item", sku))
        assert isinstance(done, Done), done
        assert done.observation.observed == "active"
        return done.link

    async def shown(self, sku: str = "91.10") -> str | None:
        listings = (await self.control("GET", "listings")).json()
        states = [x["state"] for x in listings if (x["marketplace"], x["sku"]) == (self.slug, sku)]
        return states[0] if states else None

    async def sell(self, sku: str = "91.10") -> dict[str, str]:
        answer = await self.control("POST", f"{self.slug}/sell", {"sku": sku})
        assert answer.status_code == 200, answer.text
        sold: dict[str, str] = answer.json()
        return sold


@pytest.fixture(params=sorted(ADAPTERS))
async def shop(request: pytest.FixtureRequest) -> AsyncIterator[Shop]:
    slug = request.param
    app: Any = create_app(SandboxSettings(data=None))
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport) as http:
        accounts = (await http.get("http://sandbox/control/accounts")).json()
        (own,) = [one for one in accounts if one["marketplace"] == slug]
        account = Account(
            own["dealer_id"],
            own["account"],
            f"http://sandbox/{slug}",
            own["credentials"],
            own["defaults"],
        )
        yield Shop(slug, build(slug, account, http), http)


def observed(outcome: Outcome) -> Observation:
    assert isinstance(outcome, Done), outcome
    return outcome.observation


async def test_an_activated_piece_is_on_sale_under_its_external_sku(shop: Shop) -> None:
    link = await shop.active()
    assert await shop.shown() == "active"
    listings = (await shop.control("GET", "listings")).json()
    assert [x["external_id"] for x in listings if x["marketplace"] == shop.slug] == [
        link.external_id
    ]


async def test_activating_again_changes_nothing_and_is_no_error(shop: Shop) -> None:
    link = await shop.active()
    again = await shop.activate(link)
    assert observed(again).observed == "active"
    listings = (await shop.control("GET", "listings")).json()
    assert len([x for x in listings if x["marketplace"] == shop.slug]) == 1


async def test_a_missing_required_field_is_known_beforehand_and_named_by_the_marketplace(
    shop: Shop,
) -> None:
    field = {"field": "/attributes/maker", "label": "Maker", "required": True, "type": "string"}
    await shop.control("PUT", f"{shop.slug}/requirements", {"fields": [field]})
    asked = await shop.adapter.requirements(None)
    assert isinstance(asked, RequirementSet)
    before = check(CONTENT.model_dump(), asked.fields, shop.slug)
    assert [issue.field for issue in before] == ["/attributes/maker"]
    refused = await shop.activate(Link("item", "91.10"))
    assert isinstance(refused, Invalid), refused
    assert [(i.field, i.category) for i in refused.issues] == [("/attributes/maker", "dealer")]
    mended = CONTENT.model_copy(update={"attributes": {"maker": "Chippendale"}})
    found = await shop.adapter.find(CONTENT, Link("item", "91.10"))
    link = found.link if isinstance(found, Done) else Link("item", "91.10")
    assert observed(await shop.activate(link, mended)).observed == "active"


async def test_a_requirement_that_is_put_and_taken_away_changes_the_version(shop: Shop) -> None:
    first = await shop.adapter.requirements(None)
    field = {"field": "/attributes/maker", "label": "Maker", "required": True}
    await shop.control("PUT", f"{shop.slug}/requirements", {"fields": [field]})
    second = await shop.adapter.requirements(None)
    await shop.control("PUT", f"{shop.slug}/requirements", {"fields": []})
    third = await shop.adapter.requirements(None)
    assert isinstance(first, RequirementSet)
    assert isinstance(second, RequirementSet)
    assert isinstance(third, RequirementSet)
    assert first.version == third.version != second.version


async def test_a_deactivated_piece_is_off_sale_and_deactivating_again_is_no_error(
    shop: Shop,
) -> None:
    link = await shop.active()
    for _ in range(2):
        off = observed(await shop.adapter.deactivate(link)).observed
        assert off in ("inactive", "ended")
    assert await shop.shown() == "inactive"
    assert observed(await shop.activate(link)).observed == "active"


async def test_a_held_piece_is_off_sale_and_comes_back(shop: Shop) -> None:
    link = await shop.active()
    held = observed(await shop.adapter.hold(link, None)).observed
    assert held in shop.adapter.capabilities.satisfies_on_hold
    assert await shop.shown() in ("on_hold", "inactive")
    assert observed(await shop.activate(link)).observed == "active"


async def test_new_content_and_price_are_shown(shop: Shop) -> None:
    link = await shop.active()
    changed = CONTENT.model_copy(
        update={"title": "Oak chair", "price": Money(amount="800.00", currency="USD")}
    )
    assert observed(await shop.adapter.update(changed, 1, link)).observed == "active"
    assert (await shop.sell())["sale_id"].startswith(f"{shop.slug}:")


async def test_a_sold_piece_shows_sold_and_can_be_put_on_sale_again(shop: Shop) -> None:
    link = await shop.active()
    await shop.sell()
    assert observed(await shop.adapter.read(link)).observed in ("sold", "ended")
    off = observed(await shop.adapter.deactivate(link)).observed
    assert off in ("sold", "ended", "inactive")
    again = await shop.activate(link)
    assert observed(again).observed == "active"
    assert await shop.shown() == "active"


async def test_an_order_is_read_as_a_sale_and_found_by_the_sweep(shop: Shop) -> None:
    link = await shop.active()
    sold = await shop.sell()
    read = await shop.adapter.read_order(sold["order_id"])
    swept = await shop.adapter.order_changes(None)
    for notices in (read, swept):
        assert isinstance(notices, Notices), notices
        (sale,) = notices.notices
        assert isinstance(sale, SaleSeen)
        assert sale.sale_id == sold["sale_id"]
        assert (sale.external_id, sale.external_sku) == (link.external_id, "91.10")
        assert sale.price is not None
        assert sale.price.decimal == 950


async def test_a_canceled_order_is_found_by_the_sweep(shop: Shop) -> None:
    await shop.active()
    sold = await shop.sell()
    before = await shop.adapter.order_changes(None)
    assert isinstance(before, Notices)
    canceled = await shop.control(
        "POST", f"{shop.slug}/cancel-order", {"order_id": sold["order_id"]}
    )
    assert canceled.status_code < 300
    after = await shop.adapter.order_changes(before.resume)
    assert isinstance(after, Notices)
    cancellations = [n for n in after.notices if isinstance(n, CancellationSeen)]
    assert [n.sale_id for n in cancellations] == [sold["sale_id"]]


async def test_the_sweep_of_listings_shows_every_piece(shop: Shop) -> None:
    link = await shop.active()
    await shop.active("91.1")
    cursor, seen = None, []
    while True:
        page = await shop.adapter.listing_changes(cursor)
        assert isinstance(page, Notices), page
        seen += [getattr(notice, "external_id", None) for notice in page.notices]
        cursor = page.cursor
        if cursor is None:
            break
    assert link.external_id in seen
    assert len(set(seen)) == 2


async def test_what_a_cut_activation_left_is_found_and_finished(shop: Shop) -> None:
    await shop.control("PUT", f"{shop.slug}/faults", {"cut_after": 1.0})
    cut = await shop.adapter.activate(CONTENT, 1, Link("item", "91.10"))
    assert isinstance(cut, Unknown | RetryLater), cut
    await shop.control("PUT", f"{shop.slug}/faults", {})
    found = await shop.adapter.find(CONTENT, Link("item", "91.10"))
    link = found.link if isinstance(found, Done) else Link("item", "91.10")
    assert observed(await shop.activate(link)).observed == "active"
    listings = (await shop.control("GET", "listings")).json()
    own = [x for x in listings if x["marketplace"] == shop.slug and x["sku"] == "91.10"]
    assert len(own) == 1


async def test_too_many_calls_are_tried_later(shop: Shop) -> None:
    await shop.control("PUT", f"{shop.slug}/faults", {"rate_limited": 1.0})
    outcome = await shop.adapter.activate(CONTENT, 1, Link("item", "91.10"))
    assert isinstance(outcome, RetryLater), outcome
    assert outcome.why == "rate_limited"


async def test_refused_access_that_a_new_token_does_not_mend_is_unauthorized(shop: Shop) -> None:
    await shop.control("PUT", f"{shop.slug}/faults", {"unauthorized": 1.0})
    outcome = await shop.adapter.activate(CONTENT, 1, Link("item", "91.10"))
    assert isinstance(outcome, Unauthorized), outcome


async def test_a_success_that_did_nothing_is_seen_by_reading_back(shop: Shop) -> None:
    link = await shop.active()
    await shop.control("PUT", f"{shop.slug}/faults", {"lie": 1.0})
    outcome = await shop.adapter.deactivate(link)
    assert not isinstance(outcome, Done) or outcome.observation.observed == "active"
    await shop.control("PUT", f"{shop.slug}/faults", {})

    async def off() -> bool:
        await shop.adapter.deactivate(link)
        return await shop.shown() == "inactive"

    await eventually(off, "it is off sale once the marketplace tells the truth")


async def test_a_listing_that_is_not_there_is_gone(shop: Shop) -> None:
    unknown = replace(Link("item", "none"), external_id="9999999999")
    assert isinstance(await shop.adapter.read(unknown), Gone)


async def test_a_webhook_that_says_nothing_of_sales_is_ignored(shop: Shop) -> None:
    assert list(shop.adapter.decode({}, b"{}")) == []
