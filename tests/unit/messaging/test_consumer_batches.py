"""The consumer: nothing is committed before it is handled, and only what is still ours."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
import structlog
from aiokafka.errors import CommitFailedError

from brocante.messaging import committing
from brocante.messaging.trying import Trying
from tests.support.running import eventually
from tests.unit.messaging.consuming import (
    FIRST,
    SECOND,
    Handled,
    kafka_of,
    made,
    rebalance,
    record,
)
from tests.unit.messaging.fake_kafka import FakeKafka


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Nobody waits; how long they would have."""
    waited: list[float] = []

    async def note(_trying: Trying, seconds: float) -> None:
        if seconds:
            waited.append(seconds)

    monkeypatch.setattr(Trying, "wait", note)
    return waited


async def test_a_handled_batch_is_committed_behind_its_last_record_of_each_partition() -> None:
    one = made(Handled())
    await one._consume((record(3), record(7, 1), record(5), record(4)))
    assert kafka_of(one).commits == []
    await one.commits.settle()
    assert kafka_of(one).commits == [{FIRST: 6, SECOND: 8}]
    assert one.committed == {("p.a", 0): 6, ("p.a", 1): 8}


async def test_a_partition_that_belongs_to_another_by_now_is_not_committed() -> None:
    one = made(Handled(), FakeKafka({SECOND}))
    await one._consume((record(3), record(7, 1)))
    await one.commits.settle()
    assert kafka_of(one).commits == [{SECOND: 8}]
    assert one.committed == {("p.a", 1): 8}


async def test_when_nothing_is_ours_any_more_nothing_is_committed() -> None:
    one = made(Handled(), FakeKafka(set()))
    await one._consume((record(3),))
    assert await one.commits.settle()
    assert (kafka_of(one).commits, one.committed) == ([], {})


async def test_a_batch_that_failed_is_handled_again_and_committed_once(
    waits: list[float],
) -> None:
    handled = Handled(failures=2)
    one = made(handled)
    with structlog.testing.capture_logs() as logged:
        await one._consume((record(3),))
    await one.commits.settle()
    assert handled.batches == [(record(3),)] * 3
    assert kafka_of(one).commits == [{FIRST: 4}]
    assert [entry["event"] for entry in logged] == ["batch_failed"] * 2
    assert [entry["records"] for entry in logged] == [1, 1]
    assert len(waits) == 2


async def test_the_pause_between_tries_doubles_up_to_five_seconds(waits: list[float]) -> None:
    await made(Handled(failures=9))._consume((record(0),))
    longest = [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0, 5.0]
    assert all(
        most / 2 <= waited <= most + 1e-9 for waited, most in zip(waits, longest, strict=True)
    )
    assert len(set(waits)) == 9


async def test_waiting_to_try_again_is_not_being_stuck(monkeypatch: pytest.MonkeyPatch) -> None:
    away: list[dict[str, str]] = []
    one = made(Handled(failures=1))

    async def note(seconds: float) -> None:
        if seconds:
            away.append(one._progress.away)

    monkeypatch.setattr(one._trying, "wait", note)
    await one._consume((record(0),))
    assert away == [{"batch": "ConnectionError('away')"}]
    assert one._progress.away == {}


async def test_a_batch_over_its_time_limit_is_tried_again(waits: list[float]) -> None:
    tries: list[int] = []

    async def handle(_records: Sequence[Any]) -> None:
        tries.append(1)
        if len(tries) == 1:
            await asyncio.Event().wait()

    one = made(handle, batch_seconds=0.01)
    await asyncio.wait_for(one._consume((record(0),)), 5)
    assert len(tries) == 2
    assert len(waits) == 1


async def test_a_stopped_consumer_gives_up_a_batch_that_keeps_failing() -> None:
    one = made(Handled(failures=10**6))
    task = asyncio.create_task(one._consume((record(0),)))
    await asyncio.sleep(0)
    one._trying.stopping.set()
    await asyncio.wait_for(task, 5)
    assert kafka_of(one).commits == []


