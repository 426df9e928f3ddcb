"""Traps of the libraries and of the embedded back ends: our code is not caught by them."""

import ast
import asyncio
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaConnectionError

from brocante.documents.driver import connect
from brocante.documents.store import DocumentStore
from brocante.exits import EXIT_STUCK
from brocante.messaging import publisher as publishing
from brocante.messaging.consumer import Consumer
from brocante.messaging.progress import Progress
from brocante.messaging.publisher import NotPublished, Publisher
from brocante.messaging.wire import Wire
from brocante.settings import Settings
from brocante.testing.memory_database import MemoryDatabase
from tests.support.crashing import quick_loop
from tests.support.crashing.memory_kafka import in_memory
from tests.support.crashing.servers import Servers

ROOT = Path(__file__).parents[3]
TOPIC = "sales.commands"
SCANNING = {"$and", "$or", "$nor", "$regex"}
FORBIDDEN_CALLS = {
    "end_offsets",
    "find_one_and_update",
    "find_one_and_replace",
    "find_one_and_delete",
}


def product() -> Iterator[tuple[Path, ast.AST]]:
    """Every node of the product's source."""
    for folder in ("shared/src", "services"):
        for path in (ROOT / folder).rglob("*.py"):
            if "sandbox" not in path.parts:
                for node in ast.walk(ast.parse(path.read_text())):
                    yield path, node


class Handled:
    """A handler that fails as often as it is told, and remembers when it was called."""

    def __init__(self, servers: Servers, failures: int = 0, seconds: float = 0.0) -> None:
        self.times: list[float] = []
        self.records: list[int] = []
        self.at_once = self.most = 0
        self._servers = servers
        self._failures = failures
        self._seconds = seconds

    async def __call__(self, records: Sequence[Any]) -> None:
        self.times.append(self._servers.clock.seconds)
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        await asyncio.sleep(self._seconds)
        self.at_once -= 1
        if len(self.times) <= self._failures:
            raise ConnectionError("the database is away")
        self.records += [record.offset for record in records]


def consumed(handled: Handled, servers: Servers, count: int, seconds: float) -> dict[Any, int]:
    """Run our consumer over some records for so long; what its group committed."""
    for n in range(count):
        servers.broker.publish(Wire(TOPIC, b"k", str(n).encode(), ()))

    async def run() -> None:
        consumer = Consumer(Settings(batch_size=2), [TOPIC], "g", handled, Progress(60))
        await consumer.start()
        await asyncio.sleep(seconds)
        await consumer.stop()

    with servers.clock.ruling(("brocante",)), in_memory(servers):
        quick_loop.run(run(), servers.clock)
    done: dict[Any, int] = servers.broker.done("g")
    return done


def test_a_batch_that_fails_is_handed_over_again_and_committed_only_once_it_is_done() -> None:
    servers = Servers()
    handled = Handled(servers, failures=3)
    assert sum(consumed(handled, servers, 4, 30).values()) == 4
    assert handled.records == [0, 1, 2, 3]


def test_a_batch_that_always_fails_is_not_a_hot_loop_and_commits_nothing() -> None:
    servers = Servers()
    handled = Handled(servers, failures=10**6)
    assert consumed(handled, servers, 1, 60) == {}
    assert len(handled.times) < 40
    assert handled.times[-1] - handled.times[-2] > 2


def test_only_the_offsets_of_what_was_handled_are_committed() -> None:
    servers = Servers()
    handled = Handled(servers, seconds=50)
    done = consumed(handled, servers, 4, 60)
    assert list(done.values()) == [2]


def test_one_batch_is_handled_at_a_time() -> None:
    servers = Servers()
    handled = Handled(servers, seconds=1)
    consumed(handled, servers, 10, 20)
    assert handled.most == 1


def test_nothing_to_do_is_asked_after_seldom_and_something_to_do_is_taken_at_once() -> None:
    servers = Servers()
    handled = Handled(servers)
    consumed(handled, servers, 1, 5)
    assert handled.times[0] < 0.005


