"""Records that survive a kill: a dictionary in memory, written through to SQLite.

Everything runs on one event loop and no handler awaits while it holds a transaction, so there is
never more than one writer. A record is replaced, never changed in place: that makes undoing a
transaction (the `lie` fault) a matter of putting the old ones back.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Record = dict[str, Any]

SCHEMA = """
CREATE TABLE IF NOT EXISTS records (
  kind TEXT, key TEXT, body TEXT NOT NULL, PRIMARY KEY (kind, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS calls (
  n INTEGER PRIMARY KEY, at TEXT, marketplace TEXT, account TEXT, method TEXT, path TEXT,
  sku TEXT, status INTEGER, fault TEXT);
CREATE TABLE IF NOT EXISTS states (
  n INTEGER PRIMARY KEY, marketplace TEXT, sku TEXT, external_id TEXT, state TEXT,
  since TEXT, until TEXT);
CREATE INDEX IF NOT EXISTS open_states ON states (marketplace, external_id, until);
CREATE TABLE IF NOT EXISTS webhooks (
  n INTEGER PRIMARY KEY, at TEXT, marketplace TEXT, account TEXT, topic TEXT, id TEXT,
  status INTEGER, fault TEXT);
"""
TABLES = ("records", "calls", "states", "webhooks")


class RolledBack(Exception):  # noqa: N818 - it is asked for, not an error
    """Raised inside a transaction to undo it; the transaction swallows it."""


class Store:
    """Records by kind and key, plus the append-only ledger tables."""

    def __init__(self, path: Path | None) -> None:
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(
            path or ":memory:", isolation_level=None, check_same_thread=False
        )
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(SCHEMA)
        self._records: dict[str, dict[str, Record]] = {}
        self._undo: list[tuple[str, str, Record | None]] = []
        self._given: dict[str, int] = {}
        self._depth = 0
        for kind, key, body in self._db.execute("SELECT kind, key, body FROM records"):
            self._records.setdefault(kind, {})[key] = json.loads(body)

    def get(self, kind: str, key: str) -> Record | None:
        """The record, or None. Do not change it: put a new one."""
        return self._records.get(kind, {}).get(key)

    def all(self, kind: str) -> Mapping[str, Record]:
        """Every record of a kind, by key."""
        return self._records.get(kind, {})

    def put(self, kind: str, key: str, record: Record) -> None:
        """Write a record through."""
        self._remember(kind, key)
        self._records.setdefault(kind, {})[key] = record
        self.execute(
            "INSERT OR REPLACE INTO records VALUES (?, ?, ?)",
            kind,
            key,
            json.dumps(record, separators=(",", ":")),
        )

    def delete(self, kind: str, key: str) -> None:
        """Remove a record; a missing one is fine."""
        if self.get(kind, key) is None:
            return
        self._remember(kind, key)
        del self._records[kind][key]
        self.execute("DELETE FROM records WHERE kind = ? AND key = ?", kind, key)

    def next_number(self, name: str, first: int) -> int:
        """The next number of a sequence, which starts at `first`.

        None is given twice, even when what it was given for is undone: somebody was told it.
        """
        last = self.get("sequence", name)
        number = first if last is None else last["last"] + 1
        self.put("sequence", name, {"last": number})
        self._given[name] = number
        return number

    def execute(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """One SQL statement on the ledger tables."""
        return self._db.execute(statement, values).fetchall()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; an inner one joins the outer."""
        if self._depth:
            yield
            return
        self._depth, self._undo, self._given = 1, [], {}
        self._db.execute("BEGIN")
        try:
            yield
        except RolledBack:
            self._roll_back()
        except BaseException:
            self._roll_back()
            raise
        else:
            self._db.execute("COMMIT")
        finally:
            self._depth, self._undo = 0, []

    def clear(self) -> None:
        """Forget everything."""
        self._records.clear()
        for table in TABLES:
            self._db.execute(f"DELETE FROM {table}")  # noqa: S608 - names are constants above

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def _remember(self, kind: str, key: str) -> None:
        if self._depth:
            self._undo.append((kind, key, self.get(kind, key)))

    def _roll_back(self) -> None:
        self._db.execute("ROLLBACK")
        for kind, key, record in reversed(self._undo):
            if record is None:
                self._records.get(kind, {}).pop(key, None)
            else:
                self._records.setdefault(kind, {})[key] = record
        for name, number in self._given.items():
            self.put("sequence", name, {"last": number})
