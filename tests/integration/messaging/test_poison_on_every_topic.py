"""Poison on every topic that is read: kept byte for byte, passed by, never a hot loop."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest

from brocante.contracts.catalogue import Message, message_classes
from brocante.contracts.topics import DEAD_LETTERS, INVENTORY_COMMANDS, SALES_COMMANDS
from brocante.messaging.consumer import Consumer
from brocante.messaging.publisher import NotPublished
from brocante.messaging.wire import Wire
from brocante.settings import Settings
from gateway.assembling import assemble, watcher
from gateway.settings import GatewaySettings
from gateway.watching import TOPICS
from inventory.handlers import TABLE as INVENTORY
from marketplace_sync.handlers import table as worker_table
from sales.handlers import TABLE as SALES
from tests.support import poison
from tests.support.fake_account import KINDS, MARKETPLACE
from tests.support.running import Bench, bench, eventually


async def found_nothing(_stores: object, _batch: Sequence[Any]) -> dict[int, Any]:
    return {}


WORKER = worker_table(MARKETPLACE, KINDS, found_nothing)
SERVICES = (SALES, INVENTORY, WORKER)
READ = sorted({topic for table in SERVICES for topic in table.topics} | {*TOPICS} - {DEAD_LETTERS})
HANDED = 3
"""How often a record may be handed over: once, and again after a commit that failed."""


@pytest.fixture
async def made(settings: Settings) -> AsyncIterator[Bench]:
    async with bench(settings, [*READ, DEAD_LETTERS]) as one:
        yield one


@pytest.fixture
def handed(monkeypatch: pytest.MonkeyPatch) -> Counter[tuple[str, str, int, int]]:
    """How often each record was handed over to each group."""
    counts: Counter[tuple[str, str, int, int]] = Counter()
    real = Consumer._consume

    async def counting(self: Consumer, records: Any) -> None:
        handle = self._handle

        async def counted(batch: Any) -> Any:
            group = str(self._subscriber.group_id)
            counts.update((group, r.topic, r.partition, r.offset) for r in batch)
            return await handle(batch)

        self._handle = counted
        try:
            await real(self, records)
        finally:
            self._handle = handle

    monkeypatch.setattr(Consumer, "_consume", counting)
    return counts


def classes(topic: str) -> list[type[Message]]:
    """The classes of a topic; `resync.requested` apart, which is answered with everything."""
    found = []
    for cls in message_classes():
        named = {one.format(marketplace=MARKETPLACE) for one in cls.TOPICS}
        if topic in named and cls.TYPE != "resync.requested":
            found.append(cls)
    return found


def poisoned(made: Bench, topic: str) -> tuple[list[Wire], list[Wire]]:
    """The records of a topic, a good one between two bad ones, and the bad ones alone."""
    (first, *_) = classes(topic)
    place = f"{made.settings.topic_prefix}{topic}"
    records: list[Wire] = []
    bad: list[Wire] = []
    for n, kind in enumerate(poison.ALL):
        if kind.name == "huge":
            continue
        spoilt = kind.spoil(poison.good(first, place, f"bad-{n}"))
        key = f"{topic}-{n}".encode()
        bad.append(spoilt._replace(key=key))
        # One key, one partition: never so many bad ones in a row that it is paused.
        records += [bad[-1], poison.good(first, place, f"good-{n}")._replace(key=key)]
    return records, bad


@asynccontextmanager
async def everything(made: Bench) -> AsyncIterator[list[Consumer]]:
    """Every service, and the gateway's consumer, with their partitions assigned."""
    async with AsyncExitStack() as stack:
        services = [made.service(table) for table in SERVICES]
        consumers = [one.consumer for one in services]
        own = GatewaySettings.model_validate(made.settings.model_dump())
        context = await assemble(own, {}, made.runtime)
        handle = watcher(context, made.runtime.epoch.number).handle
        group = f"{made.settings.topic_prefix}gateway"
        gateway = Consumer(own, TOPICS, group, handle, made.runtime.progress)
        for service in services:
            stack.push_async_callback(service.stop)
        stack.push_async_callback(gateway.stop)
        await asyncio.gather(gateway.start(), *(service.start() for service in services))
        for consumer in (*consumers, gateway):
            await asyncio.wait_for(consumer.assigned.wait(), 60)
        yield [*consumers, gateway]


def readers(topic: str) -> int:
    """How many groups read a topic."""
    return sum(topic in table.topics for table in SERVICES) + (topic in TOPICS)


@pytest.mark.timeout(240)
async def test_every_kind_on_every_topic_is_kept_and_passed_by(
    made: Bench, handed: Counter[tuple[str, str, int, int]]
) -> None:
    by_topic = {topic: poisoned(made, topic) for topic in READ}
    expected = Counter(
        (wire.key, wire.value) for topic in READ for wire in by_topic[topic][1] * readers(topic)
    )
    async with everything(made) as consumers:
        for records, _ in by_topic.values():
            await made.publish(*records)
        await made.publish(Wire(f"{made.settings.topic_prefix}{DEAD_LETTERS}", b"k", None, ()))

        def all_kept() -> bool:
            kept = Counter((one.key, one.value) for one in made.dead_letters())
            return all(kept[which] >= times for which, times in expected.items())

        def all_done() -> bool:
            return all(behind(consumer) for consumer in consumers)

        await eventually(all_kept, "every bad record is kept by whoever reads it", 90)
        await eventually(all_done, "every offset moves on", 60)
    assert max(handed.values()) <= HANDED
    sent = {(w.key, w.value): tuple(w.headers) for t in READ for w in by_topic[t][1]}
    for letter in made.dead_letters():
        headers = sent.get((letter.key, letter.value))
        if headers is not None:
            assert tuple(letter.headers)[: len(headers)] == headers


def behind(consumer: Consumer) -> bool:
    """Whether everything that was read is committed, as far as is known."""
    kafka = consumer.kafka
    ends = {tp: kafka.highwater(tp) for tp in kafka.assignment()}
    return all(
        end is None or consumer.committed.get((tp.topic, tp.partition), 0) >= end
        for tp, end in ends.items()
    )


async def test_a_command_on_another_services_topic_is_kept_and_answered(made: Bench) -> None:
    (cancel,) = (cls for cls in classes(SALES_COMMANDS) if cls.TYPE == "sale.cancel")
    topic = f"{made.settings.topic_prefix}{INVENTORY_COMMANDS}"
    async with made.running(INVENTORY):
        await made.publish(poison.good(cancel, topic, "lost-1"))
        await eventually(lambda: len(made.dead_letters()) == 1, "it is kept")
        await eventually(lambda: bool(made.messages("inventory.events")), "it is answered")
    (answer,) = made.messages("inventory.events")
    assert answer.message.TYPE == "command.rejected"
    assert answer.envelope.causation_id == "lost-1"


async def test_a_record_too_large_for_a_message_is_never_tried_for_ever(
    made: Bench, handed: Counter[tuple[str, str, int, int]]
) -> None:
    """A broker refuses it, or it is kept whole and passed by."""
    (record, *_) = classes(SALES_COMMANDS)
    (kind,) = (one for one in poison.ALL if one.name == "huge")
    good = poison.good(record, f"{made.settings.topic_prefix}{SALES_COMMANDS}", "good-1")
    async with made.running(SALES):
        try:
            await made.publish(kind.spoil(good))
        except NotPublished:
            return
        await made.publish(good)
        await eventually(lambda: len(made.dead_letters()) == 1, "it is kept")
        await eventually(lambda: bool(made.messages("sales.events")), "the next one is applied")
    assert max(handed.values()) <= HANDED
