"""A batch is finished while the next is handled: in order, and no commit comes before its time."""

import asyncio
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from typing import Any

import pytest

from brocante.messaging.consumer import Consumer, Finish
from brocante.messaging.trying import Trying
from brocante.messaging.wire import Partition
from tests.unit.messaging.consuming import FIRST, SECOND, kafka_of, made, record


class Work:
    """Notes what is done with each batch (named by its first offset); finishing waits for a nod."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.nods: dict[int, asyncio.Event] = {}
        self.failing: list[BaseException] = []
        self.stops: AbstractSet[Partition] = frozenset()

    async def __call__(self, records: Sequence[Any]) -> Finish:
        first = records[0].offset
        self.done.append(f"handled {first}")
        nod = self.nods.setdefault(first, asyncio.Event())

        async def finish() -> AbstractSet[Partition]:
            await nod.wait()
            if self.failing:
                self.done.append(f"failed {first}")
                raise self.failing.pop()
            self.done.append(f"finished {first}")
            return self.stops

        return finish


@pytest.fixture(autouse=True)
def _nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    async def note(_trying: Trying, _seconds: float) -> None:
        await asyncio.sleep(0)

    monkeypatch.setattr(Trying, "wait", note)


@pytest.fixture
def work() -> Work:
    return Work()


@pytest.fixture
def consumer(work: Work, monkeypatch: pytest.MonkeyPatch) -> Consumer:
    one = made(work, publish_seconds=0.05)

    async def left() -> None:
        return

    monkeypatch.setattr(one._broker, "stop", left)
    return one


async def turns() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def committed(one: Consumer) -> int | None:
    await one.commits.settle()
    return one.committed.get((FIRST.topic, FIRST.partition))


async def test_the_next_batch_is_handled_while_one_is_finished(
    work: Work, consumer: Consumer
) -> None:
    await consumer._consume((record(0),))
    second = asyncio.create_task(consumer._consume((record(1),)))
    await turns()
    assert work.done == ["handled 0", "handled 1"]
    assert not second.done(), "a third must not begin"
    assert await committed(consumer) is None
    work.nods[0].set()
    await asyncio.wait_for(second, 5)
    assert (work.done[2:], await committed(consumer)) == (["finished 0"], 1)
    work.nods[1].set()
    await turns()
    assert (work.done[3:], await committed(consumer)) == (["finished 1"], 2)


STRAY = asyncio.CancelledError()


@pytest.mark.parametrize("error", [ConnectionError("away"), STRAY], ids=["away", "stray"])
async def test_what_could_not_be_finished_is_tried_again_before_what_comes_behind(
    work: Work, consumer: Consumer, error: BaseException
) -> None:
    work.failing.append(error)
    await consumer._consume((record(0),))
    second = asyncio.create_task(consumer._consume((record(1),)))
    await turns()
    work.nods[1].set()
    work.nods[0].set()
    await asyncio.wait_for(second, 5)
    await turns()
    assert work.done == ["handled 0", "handled 1", "failed 0", "finished 0", "finished 1"]
    assert await committed(consumer) == 2


async def test_a_batch_with_nothing_left_to_do_waits_for_the_one_before(
    work: Work, consumer: Consumer
) -> None:
    await consumer._consume((record(0),))

    async def at_once(_records: Sequence[Any]) -> None:
        return

    consumer._handle = at_once
    second = asyncio.create_task(consumer._consume((record(1),)))
    await turns()
    assert await committed(consumer) is None
    work.nods[0].set()
    await asyncio.wait_for(second, 5)
    assert await committed(consumer) == 2


async def test_stopping_finishes_what_is_under_way(work: Work, consumer: Consumer) -> None:
    await consumer._consume((record(0),))
    stopping = asyncio.create_task(consumer.stop())
    await turns()
    work.nods[0].set()
    await asyncio.wait_for(stopping, 5)
    assert work.done == ["handled 0", "finished 0"]
    assert kafka_of(consumer).commits == [{FIRST: 1}]


def failing(work: Work) -> None:
    work.failing += [ConnectionError("away")] * 99
    work.nods[0].set()


def hanging(_work: Work) -> None:
    """Nobody nods."""


@pytest.mark.parametrize("how", [failing, hanging])
async def test_what_comes_behind_a_batch_given_up_is_given_up_too(
    work: Work, consumer: Consumer, how: Callable[[Work], None]
) -> None:
    await consumer._consume((record(0),))
    second = asyncio.create_task(consumer._consume((record(1),)))
    await turns()
    consumer._trying.stopping.set()
    how(work)
    await asyncio.wait_for(consumer.stop(), 5)
    work.failing.clear()
    for nod in work.nods.values():
        nod.set()
    with suppress(asyncio.CancelledError):
        await asyncio.wait_for(second, 5)
    await turns()
    assert not [what for what in work.done if what.startswith("finished")]
    assert (await committed(consumer), kafka_of(consumer).commits) == (None, [])


async def test_work_that_is_cancelled_is_not_tried_again(work: Work, consumer: Consumer) -> None:
    await consumer._consume((record(0),))
    second = asyncio.create_task(consumer._consume((record(1),)))
    await turns()
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    assert work.done == ["handled 0", "handled 1"]


async def test_a_stopped_partition_is_paused_where_reading_got_to(
    work: Work, consumer: Consumer
) -> None:
    work.stops = {(FIRST.topic, FIRST.partition)}
    await consumer._consume((record(1), record(4, 1)))
    work.nods[1].set()
    await turns()
    kafka = kafka_of(consumer)
    assert (kafka.sought, kafka.paused, consumer.paused) == ([], {FIRST}, {FIRST})
    await consumer.commits.settle()
    assert kafka.commits == [{FIRST: 2, SECOND: 5}]
