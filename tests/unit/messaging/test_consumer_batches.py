"""The consumer: nothing is committed before it is handled, and only what is still ours."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
import structlog
from aiokafka import TopicPartition
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import CommitFailedError
from faststream import AckPolicy

from brocante.messaging import consumer as module
from brocante.messaging.consumer import Consumer
from brocante.messaging.progress import Progress
from brocante.settings import Settings
from brocante.testing.memory_broker import Record
from tests.unit.messaging.fake_kafka import FakeKafka

FIRST, SECOND = TopicPartition("p.a", 0), TopicPartition("p.a", 1)
Stops = dict[tuple[str, int], int]


def record(offset: int, partition: int = 0) -> Record:
    return Record("p.a", partition, offset, None, b"", ())


class Handled:
    """A handler that keeps what it got; fails as often as told."""

    def __init__(self, failures: int = 0, stops: Stops | None = None) -> None:
        self.batches: list[Sequence[Any]] = []
        self.failures = failures
        self.stops = stops

    async def __call__(self, records: Sequence[Any]) -> Stops | None:
        self.batches.append(records)
        if len(self.batches) <= self.failures:
            raise ConnectionError("away")
        return self.stops


def made(handle: Any, kafka: FakeKafka | None = None, **settings: Any) -> Consumer:
    told = Settings(topic_prefix="p.", **settings)
    one = Consumer(told, ["a", "b"], "group", handle, Progress(60))
    one._subscriber.consumer = kafka or FakeKafka({FIRST, SECOND})
    return one


def kafka_of(consumer: Consumer) -> FakeKafka:
    kafka = consumer.kafka
    assert isinstance(kafka, FakeKafka)
    return kafka


def rebalance(consumer: Consumer) -> Any:
    return consumer._subscriber._listener


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Nobody waits; how long they would have."""
    waited: list[float] = []

    async def note(_consumer: Consumer, seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr(Consumer, "_wait", note)
    return waited


async def test_a_handled_batch_is_committed_behind_its_last_record_of_each_partition() -> None:
    one = made(Handled())
    await one._consume((record(3), record(7, 1), record(5), record(4)))
    assert kafka_of(one).commits == [{FIRST: 6, SECOND: 8}]
    assert one.committed == {("p.a", 0): 6, ("p.a", 1): 8}


async def test_a_partition_that_belongs_to_another_by_now_is_not_committed() -> None:
    one = made(Handled(), FakeKafka({SECOND}))
    await one._consume((record(3), record(7, 1)))
    assert kafka_of(one).commits == [{SECOND: 8}]
    assert one.committed == {("p.a", 1): 8}


async def test_when_nothing_is_ours_any_more_nothing_is_committed() -> None:
    one = made(Handled(), FakeKafka(set()))
    await one._consume((record(3),))
    assert (kafka_of(one).commits, one.committed) == ([], {})


async def test_a_batch_that_failed_is_handled_again_and_committed_once(
    waits: list[float],
) -> None:
    handled = Handled(failures=2)
    one = made(handled)
    with structlog.testing.capture_logs() as logged:
        await one._consume((record(3),))
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

    async def note(_seconds: float) -> None:
        away.append(one._progress.away)

    monkeypatch.setattr(one, "_wait", note)
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
    one._stopping.set()
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


async def test_a_stop_pauses_its_partition_where_it_is_to_go_on() -> None:
    one = made(Handled(stops={("p.a", 0): 2}))
    await one._consume((record(1), record(9), record(4, 1)))
    kafka = kafka_of(one)
    assert (kafka.sought, kafka.paused) == ([(FIRST, 2)], {FIRST})
    assert one.paused == {FIRST}
    assert kafka.commits == [{FIRST: 2, SECOND: 5}]


async def test_a_commit_that_fails_is_not_taken_as_done() -> None:
    kafka = FakeKafka({FIRST}, failure=CommitFailedError())
    one = made(Handled(), kafka)
    with structlog.testing.capture_logs() as logged:
        await one._consume((record(3),))
    assert one.committed == {}
    assert [entry["event"] for entry in logged] == ["commit_failed"]


async def test_a_commit_nobody_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    one = made(Handled(), publish_seconds=0.01)

    async def silent(_offsets: Any) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(kafka_of(one), "commit", silent)
    await asyncio.wait_for(one._consume((record(3),)), 5)
    assert one.committed == {}


def test_a_resumed_partition_is_read_again_if_it_is_ours() -> None:
    one = made(Handled(), FakeKafka({FIRST}))
    for partition in (0, 1):
        one.pause("p.a", partition, 5)
    kafka = kafka_of(one)
    one.resume("p.a", 0)
    one.resume("p.a", 1)
    assert one.paused == set()
    assert kafka.paused == {SECOND}


async def test_the_lag_is_what_lies_between_the_commit_and_the_high_water() -> None:
    third = TopicPartition("p.a", 2)
    kafka = FakeKafka({FIRST, SECOND, third}, high={FIRST: 10, SECOND: 3})
    one = made(Handled(), kafka)
    one.committed.update({("p.a", 0): 4, ("p.a", 1): 5})
    assert await one.lag() == {("p.a", 0): 6, ("p.a", 1): 0}
    one.committed.clear()
    assert await one.lag() == {("p.a", 0): 10, ("p.a", 1): 3}


async def test_a_poll_takes_what_is_there_and_counts_as_progress(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    noted: list[int] = []
    one = made(Handled(), batch_size=7)
    monkeypatch.setattr(one._progress, "note", lambda: noted.append(1))
    kafka = FakeKafka(polls=[{FIRST: [record(1), record(2)], SECOND: [record(1, 1)]}])
    assert await one._poll(kafka) == (record(1), record(2), record(1, 1))
    assert await one._poll(kafka) == ()
    assert kafka.asked == [{"timeout_ms": 200, "max_records": 7}] * 2
    assert len(noted) == 2


async def test_assigned_partitions_go_on_where_they_were_committed() -> None:
    kafka = FakeKafka({FIRST, SECOND}, stored={FIRST: 0, SECOND: 8})
    one = made(Handled(), kafka)
    called: list[bool] = []

    async def call() -> None:
        called.append(one.assigned.is_set())

    one.on_assigned(call)
    await rebalance(one).on_partitions_assigned([FIRST, SECOND])
    assert one.committed == {("p.a", 0): 0, ("p.a", 1): 8}
    assert (kafka.sought, called) == ([], [False])
    assert one.assigned.is_set()


async def test_partitions_without_a_commit_go_on_where_an_earlier_group_stopped() -> None:
    kafka = FakeKafka({FIRST, SECOND}, stored={SECOND: 8})
    one = made(Handled(), kafka)
    asked: list[list[TopicPartition]] = []

    async def carried(partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
        asked.append(partitions)
        return {FIRST: 5}

    one.carried = carried
    await rebalance(one).on_partitions_assigned([FIRST, SECOND])
    assert asked == [[FIRST]]
    assert kafka.sought == [(FIRST, 5)]
    assert one.committed == {("p.a", 0): 5, ("p.a", 1): 8}


async def test_nobody_is_asked_when_every_partition_has_a_commit() -> None:
    one = made(Handled(), FakeKafka({FIRST}, stored={FIRST: 1}))

    async def carried(_partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
        raise AssertionError("asked")

    one.carried = carried
    await rebalance(one).on_partitions_assigned([FIRST])
    one.carried = None
    await rebalance(one).on_partitions_assigned([SECOND])
    assert one.committed == {("p.a", 0): 1}


async def test_what_is_known_of_a_revoked_partition_is_forgotten() -> None:
    one = made(Handled())
    one.committed.update({("p.a", 0): 4, ("p.a", 1): 5})
    await rebalance(one).on_partitions_revoked([FIRST, TopicPartition("p.b", 0)])
    assert one.committed == {("p.a", 1): 5}


def test_a_consumer_not_started_says_so() -> None:
    one = made(Handled())
    one._subscriber.consumer = None
    with pytest.raises(RuntimeError, match="the consumer is not started"):
        _ = one.kafka


async def test_starting_polls_in_our_own_way(monkeypatch: pytest.MonkeyPatch) -> None:
    one = made(Handled())
    started: list[Any] = []

    async def start() -> None:
        started.append(one._subscriber.get_msg)

    monkeypatch.setattr(one._broker, "start", start)
    await one.start()
    assert started == [one._poll]


def test_the_group_is_joined_with_manual_commits_and_short_waits() -> None:
    one = made(Handled(), session_timeout_ms=10_000, batch_size=7)
    subscriber = one._subscriber
    told = subscriber._connection_args
    assert [topic.name for topic in subscriber.topics] == ["p.a", "p.b"]
    assert subscriber.group_id == "group"
    assert subscriber.ack_policy is AckPolicy.MANUAL
    assert subscriber._no_reply
    assert told["auto_offset_reset"] == "earliest"
    assert told["enable_auto_commit"] is False
    assert (told["session_timeout_ms"], told["heartbeat_interval_ms"]) == (10_000, 2_000)
    assert told["fetch_max_wait_ms"] == 20
    assert told["partition_assignment_strategy"] == (RangePartitionAssignor,)
    assert subscriber.max_records == 7
    assert subscriber.batch_timeout_ms == 200
    shortest = made(Handled(), session_timeout_ms=1_000)._subscriber._connection_args
    assert shortest["heartbeat_interval_ms"] == 200
    assert (module.FIRST_BACKOFF, module.LONGEST_BACKOFF) == (0.1, 5.0)


async def test_waiting_ends_early_when_stopping() -> None:
    one = made(Handled())
    await asyncio.wait_for(one._wait(0.001), 5)
    one._stopping.set()
    await asyncio.wait_for(one._wait(3600), 5)
