"""What is Shopify's alone, beyond the suite that every adapter passes."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from brocante.contracts.requirements import check
from marketplace_sync.marketplaces.contract import (
    CancellationSeen,
    Done,
    Gone,
    Invalid,
    Link,
    RequirementSet,
    RetryLater,
    SaleSeen,
)
from tests.support.adapter_on_sandbox import CONTENT, OnSandbox, on_sandbox

BEYOND_DOUBLES = 2**53
DELETE = "mutation D($id: ID!) { productDelete(input: {id: $id}) { userErrors { message } } }"
GRAPHQL = "http://sandbox/shopify/admin/api/2026-04/graphql.json"


@pytest.fixture
async def shopify() -> AsyncIterator[OnSandbox]:
    async with on_sandbox("shopify") as shop:
        yield shop


async def test_skus_that_look_alike_are_two_products(shopify: OnSandbox) -> None:
    one, other = await shopify.active("91.1"), await shopify.active("91.10")
    assert one.external_id != other.external_id
    for link in (one, other):
        found = await shopify.adapter.find(CONTENT, Link("item", link.external_sku))
        assert isinstance(found, Done)
        assert found.link.external_id == link.external_id


async def test_numbers_beyond_53_bits_stay_exact(shopify: OnSandbox) -> None:
    link = await shopify.active()
    assert int(link.external_id or "0") > BEYOND_DOUBLES
    listings = await shopify.control("GET", "listings")
    assert [one["external_id"] for one in listings] == [link.external_id]
    sold = await shopify.sell()
    found, _ = await shopify.swept()
    assert [n.sale_id for n in found if isinstance(n, SaleSeen)] == [sold["sale_id"]]


async def test_every_missing_field_is_named_in_one_refusal(shopify: OnSandbox) -> None:
    await shopify.require(
        {"field": "/attributes/maker", "label": "Maker", "required": True},
        {"field": "/condition", "label": "Condition", "required": True},
    )
    refused = await shopify.activate(Link("item", "91.10"))
    assert isinstance(refused, Invalid), refused
    found = {(issue.field, issue.category) for issue in refused.issues}
    assert found == {("/attributes/maker", "dealer"), ("/condition", "dealer")}
    assert await shopify.shown() == []


async def test_attributes_of_every_type_meet_their_requirements(shopify: OnSandbox) -> None:
    fields: list[dict[str, object]] = [
        {"field": "/attributes/height", "label": "Height", "type": "integer", "max": 300},
        {"field": "/attributes/signed", "label": "Signed", "type": "boolean"},
        {"field": "/attributes/woods", "label": "Woods", "type": "list"},
    ]
    await shopify.require(*({**field, "required": True} for field in fields))
    attributes = {"height": 91, "signed": True, "woods": ["walnut", "cane"]}
    content = CONTENT.model_copy(update={"attributes": attributes})
    asked = await shopify.adapter.requirements(None)
    assert isinstance(asked, RequirementSet)
    assert check(content.model_dump(), asked.fields, "shopify") == []
    assert isinstance(await shopify.activate(Link("item", "91.10"), content), Done)


async def test_new_content_never_puts_back_what_was_just_sold(shopify: OnSandbox) -> None:
    link = await shopify.active()
    await shopify.sell()
    assert isinstance(await shopify.adapter.update(CONTENT, 1, link), RetryLater)
    assert await shopify.shown() == ["sold"]


async def test_what_the_dealer_took_off_there_stays_off_when_content_changes(
    shopify: OnSandbox,
) -> None:
    link = await shopify.active()
    await shopify.edit(link, state="inactive")
    outcome = await shopify.adapter.update(CONTENT, 1, link)
    assert isinstance(outcome, Done)
    assert outcome.observation.observed == "inactive"
    assert await shopify.shown() == ["inactive"]


async def test_more_pieces_are_in_stock_after_an_update(shopify: OnSandbox) -> None:
    link = await shopify.active()
    outcome = await shopify.adapter.update(CONTENT, 3, link)
    assert isinstance(outcome, Done)
    assert outcome.observation.quantity == 3
    await shopify.sell()
    assert await shopify.shown() == ["active"]


async def test_a_piece_sold_and_canceled_twice_comes_back_twice(shopify: OnSandbox) -> None:
    link = await shopify.active()
    for _ in range(2):
        sold = await shopify.sell()
        await shopify.cancel(sold["order_id"], reason="CUSTOMER")
        assert await shopify.shown() == ["sold"]
        back = await shopify.activate(link)
        assert isinstance(back, Done)
        assert back.observation.observed == "active"
        assert back.observation.quantity == 1
    found, _ = await shopify.swept()
    reasons = [n.reason for n in found if isinstance(n, CancellationSeen)]
    assert reasons == ["buyer_changed_mind"] * 2


async def test_a_piece_that_shopify_restocked_itself_needs_no_call(shopify: OnSandbox) -> None:
    link = await shopify.active()
    sold = await shopify.sell()
    await shopify.cancel(sold["order_id"], restock=True)
    shown = await shopify.adapter.read(link)
    assert isinstance(shown, Done)
    assert shown.observation.observed == "active"


async def test_a_product_that_was_deleted_there_is_gone_and_is_made_anew(
    shopify: OnSandbox,
) -> None:
    link = await shopify.active()
    variables = {"id": f"gid://shopify/Product/{link.external_id}"}
    token = {"X-Shopify-Access-Token": "shpat_main"}
    body = {"query": DELETE, "variables": variables}
    assert "errors" not in (await shopify.http.post(GRAPHQL, json=body, headers=token)).json()
    assert isinstance(await shopify.adapter.read(link), Gone)
    assert isinstance(await shopify.adapter.deactivate(link), Gone)
    assert isinstance(await shopify.adapter.update(CONTENT, 1, link), Gone)
    assert isinstance(await shopify.activate(link), Gone)
    assert isinstance(await shopify.activate(replace(link, external_id=None)), Done)


async def test_a_sweep_over_several_pages_misses_no_sale_and_no_cancellation(
    shopify: OnSandbox,
) -> None:
    sold = []
    for n in range(30):
        await shopify.active(f"sku-{n}")
        sold.append(await shopify.sell(f"sku-{n}"))
    found, resume = await shopify.swept()
    assert {n.sale_id for n in found if isinstance(n, SaleSeen)} == {s["sale_id"] for s in sold}
    await shopify.cancel(sold[3]["order_id"], reason="INVENTORY")
    again, _ = await shopify.swept(resume)
    canceled = [(n.sale_id, n.reason) for n in again if isinstance(n, CancellationSeen)]
    assert canceled == [(sold[3]["sale_id"], "sold_elsewhere")]


async def test_an_empty_bucket_is_waited_for_as_long_as_it_takes_to_fill() -> None:
    limits = {"shopify_points": 100, "shopify_points_per_second": 4}
    async with on_sandbox("shopify", limits=limits) as shopify:
        outcome = await shopify.activate(Link("item", "91.10"))
        while isinstance(outcome, Done):
            outcome = await shopify.activate(outcome.link)
        assert isinstance(outcome, RetryLater), outcome
        assert outcome.why == "rate_limited"
        assert outcome.after is not None
        assert 1 <= outcome.after <= 25


async def test_a_token_that_expired_is_renewed_by_the_apps_own_credentials() -> None:
    async with on_sandbox("shopify", credentials={"access_token": "expired"}) as shopify:
        assert isinstance(await shopify.activate(Link("item", "91.10")), Done)
