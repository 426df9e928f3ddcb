"""The lease of an account: one replica calls a marketplace at a time (reconcile rule 2)."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from brocante.documents.driver import Collection, DuplicateKeyError, Filter
from marketplace_sync.reconcile.lease import LASTS, Lease
from tests.support.hand_clock import HandClock

SECONDS = LASTS.total_seconds()


class FakeCollection(Collection):
    """A collection in memory; each operation is atomic, and others run between two of them."""

    def __init__(self) -> None:
        self.documents: dict[str, dict[str, Any]] = {}
        self.writes = 0

    async def insert_one(self, document: Mapping[str, Any]) -> None:
        await asyncio.sleep(0)
        if document["_id"] in self.documents:
            raise DuplicateKeyError("taken")
        self._write(document)

    async def find_one(self, where: Filter, fields: Any = None) -> dict[str, Any] | None:
        assert fields is None
        await asyncio.sleep(0)
        return self._match(where)

    async def replace_one(
        self, where: Filter, document: Mapping[str, Any], *, upsert: bool = False
    ) -> int:
        assert not upsert
        await asyncio.sleep(0)
        if self._match(where) is None:
            return 0
        self._write(document)
        return 1

    async def delete_one(self, where: Filter) -> int:
        await asyncio.sleep(0)
        return 0 if self._match(where) is None else len([self.documents.pop(where["_id"])])

    def _match(self, where: Filter) -> dict[str, Any] | None:
        found = self.documents.get(where["_id"])
        if found is None or any(found.get(name) != value for name, value in where.items()):
            return None
        return dict(found)

    def _write(self, document: Mapping[str, Any]) -> None:
        self.documents[document["_id"]] = dict(document)
        self.writes += 1


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def collection() -> FakeCollection:
    return FakeCollection()


@pytest.fixture
def mine(collection: FakeCollection, clock: HandClock) -> Lease:
    return Lease(collection, "main/ebay", clock.now)


@pytest.fixture
def other(collection: FakeCollection, clock: HandClock) -> Lease:
    return Lease(collection, "main/ebay", clock.now)


async def test_the_first_replica_gets_it_and_the_second_does_not(mine: Lease, other: Lease) -> None:
    assert await mine.hold()
    assert not await other.hold()
    assert not other.outlasts(0)


async def test_accounts_are_leased_one_by_one(
    mine: Lease, collection: FakeCollection, clock: HandClock
) -> None:
    assert await mine.hold()
    assert await Lease(collection, "main/etsy", clock.now).hold()


async def test_nothing_outlasts_a_lease_that_was_never_taken(mine: Lease) -> None:
    assert not mine.outlasts(0)


async def test_a_call_starts_only_if_the_lease_lasts_longer_than_its_time_limit(
    mine: Lease, clock: HandClock
) -> None:
    await mine.hold()
    assert mine.outlasts(10)
    clock.pass_(SECONDS - 10)
    assert not mine.outlasts(10)


async def test_it_is_renewed_before_a_call_of_ten_seconds_would_not_fit_any_more(
    mine: Lease, clock: HandClock
) -> None:
    for _ in range(100):
        assert await mine.hold()
        assert mine.outlasts(10)
        clock.pass_(0.25)


async def test_a_fresh_lease_is_held_without_a_write(
    mine: Lease, collection: FakeCollection, clock: HandClock
) -> None:
    await mine.hold()
    clock.pass_(1)
    await mine.hold()
    assert collection.writes == 1


async def test_a_dead_replicas_lease_is_taken_over_when_it_is_over_and_not_before(
    mine: Lease, other: Lease, clock: HandClock
) -> None:
    await mine.hold()
    clock.pass_(SECONDS - 1)
    assert not await other.hold()
    clock.pass_(1)
    assert await other.hold()
    assert not mine.outlasts(0)
    assert not await mine.hold()


async def test_only_one_of_several_gets_a_lease_that_is_over(
    mine: Lease, collection: FakeCollection, clock: HandClock
) -> None:
    await mine.hold()
    clock.pass_(SECONDS + 1)
    rivals = [Lease(collection, "main/ebay", clock.now) for _ in range(5)]
    assert sum(await asyncio.gather(*(rival.hold() for rival in rivals))) == 1


async def test_a_released_lease_is_free_at_once(mine: Lease, other: Lease) -> None:
    await mine.hold()
    await mine.release()
    assert not mine.outlasts(0)
    assert await other.hold()


async def test_releasing_does_not_take_it_from_another(
    mine: Lease, other: Lease, clock: HandClock, collection: FakeCollection
) -> None:
    await mine.hold()
    clock.pass_(SECONDS + 1)
    await other.hold()
    await mine.release()
    assert collection.documents["main/ebay"]["until"] == clock.now() + timedelta(seconds=SECONDS)


async def test_a_lease_outlasts_even_the_longest_call_that_may_be_set(
    collection: FakeCollection, clock: HandClock
) -> None:
    lease = Lease(collection, "main/shop", clock.now, call_seconds=60.0)
    assert await lease.hold()
    for _ in range(20):
        clock.pass_(0.5)
        assert await lease.hold()
        assert lease.outlasts(60.0)
