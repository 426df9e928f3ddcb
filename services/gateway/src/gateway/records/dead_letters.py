"""Dead letters, kept before anything else, grouped by cause, replayed in order."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from brocante.contracts.values import rfc3339
from brocante.documents.driver import Database, InsertOne
from brocante.messaging.publisher import Publisher
from brocante.messaging.wire import RawRecord, Wire

COLLECTION = "gateway_dead_letters"
ADDED = ("x-error-code", "x-error", "x-origin", "x-service", "x-first-seen")
REPLAY = ("x-replay", b"1")
OURS = (*ADDED, REPLAY[0])


@dataclass(frozen=True, slots=True)
class Edit:
    """What an operator changes in a record: its value (None: as it is) and some headers."""

    value: str | None
    headers: Mapping[str, str | None]


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
        """Keep records of the dead-letter topic; one that is here already stays as it is."""
        writes = [InsertOne(_stored(record)) for record in records]
        if writes:
            await self._letters.bulk_write(writes)

    async def groups(self) -> list[dict[str, Any]]:
        """Open dead letters by service and code, the most numerous first.

        `repeats`: how many were replayed before and failed again.
        """
        found = await self._letters.find({"open": True})
        groups: dict[str, dict[str, Any]] = {}
        for stored in found:
            first = {name: stored[name] for name in ("group", "service", "code")}
            first |= {"count": 0, "repeats": 0, "example": stored["error"]}
            group = groups.setdefault(stored["group"], first)
            group["count"] += 1
            group["repeats"] += _is_repeat(stored)
            seen = [one for one in (group.get("first_seen"), stored["first_seen"]) if one]
            group["first_seen"] = min(seen, default="")
        return sorted(groups.values(), key=lambda one: -int(one["count"]))

    async def letters(self, group: str, *, closed: bool = False) -> list[dict[str, Any]]:
        """The open dead letters of a group, or those put aside or replayed; oldest first."""
        return [_told(stored) for stored in await self._found(group, closed=closed)]

    async def retry(self, group: str, by: str, ids: Sequence[str] | None = None) -> int:
        """Publish a group's letters (or these of it) to where they came from, in order."""
        found = await self._found(group, ids)
        await self._publisher.send_all([_replay(stored, stored) for stored in found])
        return await self._close(found, {"closed": "replayed", "closed_by": by})

    async def edit_and_retry(self, group: str, by: str, id_: str, edit: Edit) -> int:
        """Publish one letter changed; what came stays as it was, the edit is kept beside it."""
        found = await self._found(group, [id_])
        await self._publisher.send_all([_replay(stored, _edited(stored, edit)) for stored in found])
        kept = {"value": edit.value, "headers": dict(edit.headers)}
        return await self._close(found, {"closed": "edited", "closed_by": by, "edit": kept})

    async def archive(self, group: str, by: str, ids: Sequence[str] | None = None) -> int:
        """Put a group (or these of it) aside; how many."""
        found = await self._found(group, ids)
        return await self._close(found, {"closed": "archived", "closed_by": by})

    async def _found(
        self, group: str, ids: Sequence[str] | None = None, *, closed: bool = False
    ) -> list[dict[str, Any]]:
        found = await self._letters.find({"group": group})
        kept = [
            stored
            for stored in found
            if bool(stored.get("open")) != closed and (ids is None or stored["_id"] in ids)
        ]
        return sorted(kept, key=lambda one: (str(one["first_seen"]), _order(one["origin"])))

    async def _close(self, letters: Sequence[Mapping[str, Any]], how: Mapping[str, Any]) -> int:
        # These and no others: what was replayed may have failed again meanwhile, in the same group.
        change = {"$set": {**how, "closed_at": datetime.now(UTC)}, "$unset": {"open": ""}}
        these = {"_id": {"$in": [stored["_id"] for stored in letters]}}
        return await self._letters.update_many(these, change)


def _told(stored: Mapping[str, Any]) -> dict[str, Any]:
    told = {
        "id": stored["_id"],
        "origin": stored["origin"],
        "error": stored["error"],
        "first_seen": stored["first_seen"],
        "repeat": _is_repeat(stored),
        "value": _text(stored["value"]),
        "headers": [[name, _text(value)] for name, value in stored["headers"]],
    }
    if "closed" in stored:
        told |= {name: stored.get(name) for name in ("closed", "closed_by", "edit")}
        told["closed_at"] = rfc3339(stored["closed_at"])
    return told


def _is_repeat(stored: Mapping[str, Any]) -> bool:
    return any(name == REPLAY[0] for name, _ in stored["headers"])


def _replay(stored: Mapping[str, Any], as_sent: Mapping[str, Any]) -> Wire:
    headers = [(name, value) for name, value in as_sent["headers"] if name not in OURS]
    topic = stored["origin"].rsplit("/", 2)[0]
    return Wire(topic, stored["key"], as_sent["value"], [*headers, REPLAY])


def _edited(stored: Mapping[str, Any], edit: Edit) -> dict[str, Any]:
    """The record with another value, and headers replaced (or taken away: None) by name."""
    value = stored["value"] if edit.value is None else edit.value.encode()
    kept = [(name, one) for name, one in stored["headers"] if name not in edit.headers]
    new = [(name, text.encode()) for name, text in edit.headers.items() if text is not None]
    return {"value": value, "headers": [*kept, *new]}


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
