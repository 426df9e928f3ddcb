"""`import`, `items` and `item ...`."""

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from brocante_local.cli.api import DEFAULT_WAIT, Api, DataDirOption, Wait, connect
from brocante_local.cli.exits import Exit, leave
from brocante_local.cli.output import (
    Json,
    progress_bar,
    say,
    write_fields,
    write_json,
    write_rows,
)

ItemId = Annotated[str, typer.Argument(help="The item's id.")]
Places = Annotated[
    list[str] | None,
    typer.Option("--marketplace", "-m", help="Again for several; none: all connected ones."),
]
COLUMNS = ("item_id", "sku", "title", "price", "status", "on_hand")
HISTORY = ("at", "kind", "type", "actor", "outcome")
IMPORT_POLL = 0.2
IMPORT_SECONDS = 600.0
FINISHED = ("done", "failed")

item = typer.Typer(no_args_is_help=True, help="One item: show it, put it on sale, take it off.")


def import_file(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    data_dir: DataDirOption = None,
    as_json: Json = False,
) -> None:
    """Import a Shopify product export; every bad row is named, the good ones go in."""
    result = run_import(connect(data_dir), file, IMPORT_SECONDS)
    if as_json:
        write_json(result)
    else:
        for line in bad_rows(result):
            say(line)
        write_fields({k: v for k, v in result.items() if not isinstance(v, list)})


def run_import(api: Api, file: Path, seconds: float) -> dict[str, Any]:
    """Upload and wait until every row is answered."""
    result: dict[str, Any] = api.upload("/imports", file, "text/csv")
    end = time.monotonic() + seconds
    with progress_bar(f"importing {file.name}", int(result.get("found") or 0)) as advance:
        while result.get("status") not in FINISHED:
            if time.monotonic() > end:
                leave(Exit.NOT_IN_TIME, f"import {result.get('id')} is not done in {seconds:g} s")
            time.sleep(IMPORT_POLL)
            result = api.get(f"/imports/{result['id']}")
            advance(int(result.get("done") or 0))
    return result


def bad_rows(result: dict[str, Any]) -> list[str]:
    """A line for each row that did not go in."""
    return [
        f"line {row.get('line')}: {row.get('message') or row.get('reason')}"
        for row in result.get("bad_rows") or []
    ]


def items(
    query: Annotated[str | None, typer.Argument(help="Words in title, SKU or attributes.")] = None,
    status: Annotated[str | None, typer.Option("--status")] = None,
    marketplace: Annotated[str | None, typer.Option("--marketplace", "-m")] = None,
    state: Annotated[str | None, typer.Option("--state")] = None,
    issue: Annotated[str | None, typer.Option("--issue")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=200)] = 100,
    data_dir: DataDirOption = None,
    as_json: Json = False,
) -> None:
    """Search items."""
    page = connect(data_dir).get(
        "/items",
        query=query,
        status=status,
        marketplace=marketplace,
        state=state,
        issue=issue,
        limit=limit,
    )
    write_json(page) if as_json else write_rows(page["items"], COLUMNS)


@item.command()
def show(item_id: ItemId, data_dir: DataDirOption = None, as_json: Json = False) -> None:
    """An item with its listings."""
    write_item(connect(data_dir).get(f"/items/{item_id}"), as_json)


@item.command()
def history(
    item_id: ItemId,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000)] = 50,
    data_dir: DataDirOption = None,
    as_json: Json = False,
) -> None:
    """Every command and event about an item, newest first."""
    page = connect(data_dir).get(f"/items/{item_id}/history", limit=limit)
    write_json(page) if as_json else write_rows(page["items"], HISTORY)


