"""Sales and cancellations that the marketplace tells of, or that the worker must go and find."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from brocante.contracts.answers import ResyncRequested
from brocante.contracts.listings import WebhookProcessed
from brocante.contracts.marketplace import ListingLink
from marketplace_sync.domain import delivery
from marketplace_sync.marketplaces.contract import CancellationSeen, OrderToRead, SaleSeen
from tests.support.fake_account import FakeAccount
from tests.support.fake_adapter import FakeListing
from tests.support.running import eventually
from tests.support.worker_listings import NOW

SALE = SaleSeen("ebay:l1", "o1", "x1", "lamp", 1, None, NOW)
CANCELED = CancellationSeen("ebay:l1", "o1", "unpaid", NOW)


class Forgetful(dict[str, list[str]]):
    """Remembers nothing that it is told."""

    def __setitem__(self, key: str, value: list[str]) -> None:
        """Forget it."""


@pytest.fixture
async def looping(account: FakeAccount) -> AsyncIterator[FakeAccount]:
    """A lamp on sale, and a loop that a test starts; it is stopped afterwards."""
    await account.want("activate", 1)
    await account.finish()
    await account.answers("lamp-1", "listing.activated")
    yield account
    await account.loop.stop()


async def said_to_sales(account: FakeAccount, *types: str) -> list[Any]:
    """What was said to sales, once it is these types in this order."""
    await eventually(lambda: [m.TYPE for m in account.sales()] == list(types), f"{types} said")
    return account.sales()


async def processed(account: FakeAccount, webhook_id: str) -> list[tuple[str, str | None]]:
    """What became of a delivery, once that was said."""

    def said() -> list[tuple[str, str | None]]:
        messages = [one.message for one in account.said(webhook_id)]
        return [(m.result, m.sale_id) for m in messages if isinstance(m, WebhookProcessed)]

    await eventually(lambda: bool(said()), f"{webhook_id} is answered")
    return said()


async def sold_here(account: FakeAccount, *, canceled: bool) -> None:
    """The lamp was sold here, and yet this marketplace shows it active."""
    account.adapter.orders["o1"] = (CANCELED,) if canceled else (SALE,)
    about = {"reason": "sold", "external_order_id": "o1", "sale_id": "ebay:l1"}
    await account.want("deactivate", 2, desired="sold", **about)


async def test_a_sale_canceled_there_is_a_cancellation_and_not_taken_down(
    looping: FakeAccount,
) -> None:
    await sold_here(looping, canceled=True)
    await looping.work()
    (cancel,) = await said_to_sales(looping, "sale.cancel")
    assert (cancel.sale_id, cancel.origin, cancel.reason) == ("ebay:l1", "marketplace", "unpaid")
    assert looping.adapter.on_sale() == ["lamp"]
    # What follows from it: the listing is wanted on sale, and it is without a call.
    await looping.want("activate", 3, reason="sale_canceled")
    await looping.finish()
    await looping.answers("lamp-3", "listing.activated")
    assert looping.adapter.called("deactivate") == 0
    assert looping.adapter.called("activate") == 1


async def test_a_sold_item_on_sale_without_a_cancellation_is_taken_down_at_once(
    looping: FakeAccount,
) -> None:
    await sold_here(looping, canceled=False)
    await looping.work()
    assert looping.adapter.on_sale() == []
    assert looping.sales() == []
    await looping.answers("lamp-2", "listing.deactivated")


async def test_a_cancellation_nobody_acts_on_does_not_keep_a_sold_item_on_sale(
    looping: FakeAccount,
) -> None:
    await sold_here(looping, canceled=True)
    await looping.work()
    assert looping.adapter.on_sale() == ["lamp"]
    await looping.finish()
    assert looping.adapter.on_sale() == []


async def test_an_order_that_must_be_read_becomes_a_sale_that_names_its_delivery(
    looping: FakeAccount,
) -> None:
    looping.adapter.orders["o1"] = (SALE,)
    await looping.loop.start()
    await looping.deliver("w1", OrderToRead("o1"))
    (sale,) = await said_to_sales(looping, "sale.record")
    assert (sale.item_id, sale.sale_id) == ("lamp", "ebay:l1")
    (at,) = [one.envelope for one in looping.made.messages("sales.commands")]
    assert at.correlation_id == "w1"
    assert await processed(looping, "w1") == [("applied", "ebay:l1")]


async def test_a_delivery_that_comes_again_leads_to_the_same_again_with_the_same_ids(
    looping: FakeAccount,
) -> None:
    looping.adapter.orders["o1"] = (SALE,)
    await looping.loop.start()
    await looping.deliver("w1", OrderToRead("o1"))
    await said_to_sales(looping, "sale.record")
    await looping.deliver("w1", OrderToRead("o1"))
    await said_to_sales(looping, "sale.record", "sale.record")
    ids = {one.envelope.id for one in looping.made.messages("sales.commands")}
    assert len(ids) == 1
    assert looping.adapter.called("read_order") == 1


async def test_a_sale_of_a_listing_without_a_link_is_announced_once_it_is_linked(
    looping: FakeAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "LOOK_AGAIN", (3600.0,))
    looping.adapter.listings["x9"] = FakeListing("x9", "old-chair", "Chair", 1, "active")
    await looping.loop.start()
    await looping.deliver("w1", SaleSeen("ebay:l9", "o9", "x9", None, 1, None, NOW))
    assert await processed(looping, "w1") == [("unmatched", None)]
    (told,) = looping.said("w1")
    (waiting,) = told.message.wire()["unmatched"]
    assert (waiting["external_id"], waiting["external_order_id"]) == ("x9", "o9")
    assert looping.sales() == []
    linked = ListingLink(item_id="chair", marketplace="ebay", intent=1, external_id="x9")
    await looping.tell(linked, "link-1")
    (sale,) = await said_to_sales(looping, "sale.record")
    assert (sale.item_id, sale.sale_id) == ("chair", "ebay:l9")
    await looping.answers("link-1", "listing.observed")


async def test_a_link_that_nobody_told_of_is_found_by_looking_again(
    looping: FakeAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "LOOK_AGAIN", (0.2,))
    await looping.loop.start()
    await looping.deliver("w1", SaleSeen("ebay:l9", "o9", "x2", None, 1, None, NOW))
    assert await processed(looping, "w1") == [("unmatched", None)]
    # As after a crash between the activation's record and its announcement.
    monkeypatch.setattr(looping.loop.workshop, "_linked", Forgetful())
    await looping.want("activate", 1, "chair")
    (sale,) = await said_to_sales(looping, "sale.record")
    assert sale.item_id == "chair"
    await eventually(lambda: len(looping.said("w1")) > 1, "the delivery is answered again")
    assert ("applied", "ebay:l9") in await processed(looping, "w1")


async def test_the_sweep_finds_a_sale_that_no_webhook_told_of(looping: FakeAccount) -> None:
    looping.adapter.changed_orders.append(SALE)
    await looping.loop.sweeper.sweep()
    await looping.loop.sweeper.sweep()
    (sale,) = await said_to_sales(looping, "sale.record")
    assert sale.sale_id == "ebay:l1"
    assert looping.adapter.swept == [None, "1"]


async def test_a_sale_that_only_a_sweep_saw_waits_for_its_link_like_any_other(
    looping: FakeAccount,
) -> None:
    looping.adapter.changed_orders.append(SaleSeen("ebay:l9", "o9", "x2", None, 1, None, NOW))
    await looping.loop.sweeper.sweep()
    assert looping.sales() == []
    await looping.loop.start()
    await looping.want("activate", 1, "chair")
    (sale,) = await said_to_sales(looping, "sale.record")
    assert (sale.item_id, sale.sale_id) == ("chair", "ebay:l9")


@pytest.mark.parametrize(("lost_since", "again_from"), [(1, "1"), (-3600, None)])
async def test_a_resync_sweeps_orders_from_before_what_was_lost(
    looping: FakeAccount, lost_since: int, again_from: str | None
) -> None:
    looping.adapter.changed_orders.append(SALE)
    await looping.loop.sweeper.sweep()
    looping.adapter.changed_orders.append(CANCELED)
    await looping.loop.sweeper.sweep()
    await said_to_sales(looping, "sale.record", "sale.cancel")
    since = datetime.now(UTC) + timedelta(seconds=lost_since)
    await looping.tell(ResyncRequested(resync_id="r1", epoch=2, since=since), "r1")
    await looping.loop.start()
    again = ["sale.record", "sale.cancel"] if again_from is None else ["sale.cancel"]
    await said_to_sales(looping, "sale.record", "sale.cancel", *again)
    assert again_from in looping.adapter.swept[2:]
    ids = {one.envelope.id for one in looping.made.messages("sales.commands")}
    assert len(ids) == 2
