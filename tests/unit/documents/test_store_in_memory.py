"""The store: one query, one write, the guard, and what it remembers in between."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from brocante.documents.document import Document
from brocante.documents.store import DocumentStore
from brocante.testing.memory_database import MemoryDatabase

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


class Watched(MemoryDatabase):
    """A database that lists what it was asked to do."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.hook = self._note

    async def _note(self, _collection: str, operation: str) -> None:
        self.asked.append(operation)


@pytest.fixture
def database() -> Watched:
    return Watched()


@pytest.fixture
def store(database: Watched) -> DocumentStore:
    return DocumentStore(database, "things")


def first(id_: str = "main/a", **changes: Any) -> Document:
    return Document(id_).next(state='{"n":1}', **changes)


async def test_a_new_document_is_stored_and_the_next_version_written_over_it(
    store: DocumentStore,
) -> None:
    assert await store.save([first()]) == set()
    assert await store.save([first().next(state='{"n":2}')]) == set()
    stored = (await store.load(["main/a"], fresh=True))["main/a"]
    assert (stored.version, stored.state) == (2, '{"n":2}')


async def test_what_this_process_wrote_is_not_read_again_unless_asked_for(
    store: DocumentStore, database: Watched
) -> None:
    await store.save([first()])
    assert await store.load(["main/a"]) == {"main/a": first()}
    assert database.asked == ["bulk_write"]
    await store.load(["main/a"], fresh=True)
    assert database.asked == ["bulk_write", "find"]


async def test_only_what_is_not_remembered_is_read(store: DocumentStore, database: Watched) -> None:
    await DocumentStore(database, "things").save([first("main/b")])
    await store.save([first()])
    loaded = await store.load(["main/a", "main/b", "main/c", "main/a"])
    assert list(loaded) == ["main/a", "main/b", "main/c"]
    assert [loaded[id_].version for id_ in loaded] == [1, 1, 0]
    assert database.asked.count("find") == 1


async def test_nothing_to_write_asks_the_database_for_nothing(
    store: DocumentStore, database: Watched
) -> None:
    assert await store.save([]) == set()
    assert await store.load([]) == {}
    assert await store.find_by("external_ids", []) == []
    assert database.asked == []


async def test_when_all_took_effect_nothing_is_read_back(
    store: DocumentStore, database: Watched
) -> None:
    await store.save([first(), first("main/b")])
    assert database.asked == ["bulk_write"]


async def test_those_that_lost_are_named_and_read_anew(
    store: DocumentStore, database: Watched
) -> None:
    await store.save([first(), first("main/b")])
    other = DocumentStore(database, "things")
    theirs = (await other.load(["main/a"]))["main/a"].next(state='{"n":9}')
    await other.save([theirs])
    mine = [first().next(state='{"n":2}'), first("main/b").next(state='{"n":2}')]
    assert await store.save(mine) == {"main/a"}
    loaded = await store.load(["main/a", "main/b"])
    assert [loaded[id_].state for id_ in ("main/a", "main/b")] == ['{"n":9}', '{"n":2}']


async def test_a_failed_write_leaves_nothing_remembered(
    store: DocumentStore, database: Watched
) -> None:
    await store.save([first()])

    async def away(_collection: str, operation: str) -> None:
        if operation == "bulk_write":
            raise ConnectionError("away")

    database.hook = away
    with pytest.raises(ConnectionError):
        await store.save([first().next()])
    assert store.known(["main/a"]) == {}


async def test_no_more_is_remembered_than_allowed_and_the_oldest_goes_first(
    database: Watched,
) -> None:
    store = DocumentStore(database, "things", cached=2)
    for id_ in ("main/a", "main/b", "main/c"):
        await store.save([first(id_)])
    assert set(store.known(["main/a", "main/b", "main/c"])) == {"main/b", "main/c"}


async def test_what_is_written_again_counts_as_new(database: Watched) -> None:
    store = DocumentStore(database, "things", cached=2)
    await store.save([first("main/a"), first("main/b")])
    await store.save([first("main/a").next()])
    await store.save([first("main/c")])
    assert set(store.known(["main/a", "main/b", "main/c"])) == {"main/a", "main/c"}


