"""A database in memory that behaves as the driver's does, for tests that need thousands of runs.

It passes the same suite as a real server (tests/integration/documents). What is stored is a copy,
in the forms a server gives back: lists for tuples, moments cut to the millisecond.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from brocante.documents.driver import (
    Collection,
    Database,
    DeleteOne,
    DuplicateKeyError,
    Filter,
    InsertOne,
    ReplaceOne,
    UpdateOne,
    WriteOperation,
)

Stored = dict[str, Any]
Hook = Callable[[str, str], Awaitable[None]]
"""Called with collection and operation before anything happens; what it raises is raised."""


async def _nothing(_collection: str, _operation: str) -> None:
    return


class MemoryDatabase(Database):
    """Collections by name. `hook` may raise, wait or let another writer go first."""

    def __init__(self) -> None:
        self.hook: Hook = _nothing
        self.stored: dict[str, dict[Any, Stored]] = {}

    def collection(self, name: str) -> "MemoryCollection":
        """A collection, made when missing."""
        return MemoryCollection(self, name)

    async def create_collections(self, *names: str) -> None:
        """Make what is missing."""
        for name in names:
            self.stored.setdefault(name, {})

    async def ping(self) -> None:
        """Answers, unless the hook says otherwise."""
        await self.hook("", "ping")

    async def drop(self) -> None:
        """Remove everything."""
        self.stored.clear()

    async def close(self) -> None:
        """Nothing to let go of."""


class MemoryCollection(Collection):
    """One collection; see `Collection` for what each method means."""

    def __init__(self, database: MemoryDatabase, name: str) -> None:
        self._database = database
        self._name = name

    async def insert_one(self, document: Mapping[str, Any]) -> None:
        """Insert; DuplicateKeyError when the id is taken."""
        if not await self._write("insert_one", InsertOne(dict(document))):
            raise DuplicateKeyError(f"duplicate key: {document['_id']}")

    async def find_one(self, where: Filter, fields: Sequence[str] | None = None) -> Stored | None:
        """One match or None."""
        return next(iter(await self._find("find_one", where, fields)), None)

    async def find(
        self,
        where: Filter,
        *,
        fields: Sequence[str] | None = None,
        sort: Sequence[tuple[str, int]] | None = None,
        limit: int = 0,
    ) -> list[Stored]:
        """Every match."""
        found = await self._find("find", where, None)
        for name, direction in reversed(sort or ()):
            found.sort(key=lambda one, name=name: one[name], reverse=direction < 0)  # type: ignore[misc]
        return [_projected(one, fields) for one in islice(found, limit or None)]

    async def batches(
        self, where: Filter, size: int = 500, fields: Sequence[str] | None = None
    ) -> Any:
        """Every match as an async iterator of lists."""
        found = await self._find("batches", where, fields)

        async def pages() -> Any:
            for start in range(0, len(found), size):
                yield found[start : start + size]

        return pages()

    async def count(self, where: Filter) -> int:
        """How many match."""
        return len(await self._find("count", where, None))

    async def update_one(
        self, where: Filter, change: Mapping[str, Any], *, upsert: bool = False
    ) -> int:
        """Change at most one; how many matched or were made."""
        return await self._write("update_one", UpdateOne(where, change, upsert=upsert))

    async def update_many(self, where: Filter, change: Mapping[str, Any]) -> int:
        """Change every match; how many."""
        await self._database.hook(self._name, "update_many")
        return sum(self._apply(UpdateOne({"_id": key}, change)) for key in self._keys(where))

    async def replace_one(
        self, where: Filter, document: Mapping[str, Any], *, upsert: bool = False
    ) -> int:
        """Replace at most one; how many matched or were made."""
        return await self._write("replace_one", ReplaceOne(where, dict(document), upsert=upsert))

    async def delete_one(self, where: Filter) -> int:
        """Delete at most one; how many were."""
        return await self._write("delete_one", DeleteOne(where))

    async def delete_many(self, where: Filter) -> int:
        """Delete every match; how many were."""
        await self._database.hook(self._name, "delete_many")
        return sum(self._apply(DeleteOne({"_id": key})) for key in self._keys(where))

    async def bulk_write(self, operations: Sequence[WriteOperation]) -> int:
        """Each on its own; how many took effect."""
        await self._database.hook(self._name, "bulk_write")
        return sum(self._apply(operation) for operation in operations)

    async def create_index(self, field: str, *, sparse: bool = True, unique: bool = False) -> None:
        """Nothing: every look-up reads everything."""

    async def create_list_index(self, field: str, order: str) -> None:
        """Nothing: every look-up reads everything."""

    @property
    def _all(self) -> dict[Any, Stored]:
        return self._database.stored.setdefault(self._name, {})

    def _keys(self, where: Filter) -> list[Any]:
        wanted = where.get("_id")
        if isinstance(wanted, str):
            keys = [wanted] if wanted in self._all else []
        else:
            keys = list(self._all)
        return [key for key in keys if _matches(self._all[key], where)]

    async def _find(self, operation: str, where: Filter, fields: Any) -> list[Stored]:
        await self._database.hook(self._name, operation)
        return [_projected(_copy(self._all[key]), fields) for key in self._keys(where)]

    async def _write(self, name: str, operation: WriteOperation) -> int:
        await self._database.hook(self._name, name)
        return self._apply(operation)

    def _apply(self, operation: Any) -> int:
        if isinstance(operation, InsertOne):
            return self._insert(operation._doc)  # noqa: SLF001 - the driver has no other way
        where = operation._filter  # noqa: SLF001 - as above
        keys = self._keys(where)[:1]
        if isinstance(operation, DeleteOne):
            return sum(1 for key in keys if self._all.pop(key, None) is not None)
        change = operation._doc  # noqa: SLF001 - as above
        for key in keys:
            self._all[key] = {**_changed(self._all[key], change), "_id": key}
        if keys or not operation._upsert:  # noqa: SLF001 - as above
            return len(keys)
        equal = {name: value for name, value in where.items() if not isinstance(value, Mapping)}
        return self._insert({**_changed(equal, change), "_id": where["_id"]})

    def _insert(self, document: Mapping[str, Any]) -> int:
        if document["_id"] in self._all:
            return 0
        self._all[document["_id"]] = _copy(document)
        return 1


def _matches(stored: Mapping[str, Any], where: Filter) -> bool:
    return all(_holds(stored.get(name), wanted) for name, wanted in where.items())


def _holds(value: Any, wanted: Any) -> bool:
    values = value if isinstance(value, list) else [value]
    if not isinstance(wanted, Mapping):
        return value == wanted or any(one == wanted for one in values)
    return all(
        set(to) <= set(values) if how == "$all" else any(_compares(one, how, to) for one in values)
        for how, to in wanted.items()
    )


def _compares(value: Any, how: str, to: Any) -> bool:
    if how == "$in":
        return value in to
    if value is None:
        return False
    comparisons = {"$gt": value > to, "$gte": value >= to, "$lt": value < to, "$lte": value <= to}
    return bool(comparisons[how])


def _changed(stored: Mapping[str, Any], change: Mapping[str, Any]) -> Stored:
    if not any(name.startswith("$") for name in change):
        return dict(_copy(change))
    unknown = set(change) - {"$set", "$unset"}
    if unknown:
        raise ValueError(f"the database in memory does not know {sorted(unknown)}")
    kept = {name: value for name, value in stored.items() if name not in change.get("$unset", {})}
    return {**kept, **_copy(change.get("$set", {}))}


def _projected(stored: Stored, fields: Sequence[str] | None) -> Stored:
    if not fields:
        return stored
    return {name: value for name, value in stored.items() if name in {"_id", *fields}}


def _copy(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _copy(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_copy(one) for one in value]
    if isinstance(value, datetime):
        return value.replace(microsecond=value.microsecond // 1000 * 1000)
    return bytes(value) if isinstance(value, bytes | bytearray) else value
