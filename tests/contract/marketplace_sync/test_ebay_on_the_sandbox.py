"""What is eBay's alone, beyond the suite that every adapter passes."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from brocante.contracts.requirements import check
from brocante.contracts.values import Money
from marketplace_sync.marketplaces.contract import (
    CancellationSeen,
    Done,
    Invalid,
    Link,
    ListingSeen,
    Notices,
    Outcome,
    Progress,
    RequirementSet,
    RetryLater,
    SaleSeen,
    Unauthorized,
)
from marketplace_sync.marketplaces.ebay import paging
from tests.support.adapter_on_sandbox import CONTENT, OnSandbox, on_sandbox


@pytest.fixture
async def ebay() -> AsyncIterator[OnSandbox]:
    async with on_sandbox("ebay") as shop:
        yield shop


def observed(outcome: Outcome | Notices | RequirementSet) -> str:
    assert isinstance(outcome, Done), outcome
    return outcome.observation.observed


def _offer(link: Link) -> str:
    return link.steps["offer_id"]


async def test_every_missing_aspect_is_named_in_one_refusal(ebay: OnSandbox) -> None:
    await ebay.require(
        {"field": "/attributes/maker", "label": "Maker", "required": True},
        {"field": "/attributes/Time Period", "label": "Time period", "required": True},
        {"field": "/condition", "label": "Condition", "allowed": ["NEW"]},
    )
    refused = await ebay.activate(Link("item", "91.10"))
    assert isinstance(refused, Invalid), refused
    assert {(issue.field, issue.category) for issue in refused.issues} == {
        ("/attributes/maker", "dealer"),
        ("/attributes/Time Period", "dealer"),
        ("/condition", "dealer"),
    }
    assert all("A user error has occurred" not in issue.message for issue in refused.issues)
    assert await ebay.shown() == []


async def test_an_announced_aspect_is_a_warning_and_does_not_stop_anything(
    ebay: OnSandbox,
) -> None:
    await ebay.require(
        {
            "field": "/attributes/maker",
            "label": "Maker",
            "required": True,
            "effective_at": "2126-01-31T00:00:00Z",
        }
    )
    asked = await ebay.adapter.requirements(None)
    assert isinstance(asked, RequirementSet), asked
    (field,) = [one for one in asked.fields if one.field == "/attributes/maker"]
    assert field.effective_at is not None
    seen = (await ebay.active()).external_id
    assert seen is not None
    issues = check(CONTENT.model_dump(), [field], "ebay", field.effective_at.replace(year=2026))
    assert [issue.severity for issue in issues] == ["warning"]


async def test_a_title_too_long_and_a_price_of_nothing_come_back_together(
    ebay: OnSandbox,
) -> None:
    wrong = {"title": "x" * 81, "price": Money(amount="0.00", currency="USD")}
    refused = await ebay.activate(Link("item", "91.10"), CONTENT.model_copy(update=wrong))
    assert isinstance(refused, Invalid), refused
    assert {issue.field for issue in refused.issues} == {"/title", "/price"}


async def test_a_hold_keeps_the_listing_and_its_number(ebay: OnSandbox) -> None:
    link = await ebay.active()
    held = await ebay.adapter.hold(link, None)
    assert observed(held) == "on_hold"
    assert isinstance(held, Done)
    again = await ebay.activate(held.link)
    assert observed(again) == "active"
    assert isinstance(again, Done)
    assert again.link.external_id == link.external_id


async def test_a_listing_back_from_a_hold_is_not_published_a_second_time(ebay: OnSandbox) -> None:
    link = await ebay.active()
    await ebay.adapter.hold(link, None)
    before = [path for _, path in await ebay.calls() if path.endswith("/publish")]
    assert observed(await ebay.activate(link)) == "active"
    after = [path for _, path in await ebay.calls() if path.endswith("/publish")]
    assert after == before


async def test_what_is_left_of_a_piece_sold_in_part_can_be_held(ebay: OnSandbox) -> None:
    step = await ebay.adapter.activate(CONTENT, 2, Link("item", "91.10"))
    assert isinstance(step, Progress)
    done = await ebay.adapter.activate(CONTENT, 2, step.link)
    assert isinstance(done, Done)
    await ebay.sell()
    assert observed(await ebay.adapter.read(done.link)) == "active"
    held = await ebay.adapter.hold(done.link, None)
    assert observed(held) == "on_hold"
    assert isinstance(held, Done)
    assert observed(await ebay.adapter.read(held.link)) == "on_hold"


async def test_a_hold_of_what_was_taken_off_already_is_no_error(ebay: OnSandbox) -> None:
    link = await ebay.active()
    await ebay.adapter.deactivate(link)
    shown = observed(await ebay.adapter.hold(link, None))
    assert shown in ebay.adapter.capabilities.satisfies_on_hold


async def test_new_content_never_puts_back_what_was_just_sold(ebay: OnSandbox) -> None:
    link = await ebay.active()
    await ebay.sell()
    assert isinstance(await ebay.adapter.update(CONTENT, 1, link), RetryLater)
    assert await ebay.shown() == ["sold"]


@pytest.mark.parametrize("state", ["inactive", "on_hold", "ended"])
async def test_what_the_dealer_took_off_there_stays_off_when_content_changes(
    ebay: OnSandbox, state: str
) -> None:
    link = await ebay.active()
    await ebay.edit(link, state=state)
    assert observed(await ebay.adapter.update(CONTENT, 1, link)) == state
    assert await ebay.shown() == [state]


async def test_a_piece_sold_and_canceled_comes_back_under_a_new_number(ebay: OnSandbox) -> None:
    link = await ebay.active()
    sold = await ebay.sell()
    await ebay.cancel(sold["order_id"])
    again = await ebay.activate(link)
    assert observed(again) == "active"
    assert isinstance(again, Done)
    assert again.link.external_id != link.external_id
    assert again.link.steps["offer_id"] == _offer(link)
    assert await ebay.shown() == ["active"]


async def test_an_offer_of_an_attempt_that_was_cut_is_taken_over(ebay: OnSandbox) -> None:
    step = await ebay.adapter.activate(CONTENT, 1, Link("item", "91.10"))
    assert isinstance(step, Progress)
    again = await ebay.adapter.activate(CONTENT, 1, Link("item", "91.10"))
    assert again == step


async def test_an_offer_that_was_deleted_there_is_made_anew(ebay: OnSandbox) -> None:
    link = await ebay.active()
    headers = {"Authorization": "Bearer ebay-access-main"}
    url = f"http://sandbox/ebay/sell/inventory/v1/offer/{_offer(link)}"
    assert (await ebay.http.delete(url, headers=headers)).status_code == 204
    assert type(await ebay.activate(link)).__name__ == "Gone"
    assert isinstance(await ebay.activate(Link("item", "91.10")), Done)
    assert await ebay.shown() == ["active"]


async def test_a_listing_linked_by_hand_is_found_by_its_number(ebay: OnSandbox) -> None:
    for n in range(3):
        await ebay.active(f"sku-{n}")
    known = await ebay.active("91.10")
    linked = await ebay.adapter.read(Link("item", "", known.external_id))
    assert isinstance(linked, Done), linked
    assert (linked.link.external_sku, linked.link.steps) == ("91.10", known.steps)
    assert type(await ebay.adapter.read(Link("item", "", "1"))).__name__ == "Gone"


async def test_a_sweep_in_small_pages_misses_no_sale_and_no_cancellation(
    ebay: OnSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "ORDERS", 2)
    sold = []
    for n in range(7):
        await ebay.active(f"sku-{n}")
        sold.append(await ebay.sell(f"sku-{n}"))
    found, resume = await ebay.swept()
    assert {n.sale_id for n in found if isinstance(n, SaleSeen)} == {s["sale_id"] for s in sold}
    await ebay.cancel(sold[3]["order_id"], reason="OUT_OF_STOCK_OR_CANNOT_FULFILL")
    again, _ = await ebay.swept(resume)
    canceled = {(n.sale_id, n.reason) for n in again if isinstance(n, CancellationSeen)}
    assert canceled == {(sold[3]["sale_id"], "sold_elsewhere")}


async def test_a_sale_during_a_sweep_hides_no_other(
    ebay: OnSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "ORDERS", 10)
    sold = []
    for n in range(12):
        await ebay.active(f"sku-{n}")
        sold.append(await ebay.sell(f"sku-{n}"))
    first = await ebay.adapter.order_changes(None)
    assert isinstance(first, Notices)
    # The oldest changes: it moves to the end, and every other one moves up by one.
    await ebay.cancel(sold[0]["order_id"])
    rest, _ = await ebay.swept(first.cursor)
    seen = {n.sale_id for n in (*first.notices, *rest) if isinstance(n, SaleSeen)}
    assert seen == {one["sale_id"] for one in sold}


async def test_the_sweep_of_listings_goes_through_every_page(
    ebay: OnSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "ITEMS", 2)
    links = [await ebay.active(f"sku-{n}") for n in range(5)]
    cursor, seen = None, []
    while True:
        page = await ebay.adapter.listing_changes(cursor)
        assert isinstance(page, Notices), page
        seen += [notice for notice in page.notices if isinstance(notice, ListingSeen)]
        cursor = page.cursor
        if cursor is None:
            break
    assert [one.external_id for one in seen] == [link.external_id for link in links]
    assert {one.observation.observed for one in seen} == {"active"}


async def test_a_sweep_shows_the_sku_of_a_listing_that_somebody_withdrew(ebay: OnSandbox) -> None:
    link = await ebay.active()
    await ebay.control("POST", "ebay/edit", {"external_id": link.external_id, "state": "inactive"})
    page = await ebay.adapter.listing_changes(None)
    assert isinstance(page, Notices), page
    (seen,) = [notice for notice in page.notices if isinstance(notice, ListingSeen)]
    assert (seen.external_id, seen.external_sku) == (None, link.external_sku)
    assert observed(await ebay.adapter.read(link)) == "inactive"


async def test_a_sweep_that_is_stopped_says_so_instead_of_leaving_out_listings(
    ebay: OnSandbox,
) -> None:
    await ebay.active()
    await ebay.control("PUT", "ebay/faults", {"unauthorized": 1.0})
    assert isinstance(await ebay.adapter.listing_changes(None), Unauthorized)
    assert isinstance(await ebay.adapter.order_changes(None), Unauthorized)


async def test_an_expired_token_is_renewed_for_calls_at_the_same_time() -> None:
    async with on_sandbox("ebay", credentials={"access_token": "expired"}) as ebay:
        links = [Link(f"item-{n}", f"sku-{n}") for n in range(4)]
        done = await asyncio.gather(*(ebay.activate(link) for link in links))
        assert all(isinstance(one, Done) for one in done), done


async def test_a_connection_that_ebay_no_longer_accepts_stops_the_account() -> None:
    broken = {"access_token": "expired", "refresh_token": "revoked"}
    async with on_sandbox("ebay", credentials=broken) as ebay:
        assert isinstance(await ebay.activate(Link("item", "91.10")), Unauthorized)


@pytest.mark.parametrize(
    "missing", ["fulfillmentPolicyId", "merchantLocationKey", "paymentPolicyId"]
)
async def test_an_account_without_a_policy_is_the_dealers_to_mend(missing: str) -> None:
    async with on_sandbox("ebay", defaults={missing: ""}) as ebay:
        refused = await ebay.activate(Link("item", "91.10"))
        assert isinstance(refused, Invalid), refused
        assert [(i.field, i.category) for i in refused.issues] == [(None, "dealer")]
