"""What was kept is published in the order in which it was kept, whatever fails."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from brocante.messaging.publisher import NotPublished
from gateway.records import outbox as module
from gateway.records.outbox import Outbox
from tests.support.running import eventually


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FIRST_BACKOFF", 0.001)
    monkeypatch.setattr(module, "LONGEST_BACKOFF", 0.002)


class Broker:
    """Takes records, except while it is away."""

    def __init__(self) -> None:
        self.taken: list[int] = []
        self.failures = 0
        self.error: Exception = NotPublished("away")

    async def publish(self, stored: Sequence[Any]) -> None:
        await asyncio.sleep(0)
        if self.failures:
            self.failures -= 1
            raise self.error
        self.taken += [one["n"] for one in stored]


@asynccontextmanager
async def running(broker: Broker) -> AsyncIterator[Outbox]:
    outbox = Outbox(broker.publish)
    task = asyncio.create_task(outbox.run_forever())
    try:
        yield outbox
    finally:
        task.cancel()


def numbered(*numbers: int) -> list[dict[str, int]]:
    return [{"n": number} for number in numbers]


def has(broker: Broker, count: int) -> Callable[[], bool]:
    return lambda: len(broker.taken) >= count


async def test_everything_goes_out_in_order() -> None:
    broker = Broker()
    async with running(broker) as outbox:
        for number in range(500):
            outbox.offer(numbered(number))
        await eventually(has(broker, 500), "500 are taken")
    assert broker.taken == list(range(500))


async def test_nothing_newer_overtakes_what_could_not_be_published() -> None:
    broker = Broker()
    broker.failures = 5
    async with running(broker) as outbox:
        outbox.offer(numbered(1))
        await eventually(lambda: broker.failures < 5, "a first try failed")
        outbox.offer(numbered(2))
        await eventually(has(broker, 2), "both are taken")
    assert broker.taken == [1, 2]


async def test_an_error_that_nobody_foresaw_ends_nothing() -> None:
    broker = Broker()
    broker.failures, broker.error = 2, KeyError("topic")
    async with running(broker) as outbox:
        outbox.offer(numbered(1))
        await eventually(has(broker, 1), "it is taken")
    assert broker.taken == [1]


async def test_what_is_said_again_goes_before_what_waits() -> None:
    broker = Broker()
    outbox = Outbox(broker.publish)
    outbox.offer(numbered(3))
    await outbox.first(numbered(1, 2))
    task = asyncio.create_task(outbox.run_forever())
    await eventually(has(broker, 3), "all are taken")
    task.cancel()
    assert broker.taken == [1, 2, 3]


async def test_what_is_offered_while_publishing_is_not_lost() -> None:
    broker = Broker()
    async with running(broker) as outbox:
        outbox.offer(numbered(1))
        await asyncio.sleep(0)
        outbox.offer(numbered(2))
        await eventually(has(broker, 2), "both are taken")
        await asyncio.sleep(0)
        outbox.offer(numbered(3))
        await eventually(has(broker, 3), "the third too")
    assert broker.taken == [1, 2, 3]
