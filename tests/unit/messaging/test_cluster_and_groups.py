"""What the cluster has, what is made, and where earlier groups stopped."""

import io
import uuid
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaConnectionError, KafkaError

from brocante.contracts.topics import Topic
from brocante.messaging import carrying, cluster
from brocante.messaging.carrying import carried_over, group_name
from brocante.messaging.cluster import Cluster, TopicNow, apply_topics, describe
from brocante.messaging.epoch import Epoch
from brocante.settings import Settings
from tests.unit.messaging.fake_kafka import FakeAdmin, metadata

SETTINGS = Settings(topic_prefix="p.", kafka="one:9092", replication=3)
ONE, TWO = uuid.UUID(int=1), uuid.UUID(int=2)


@pytest.fixture
def admin(monkeypatch: pytest.MonkeyPatch) -> FakeAdmin:
    fake = FakeAdmin()

    def made(**options: Any) -> FakeAdmin:
        fake.asked.append(options)
        return fake

    for module in (carrying, cluster):
        monkeypatch.setattr(module, "AIOKafkaAdminClient", made)
    return fake


async def test_a_cluster_is_told_by_its_id_and_those_of_its_topics(admin: FakeAdmin) -> None:
    there = [(0, "a", ONE.bytes, 6), (3, "b", bytes(16), 0), (0, "c", TWO.bytes, 1)]
    admin.answers["metadata"] = metadata("c1", there)
    found = await describe(SETTINGS, ["a", "b", "c"])
    assert found == Cluster("c1", {"a": TopicNow(str(ONE), 6), "c": TopicNow(str(TWO), 1)})
    options, request = admin.asked
    assert options == {"bootstrap_servers": ["one:9092"], "request_timeout_ms": 10_000}
    built = request.build(cluster._MetadataRequestV12)
    assert built.topics == [(bytes(16), name, {}) for name in "abc"]
    assert built.allow_auto_topic_creation is False
    assert built.include_topic_authorized_operations is False
    assert (admin.started, admin.closed) == (1, 1)


async def test_a_cluster_without_an_id_has_an_empty_one(admin: FakeAdmin) -> None:
    admin.answers["metadata"] = metadata(None, [])
    assert await describe(SETTINGS, []) == Cluster("", {})


async def test_a_broker_that_is_away_leaves_no_connection_open(admin: FakeAdmin) -> None:
    admin.failure = KafkaConnectionError("away")
    with pytest.raises(KafkaConnectionError):
        await describe(SETTINGS, [])
    assert admin.closed == 1


async def test_only_topics_that_are_missing_are_made(admin: FakeAdmin) -> None:
    admin.answers["metadata"] = metadata("c1", [(0, "a", ONE.bytes, 6)])
    admin.answers["errors"] = [("b", 0), ("c", 36, "exists")]
    topics = [Topic("a", 6), Topic("b", 6), Topic("c", 2)]
    assert await apply_topics(SETTINGS, topics) == ["b", "c"]
    new = admin.asked[-1]
    assert [(t.name, t.num_partitions, t.replication_factor) for t in new] == [
        ("b", 6, 3),
        ("c", 2, 3),
    ]
    assert new[0].topic_configs == Topic("b", 6).config
    assert admin.closed == admin.started == 2


async def test_when_every_topic_is_there_nothing_is_made(admin: FakeAdmin) -> None:
    admin.answers["metadata"] = metadata("c1", [(0, "a", ONE.bytes, 6)])
    assert await apply_topics(SETTINGS, [Topic("a", 6)]) == []
    assert admin.started == 1


async def test_a_topic_that_could_not_be_made_is_named(admin: FakeAdmin) -> None:
    admin.answers["metadata"] = metadata("c1", [])
    admin.answers["errors"] = [("a", 0), ("b", 38, "too many copies")]
    with pytest.raises(
        KafkaError, match=r"topic b was not created: error 38 \['too many copies'\]"
    ):
        await apply_topics(SETTINGS, [Topic("a", 6), Topic("b", 6)])
    assert admin.closed == admin.started


def test_a_group_is_a_services_in_one_incarnation() -> None:
    assert group_name(SETTINGS, "toy", 3) == "p.toy.3"


def epoch(incarnation: int, **born: int) -> Epoch:
    return Epoch(9, incarnation, 9, "c1", {}, {}, born)


async def test_a_topic_older_than_the_incarnation_goes_on_where_its_last_group_stopped(
    admin: FakeAdmin,
) -> None:
    old, new, other = (TopicPartition(name, 0) for name in ("old", "new", "other"))
    admin.answers |= {
        "p.toy.1": {old: 3, other: 7, new: 9},
        "p.toy.2": {old: 5},
        "p.toy.3": {old: -1},
    }
    carried = await carried_over(SETTINGS, "toy", epoch(4, old=1, new=4, other=1), [old, new])
    assert carried == {old: 5}
    assert admin.asked[1:] == ["p.toy.3", "p.toy.2", "p.toy.1"]
    assert admin.asked[0] == {"bootstrap_servers": ["one:9092"]}
    assert (admin.started, admin.closed) == (1, 1)


async def test_a_group_from_before_a_topic_was_born_says_nothing_of_it(admin: FakeAdmin) -> None:
    later, first = TopicPartition("later", 0), TopicPartition("first", 0)
    admin.answers |= {"p.toy.1": {later: 3, first: 0}, "p.toy.2": {}}
    born = epoch(3, later=2, first=1)
    assert await carried_over(SETTINGS, "toy", born, [later, first]) == {first: 0}
    admin.answers["p.toy.2"] = {later: 4}
    assert await carried_over(SETTINGS, "toy", born, [later]) == {later: 4}


async def test_topics_born_in_this_incarnation_ask_nobody(admin: FakeAdmin) -> None:
    here, unknown = TopicPartition("here", 0), TopicPartition("unknown", 0)
    assert await carried_over(SETTINGS, "toy", epoch(2, here=2), [here, unknown]) == {}
    assert admin.asked == []


async def test_a_broker_that_fails_in_between_leaves_no_connection_open(
    admin: FakeAdmin, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(_group: str) -> Any:
        raise KafkaConnectionError("away")

    monkeypatch.setattr(admin, "list_consumer_group_offsets", fail)
    old = TopicPartition("old", 0)
    with pytest.raises(KafkaConnectionError):
        await carried_over(SETTINGS, "toy", epoch(2, old=1), [old])
    assert admin.closed == 1


def test_the_ids_of_topics_are_read_from_the_brokers_answer() -> None:
    described: list[Any] = [
        (0, "a", ONE.bytes, False, [], 0, {}),
        (0, "b", TWO.bytes, False, [], 0, {}),
    ]
    answer = cluster._MetadataResponse(0, [], "c1", 1, described, {})
    read = cluster._MetadataResponse.decode(io.BytesIO(answer.encode()))
    assert (read.cluster_id, [topic[1:3] for topic in read.topics]) == (
        "c1",
        [("a", ONE.bytes), ("b", TWO.bytes)],
    )


def test_the_question_for_topics_is_in_the_form_that_carries_ids() -> None:
    asked = cluster._MetadataRequest(["a"]).build(cluster._MetadataRequestV12)
    assert (asked.API_KEY, asked.API_VERSION) == (3, 12)
    # One topic by name with an empty id, no tags; nothing created, no operations, no tags.
    assert asked.encode() == b"\x02" + bytes(16) + b"\x02a\x00" + b"\x00\x00\x00"
