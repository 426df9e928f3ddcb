"""Bulks: one action on many items; progress is that of the commands it led to."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from brocante.documents.driver import Database

COLLECTION = "gateway_bulks"
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class KeptBulk:
    """A bulk as kept. `commands` are `(item_id, command_id)`; the report is final once done."""

    report: Row
    digest: str
    commands: Sequence[tuple[str, str]]


class Bulks:
    """The report of each bulk, and which command each item got."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._bulks = database.collection(COLLECTION)

    async def prepare(self) -> None:
        """Create the collection."""
        await self._database.create_collections(COLLECTION)

    async def keep(self, dealer: str, bulk: KeptBulk) -> None:
        """Keep a bulk whose commands are kept, or what has become of it by now."""
        key = f"{dealer}/{bulk.report['bulk_id']}"
        stored = {
            "_id": key,
            "report": json.dumps(bulk.report),
            "digest": bulk.digest,
            "commands": json.dumps(list(bulk.commands)),
            "at": datetime.now(UTC),
        }
        await self._bulks.replace_one({"_id": key}, stored, upsert=True)

    async def get(self, dealer: str, bulk_id: str) -> KeptBulk | None:
        """A bulk of this dealer."""
        stored = await self._bulks.find_one({"_id": f"{dealer}/{bulk_id}"})
        if stored is None:
            return None
        commands = [(item_id, id_) for item_id, id_ in json.loads(stored["commands"])]
        return KeptBulk(json.loads(stored["report"]), stored["digest"], commands)
