"""Publishing in whole batches, and reading what others published in theirs."""

from aiokafka import AIOKafkaProducer
from confluent_kafka import Producer

from brocante.contracts.topics import SALES_EVENTS
from brocante.messaging.connection import aiokafka_options
from brocante.messaging.publisher import BATCH_BYTES
from brocante.messaging.wire import Wire
from tests.integration.messaging.test_delivery import command, counted
from tests.support import toy
from tests.support.running import Bench, eventually


def events(made: Bench) -> str:
    return f"{made.settings.topic_prefix}{SALES_EVENTS}"


async def test_records_of_a_key_stay_in_order_across_many_batches(made: Bench) -> None:
    size = BATCH_BYTES // 10
    sent = [
        Wire(events(made), f"main/k{n % 3}".encode(), f"{n:06}".encode() + b"x" * size)
        for n in range(90)
    ]
    await made.publish(*sent)
    await eventually(lambda: len(made.records(SALES_EVENTS)) == 90, "everything sent")
    for key in (b"main/k0", b"main/k1", b"main/k2"):
        seen = [r.value for r in made.records(SALES_EVENTS) if r.key == key]
        assert seen == [wire.value for wire in sent if wire.key == key]


async def test_a_record_larger_than_a_batch_is_a_batch(made: Bench) -> None:
    large = b"x" * (BATCH_BYTES * 4)
    await made.publish(Wire(events(made), b"main/k", large), Wire(events(made), b"main/k", b"y"))
    await eventually(lambda: len(made.records(SALES_EVENTS)) == 2, "both")
    assert [r.value for r in made.records(SALES_EVENTS)] == [large, b"y"]


async def test_a_key_goes_where_any_other_client_puts_it(made: Bench) -> None:
    keys = [f"main/item-{n}".encode() for n in range(40)]
    producer = AIOKafkaProducer(**aiokafka_options(made.settings))
    await producer.start()
    try:
        theirs = {
            key: (await producer.send_and_wait(events(made), b"theirs", key)).partition
            for key in keys
        }
    finally:
        await producer.stop()
    await made.publish(*(Wire(events(made), key, b"ours") for key in keys))
    await eventually(lambda: len(made.records(SALES_EVENTS)) == 80, "everything sent")
    ours = {r.key: r.partition for r in made.records(SALES_EVENTS) if r.value == b"ours"}
    assert ours == theirs


async def test_what_an_app_compressed_is_read(made: Bench) -> None:
    codecs = ["none", "gzip", "lz4", "snappy", "zstd"]
    for codec in codecs:
        app = Producer({"bootstrap.servers": made.settings.kafka, "compression.type": codec})
        note = "the same words again and again " * 50
        for n in range(20):
            wire = command(made, f"{codec}{n}", codec, note)
            app.produce(wire.topic, value=wire.value, key=wire.key, headers=list(wire.headers))
        assert app.flush(10) == 0
    async with made.running(toy.TABLE):
        await eventually(lambda: len(made.records(SALES_EVENTS)) == 100, "every command answered")
    assert [counted(made, codec) for codec in codecs] == [list(range(1, 21))] * 5
