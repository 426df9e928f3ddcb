"""What operators tell a worker, what it refuses, and how it comes back after refused access."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from brocante.contracts.marketplace import ListingCheck, ListingRetry, TaskComplete
from brocante.documents.document import Document
from brocante.documents.store import DocumentStore
from brocante.messaging.unsent import recorded
from marketplace_sync.documents import DUE
from marketplace_sync.domain.listing import Listing
from marketplace_sync.domain.setbacks import fingerprint
from marketplace_sync.marketplaces.calls import Call
from marketplace_sync.marketplaces.contract import Window
from marketplace_sync.reconcile import account_status
from marketplace_sync.reconcile.budget import Budget
from marketplace_sync.reconcile.gate import CallGate
from marketplace_sync.reconcile.limiter import CHUNK
from marketplace_sync.reconcile.rescheduling import MOST_DUE
from tests.support.fake_account import KINDS, MARKETPLACE, FakeAccount
from tests.support.fake_adapter import SYSTEM_AT_FAULT, FakeListing
from tests.support.running import eventually
from tests.support.worker_listings import NOW, wanted

DAY = Window("day", 1000, 86_400)
REVISIONS = Window("revisions", 250, 86_400, per_listing=True)


@pytest.fixture
async def looping(account: FakeAccount) -> AsyncIterator[FakeAccount]:
    """An account whose loop a test starts; it is stopped afterwards."""
    yield account
    await account.loop.stop()


async def test_one_retry_frees_every_listing_that_failed_alike_and_is_answered_by_each(
    account: FakeAccount,
) -> None:
    for item in ("lamp", "chair"):
        account.adapter.fail("activate", "invalid", "invalid", "invalid")
        await account.want("activate", 1, item)
        await account.finish(item)
    alike = ListingRetry(marketplace="ebay", fingerprint=fingerprint([SYSTEM_AT_FAULT]))
    await account.tell(alike, "all")

    async def free() -> bool:
        return all([(await account.known(item)).open for item in ("lamp", "chair")])

    await eventually(free, "both are free")
    await account.finish("lamp", "chair")
    said = await account.answers("all", "listing.activated", "listing.activated")
    assert sorted(one.item_id for one in said) == ["chair", "lamp"]


async def test_a_retry_of_a_failure_nobody_has_is_refused(account: FakeAccount) -> None:
    await account.tell(ListingRetry(marketplace="ebay", fingerprint="nothing"), "all")
    (said,) = await account.answers("all", "command.rejected")
    assert said.code == "unknown_listing"


async def test_what_is_about_another_marketplace_is_refused(account: FakeAccount) -> None:
    await account.tell(ListingCheck(item_id="lamp", marketplace="etsy"), "c1")
    (said,) = await account.answers("c1", "command.rejected")
    assert said.code == "unknown_marketplace"
    assert await account.listing() is None


async def test_a_task_nobody_has_is_refused(account: FakeAccount) -> None:
    await account.tell(TaskComplete(task_id="t1", outcome="done"), "t1")
    (said,) = await account.answers("t1", "command.rejected")
    assert said.code == "unknown_task"


async def test_a_mistake_of_ours_is_said_and_blocks_like_any_other_failure(
    account: FakeAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FakeListing, "__init__", lambda _self, *_: 1 / 0)
    await account.want("activate", 1)
    await account.finish()
    _, last = await account.answers("lamp-1", *["listing.operation_failed"] * 2)
    assert (last.gives_up, last.issues[0].category) == (True, "system")


async def test_refused_access_stops_every_call_and_goes_on_by_itself_once_it_is_given(
    looping: FakeAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(account_status, "PROBE", timedelta(seconds=0.2))
    looping.adapter.revoked = True
    await looping.loop.start()
    await eventually(lambda: looping.loop.status.known.status == "unauthorized", "refused")
    await looping.want("activate", 1)
    await looping.answers("lamp-1", "listing.deferred")
    assert looping.adapter.ledger == []
    looping.adapter.revoked = False
    await looping.answers("lamp-1", "listing.deferred", "listing.activated")
    assert looping.loop.status.known.status == "up"


async def test_a_slow_order_holds_up_neither_the_lease_nor_taking_off_sale(
    looping: FakeAccount,
) -> None:
    await looping.want("activate", 1)
    await looping.finish()

    async def off_sale() -> None:
        await eventually(lambda: not looping.adapter.on_sale(), "off sale")

    looping.loop._start_beside("deliveries", off_sale)
    await looping.loop.start()
    await looping.want("deactivate", 2)
    await looping.answers("lamp-2", "listing.deactivated")


async def test_budgets_are_known_to_whoever_takes_the_account_over(account: FakeAccount) -> None:
    state = account.made.runtime.database.collection(f"{MARKETPLACE}_state")
    earlier, later = (CallGate(MARKETPLACE, (DAY, REVISIONS)) for _ in range(2))
    for gate in (earlier, later):
        gate.budget = Budget(state, "main", "shop")

    async def calling(operation: str) -> None:
        assert await earlier(Call("POST", "/", operation, listing="lamp")) is None

    account.adapter.during, account.loop.workshop.gate = calling, earlier
    await account.want("activate", 1)
    await account.finish()
    account.adapter.during, account.loop.workshop.gate = None, later
    account.loop.take_over = later.recall
    await account.loop._look()
    # A chunk is reserved before its first call: at most that much is counted too often.
    assert later.limiter.remaining() == {"day": 1000 - CHUNK}
    await account.work()
    assert later.limiter.used_of("lamp") == earlier.limiter.used_of("lamp")
    assert sum(later.limiter.used_of("lamp")["revisions"].values()) == 1


async def test_other_dealers_work_that_waits_hides_none_of_ours(account: FakeAccount) -> None:
    await account.want("activate", 1)
    kind, speaker = KINDS.listings, account.loop.workshop.speaker
    waits = Listing("lamp", wanted=wanted(), open=True, due_at=NOW)
    others = [Document(f"other/lamp{n}") for n in range(MOST_DUE + 20)]
    store = DocumentStore(account.made.runtime.database, kind.collection)
    await store.save([recorded(one, kind, waits, [], speaker, NOW) for one in others])
    due = await account.loop.schedule.due(DUE, datetime.now(UTC) + timedelta(days=365))
    assert due == ["main/lamp"]
