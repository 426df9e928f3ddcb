"""The one module that knows a MongoDB driver: Motor, or PyMongo's own asyncio client.

Motor is the default; it gets critical fixes only until 2027-05-14, so PyMongo's asyncio client is
a setting away (`BROCANTE_MONGO_DRIVER=pymongo`, docs/adr/0002). Both are seen through the same
small classes; nothing else in Brocante imports a driver.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import AsyncMongoClient, DeleteOne, InsertOne, ReplaceOne, UpdateOne, WriteConcern
from pymongo.errors import BulkWriteError, DuplicateKeyError, PyMongoError

Driver = Literal["motor", "pymongo"]
Filter = Mapping[str, Any]
WriteOperation = InsertOne[Any] | ReplaceOne[Any] | UpdateOne | DeleteOne
DUPLICATE_KEY = 11000
AT_ONCE = 10_000
"""Documents in one reply; a server ends it at 16 MB by itself."""

DatabaseError = PyMongoError
"""Whatever the database or the way to it says went wrong: temporary until proven otherwise."""

__all__ = [
    "Collection",
    "Database",
    "DatabaseError",
    "DeleteOne",
    "Driver",
    "DuplicateKeyError",
    "InsertOne",
    "ReplaceOne",
    "UpdateOne",
    "WriteOperation",
    "connect",
]


class Collection:
    """One collection. Every write is journalled by the server before it is acknowledged."""

    def __init__(self, raw: Any) -> None:
        self._raw = raw

    async def insert_one(self, document: Mapping[str, Any]) -> None:
        """Insert; DuplicateKeyError when the id (or a unique field) is taken."""
        await self._raw.insert_one(dict(document))

    async def find_one(
        self, where: Filter, fields: Sequence[str] | None = None
    ) -> dict[str, Any] | None:
        """One document or None; `fields` limits what is read."""
        found: dict[str, Any] | None = await self._raw.find_one(where, _projection(fields))
        return found

    async def find(
        self,
        where: Filter,
        *,
        fields: Sequence[str] | None = None,
        sort: Sequence[tuple[str, int]] | None = None,
        limit: int = 0,
    ) -> list[dict[str, Any]]:
        """Every match, in memory; keep it bounded.

        One question: a server asked for no number gives 101 documents and is asked again.
        """
        cursor = self._raw.find(where, _projection(fields), batch_size=AT_ONCE)
        if sort:
            cursor = cursor.sort(list(sort))
        if limit:
            cursor = cursor.limit(limit)
        found: list[dict[str, Any]] = await cursor.to_list(None)
        return found

    async def batches(
        self, where: Filter, size: int = 500, fields: Sequence[str] | None = None
    ) -> Any:
        """Every match as an async iterator of lists, for walking a whole collection."""
        return _walk(self._raw.find(where, _projection(fields), batch_size=size), size)

    async def count(self, where: Filter) -> int:
        """How many match."""
        return int(await self._raw.count_documents(where))

    async def update_one(
        self, where: Filter, change: Mapping[str, Any], *, upsert: bool = False
    ) -> int:
        """Change at most one document; how many matched or were made."""
        result = await self._raw.update_one(where, change, upsert=upsert)
        return int(result.matched_count) + (1 if result.upserted_id is not None else 0)

    async def update_many(self, where: Filter, change: Mapping[str, Any]) -> int:
        """Change every match; how many matched."""
        return int((await self._raw.update_many(where, change)).matched_count)

    async def replace_one(
        self, where: Filter, document: Mapping[str, Any], *, upsert: bool = False
    ) -> int:
        """Replace at most one document; how many matched or were made."""
        result = await self._raw.replace_one(where, dict(document), upsert=upsert)
        return int(result.matched_count) + (1 if result.upserted_id is not None else 0)

    async def delete_one(self, where: Filter) -> int:
        """Delete at most one document; how many were."""
        return int((await self._raw.delete_one(where)).deleted_count)

    async def delete_many(self, where: Filter) -> int:
        """Delete every match; how many were."""
        return int((await self._raw.delete_many(where)).deleted_count)

    async def bulk_write(self, operations: Sequence[WriteOperation]) -> int:
        """Write unordered; how many took effect. Duplicate keys are only counted as not written.

        Results do not name who lost: a caller that must know reads back what it stamped.
        """
        try:
            result = await self._raw.bulk_write(list(operations), ordered=False)
        except BulkWriteError as error:
            details: dict[str, Any] = dict(error.details or {})
            others = [e for e in details["writeErrors"] if e.get("code") != DUPLICATE_KEY]
            if others or details.get("writeConcernErrors"):
                raise
            return _written(details)
        return _written(result.bulk_api_result)

    async def create_index(self, field: str, *, sparse: bool = True, unique: bool = False) -> None:
        """An index on one field; creating it again is harmless."""
        await self._raw.create_index([(field, 1)], sparse=sparse, unique=unique)

    async def create_list_index(self, field: str, order: str) -> None:
        """An index that serves pages: those with one value of `field`, in the order of another."""
        await self._raw.create_index([(field, 1), (order, 1)])

    async def explain(self, where: Filter, **asked: Any) -> dict[str, Any]:
        """What the server examines to answer a find; `asked` may hold sort and limit."""
        find: dict[str, Any] = {"find": self._raw.name, "filter": where, **asked}
        if "sort" in asked:
            find["sort"] = dict(asked["sort"])
        said: dict[str, Any] = await self._raw.database.command(
            {"explain": find, "verbosity": "executionStats"}
        )
        return said


class Database:
    """One database on one server or replica set."""

    def __init__(self, client: Any, name: str) -> None:
        self._client = client
        self._raw = client[name]

    def collection(self, name: str) -> Collection:
        """A collection whose writes wait for the majority's journal."""
        concern = WriteConcern(w="majority", j=True)
        return Collection(self._raw.get_collection(name, write_concern=concern))

    async def create_collections(self, *names: str) -> None:
        """Create what is missing: an embedded server wants collections made at start."""
        existing = set(await self._raw.list_collection_names())
        for name in names:
            if name not in existing:
                try:
                    await self._raw.create_collection(name)
                except PyMongoError:
                    if name not in await self._raw.list_collection_names():
                        raise

    async def ping(self) -> None:
        """Raise DatabaseError when the server does not answer."""
        await self._raw.command("ping")

    async def drop(self) -> None:
        """Remove the whole database (tests)."""
        await self._client.drop_database(self._raw.name)

    async def close(self) -> None:
        """Close the connection."""
        closing = self._client.close()
        if closing is not None:
            await closing


def connect(url: str, name: str, driver: Driver = "motor", *, timeout_ms: int = 5000) -> Database:
    """A database; nothing is contacted before the first call. Calls fail after `timeout_ms`."""
    options: dict[str, Any] = {
        "serverSelectionTimeoutMS": timeout_ms,
        "connectTimeoutMS": timeout_ms,
        "socketTimeoutMS": max(timeout_ms, 20_000),
        "tz_aware": True,
        "retryWrites": False,
    }
    make: Any = AsyncIOMotorClient if driver == "motor" else AsyncMongoClient
    return Database(make(url, **options), name)


def _projection(fields: Sequence[str] | None) -> dict[str, int] | None:
    return dict.fromkeys(fields, 1) if fields else None


def _written(details: Mapping[str, Any]) -> int:
    return int(details["nInserted"]) + int(details["nMatched"]) + int(details["nRemoved"])


async def _walk(cursor: Any, size: int) -> Any:
    page: list[dict[str, Any]] = []
    async for document in cursor:
        page.append(document)
        if len(page) >= size:
            yield page
            page = []
    if page:
        yield page