@item.command()
def update(
    item_id: ItemId,
    changes: Annotated[str, typer.Argument(help="A JSON merge patch, or @FILE.")],
    wait: Wait = DEFAULT_WAIT,
    data_dir: DataDirOption = None,
    as_json: Json = False,
) -> None:
    """Change an item; `{"availability": "available"}` makes it available again."""
    text = Path(changes[1:]).read_text() if changes.startswith("@") else changes
    try:
        patch = json.loads(text)
    except ValueError as error:
        leave(Exit.USAGE, f"the changes are not JSON: {error}")
    write_item(connect(data_dir).send("PATCH", f"/items/{item_id}", patch, wait=wait), as_json)


@item.command()
def activate(
    item_id: ItemId,
    marketplace: Places = None,
    wait: Wait = DEFAULT_WAIT,
    data_dir: DataDirOption = None,
    as_json: Json = False,
) -> None:
    """Put on sale."""
    _act(item_id, "activate", {"marketplaces": marketplace or ["*"]}, wait, data_dir, as_json)


@item.command()
def deactivate(
    item_id: ItemId,
    marketplace: Places = None,
    wait: Wait = DEFAULT_WAIT,
    data_dir: DataDirOption = None,
    as_json: Json = False,
) -> None:
    """Take off sale."""
    _act(item_id, "deactivate", {"marketplaces": marketplace or ["*"]}, wait, data_dir, as_json)


@item.command()
def hold(
    item_id: ItemId,
    marketplace: Places = None,
    until: Annotated[datetime | None, typer.Option("--until", help="When it ends (UTC).")] = None,
    reason: Annotated[str | None, typer.Option("--reason")] = None,
    holder: Annotated[str | None, typer.Option("--holder")] = None,
    wait: Wait = DEFAULT_WAIT,
    data_dir: DataDirOption = None,
    as_json: Json = False,
) -> None:
    """Take off sale for a while."""
    optional = given(until=at_utc(until), reason=reason, holder=holder)
    body = {"marketplaces": marketplace or ["*"], **optional}
    _act(item_id, "hold", body, wait, data_dir, as_json)


@item.command()
def release(
    item_id: ItemId,
    marketplace: Places = None,
    wait: Wait = DEFAULT_WAIT,
    data_dir: DataDirOption = None,
    as_json: Json = False,
) -> None:
    """End a hold."""
    _act(item_id, "release", {"marketplaces": marketplace or ["*"]}, wait, data_dir, as_json)


@item.command()
def delete(
    item_id: ItemId,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    wait: Wait = DEFAULT_WAIT,
    data_dir: DataDirOption = None,
    as_json: Json = False,
) -> None:
    """Take off sale everywhere and hide."""
    if not yes and not typer.confirm(f"Delete {item_id}?", err=True):
        leave(Exit.FAILURE, "nothing was deleted")
    done = connect(data_dir).send("DELETE", f"/items/{item_id}", wait=wait)
    write_item(done, as_json)


def given(**values: Any) -> dict[str, Any]:
    """The options that were given."""
    return {name: value for name, value in values.items() if value is not None}


def at_utc(moment: datetime | None) -> str | None:
    """A moment of the command line, which is UTC, as the API takes it."""
    return moment.replace(tzinfo=UTC).isoformat() if moment else None


def write_item(answer: Any, as_json: bool) -> None:
    """A snapshot, the outcome of a command with the snapshot in it, or whatever else came back."""
    if as_json or not isinstance(answer, dict):
        write_json(answer)
        return
    snapshot = answer.get("item") or answer
    write_fields({k: v for k, v in snapshot.items() if k != "listings"})
    listings = snapshot.get("listings") or {}
    if listings:
        rows = [{"marketplace": m, **listing} for m, listing in sorted(listings.items())]
        write_rows(rows, ("marketplace", "desired", "observed", "operation", "external_id"))


def _act(
    item_id: str, action: str, body: Any, wait: float, data_dir: Path | None, as_json: bool
) -> None:
    write_item(
        connect(data_dir).send("POST", f"/items/{item_id}/{action}", body, wait=wait), as_json
    )
