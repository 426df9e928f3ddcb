"""The consumer's partitions: where it goes on, what it forgets, how it joins and polls."""

from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from faststream import AckPolicy

from brocante.messaging import raw_batches, trying
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
    one._placed.set()
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
    with pytest.raises(RuntimeError, match=r"^the consumer is not started$"):
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
    assert (trying.FIRST_BACKOFF, trying.LONGEST_BACKOFF) == (0.1, 5.0)


async def test_a_batch_is_handed_over_as_it_came_and_nobody_is_replied_to() -> None:
    records = (record(1), record(2))
    message = await raw_batches.unparsed(records)
    assert await raw_batches.undecoded(message) is records
    assert (message.reply_to, message.headers, message.body) == ("", {}, b"")
    await message.ack()
    await message.nack()
