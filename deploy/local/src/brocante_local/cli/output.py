"""Writing answers: JSON for programs, a table for people."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]


def write_json(value: Any) -> None:
    """One line of JSON on stdout."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def write_rows(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> None:
    """A table on stdout, one row per mapping; a dot in a column's name goes one level down."""
    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(column.rsplit(".", 1)[-1].replace("_", " "), overflow="fold")
    for row in rows:
        table.add_row(*(Text(_cell(row, column)) for column in columns))
    Console(file=sys.stdout).print(table)


def write_fields(value: Mapping[str, Any]) -> None:
    """A mapping as name and value, one per line."""
    width = max((len(name) for name in value), default=0)
    for name, one in value.items():
        sys.stdout.write(f"{name:<{width}}  {_plain(one)}\n")


@contextmanager
def progress_bar(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """How far long work is, on stderr where a person watches; advanced to a number of `total`."""
    console = Console(file=sys.stderr)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=total or None)

        def advance(done: int) -> None:
            bar.update(task, completed=done)

        yield advance


def say(text: str) -> None:
    """A line for the person watching."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def _cell(row: Mapping[str, Any], column: str) -> str:
    value: Any = row
    for part in column.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return _plain(value)


def _plain(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, Mapping) and set(value) == {"amount", "currency"}:
        return f"{value['amount']} {value['currency']}"
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    return str(value)
