"""Imports: what a file brought in, row by row, and how far it is."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

from brocante.documents.driver import Database

COLLECTION = "gateway_imports"


class Imports:
    """Progress and findings of each import."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._imports = database.collection(COLLECTION)
        self.running: set[asyncio.Task[None]] = set()

    async def prepare(self) -> None:
        """Create the collection."""
        await self._database.create_collections(COLLECTION)

    async def save(self, dealer: str, report: dict[str, Any]) -> None:
        """Keep the newest state of an import."""
        key = f"{dealer}/{report['import_id']}"
        stored = {"_id": key, "report": json.dumps(report), "at": datetime.now(UTC)}
        await self._imports.replace_one({"_id": key}, stored, upsert=True)

    async def get(self, dealer: str, import_id: str) -> dict[str, Any] | None:
        """An import of this dealer."""
        stored = await self._imports.find_one({"_id": f"{dealer}/{import_id}"})
        if stored is None:
            return None
        report: dict[str, Any] = json.loads(stored["report"])
        return report
