"""The delivery tests can fail: each planted fault is caught by one of them."""

import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from brocante.documents.document import Document, to_bson
from brocante.documents.driver import ReplaceOne
from brocante.messaging.consumer import Consumer
from brocante.settings import Settings
from tests.integration.messaging import test_delivery as delivery
from tests.support import running, toy
from tests.support.running import Bench, bench, eventually

Scenario = Callable[[Bench, pytest.MonkeyPatch], Awaitable[None]]


@pytest.fixture
def quicker_kafka(request: pytest.FixtureRequest) -> str:
    """Apache Kafka where it is there: the embedded broker takes long to hand over a group."""
    try:
        address: str = request.getfixturevalue("apache_kafka")
    except pytest.skip.Exception:
        address = request.getfixturevalue("kafka")
    return address


@pytest.fixture
async def made(
    quicker_kafka: str, mongo: str, topic_prefix: str, database_name: str
) -> AsyncIterator[Bench]:
    settings = Settings(
        kafka=quicker_kafka, mongo=mongo, topic_prefix=topic_prefix, database=database_name
    )
    async with bench(settings, delivery.WATCHED) as one:
        yield one


@pytest.fixture(autouse=True)
def _short_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "DEADLINE", 8.0)


async def test_a_removed_version_guard_is_caught(
    made: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unguarded(document: Document, write_id: bytes) -> Any:
        return ReplaceOne({"_id": document.id}, to_bson(document, write_id), upsert=True)

    monkeypatch.setattr("brocante.documents.store._guarded", unguarded)
    with pytest.raises(AssertionError):
        await delivery.test_a_write_that_lost_to_another_writer_is_decided_again(made, monkeypatch)


async def test_random_output_ids_are_caught(made: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("brocante.messaging.outputs.output_id", lambda *_: str(uuid.uuid4()))
    monkeypatch.setattr("brocante.messaging.journal.find", lambda *_: None)
    with pytest.raises(AssertionError):
        await delivery.test_a_restart_before_the_commit_applies_nothing_twice(made, monkeypatch)


async def test_a_commit_before_writing_is_caught(
    made: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Consumer._until_handled

    async def commit_first(self: Consumer, records: Any) -> None:
        await self._commit(records, {})
        await real(self, records)

    monkeypatch.setattr(Consumer, "_until_handled", commit_first)
    with pytest.raises(AssertionError):
        await a_crash_while_processing_loses_nothing(made, monkeypatch)


async def test_the_same_crash_loses_nothing_without_the_fault(
    made: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    await a_crash_while_processing_loses_nothing(made, monkeypatch)


async def a_crash_while_processing_loses_nothing(
    made: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process dies with a batch in hand; the next one applies it."""
    crashed = []

    async def crash(*_: Any) -> None:
        crashed.append(True)
        raise ConnectionError("the database went away")

    with monkeypatch.context() as patched:
        patched.setattr("brocante.messaging.processor.Processor.process", crash)
        async with made.running(toy.TABLE):
            await made.publish(delivery.command(made, "c1"))
            await eventually(lambda: bool(crashed), "a batch in hand")
    async with made.running(toy.TABLE):
        await made.publish(delivery.command(made, "c2"))
        await eventually(lambda: delivery.counted(made) == [1, 2], "both applied")
