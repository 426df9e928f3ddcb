"""Publishing: in order, every acknowledgement waited for, and never for ever."""

from typing import Any

import pytest
from aiokafka.errors import KafkaConnectionError, KafkaTimeoutError
from aiokafka.partitioner import DefaultPartitioner

from brocante.contracts.envelope import encode
from brocante.messaging import publisher as module
from brocante.messaging.publisher import NotPublished, Publisher
from brocante.messaging.wire import Wire
from brocante.settings import Settings
from tests.support import toy
from tests.unit.messaging.fake_kafka import FakeProducer

RECORDS = [Wire("t", b"k", b"1", (("a", b"b"),)), Wire("u", None, b"2")]


class Starting(FakeProducer):
    """A producer that keeps what it was made with; may not come up."""

    one: "list[Starting]" = []
    broken = False

    def __init__(self, **options: Any) -> None:
        super().__init__()
        self.options = options
        self.one[:] = [self]

    async def start(self) -> None:
        if self.broken:
            raise KafkaConnectionError("away")


def publisher(producer: FakeProducer | None, **settings: Any) -> Publisher:
    one = Publisher(Settings(topic_prefix="p.", **settings))
    one._producer = producer
    return one


async def test_records_are_sent_in_order_as_they_are() -> None:
    producer = FakeProducer()
    await publisher(producer).send_all(RECORDS)
    assert producer.sent == [("t", b"k", b"1", [("a", b"b")]), ("u", None, b"2", [])]


def keyed(n: int, key: bytes | None = b"k", topic: str = "t") -> Wire:
    return Wire(topic, key, str(n).encode())


async def test_records_of_one_partition_travel_in_one_batch_in_order() -> None:
    producer = FakeProducer()
    await publisher(producer).send_all([keyed(0), keyed(1, topic="u"), keyed(2), keyed(3)])
    found = {topic: [value for _, value, _ in records] for topic, _, records in producer.batches}
    assert found == {"t": [b"0", b"2", b"3"], "u": [b"1"]}
    assert len(producer.batches) == 2


async def test_what_does_not_fit_goes_into_the_next_batch_in_order() -> None:
    producer = FakeProducer(room=2)
    await publisher(producer).send_all([keyed(n) for n in range(5)])
    batches = [[value for _, value, _ in records] for _, _, records in producer.batches]
    assert batches == [[b"0", b"1"], [b"2", b"3"], [b"4"]]
    assert len({partition for _, partition, _ in producer.batches}) == 1


async def test_a_key_has_a_partition_as_with_any_other_client() -> None:
    producer = FakeProducer()
    keys = [f"main/item-{n}".encode() for n in range(20)]
    await publisher(producer).send_all([keyed(0, key) for key in keys])
    places = {key: number for _, number, records in producer.batches for key, _, _ in records}
    everywhere = [0, 1, 2]
    assert places == {key: DefaultPartitioner()(key, everywhere, everywhere) for key in keys}
    assert set(places.values()) == set(everywhere)


async def test_a_record_without_a_key_goes_to_the_first_partition() -> None:
    producer = FakeProducer()
    await publisher(producer).send_all([keyed(0, None)])
    assert [number for _, number, _ in producer.batches] == [0]


async def test_nothing_to_send_needs_no_broker() -> None:
    await publisher(None).send_all([])


async def test_a_producer_not_started_publishes_nothing() -> None:
    with pytest.raises(NotPublished, match=r"^the producer is not started$"):
        await publisher(None).send_all(RECORDS)


async def test_a_refused_record_leaves_all_of_them_unsure() -> None:
    producer = FakeProducer(failure=KafkaTimeoutError())
    with pytest.raises(NotPublished, match="2 records not acknowledged: KafkaTimeoutError"):
        await publisher(producer).send_all(RECORDS)


async def test_an_acknowledgement_that_never_comes_is_not_waited_for_for_ever() -> None:
    with pytest.raises(NotPublished, match="2 records not acknowledged: TimeoutError"):
        await publisher(FakeProducer(silent=True), publish_seconds=0.01).send_all(RECORDS)


async def test_a_message_is_sent_to_its_topic_under_its_key() -> None:
    producer = FakeProducer()
    message = toy.record_sale("s1")
    envelope = toy.envelope(message, "c1", "anna")
    await publisher(producer).send(envelope, message)
    value, headers = encode(envelope, message)
    assert producer.sent == [("p.sales.commands", b"anna/s1", value, headers)]


async def test_topic_and_key_can_be_given() -> None:
    producer = FakeProducer()
    message = toy.record_sale("s1")
    await publisher(producer).send(toy.envelope(message, "c1"), message, topic="t", key="k")
    assert [(topic, key) for topic, key, *_ in producer.sent] == [("p.t", b"main/k")]


@pytest.mark.parametrize("idempotent", [True, False])
async def test_every_copy_acknowledges(monkeypatch: pytest.MonkeyPatch, idempotent: bool) -> None:
    monkeypatch.setattr(module, "AIOKafkaProducer", Starting)
    one = publisher(
        None,
        kafka="one:9092",
        kafka_idempotent_producer=idempotent,
        publish_seconds=3,
    )
    await one.start()
    assert Starting.one[0].options == {
        "bootstrap_servers": ["one:9092"],
        "acks": "all",
        "enable_idempotence": idempotent,
        "max_request_size": 5 * 1024 * 1024 + 64 * 1024,
        "linger_ms": 0,
        "max_batch_size": 512 * 1024,
        "request_timeout_ms": 3000,
    }
    await one.send_all(RECORDS)
    assert len(Starting.one[0].sent) == 2


async def test_a_broker_that_is_away_leaves_nothing_behind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "AIOKafkaProducer", Starting)
    monkeypatch.setattr(Starting, "broken", True)
    one = publisher(None)
    with pytest.raises(KafkaConnectionError):
        await one.start()
    assert Starting.one[0].stopped
    with pytest.raises(NotPublished):
        await one.send_all(RECORDS)


async def test_stopping_flushes_and_is_done_once() -> None:
    producer = FakeProducer()
    one = publisher(producer)
    await one.stop()
    assert producer.stopped
    producer.stopped = False
    await one.stop()
    assert not producer.stopped
    with pytest.raises(NotPublished):
        await one.send_all(RECORDS)


async def test_a_flush_that_never_ends_is_given_up() -> None:
    await publisher(FakeProducer(stops=False), publish_seconds=0.01).stop()
