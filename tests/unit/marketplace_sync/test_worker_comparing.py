"""Which listings a sweep has read again."""

import pytest

from brocante.contracts.values import Observed
from brocante.documents.document import Document
from brocante.documents.store import DocumentStore
from brocante.messaging.outputs import Speaker
from brocante.messaging.unsent import recorded
from brocante.testing.memory_database import MemoryDatabase
from marketplace_sync.documents import kinds
from marketplace_sync.domain.listing import Linked
from marketplace_sync.marketplaces.contract import ListingSeen, Observation
from marketplace_sync.reconcile.comparing import Comparison, differs
from tests.support.worker_listings import NOW, listed


def seen(external_id: str | None, observed: Observed) -> ListingSeen:
    return ListingSeen(external_id, "91.10", Observation(observed, NOW))


@pytest.mark.parametrize(
    ("known", "shown", "read"),
    [
        ("active", seen("x1", "active"), False),
        ("active", seen("x1", "ended"), True),
        ("inactive", seen("x1", "active"), True),
        ("active", seen(None, "draft"), True),
        ("on_hold", seen(None, "none"), True),
        ("inactive", seen(None, "draft"), False),
        ("none", seen(None, "none"), False),
        ("inactive", seen("x2", "active"), True),
        ("active", seen("x2", "active"), True),
        ("active", seen("x2", "ended"), False),
    ],
)
def test_a_listing_is_read_when_it_may_not_be_as_known(
    known: str, shown: ListingSeen, read: bool
) -> None:
    assert differs(listed(observed=known, open=False, due_at=None), shown) is read


def test_a_listing_with_work_under_way_is_left_to_it() -> None:
    assert not differs(listed(observed="inactive"), seen("x1", "active"))


def test_what_an_unfinished_activation_left_behind_is_looked_at() -> None:
    stopped = listed(observed="none", open=False, due_at=None, link=Linked("91.10"))
    assert differs(stopped, seen("x1", "active"))


async def test_a_copy_whose_look_another_writer_overtook_is_looked_at_by_the_next_sweep() -> None:
    database, own = MemoryDatabase(), kinds("ebay")
    speaker = Speaker("brocante/marketplace-sync/ebay", "marketplace.events")
    mine, theirs = (DocumentStore(database, own.listings.collection) for _ in range(2))
    known = listed(observed="inactive", open=False, due_at=None)
    first = recorded(Document("main/lamp"), own.listings, known, [], speaker, NOW)
    await mine.save([first])
    rivals = [first.next()]

    async def overtake(_collection: str, operation: str) -> None:
        if operation == "bulk_write" and rivals:
            assert not await theirs.save([rivals.pop()])

    database.hook = overtake
    comparison = Comparison("main", own, mine, speaker)
    looks = []
    for _ in range(3):
        await comparison.compare([seen("x2", "active")])
        stored = (await mine.load(["main/lamp"], fresh=True))["main/lamp"]
        looks.append((stored.version, bool(getattr(own.listings.read(stored), "checks", ()))))
    assert looks == [(2, False), (3, True), (3, True)]
