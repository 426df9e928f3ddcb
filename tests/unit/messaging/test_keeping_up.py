"""How services keep up, as a broker tells it: what waits for each, and who is reading."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaConnectionError

from brocante.messaging import flow
from brocante.messaging.flow import Flow, Waiting, look, waiting
from tests.unit.messaging.watched import SERVERS, SETTINGS, Watched

MORNING = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
A0, A1, A2 = (TopicPartition("p.a", number) for number in range(3))
B0 = TopicPartition("p.b", 0)
READERS = {"toy": ["a", "b"], "other": ["a"]}


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Watched:
    fake = Watched(written={A0: [], A1: [], A2: [], B0: []})
    monkeypatch.setattr(flow, "AIOKafkaAdminClient", fake.admin)
    monkeypatch.setattr(flow, "AIOKafkaConsumer", fake.consumer)
    monkeypatch.setattr(flow, "describe", fake.describe)
    monkeypatch.setattr(flow, "asyncio", SimpleNamespace(get_running_loop=lambda: fake))
    return fake


def minutes(*after: int) -> list[int]:
    """Times of records, so many minutes after the morning."""
    return [int((MORNING.timestamp() + 60 * minute) * 1000) for minute in after]


def at(minute: int) -> datetime:
    return MORNING + timedelta(minutes=minute)


async def test_what_waits_is_counted_over_the_partitions_of_a_topic(broker: Watched) -> None:
    broker.written |= {A0: minutes(9, 1, 2, 3), A1: minutes(8, 5), A2: minutes(0), B0: minutes(7)}
    broker.groups["p.toy.3"] = {A0: 1, A1: 1, A2: 1, B0: 0}
    assert await waiting(SETTINGS, READERS, 3) == [
        Waiting("toy", "a", 4, at(1)),
        Waiting("toy", "b", 1, at(7)),
    ]
    assert broker.open == 0


async def test_the_oldest_is_the_first_unread_of_any_partition(broker: Watched) -> None:
    broker.written |= {A0: minutes(4, 1), A1: minutes(2), A2: minutes(3)}
    broker.groups["p.toy.3"] = {A0: 0, A1: 0, A2: 0}
    (found,) = await waiting(SETTINGS, {"toy": ["a"]}, 3)
    assert (found.oldest, found.messages) == (at(2), 4)


async def test_services_that_stand_at_one_place_or_at_two_are_told_apart(broker: Watched) -> None:
    broker.written |= {A0: minutes(1, 2, 3), A1: minutes(4), B0: minutes(5)}
    broker.groups["p.toy.3"] = {A0: 0, A1: 0, B0: 1}
    broker.groups["p.other.3"] = {A0: 2, A1: 0}
    assert await waiting(SETTINGS, READERS, 3) == [
        Waiting("other", "a", 2, at(3)),
        Waiting("toy", "a", 4, at(1)),
        Waiting("toy", "b", 0, None),
    ]
    # The place of `other` in the first partition takes a second round, with nothing else in it.
    assert sorted(broker.questions("assign")) == [[A0], [A0, A1, B0]]


async def test_a_service_that_never_read_is_not_told(broker: Watched) -> None:
    broker.written |= {A0: minutes(1, 2)}
    broker.groups["p.toy.3"] = {A0: 0}
    assert [one.service for one in await waiting(SETTINGS, READERS, 3)] == ["toy"]


async def test_where_nobody_ever_read_nothing_is_fetched(broker: Watched) -> None:
    assert await waiting(SETTINGS, READERS, 3) == []
    assert broker.questions("assign") == []
    assert broker.made == [SERVERS]


async def test_offsets_are_asked_for_the_partitions_there_are(broker: Watched) -> None:
    await waiting(SETTINGS, {"toy": ["b", "gone", "a"], "other": ["a"]}, 3)
    assert broker.questions("describe") == [[["p.a", "p.b", "p.gone"]]]
    assert broker.questions("offsets") == [
        ["p.toy.3", [B0, A0, A1, A2]],
        ["p.other.3", [A0, A1, A2]],
    ]


async def test_looking_moves_nothing(broker: Watched) -> None:
    broker.groups["p.toy.3"] = {A0: 0}
    await waiting(SETTINGS, READERS, 3)
    assert broker.made == [
        SERVERS,
        {
            **SERVERS,
            "enable_auto_commit": False,
            "auto_offset_reset": "earliest",
            "fetch_max_wait_ms": 200,
        },
    ]


async def test_whoever_read_everything_is_told_after_one_poll(broker: Watched) -> None:
    broker.written |= {A0: minutes(1, 2)}
    broker.groups["p.toy.3"] = {A0: 2}
    assert await waiting(SETTINGS, READERS, 3) == [Waiting("toy", "a", 0, None)]
    assert broker.questions("poll") == [[200]]


async def test_a_place_behind_the_end_of_a_topic_leaves_nothing_to_wait(broker: Watched) -> None:
    broker.written |= {A0: minutes(1, 2), A1: minutes(3)}
    broker.groups["p.toy.3"] = {A0: 5, A1: 0}
    assert await waiting(SETTINGS, READERS, 3) == [Waiting("toy", "a", 1, at(3))]
    assert len(broker.questions("poll")) == 2


async def test_a_partition_that_says_nothing_is_given_up_after_two_seconds(broker: Watched) -> None:
    broker.written |= {A0: minutes(1), A1: minutes(2)}
    broker.groups["p.toy.3"] = {A0: 0, A1: 0}
    broker.silent = {A0}
    assert await waiting(SETTINGS, READERS, 3) == [Waiting("toy", "a", 1, at(2))]
    assert broker.ms == 2000


async def test_where_what_comes_next_is_gone_the_oldest_is_the_first_left(broker: Watched) -> None:
    broker.start[A0] = 1
    broker.written |= {A0: minutes(1, 2)}
    broker.groups["p.toy.3"] = {A0: 0}
    assert await waiting(SETTINGS, READERS, 3) == [Waiting("toy", "a", 3, at(1))]
    assert len(broker.questions("poll")) == 1


async def test_what_waits_is_counted_where_its_records_do_not_come(broker: Watched) -> None:
    broker.written |= {A0: minutes(1, 2), A1: minutes(3)}
    broker.groups["p.toy.3"] = {A0: 0, A1: 0}
    broker.bare = {A0}
    assert await waiting(SETTINGS, READERS, 3) == [Waiting("toy", "a", 3, at(3))]


async def test_a_look_has_what_waits_and_how_many_read(broker: Watched) -> None:
    broker.written |= {A0: minutes(1, 2)}
    broker.groups["p.toy.3"] = {A0: 1}
    broker.members = {"p.toy.3": [["one", "two"], ["three"]], "p.other.3": [["four"]]}
    assert await look(SETTINGS, {**READERS, "new": ["b"]}, 3) == Flow(
        (Waiting("toy", "a", 1, at(2)),), {"toy": 3, "other": 1, "new": 0}
    )
    assert broker.questions("groups") == [["p.toy.3"], ["p.other.3"], ["p.new.3"]]
    assert broker.made[:2] == [SERVERS, SERVERS]
    assert broker.open == 0


@pytest.mark.parametrize("fails", ["describe", "groups", "offsets", "assign", "poll"])
async def test_a_broker_that_hangs_up_leaves_no_client_open(broker: Watched, fails: str) -> None:
    broker.groups["p.toy.3"] = {A0: 0}
    broker.fails = fails
    with pytest.raises(KafkaConnectionError):
        await look(SETTINGS, READERS, 3)
    assert broker.open == 0
