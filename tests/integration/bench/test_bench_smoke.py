"""The bench itself, small, on the back ends of the suite."""

import asyncio
import uuid

import pytest

from tests.bench.answers import Unanswered, count_answers
from tests.bench.contenders.assignment import NAMES, Kind
from tests.bench.contenders.process import contender, contenders
from tests.bench.latency.bare_chain import bare_chain
from tests.bench.loads.all_loads import LOADS
from tests.bench.measuring import measure
from tests.bench.preparing import make_topics, preload
from tests.bench.scale.stock import Stock
from tests.bench.servers import Servers
from tests.bench.throughput import Compared, part_of

MESSAGES = 40
KINDS: tuple[Kind, ...] = ("ours", "hand")


@pytest.fixture
def back_ends(kafka: str, mongo: str) -> Servers:
    return Servers(kafka, mongo, "the suite's", "the suite's")


async def through_a_chain(back_ends: Servers) -> float:
    async with bare_chain(back_ends, hops=2) as chain:
        return await chain.seconds(2)


async def test_contenders_answer_everything_and_are_compared(back_ends: Servers) -> None:
    async with contenders(KINDS) as started:
        # All at once: joining a group on the embedded broker takes seconds.
        measured, seconds = await asyncio.gather(
            asyncio.gather(
                *(measure(back_ends, LOADS["small"], one, MESSAGES) for one in started.values())
            ),
            through_a_chain(back_ends),
        )
    assert 0 < seconds < 30
    compared = Compared("small", "motor")
    for kind, one in zip(started, measured, strict=True):
        assert (one.done.messages, one.answered, one.outputs) == (MESSAGES, MESSAGES, MESSAGES)
        compared.samples[kind] = [one.done]
    part = part_of([compared])
    assert [bar.name for bar in part.bars] == [
        "small (motor) ÷ hand-tuned batch loop",
    ]
    assert all(bar.measured > 0 for bar in part.bars)
    assert [row[2] for row in part.tables[0].rows] == [NAMES[kind] for kind in KINDS]


async def test_every_edit_of_a_stock_is_answered_and_those_that_warm_are_not_measured(
    back_ends: Servers,
) -> None:
    # Several batches: what is done shows when it is committed, often two at once.
    one = Stock(back_ends, 50, "motor", f"s{uuid.uuid4().hex[:8]}", warm=600)
    await one.seed()
    try:
        async with contender("ours") as ours:
            done = await one.worked(ours, 2_000)
    finally:
        await one.drop()
    assert 0 < done.messages <= 2_000
    assert one.sent == 2_600


async def test_a_contender_that_leaves_a_message_out_is_found_out(
    back_ends: Servers, topic_prefix: str
) -> None:
    load = LOADS["small"]
    await make_topics(back_ends.kafka, topic_prefix, load.topics)
    # Nobody works: the commands themselves name no cause.
    await preload(back_ends.kafka, [one.wire(topic_prefix) for one in load.messages(4)])
    with pytest.raises(Unanswered, match="4 messages, such as m0"):
        await count_answers(back_ends.kafka, topic_prefix, load.topics, {"m0", "m1", "m2", "m3"}, 1)
