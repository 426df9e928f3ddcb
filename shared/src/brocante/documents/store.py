"""A collection of versioned documents: load many, write many guarded by version, find what is due.

The guard: a write takes effect only on the version it was decided on. Bulk results do not name the
losers, so each write is stamped and, when counts differ, read back once.
"""

import secrets
from collections import OrderedDict
from collections.abc import AsyncIterator, Iterable, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime

from brocante.documents.document import Document, from_bson, to_bson
from brocante.documents.driver import Collection, Database, InsertOne, ReplaceOne, WriteOperation

CACHED_DOCUMENTS = 4096


class DocumentStore:
    """The documents of one collection.

    Documents this process wrote last are kept in memory (`CACHED_DOCUMENTS` at most): the guard,
    not the cache, decides whether they are still the newest.
    """

    def __init__(self, database: Database, collection: str, cached: int = CACHED_DOCUMENTS) -> None:
        self.name = collection
        self._database = database
        self._collection: Collection = database.collection(collection)
        self._cache: OrderedDict[str, Document] = OrderedDict()
        self._cached = cached

    async def prepare(self, indexes: Iterable[str]) -> None:
        """Create the collection and its sparse single-field indexes."""
        await self._database.create_collections(self.name)
        for field in ("unsent_since", *indexes):
            await self._collection.create_index(field)

    async def load(
        self, ids: Iterable[str], *, fresh: bool = False, new: AbstractSet[str] = frozenset()
    ) -> dict[str, Document]:
        """The documents with these ids; one not stored yet comes as version 0.

        Those in `new` are taken for not stored, unless they are remembered: a write finds out.
        """
        wanted = list(dict.fromkeys(ids))
        found: dict[str, Document] = {}
        if not fresh:
            found = {id_: self._cache[id_] for id_ in wanted if id_ in self._cache}
        missing = [id_ for id_ in wanted if id_ not in found and id_ not in new]
        if missing:
            for stored in await self._collection.find({"_id": {"$in": missing}}):
                found[stored["_id"]] = from_bson(stored)
        return {id_: found.get(id_) or Document(id_) for id_ in wanted}

    async def save(self, documents: Sequence[Document]) -> set[str]:
        """Write each over the version before it; the ids of those that lost to another writer."""
        if not documents:
            return set()
        write_id = secrets.token_bytes(12)
        self._forget(document.id for document in documents)
        written = await self._collection.bulk_write([_guarded(d, write_id) for d in documents])
        losers: set[str] = set()
        if written != len(documents):
            losers = await self._losers(documents, write_id)
        self._remember(d for d in documents if d.id not in losers)
        return losers

    def amend(self, document: Document) -> None:
        """Replace what is remembered of a version: the next write of this process starts there."""
        known = self._cache.get(document.id)
        if known is not None and known.version == document.version:
            self._cache[document.id] = document

    def known(self, ids: Iterable[str]) -> dict[str, Document]:
        """Those of these documents that are remembered, as they are."""
        return {id_: self._cache[id_] for id_ in ids if id_ in self._cache}

    def known_due(self, field: str, ids: Iterable[str], before: datetime) -> list[Document]:
        """Those of these documents that are remembered and due, as `find_due` would find them."""
        known = self.known(ids).values()
        return [one for one in known if (at := one.indexed.get(field)) is not None and at <= before]

    async def find_unsent(self, before: datetime, limit: int = 200) -> list[Document]:
        """Documents whose outputs have waited unpublished since before a moment."""
        return await self.find_due("unsent_since", before, limit)

    async def find_due(self, field: str, before: datetime, limit: int = 200) -> list[Document]:
        """Documents whose time in an indexed field has come, oldest first.

        Bounded on both sides: an embedded server reads an open-ended range whole.
        """
        where = {field: {"$gt": datetime(2000, 1, 1, tzinfo=before.tzinfo), "$lte": before}}
        found = await self._collection.find(where, sort=[(field, 1)], limit=limit)
        return [from_bson(stored) for stored in found]

    async def find_by(self, field: str, values: Iterable[str]) -> list[Document]:
        """Documents whose indexed field (a value or an array) holds one of these values."""
        wanted = list(dict.fromkeys(values))
        if not wanted:
            return []
        return [from_bson(s) for s in await self._collection.find({field: {"$in": wanted}})]

    async def walk(self) -> AsyncIterator[list[Document]]:
        """Every document, a few hundred at a time, in no order."""
        async for page in await self._collection.batches({}):
            yield [from_bson(stored) for stored in page]

    def _forget(self, ids: Iterable[str]) -> None:
        for id_ in ids:
            self._cache.pop(id_, None)

    def _remember(self, documents: Iterable[Document]) -> None:
        for document in documents:
            self._cache[document.id] = document
        while len(self._cache) > self._cached:
            self._cache.popitem(last=False)

    async def _losers(self, documents: Sequence[Document], write_id: bytes) -> set[str]:
        ids = [document.id for document in documents]
        fields = ("version", "write")
        now = await self._collection.find({"_id": {"$in": ids}}, fields=fields)
        ours = {s["_id"] for s in now if bytes(s["write"]) == write_id}
        # One of ours that another writer has already moved on shows as lost: it is folded again,
        # finds itself in the journal, and its outputs are published from there.
        return set(ids) - ours


def _guarded(document: Document, write_id: bytes) -> WriteOperation:
    stored = to_bson(document, write_id)
    if document.version == 1:
        return InsertOne(stored)
    return ReplaceOne({"_id": document.id, "version": document.version - 1}, stored)
