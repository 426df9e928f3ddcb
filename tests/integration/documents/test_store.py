"""Versioned documents on a real server with both drivers, and in memory: the guard decides."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Literal

import pytest
from pymongo import monitoring

from brocante.documents.document import Document, Entry, Journal, Output, packed
from brocante.documents.driver import Database, Driver, connect
from brocante.documents.store import DocumentStore
from brocante.testing.memory_database import MemoryDatabase

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
OUTPUT = Output("sales.events", b"main/s1", b'{"a":1}', (("ce_id", b"1"),))
ENTRY = Entry(
    b"0123456789abcdef", 1, "sales.commands", 0, 7, remember=True, led_to=packed([OUTPUT])
)


@pytest.fixture(params=["motor", "pymongo", "memory"])
async def database(
    request: pytest.FixtureRequest, mongo: str, database_name: str
) -> AsyncIterator[Database]:
    connected = _database(mongo, database_name, request.param)
    yield connected
    await connected.drop()
    await connected.close()


def _database(mongo: str, name: str, how: Driver | Literal["memory"]) -> Database:
    return MemoryDatabase() if how == "memory" else connect(mongo, name, how)


@pytest.fixture
async def store(database: Database) -> DocumentStore:
    made = DocumentStore(database, "things")
    await made.prepare(["due_at"])
    return made


def first(id_: str = "main/a", **changes: object) -> Document:
    return Document(id_).next(state='{"n":1}', changed_at=NOW, **changes)


async def test_a_document_comes_back_as_it_was_saved(store: DocumentStore) -> None:
    document = first(
        journal=Journal(b"x" * 16, (ENTRY,), ((b"y" * 16, OUTPUT),)),
        said={"item.changed": {"id": "1", "time": NOW}},
        unsent=(OUTPUT,),
        unsent_since=NOW,
        parked=(b"z" * 16,),
        indexed={"due_at": NOW, "external_ids": ["1", "2"]},
    )
    assert await store.save([document]) == set()
    assert (await store.load(["main/a"], fresh=True))["main/a"] == document


class Asked(monitoring.CommandListener):
    """Commands of every client made after it was registered."""

    def __init__(self) -> None:
        self.commands: list[tuple[str, str]] = []

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        self.commands.append((event.database_name, event.command_name))

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        """Nothing."""

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        """Nothing."""


@pytest.mark.parametrize("driver", ["motor", "pymongo"])
async def test_many_documents_are_loaded_with_one_question(
    mongo: str, database_name: str, driver: Driver
) -> None:
    asked = Asked()
    monitoring.register(asked)
    database = connect(mongo, database_name, driver)
    store = DocumentStore(database, "things")
    await store.prepare(())
    ids = [f"main/{n}" for n in range(250)]
    await store.save([first(id_) for id_ in ids])
    asked.commands.clear()
    found = await store.load(ids, fresh=True)
    assert {document.version for document in found.values()} == {1}
    assert [name for at, name in asked.commands if at == database_name] == ["find"]
    await database.drop()
    await database.close()


async def test_what_is_not_stored_yet_comes_as_version_zero(store: DocumentStore) -> None:
    assert (await store.load(["main/none"]))["main/none"] == Document("main/none")


async def test_of_two_writers_on_one_version_exactly_one_wins(
    store: DocumentStore, database: Database
) -> None:
    other = DocumentStore(database, "things")
    await store.save([first()])
    mine = (await store.load(["main/a"]))["main/a"].next(state='{"n":2}')
    theirs = (await other.load(["main/a"]))["main/a"].next(state='{"n":3}')
    assert await other.save([theirs]) == set()
    assert await store.save([mine]) == {"main/a"}
    assert (await store.load(["main/a"], fresh=True))["main/a"].state == '{"n":3}'


async def test_of_two_writers_of_a_new_document_exactly_one_wins(
    store: DocumentStore, database: Database
) -> None:
    other = DocumentStore(database, "things")
    assert await other.save([first()]) == set()
    assert await store.save([first(), first("main/b")]) == {"main/a"}


async def test_losers_do_not_hold_back_the_others_of_a_batch(store: DocumentStore) -> None:
    await store.save([first(f"main/{n}") for n in range(20)])
    stale = [Document(f"main/{n}", version=5 if n % 2 else 1).next() for n in range(20)]
    assert await store.save(stale) == {f"main/{n}" for n in range(20) if n % 2}


async def test_due_documents_are_found_oldest_first(store: DocumentStore) -> None:
    at = [NOW + timedelta(minutes=m) for m in (3, 1, 2, 60)]
    await store.save([first(f"main/{n}", indexed={"due_at": t}) for n, t in enumerate(at)])
    due = await store.find_due("due_at", NOW + timedelta(minutes=10))
    assert [document.id for document in due] == ["main/1", "main/2", "main/0"]


async def test_documents_are_found_by_a_term_of_an_indexed_array(store: DocumentStore) -> None:
    await store.save([first("main/a", indexed={"external_ids": ["1", "2"]}), first("main/b")])
    assert [d.id for d in await store.find_by("external_ids", ["2", "9"])] == ["main/a"]


async def test_walking_sees_every_document_once(store: DocumentStore) -> None:
    await store.save([first(f"main/{n}") for n in range(700)])
    seen = [document.id async for page in store.walk() for document in page]
    assert sorted(seen) == sorted(f"main/{n}" for n in range(700))
