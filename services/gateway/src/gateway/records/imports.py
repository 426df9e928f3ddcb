"""Imports: what a file brought in, row by row; progress is that of the commands it led to."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from brocante.documents.driver import Database
from gateway.records.commands import Commands, Kept

COLLECTION = "gateway_imports"
Row = dict[str, Any]


class Imports:
    """The report of each import, and which command each row became."""

    def __init__(self, database: Database, commands: Commands) -> None:
        self._database = database
        self._imports = database.collection(COLLECTION)
        self._commands = commands

    async def prepare(self) -> None:
        """Create the collection."""
        await self._database.create_collections(COLLECTION)

    async def add(self, dealer: str, report: Row, rows: Sequence[Row]) -> None:
        """Keep an import; `rows` are `{command_id, line, sku, item_id}` of commands kept before."""
        await self._save(dealer, report, rows)

    async def get(self, dealer: str, import_id: str) -> Row | None:
        """An import of this dealer, as far as it is now."""
        stored = await self._imports.find_one({"_id": f"{dealer}/{import_id}"})
        if stored is None:
            return None
        report: Row = json.loads(stored["report"])
        if report["status"] != "running":
            return report
        rows: list[Row] = json.loads(stored["rows"])
        answers = await self._commands.many(dealer, [row["command_id"] for row in rows])
        report = progress(report, rows, answers)
        if report["status"] != "running":
            await self._save(dealer, report, rows)
        return report

    async def _save(self, dealer: str, report: Row, rows: Sequence[Row]) -> None:
        key = f"{dealer}/{report['import_id']}"
        stored = {
            "_id": key,
            "report": json.dumps(report),
            "rows": json.dumps(rows),
            "at": datetime.now(UTC),
        }
        await self._imports.replace_one({"_id": key}, stored, upsert=True)


def progress(report: Row, rows: Sequence[Row], answers: Mapping[str, Kept]) -> Row:
    """The report with what has been answered so far."""
    refused: list[Row] = []
    items: list[str] = []
    done = 0
    for row in rows:
        answer = answers.get(row["command_id"])
        if answer is None or answer.status == "accepted":
            continue
        done += 1
        if answer.status == "rejected":
            refused.append(_refused(row, answer))
        else:
            items.append(row["item_id"])
    return {
        **report,
        "status": "done" if done == len(rows) else "running",
        "done": done,
        "accepted": len(items),
        "rejected": report["rejected"] + len(refused),
        "items": items,
        "bad_rows": sorted([*report["bad_rows"], *refused], key=lambda row: int(row["line"])),
    }


def _refused(row: Row, answer: Kept) -> Row:
    rejection = answer.rejection or {}
    return {
        "line": row["line"],
        "sku": row["sku"],
        "code": rejection.get("code", "invalid"),
        "field": rejection.get("field") or "/item_id",
        "message": rejection.get("message", "Inventory refused the row."),
        "action": "Give the row a handle of its own, or change the item there is.",
        "severity": "error",
    }
