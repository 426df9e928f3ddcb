"""A worker and a marketplace with faults: what was wanted is reached, once, and said."""

import asyncio
from datetime import UTC, datetime

import pytest

from brocante.contracts.listings import ListingActivated, ListingValidationFailed
from brocante.contracts.values import Requirement
from marketplace_sync.marketplaces.contract import Unauthorized
from tests.support.fake_account import FakeAccount
from tests.support.fake_adapter import RETRY_AFTER, Fault, ProcessDied

PERIOD = Requirement(field="/attributes/period", label="Period", required=True)


async def due_in(account: FakeAccount) -> float:
    """Seconds until the lamp is due."""
    due = (await account.known()).due_at
    assert due is not None
    return (due - datetime.now(UTC)).total_seconds()


async def test_an_activation_ends_in_one_listing_and_one_answer_to_its_command(
    account: FakeAccount,
) -> None:
    await account.want("activate", 1)
    await account.finish()
    (said,) = await account.answers("lamp-1", "listing.activated")
    assert isinstance(said, ListingActivated)
    assert (said.external_id, said.observed, said.verified, said.intent) == (
        "x1",
        "active",
        True,
        1,
    )
    assert account.adapter.ledger == [("activate", "lamp")]
    assert account.adapter.on_sale() == ["lamp"]


async def test_the_same_target_again_is_answered_again_and_calls_nothing(
    account: FakeAccount,
) -> None:
    await account.want("activate", 1)
    await account.finish()
    await account.answers("lamp-1", "listing.activated")
    again = account.adapter.ledger.copy()
    await account.want("activate", 1, id_="again")
    await account.answers("again", "listing.activated")
    await account.work()
    await account.answers("lamp-1", "listing.activated")
    assert account.adapter.ledger == again


async def test_a_crash_between_the_call_and_its_record_makes_no_second_listing(
    account: FakeAccount,
) -> None:
    account.adapter.fail("activate", "crash_after")
    await account.want("activate", 1)
    with pytest.raises(ProcessDied):
        await account.work()
    await account.restart()
    await account.finish()
    await account.answers("lamp-1", "listing.activated")
    assert [one.sku for one in account.adapter.listings.values()] == ["lamp"]
    assert account.adapter.called("activate") == 1


async def test_a_crash_while_putting_it_back_on_sale_never_passes_for_off_sale(
    account: FakeAccount,
) -> None:
    await account.want("activate", 1)
    await account.finish()
    await account.want("deactivate", 2)
    await account.finish()
    account.adapter.fail("activate", "crash_after")
    await account.want("activate", 3)
    with pytest.raises(ProcessDied):
        await account.work()
    await account.restart()
    await account.want("deactivate", 4)
    await account.finish()
    await account.answers("lamp-4", "listing.deactivated")
    assert account.adapter.on_sale() == []


async def test_a_call_cut_after_its_effect_is_read_back_and_not_repeated(
    account: FakeAccount,
) -> None:
    account.adapter.fail("activate", "cut_after")
    await account.want("activate", 1)
    await account.work()
    assert (await account.known()).trouble.doubt == 0
    assert 0.0 < await due_in(account) <= 1.0
    (waits,) = await account.answers("lamp-1", "listing.deferred")
    assert waits.why == "retrying"
    await account.finish()
    await account.answers("lamp-1", "listing.deferred", "listing.activated")
    assert (account.adapter.called("activate"), len(account.adapter.listings)) == (1, 1)


async def test_a_creation_cut_before_its_effect_is_looked_for_three_times_then_made(
    account: FakeAccount,
) -> None:
    account.adapter.idempotent = False
    account.adapter.__post_init__()
    account.adapter.fail("activate", "cut_before")
    await account.want("activate", 1)
    await account.finish()
    calls = [operation for operation, _ in account.adapter.ledger]
    assert calls == ["activate", "find", "find", "find", "activate"]
    assert account.adapter.on_sale() == ["lamp"]


async def test_taking_off_sale_cut_after_its_effect_is_settled_by_the_read_back(
    account: FakeAccount,
) -> None:
    await account.want("activate", 1)
    await account.finish()
    account.adapter.fail("deactivate", "cut_after")
    await account.want("deactivate", 2)
    await account.finish()
    await account.answers("lamp-2", "listing.deferred", "listing.deactivated")
    assert account.adapter.called("deactivate") == 1


@pytest.mark.parametrize("fault", ["lie", "cut_before", "rate_limited", "invalid"])
async def test_taking_off_sale_is_tried_until_it_is_off_sale(
    account: FakeAccount, fault: Fault
) -> None:
    await account.want("activate", 1)
    await account.finish()
    account.adapter.fail("deactivate", *(fault for _ in range(5)))
    await account.want("deactivate", 2)
    await account.finish()
    assert account.adapter.on_sale() == []
    assert account.adapter.called("deactivate") == 6
    assert account.said("lamp-2")[-1].message.TYPE != "listing.validation_failed"


async def test_a_yes_that_shows_no_is_not_believed(account: FakeAccount) -> None:
    account.adapter.fail("activate", "lie")
    await account.want("activate", 1)
    await account.finish()
    await account.answers("lamp-1", "listing.deferred", "listing.activated")
    assert account.adapter.on_sale() == ["lamp"]


async def test_a_missing_field_is_said_before_anything_is_called(account: FakeAccount) -> None:
    account.adapter.required = (PERIOD,)
    await account.want("activate", 1)
    await account.finish()
    (said,) = await account.answers("lamp-1", "listing.validation_failed")
    assert isinstance(said, ListingValidationFailed)
    assert [issue.field for issue in said.issues] == ["/attributes/period"]
    assert account.adapter.ledger == []


async def test_three_failures_alike_block_until_an_operator_or_a_new_target(
    account: FakeAccount,
) -> None:
    account.adapter.fail("activate", "invalid", "invalid", "invalid")
    await account.want("activate", 1)
    await account.finish()
    first, last = await account.answers("lamp-1", *["listing.operation_failed"] * 2)
    assert (first.gives_up, last.gives_up, last.attempts) == (False, True, 3)
    await account.want("activate", 2, title="Brass lamp, rewired")
    await account.finish()
    await account.answers("lamp-2", "listing.activated")


async def test_too_many_requests_waits_as_long_as_the_marketplace_says(
    account: FakeAccount,
) -> None:
    account.adapter.fail("activate", "rate_limited")
    await account.want("activate", 1)
    await account.work()
    (said,) = await account.answers("lamp-1", "listing.deferred")
    assert said.why == "rate_limited"
    assert RETRY_AFTER - 5 < await due_in(account) <= RETRY_AFTER


async def test_refused_access_is_handed_up_and_the_work_is_kept(account: FakeAccount) -> None:
    account.adapter.fail("activate", "unauthorized")
    await account.want("activate", 1)
    assert isinstance(await account.work(), Unauthorized)
    assert (await account.known()).open
    await account.finish()
    await account.answers("lamp-1", "listing.deferred", "listing.activated")


async def test_two_listings_that_choose_the_same_sku_at_once_get_different_ones(
    account: FakeAccount,
) -> None:
    for item in ("lamp", "chair"):
        await account.want("activate", 1, item, sku="91.10")
    workshop = account.loop.workshop
    assert await workshop.lease.hold()
    await asyncio.gather(workshop.work("main/lamp"), workshop.work("main/chair"))
    skus = {one.sku for one in account.adapter.listings.values()}
    assert len(skus) == 2
    assert "91.10" in skus
