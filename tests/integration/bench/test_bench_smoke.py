"""The bench itself, small, on the back ends of the suite."""

import pytest

from tests.bench.answers import Unanswered, count_answers
from tests.bench.loads.all_loads import LOADS
from tests.bench.options import parsed
from tests.bench.preparing import make_topics, preload
from tests.bench.servers import Servers
from tests.bench.throughput import throughput


@pytest.fixture
def back_ends(kafka: str, mongo: str) -> Servers:
    return Servers(kafka, mongo, "the suite's", "the suite's")


async def test_every_contender_answers_everything_and_is_compared(back_ends: Servers) -> None:
    options = parsed(["--service", "small", "--messages", "80", "--repeat", "1"])
    part = await throughput(back_ends, options)
    samples = part.data["small/motor"]["samples"]
    assert {kind: done[0]["messages"] for kind, done in samples.items()} == {
        "ours": 80,
        "hand": 80,
        "one": 40,
    }
    assert [bar.name.split(" ÷ ")[1] for bar in part.bars] == [
        "hand-tuned batch loop",
        "FastStream, one message at a time",
    ]
    assert all(bar.measured > 0 for bar in part.bars)


async def test_a_contender_that_leaves_a_message_out_is_found_out(
    back_ends: Servers, topic_prefix: str
) -> None:
    load = LOADS["small"]
    await make_topics(back_ends.kafka, topic_prefix, load.topics)
    # Nobody works: the commands themselves name no cause.
    await preload(back_ends.kafka, [one.wire(topic_prefix) for one in load.messages(4)])
    with pytest.raises(Unanswered, match="4 messages, such as m0"):
        await count_answers(back_ends.kafka, topic_prefix, load.topics, {"m0", "m1", "m2", "m3"}, 1)
