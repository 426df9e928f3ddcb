"""What is owed is committed a moment later, and tried until it works."""

import asyncio
from collections.abc import Mapping

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaConnectionError

from brocante.messaging.committing import Commits
from tests.unit.messaging.consuming import FIRST, Handled, made
from tests.unit.messaging.fake_kafka import FakeKafka
from tests.unit.messaging.ground import at_once

HERE = (FIRST.topic, FIRST.partition)


class Moody(FakeKafka):
    """A consumer whose commits end as told, one after the other; then they work."""

    def __init__(self, commits: list[Exception | None]) -> None:
        super().__init__({FIRST})
        self.to_come = commits
        self.owner = Commits(lambda: self, 5)

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        if self.to_come:
            # The next is done while this one is committed.
            self.owner.owe({HERE: offsets[FIRST] + 1})
            error = self.to_come.pop(0)
            if error is not None:
                raise error
        await super().commit(offsets)


async def all_committed(commits: Commits) -> None:
    assert commits._later is not None
    await asyncio.wait_for(commits._later, 5)


async def test_what_becomes_due_meanwhile_is_gathered_anew_and_a_failure_waits_longer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waited = at_once(monkeypatch)
    kafka = Moody([KafkaConnectionError("away"), ValueError("odd"), None])
    kafka.owner.owe({HERE: 1})
    await all_committed(kafka.owner)
    assert waited == [0.1, 1.0, 1.0, 0.1]
    assert kafka.commits == [{FIRST: 3}, {FIRST: 4}]
    assert kafka.owner.committed == {HERE: 4}


async def test_a_poll_waits_a_moment_for_its_place_and_takes_nothing_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    timeout, told = asyncio.timeout, list[float | None]()

    def note(seconds: float | None) -> asyncio.Timeout:
        told.append(seconds)
        return timeout(0)

    monkeypatch.setattr(asyncio, "timeout", note)
    one, kafka = made(Handled()), FakeKafka({FIRST})
    assert await one._poll(kafka) == ()
    assert (kafka.asked, told) == ([], [0.2])
    one._placed.set()
    await one._poll(kafka)
    assert (len(kafka.asked), told) == (1, [0.2])


async def test_a_place_that_becomes_known_while_a_poll_waits_is_used_at_once() -> None:
    one, kafka = made(Handled()), FakeKafka({FIRST})
    asyncio.get_running_loop().call_soon(one._placed.set)
    await asyncio.wait_for(one._poll(kafka), 5)
    assert len(kafka.asked) == 1