async def test_stopping_waits_for_the_batch_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    going, go = asyncio.Event(), asyncio.Event()
    order: list[str] = []

    async def handle(_records: Sequence[Any]) -> None:
        going.set()
        await go.wait()
        order.append("handled")

    one = made(handle)

    async def stopped() -> None:
        order.append("left")

    monkeypatch.setattr(one._broker, "stop", stopped)
    batch = asyncio.create_task(one._consume((record(0),)))
    await going.wait()
    stopping = asyncio.create_task(one.stop())
    await asyncio.sleep(0)
    assert order == []
    go.set()
    await asyncio.wait_for(asyncio.gather(batch, stopping), 5)
    assert order == ["handled", "left"]
    assert kafka_of(one).commits == [{FIRST: 1}]


async def test_stopping_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    going, left = asyncio.Event(), asyncio.Event()

    async def handle(_records: Sequence[Any]) -> None:
        going.set()
        await asyncio.Event().wait()

    async def stopped() -> None:
        left.set()

    one = made(handle, publish_seconds=0.01)
    monkeypatch.setattr(one._broker, "stop", stopped)
    batch = asyncio.create_task(one._consume((record(0),)))
    await going.wait()
    await asyncio.wait_for(one.stop(), 5)
    assert left.is_set()
    batch.cancel()


async def test_a_batch_given_up_at_stop_is_not_committed_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    going, go = asyncio.Event(), asyncio.Event()

    async def handle(_records: Sequence[Any]) -> None:
        going.set()
        await go.wait()

    async def stopped() -> None:
        return

    one = made(handle, publish_seconds=0.01)
    monkeypatch.setattr(committing, "GATHER_SECONDS", 0.0)
    monkeypatch.setattr(one._broker, "stop", stopped)
    batch = asyncio.create_task(one._consume((record(0),)))
    await going.wait()
    await one.stop()
    go.set()
    await batch
    for _ in range(5):
        await asyncio.sleep(0)
    assert kafka_of(one).commits == []


async def test_what_is_read_once_more_does_not_take_a_commit_back() -> None:
    one = made(Handled())
    await one._consume((record(3), record(4)))
    await one._consume((record(3),))
    await one.commits.settle()
    await one._consume((record(2),))
    await one.commits.settle()
    assert kafka_of(one).commits == [{FIRST: 5}]


async def test_a_commit_that_fails_is_not_taken_as_done_and_tried_again() -> None:
    kafka = FakeKafka({FIRST}, failure=CommitFailedError())
    one = made(Handled(), kafka)
    await one._consume((record(3),))
    with structlog.testing.capture_logs() as logged:
        assert not await one.commits.settle()
    assert one.committed == {}
    assert [entry["event"] for entry in logged] == ["commit_failed"]
    kafka.failure = None
    assert await one.commits.settle()
    assert one.committed == {("p.a", 0): 4}


async def test_batches_that_follow_closely_share_one_commit_a_moment_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(committing, "GATHER_SECONDS", 0.01)
    monkeypatch.setattr(committing, "AFTER_FAILURE_SECONDS", 0.001)
    kafka = FakeKafka({FIRST, SECOND}, failure=CommitFailedError())
    one = made(Handled(), kafka)
    for batch in ((record(3),), (record(4),), (record(7, 1),)):
        await one._consume(batch)
    kafka.failure = None
    await eventually(lambda: one.committed == {("p.a", 0): 5, ("p.a", 1): 8}, "committed")
    assert kafka.commits == [{FIRST: 5, SECOND: 8}]


async def test_partitions_are_given_away_with_what_is_done_of_them_committed() -> None:
    one = made(Handled())
    await one._consume((record(3), record(7, 1)))
    await rebalance(one).on_partitions_revoked([FIRST])
    assert kafka_of(one).commits == [{FIRST: 4, SECOND: 8}]
    assert one.committed == {("p.a", 1): 8}


async def test_a_commit_nobody_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    one = made(Handled(), publish_seconds=0.01)

    async def silent(_offsets: Any) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(kafka_of(one), "commit", silent)
    await one._consume((record(3),))
    assert not await asyncio.wait_for(one.commits.settle(), 5)
    assert one.committed == {}


async def test_a_reader_may_rest_after_a_batch(waits: list[float]) -> None:
    one = made(Handled())
    one._rest_seconds = 0.025
    await one._consume((record(0),))
    assert waits == [0.025]


async def test_waiting_ends_early_when_stopping() -> None:
    one = made(Handled())
    await asyncio.wait_for(one._trying.wait(0.001), 5)
    one._trying.stopping.set()
    await asyncio.wait_for(one._trying.wait(3600), 5)
