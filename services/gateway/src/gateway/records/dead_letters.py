"""Dead letters, kept before anything else, grouped by cause, replayed in order."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from brocante.documents.driver import Database, ReplaceOne
from brocante.messaging.publisher import Publisher
from brocante.messaging.wire import RawRecord, Wire

COLLECTION = "gateway_dead_letters"
ADDED = ("x-error-code", "x-error", "x-origin", "x-service", "x-first-seen")
REPLAY = ("x-replay", b"1")


class DeadLetters:
    """Every record of the dead-letter topic, byte for byte."""

    def __init__(self, database: Database, publisher: Publisher) -> None:
        self._database = database
        self._letters = database.collection(COLLECTION)
        self._publisher = publisher

    async def prepare(self) -> None:
        """Create the collection and its indexes."""
        await self._database.create_collections(COLLECTION)
        for field in ("group", "open"):
            await self._letters.create_index(field)

    async def take(self, records: Sequence[RawRecord]) -> None:
        """Keep records of the dead-letter topic; the same one again is the same document."""
        writes = [
            ReplaceOne({"_id": stored["_id"]}, stored, upsert=True)
            for stored in map(_stored, records)
        ]
        if writes:
            await self._letters.bulk_write(writes)

    async def groups(self) -> list[dict[str, Any]]:
        """Open dead letters by service and code, the most numerous first."""
        found = await self._letters.find({"open": True})
        groups: dict[str, dict[str, Any]] = {}
        for stored in found:
            group = groups.setdefault(
                stored["group"],
                {
                    "group": stored["group"],
                    "service": stored["service"],
                    "code": stored["code"],
                    "count": 0,
                    "example": stored["error"],
                },
            )
            group["count"] += 1
        return sorted(groups.values(), key=lambda one: -int(one["count"]))

    async def letters(self, group: str) -> list[dict[str, Any]]:
        """The open dead letters of a group, oldest first."""
        found = await self._open(group)
        return [
            {
                "id": stored["_id"],
                "origin": stored["origin"],
                "error": stored["error"],
                "first_seen": stored["first_seen"],
                "value": _text(stored["value"]),
                "headers": [[name, _text(value)] for name, value in stored["headers"]],
            }
            for stored in found
        ]

    async def retry(self, group: str) -> int:
        """Publish a group's letters to where they came from, in order; how many."""
        found = await self._open(group)
        wires = [
            Wire(
                stored["origin"].rsplit("/", 2)[0],
                stored["key"],
                stored["value"],
                [*[(n, v) for n, v in stored["headers"] if n not in ADDED], REPLAY],
            )
            for stored in found
        ]
        await self._publisher.send_all(wires)
        return await self._close(found, "replayed")

    async def archive(self, group: str) -> int:
        """Put a group aside; how many."""
        return await self._close(await self._open(group), "archived")

    async def _open(self, group: str) -> list[dict[str, Any]]:
        found = await self._letters.find({"group": group})
        kept = [stored for stored in found if stored.get("open")]
        return sorted(kept, key=lambda one: (str(one["first_seen"]), _order(one["origin"])))

    async def _close(self, letters: Sequence[Mapping[str, Any]], how: str) -> int:
        # These and no others: what was replayed may have failed again meanwhile, in the same group.
        change = {"$set": {"closed": how, "closed_at": datetime.now(UTC)}, "$unset": {"open": ""}}
        these = {"_id": {"$in": [stored["_id"] for stored in letters]}}
        return await self._letters.update_many(these, change)


def _stored(raw: RawRecord) -> dict[str, Any]:
    added = {name: _text(value) or "" for name, value in raw.headers if name in ADDED}
    service, code = added.get("x-service", ""), added.get("x-error-code", "unknown")
    origin = added.get("x-origin", "")
    text = f"{origin}|{raw.timestamp_ms}|{service}".encode()
    return {
        "_id": hashlib.sha256(text + (raw.value or b"")).hexdigest()[:32],
        "group": hashlib.sha256(f"{service}|{code}".encode()).hexdigest()[:12],
        "open": True,
        "service": service,
        "code": code,
        "error": added.get("x-error", ""),
        "origin": origin,
        "first_seen": added.get("x-first-seen", ""),
        "key": raw.key,
        "value": raw.value,
        "headers": [[name, value] for name, value in raw.headers],
    }


def _order(origin: str) -> tuple[str, int]:
    topic, _, offset = origin.rpartition("/")
    return topic, int(offset) if offset.isdecimal() else 0


def _text(value: bytes | None) -> str | None:
    return None if value is None else bytes(value).decode("utf-8", "backslashreplace")
