"""A worker whose target changes under its hands, and what goes first."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest

from brocante.contracts.marketplace import MarketplacePause, MarketplaceResume
from tests.support.fake_account import FakeAccount
from tests.support.running import eventually


def during(
    account: FakeAccount, operation: str, what: Callable[[], Awaitable[None]]
) -> Callable[[str], Awaitable[None]]:
    """Do something once, while a call of this operation is under way."""

    async def then(now: str) -> None:
        if now == operation:
            account.adapter.during = None
            await what()

    return then


@pytest.fixture
async def looping(account: FakeAccount) -> AsyncIterator[FakeAccount]:
    """An account whose loop a test starts; it is stopped afterwards."""
    yield account
    account.adapter.during = None
    await account.loop.stop()


async def test_a_sale_during_the_activation_takes_it_off_sale_again(account: FakeAccount) -> None:
    await account.want("activate", 1)
    account.adapter.during = during(account, "activate", lambda: account.want("deactivate", 2))
    await account.finish()
    await account.answers("lamp-1", "listing.superseded")
    await account.answers("lamp-2", "listing.deactivated")
    assert account.adapter.on_sale() == []
    assert len(account.adapter.listings) == 1


async def test_a_call_of_unknown_outcome_that_was_overtaken_is_read_back_first(
    account: FakeAccount,
) -> None:
    await account.want("activate", 1)
    account.adapter.fail("activate", "cut_after")
    account.adapter.during = during(account, "activate", lambda: account.want("deactivate", 2))
    await account.finish()
    calls = [operation for operation, _ in account.adapter.ledger]
    assert calls == ["activate", "find", "deactivate"]
    assert account.adapter.on_sale() == []


async def test_an_edit_taken_back_while_it_is_sent_shows_the_first_content_again(
    account: FakeAccount,
) -> None:
    await account.want("activate", 1, title="Lamp")
    await account.finish()
    await account.want("update", 2, title="Brass lamp")
    back = during(account, "update", lambda: account.want("update", 3, title="Lamp"))
    account.adapter.during = back
    await account.finish()
    await account.answers("lamp-3", "listing.updated")
    assert account.adapter.listings["x1"].title == "Lamp"


async def test_a_target_that_another_replica_recorded_is_seen_before_the_next_call(
    account: FakeAccount,
) -> None:
    # Intake runs beside this process with a memory of its own, as on another replica.
    await account.want("activate", 1)
    await account.finish()
    await account.want("deactivate", 2)
    await account.work()
    assert account.adapter.on_sale() == []


async def test_nothing_is_called_once_another_replica_has_the_lease(account: FakeAccount) -> None:
    await account.want("activate", 1)
    workshop = account.process().workshop
    assert await account.loop.workshop.lease.hold()
    assert not await workshop.lease.hold()
    await workshop.work("main/lamp")
    assert account.adapter.ledger == []


async def test_an_outcome_that_comes_after_the_lease_was_lost_is_kept_and_read_back_at_once(
    account: FakeAccount,
) -> None:
    await account.want("activate", 1)
    account.adapter.during = during(account, "activate", account.loop.workshop.lease.release)
    await account.work()
    known = await account.known()
    assert known.link is not None
    assert (known.link.external_id, known.seen.observed) == ("x1", "unknown")
    await account.finish()
    await account.answers("lamp-1", "listing.activated")
    assert [operation for operation, _ in account.adapter.ledger][:2] == ["activate", "read"]


async def test_taking_off_sale_goes_first_when_everything_else_hangs(
    looping: FakeAccount,
) -> None:
    await looping.want("activate", 1)
    await looping.finish()
    for n in range(12):
        await looping.want("activate", 1, f"chair{n}")
    stuck = asyncio.Event()

    async def hanging(operation: str) -> None:
        if operation == "activate":
            await stuck.wait()

    looping.adapter.during = hanging
    await looping.loop.start()
    await eventually(lambda: looping.adapter.called("activate") > 6, "every other place taken")
    await looping.want("deactivate", 2)
    await looping.answers("lamp-2", "listing.deactivated")
    stuck.set()
    await looping.answers("chair11-1", "listing.activated")


async def test_of_what_waits_the_off_sale_is_called_first(looping: FakeAccount) -> None:
    await looping.want("activate", 1)
    await looping.finish()
    for n in range(6):
        await looping.want("activate", 1, f"chair{n}")
    await looping.want("deactivate", 2)
    looping.adapter.ledger.clear()
    await looping.loop.start()
    await looping.answers("chair5-1", "listing.activated")
    assert looping.adapter.ledger[0] == ("deactivate", "lamp")


async def test_one_call_at_a_time_still_puts_on_sale(looping: FakeAccount) -> None:
    looping.calls_at_once = 1
    looping.loop = looping.process()
    await looping.want("activate", 1)
    await looping.loop.start()
    await looping.answers("lamp-1", "listing.activated")


async def test_what_waited_for_the_marketplace_is_due_when_it_is_back(
    looping: FakeAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(random, "random", lambda: 0.99)
    await looping.want("activate", 1)
    for _ in range(8):
        looping.adapter.fail("activate", "lie")
        await looping.work()
    due = (await looping.known()).due_at
    assert due is not None
    assert due > datetime.now(UTC) + timedelta(seconds=100)
    looping.loop.status_changed("up", "")
    await looping.loop.start()
    await looping.answers("lamp-1", "listing.deferred", "listing.activated")


async def test_a_pause_recorded_by_another_replica_stops_the_calls(looping: FakeAccount) -> None:
    await looping.loop.status.say("unauthorized", "")
    await looping.loop.status.say("up", "")
    pause = MarketplacePause(marketplace="ebay", reason="stocktaking")
    await looping.made.publish(looping.wire(pause, "p1"))
    await looping.answers("p1", "marketplace.status_changed")
    await looping.want("activate", 1)
    await looping.loop.start()
    await looping.answers("lamp-1", "listing.deferred")
    assert looping.adapter.ledger == []
    assert looping.loop.status.known.paused
    resume = MarketplaceResume(marketplace="ebay", reason="counted")
    await looping.made.publish(looping.wire(resume, "r1"))
    await looping.answers("lamp-1", "listing.deferred", "listing.activated")
