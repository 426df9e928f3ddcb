"""Traps that only a real broker or a real database shows: our code is not caught by them."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from brocante.contracts.envelope import encode
from brocante.contracts.sales import SaleRecorded
from brocante.contracts.topics import INVENTORY_EVENTS, SALES_COMMANDS, SALES_EVENTS
from brocante.messaging.wire import Wire
from brocante.settings import Settings
from brocante.testing.memory_broker import Record
from tests.support import toy
from tests.support.running import Bench, bench, eventually, handled


@pytest.fixture
async def made(
    kafka: str, mongo: str, topic_prefix: str, database_name: str
) -> AsyncIterator[Bench]:
    settings = Settings(kafka=kafka, mongo=mongo, topic_prefix=topic_prefix, database=database_name)
    async with bench(settings, [SALES_EVENTS, INVENTORY_EVENTS]) as one:
        yield one


def command(made: Bench, id_: str) -> Wire:
    message = toy.record_sale()
    value, headers = encode(toy.envelope(message, id_), message)
    topic = f"{made.settings.topic_prefix}{SALES_COMMANDS}"
    return Wire(topic, b"main/s1", value, headers)


def counted(made: Bench) -> list[int]:
    said = {d.envelope.id: d.message for d in made.messages(SALES_EVENTS)}
    return sorted(m.sale_version for m in said.values() if isinstance(m, SaleRecorded))


async def test_a_reply_to_is_not_obeyed_and_a_message_id_tells_nothing(made: Bench) -> None:
    reply = f"{made.settings.topic_prefix}{INVENTORY_EVENTS}".encode()
    odd = (("reply_to", reply), ("message_id", b"same"), ("correlation_id", b"same"))
    sent = [command(made, f"c{n}") for n in range(2)]
    async with made.running(toy.TABLE):
        await made.publish(*(one._replace(headers=(*one.headers, *odd)) for one in sent))
        await eventually(lambda: counted(made) == [1, 2], "both are applied")
    assert made.records(INVENTORY_EVENTS) == []


async def test_two_members_with_the_same_batch_apply_it_once(made: Bench) -> None:
    members = [made.service(toy.TABLE) for _ in range(2)]
    for kind in ("toy_tallies", "brakes"):
        await made.runtime.database.create_collections(kind)
    records = [
        Record(one.topic, 0, n, one.key, one.value, tuple(one.headers))
        for n, one in enumerate(command(made, f"c{n}") for n in range(5))
    ]
    await asyncio.gather(*(handled(member, records) for member in members))
    await eventually(lambda: counted(made) == [1, 2, 3, 4, 5], "each is applied once")