def test_a_commit_that_failed_is_tried_again_although_nothing_more_comes() -> None:
    servers = Servers()
    servers.broker.refusing = 1
    assert sum(consumed(Handled(servers), servers, 1, 5).values()) == 1


def test_what_fails_while_partitions_are_assigned_is_tried_again_before_anything_is_read() -> None:
    servers = Servers()
    handled = Handled(servers)
    failed: list[bool] = []

    async def carried(_partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
        if len(failed) < 2:
            failed.append(True)
            raise KafkaConnectionError("away")
        return {}

    servers.broker.publish(Wire(TOPIC, b"k", b"0", ()))

    async def run() -> None:
        consumer = Consumer(Settings(), [TOPIC], "g", handled, Progress(60), carried)
        await consumer.start()
        await asyncio.sleep(0.01)
        assert not handled.records
        await asyncio.sleep(5)
        assert consumer.assigned.is_set()
        await consumer.stop()

    with servers.clock.ruling(("brocante",)), in_memory(servers):
        quick_loop.run(run(), servers.clock)
    assert (len(failed), handled.records) == (2, [0])


async def test_every_replica_must_acknowledge_and_idempotence_is_a_setting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    options: list[dict[str, Any]] = []

    class Producer:
        def __init__(self, **given: Any) -> None:
            options.append(given)

        async def start(self) -> None:
            return

    monkeypatch.setattr(publishing, "AIOKafkaProducer", Producer)
    for idempotent in (False, True):
        await Publisher(Settings(kafka_idempotent_producer=idempotent)).start()
    assert [one["acks"] for one in options] == ["all", "all"]
    assert [one["enable_idempotence"] for one in options] == [False, True]
    assert not Settings().kafka_idempotent_producer


async def test_a_publication_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    class Hanging:
        async def partitions_for(self, _topic: str) -> None:
            await asyncio.Event().wait()

    publisher = Publisher(Settings(publish_seconds=0.02))
    monkeypatch.setattr(publisher, "_producer", Hanging())
    with pytest.raises(NotPublished):
        await publisher.send_all([Wire("t", b"k", b"v", ())])


STUCK = """
import asyncio, time
from brocante.messaging.progress import Progress
progress = Progress(0.2)
progress.watch()
with progress.waiting_for("kafka", "away"):
    time.sleep(0.6)
print("waited", flush=True)
time.sleep(30)
"""


def test_a_process_that_gets_nowhere_ends_itself_but_not_while_a_back_end_is_away() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", STUCK], capture_output=True, text=True, timeout=60, check=False
    )
    assert (ended.returncode, ended.stdout) == (EXIT_STUCK, "waited\n")


def test_nobody_asks_for_end_offsets_or_what_scans_everything() -> None:
    called = {n.attr for _, n in product() if isinstance(n, ast.Attribute)}
    assert not called & FORBIDDEN_CALLS
    texts = {
        n.value for _, n in product() if isinstance(n, ast.Constant) and isinstance(n.value, str)
    }
    assert not texts & SCANNING


def test_every_range_is_bounded_on_both_sides() -> None:
    open_ended = []
    for path, node in product():
        if isinstance(node, ast.Dict):
            keys = {k.value for k in node.keys if isinstance(k, ast.Constant)}
            low, high = keys & {"$gt", "$gte"}, keys & {"$lt", "$lte"}
            if bool(low) != bool(high):
                open_ended.append(f"{path.name}:{node.lineno}")
    assert open_ended == []


def test_nobody_serves_faststreams_own_pages() -> None:
    names = {n.id for _, n in product() if isinstance(n, ast.Name)}
    assert not names & {"FastStream", "AsgiFastStream", "AsyncAPI", "make_asyncapi_asgi"}


async def test_a_write_is_journalled_by_the_majority_before_it_is_acknowledged() -> None:
    database = connect("mongodb://127.0.0.1:1/?directConnection=true", "d")
    concern = database.collection("c")._raw.write_concern.document
    await database.close()
    assert concern == {"w": "majority", "j": True}


async def test_collections_are_made_before_the_first_write() -> None:
    database = MemoryDatabase()
    await DocumentStore(database, "items").prepare(["next_due"])
    assert list(database.stored) == ["items"]
