"""What others do to listings on the marketplace is found by the sweep, by id or by SKU."""

from brocante.contracts.listings import ListingObserved
from brocante.contracts.topics import MARKETPLACE_EVENTS
from marketplace_sync.marketplaces.contract import ListingSeen, Observation
from tests.support.fake_account import FakeAccount
from tests.support.running import eventually
from tests.support.worker_listings import NOW

COPY = ListingSeen("x9", "lamp", Observation("active", NOW))


def observed(account: FakeAccount) -> list[tuple[str, str]]:
    messages = [one.message for one in account.made.messages(MARKETPLACE_EVENTS)]
    found = [one for one in messages if isinstance(one, ListingObserved)]
    return [(one.observed, one.changed_by) for one in found]


async def test_a_listing_withdrawn_there_is_seen_by_its_sku_and_a_copy_of_it_looked_at_once(
    account: FakeAccount,
) -> None:
    await account.want("activate", 1)
    await account.finish()
    account.adapter.ledger.clear()
    assert await account.loop.workshop.lease.hold()
    account.adapter.listings["x1"].state = "inactive"
    account.adapter.unlisted.add("x1")
    await account.loop.sweeper.sweep()
    assert (await account.known()).checks
    await account.work()
    await eventually(lambda: observed(account) == [("inactive", "unknown")], "it is off sale")
    await account.loop.sweeper.sweep()
    await account.work()
    assert account.adapter.ledger == [("read", "lamp")]
    for _ in range(3):
        await account.loop.sweeper.comparison.compare([COPY])
        await account.work()
    assert account.adapter.called("read") == 2