async def test_an_amended_document_is_where_the_next_write_starts(store: DocumentStore) -> None:
    await store.save([first()])
    amended = first()._replace(state="amended")
    store.amend(amended)
    assert await store.load(["main/a"]) == {"main/a": amended}


async def test_only_the_version_remembered_can_be_amended(store: DocumentStore) -> None:
    await store.save([first()])
    store.amend(first().next(state="of a later version"))
    store.amend(first("main/unknown"))
    assert store.known(["main/a", "main/unknown"]) == {"main/a": first()}


async def test_due_documents_come_oldest_first_and_only_those(store: DocumentStore) -> None:
    moments = {"main/1": 3, "main/2": 1, "main/3": 5, "main/4": 6}
    documents = [
        first(id_, indexed={"due_at": NOW + timedelta(minutes=m)}) for id_, m in moments.items()
    ]
    long_ago = first("main/0", indexed={"due_at": datetime(1999, 1, 1, tzinfo=UTC)})
    await store.save([*documents, long_ago, first("main/never")])
    due = await store.find_due("due_at", NOW + timedelta(minutes=5))
    assert [document.id for document in due] == ["main/2", "main/1", "main/3"]
    two = await store.find_due("due_at", NOW + timedelta(minutes=5), 2)
    assert [document.id for document in two] == ["main/2", "main/1"]


async def test_of_those_remembered_the_due_ones_are_told_without_asking_the_database(
    store: DocumentStore, database: Watched
) -> None:
    late, now, soon = (
        first(id_, indexed={"due_at": NOW + timedelta(minutes=minutes)})
        for id_, minutes in (("main/late", -1), ("main/now", 0), ("main/soon", 1))
    )
    await store.save([late, now, soon, first("main/never")])
    database.asked.clear()
    ids = ["main/late", "main/now", "main/soon", "main/never", "main/unknown"]
    assert store.known_due("due_at", ids, NOW) == [late, now]
    assert store.known_due("due_at", ["main/now"], NOW) == [now]
    assert database.asked == []


async def test_at_most_two_hundred_due_or_unsent_documents_are_taken_at_once(
    store: DocumentStore,
) -> None:
    await store.save(
        [
            first(f"main/{n}", unsent=(), unsent_since=NOW, indexed={"unsent_since": NOW})
            for n in range(203)
        ]
    )
    assert len(await store.find_unsent(NOW)) == 200
    assert len(await store.find_due("unsent_since", NOW)) == 200
    assert len(await store.find_unsent(NOW, 3)) == 3
    assert await store.find_unsent(NOW - timedelta(milliseconds=1)) == []


async def test_documents_are_found_by_what_is_indexed_beside_them(store: DocumentStore) -> None:
    await store.save([first(indexed={"external_ids": ["1", "2"]}), first("main/b")])
    assert [d.id for d in await store.find_by("external_ids", ["2", "9"])] == ["main/a"]
    assert await store.find_by("external_ids", ["9"]) == []


async def test_walking_sees_every_document(store: DocumentStore) -> None:
    await store.save([first(f"main/{n}") for n in range(7)])
    seen = [document async for page in store.walk() for document in page]
    assert sorted(document.id for document in seen) == [f"main/{n}" for n in range(7)]


async def test_preparing_makes_the_collection_and_the_indexes_asked_for(
    database: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    store = DocumentStore(database, "things")

    async def create_index(field: str, **_options: bool) -> None:
        made.append(field)

    monkeypatch.setattr(store._collection, "create_index", create_index)
    await store.prepare(["due_at"])
    assert made == ["unsent_since", "due_at"]
    assert list(database.stored) == ["things"]


async def test_every_write_carries_its_own_stamp(store: DocumentStore, database: Watched) -> None:
    await store.save([first()])
    before = database.stored["things"]["main/a"]["write"]
    await store.save([first().next()])
    assert len(before) == 12
    assert database.stored["things"]["main/a"]["write"] != before
