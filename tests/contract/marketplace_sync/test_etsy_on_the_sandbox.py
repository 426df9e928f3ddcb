"""What is Etsy's alone, beyond the suite that every adapter passes."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from marketplace_sync.marketplaces.contract import (
    CancellationSeen,
    Done,
    Invalid,
    Link,
    Progress,
    RetryLater,
    SaleSeen,
    Unauthorized,
    Unknown,
)
from marketplace_sync.marketplaces.etsy import adapter as etsy_adapter
from tests.support.adapter_on_sandbox import CONTENT, OnSandbox, on_sandbox


@pytest.fixture
async def etsy() -> AsyncIterator[OnSandbox]:
    async with on_sandbox("etsy") as shop:
        yield shop


async def test_every_missing_field_is_named_in_one_refusal(etsy: OnSandbox) -> None:
    await etsy.require(
        {"field": "/attributes/maker", "label": "Maker", "required": True},
        {"field": "/attributes/woods", "label": "Woods", "required": True, "type": "list"},
    )
    refused = await etsy.activate(Link("item", "91.10"))
    assert isinstance(refused, Invalid), refused
    found = {(issue.field, issue.category) for issue in refused.issues}
    assert found == {("/attributes/maker", "dealer"), ("/attributes/woods", "dealer")}
    assert await etsy.shown() in ([], ["draft"])


async def test_several_values_of_one_property_all_arrive(etsy: OnSandbox) -> None:
    allowed = ["walnut", "cane", "oak"]
    await etsy.require(
        {
            "field": "/attributes/woods",
            "label": "Woods",
            "required": True,
            "type": "list",
            "allowed": allowed,
        }
    )
    content = CONTENT.model_copy(update={"attributes": {"woods": ["walnut", "cane"]}})
    assert isinstance(await etsy.activate(Link("item", "91.10"), content), Done)


async def test_of_two_pieces_with_one_title_each_finds_its_own_cut_draft(etsy: OnSandbox) -> None:
    drafts = {}
    for sku in ("91.1", "91.10"):
        await etsy.control("PUT", "etsy/faults", {"cut_after": 1.0})
        assert isinstance(await etsy.adapter.activate(CONTENT, 1, Link(sku, sku)), Unknown)
        await etsy.control("PUT", "etsy/faults", {})
    for sku in ("91.1", "91.10"):
        found = await etsy.adapter.find(CONTENT, Link(sku, sku))
        assert isinstance(found, Done), found
        assert found.observation.observed == "draft"
        drafts[sku] = found.link
    assert drafts["91.1"].external_id != drafts["91.10"].external_id
    for sku, link in drafts.items():
        assert isinstance(await etsy.activate(link), Done)
        assert await etsy.shown(sku) == ["active"]


async def test_the_mark_of_a_draft_is_gone_once_it_is_on_sale(etsy: OnSandbox) -> None:
    link = await etsy.active()
    url = f"http://sandbox/etsy/v3/application/listings/{link.external_id}"
    shown = (await etsy.http.get(url, headers={"x-api-key": "etsy-key"})).json()
    assert shown["description"] == "A side chair."


async def test_new_content_never_puts_back_what_was_just_sold(etsy: OnSandbox) -> None:
    link = await etsy.active()
    await etsy.sell()
    assert isinstance(await etsy.adapter.update(CONTENT, 1, link), RetryLater)
    assert await etsy.shown() == ["sold"]


async def test_what_the_dealer_took_off_there_stays_off_when_content_changes(
    etsy: OnSandbox,
) -> None:
    link = await etsy.active()
    await etsy.edit(link, state="inactive")
    outcome = await etsy.adapter.update(CONTENT, 1, link)
    assert isinstance(outcome, Done)
    assert outcome.observation.observed == "inactive"
    assert await etsy.shown() == ["inactive"]


async def test_an_expired_listing_is_off_sale_and_can_be_put_back(etsy: OnSandbox) -> None:
    link = await etsy.active()
    await etsy.edit(link, state="ended")
    off = await etsy.adapter.deactivate(link)
    assert isinstance(off, Done)
    assert off.observation.observed in ("ended", "inactive")
    assert isinstance(await etsy.activate(link), Done)
    assert await etsy.shown() == ["active"]


async def test_a_draft_counts_as_off_sale(etsy: OnSandbox) -> None:
    step = await etsy.adapter.activate(CONTENT, 1, Link("item", "91.10"))
    assert isinstance(step, Progress)
    off = await etsy.adapter.deactivate(step.link)
    assert isinstance(off, Done)
    assert off.observation.observed == "draft"


async def test_a_sweep_in_small_pages_misses_no_sale_and_no_cancellation(
    etsy: OnSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(etsy_adapter, "PAGE", 2)
    sold = []
    for n in range(7):
        await etsy.active(f"sku-{n}")
        sold.append(await etsy.sell(f"sku-{n}"))
    found, resume = await etsy.swept()
    assert {n.sale_id for n in found if isinstance(n, SaleSeen)} == {s["sale_id"] for s in sold}
    await etsy.cancel(sold[3]["order_id"])
    again, _ = await etsy.swept(resume)
    canceled = [n.sale_id for n in again if isinstance(n, CancellationSeen)]
    assert canceled == [sold[3]["sale_id"]]


async def test_a_canceled_piece_stays_sold_out_until_it_is_renewed(etsy: OnSandbox) -> None:
    link = await etsy.active()
    sold = await etsy.sell()
    await etsy.cancel(sold["order_id"])
    assert await etsy.shown() == ["sold"]
    assert etsy.adapter.capabilities.activation_cost is not None
    assert isinstance(await etsy.activate(link), Done)
    assert await etsy.shown() == ["active"]


async def test_an_expired_token_is_renewed_once_for_calls_at_the_same_time() -> None:
    async with on_sandbox("etsy", credentials={"access_token": "expired"}) as etsy:
        links = [Link(f"item-{n}", f"sku-{n}") for n in range(4)]
        done = await asyncio.gather(*(etsy.activate(link) for link in links))
        assert all(isinstance(one, Done) for one in done), done


async def test_a_connection_that_etsy_no_longer_accepts_stops_the_account() -> None:
    broken = {"access_token": "expired", "refresh_token": "revoked"}
    async with on_sandbox("etsy", credentials=broken) as etsy:
        outcome = await etsy.adapter.activate(CONTENT, 1, Link("item", "91.10"))
        assert isinstance(outcome, Unauthorized), outcome


async def test_a_shop_that_is_not_the_tokens_stops_the_account() -> None:
    async with on_sandbox("etsy", defaults={"shop_id": "99"}) as etsy:
        outcome = await etsy.adapter.activate(CONTENT, 1, Link("item", "91.10"))
        assert isinstance(outcome, Unauthorized), outcome


async def test_the_second_window_is_waited_for_as_etsy_says() -> None:
    limits = {"etsy_per_second": 1, "etsy_per_day": 1_000}
    async with on_sandbox("etsy", limits=limits) as etsy:
        outcomes = [await etsy.adapter.activate(CONTENT, 1, Link("i", "s")) for _ in range(2)]
        assert outcomes[1] == RetryLater(1.0, "rate_limited")
