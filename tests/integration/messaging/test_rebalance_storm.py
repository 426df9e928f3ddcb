"""Members of one group come and go under load: every command is applied once, in order."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import cycle
from time import monotonic

import pytest

from brocante.contracts.envelope import encode
from brocante.contracts.sales import SaleRecorded
from brocante.contracts.topics import DEAD_LETTERS, SALES_COMMANDS, SALES_EVENTS
from brocante.messaging.running import RunningService
from brocante.messaging.wire import Wire
from brocante.settings import Settings
from tests.support import toy
from tests.support.running import Bench, bench, eventually

SETTING = "BROCANTE_STORM_SECONDS"
SECONDS = float(os.environ.get(SETTING, "8"))
CHANGE_SECONDS = min(5.0, SECONDS / 4)
MEMBERS = (1, 4, 2, 3)
SALES = 20
PAUSE = 0.05


@pytest.fixture
async def made(
    apache_kafka: str, mongo: str, topic_prefix: str, database_name: str
) -> AsyncIterator[Bench]:
    settings = Settings(
        kafka=apache_kafka,
        kafka_idempotent_producer=True,
        mongo=mongo,
        topic_prefix=topic_prefix,
        database=database_name,
        session_timeout_ms=6000,
    )
    async with bench(settings, [SALES_EVENTS, DEAD_LETTERS]) as one:
        yield one


def command(made: Bench, number: int) -> Wire:
    sale = f"s{number % SALES}"
    message = toy.record_sale(sale)
    value, headers = encode(toy.envelope(message, f"c{number}"), message)
    topic = f"{made.settings.topic_prefix}{SALES_COMMANDS}"
    return Wire(topic, f"main/{sale}".encode(), value, headers)


def counted(made: Bench) -> dict[str, list[int]]:
    """The counts said of each sale, one per answer id, in order."""
    said = {d.envelope.id: d.message for d in made.messages(SALES_EVENTS)}
    found: dict[str, list[int]] = {}
    for message in said.values():
        if isinstance(message, SaleRecorded):
            found.setdefault(message.sale_id, []).append(message.sale_version)
    return {sale: sorted(counts) for sale, counts in found.items()}


@asynccontextmanager
async def storm(made: Bench, sizes: Iterator[int]) -> AsyncIterator[None]:
    """The group has another size every few seconds; in the end one member is left."""
    members: list[RunningService] = []

    async def resize(size: int) -> None:
        while len(members) < size:
            members.append(made.service(toy.TABLE))
            await members[-1].start()
        leaving = [members.pop(0) for _ in range(len(members) - size)]
        await asyncio.gather(*(member.stop() for member in leaving))

    async def forever() -> None:
        for size in sizes:
            await resize(size)
            await asyncio.sleep(CHANGE_SECONDS)

    blowing = asyncio.create_task(forever())
    try:
        yield
        blowing.cancel()
        await asyncio.gather(blowing, return_exceptions=True)
        await resize(1)
        yield_to = members[0].consumer.assigned
        await asyncio.wait_for(yield_to.wait(), 60)
    finally:
        blowing.cancel()
        await asyncio.gather(blowing, return_exceptions=True)
        made.seen.setdefault("members", []).extend(members)


@pytest.mark.apache_kafka
@pytest.mark.timeout(SECONDS + 180)
async def test_every_command_is_applied_once_while_members_come_and_go(made: Bench) -> None:
    published = 0
    end = monotonic() + SECONDS
    async with storm(made, cycle(MEMBERS)):
        while monotonic() < end:
            await made.publish(*(command(made, published + n) for n in range(SALES)))
            published += SALES
            await asyncio.sleep(PAUSE)
    try:
        each = published // SALES
        wanted = {f"s{n}": list(range(1, each + 1)) for n in range(SALES)}
        await eventually(lambda: counted(made) == wanted, f"{published} commands applied once", 120)
        assert not made.dead_letters()
    finally:
        for member in made.seen.pop("members"):
            await member.stop()
