"""`bulk`: one action on many items, tried first with `--dry-run`."""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

import typer

from brocante_local.cli.api import DEFAULT_WAIT, Api, DataDirOption, Wait, connect
from brocante_local.cli.exits import Exit, leave
from brocante_local.cli.items import Places, at_utc, given
from brocante_local.cli.output import Json, progress_bar, say, write_json, write_rows

COLUMNS = ("item_id", "result", "why")
POLL_SECONDS = 0.3
WELL = frozenset({"ready", "done"})


def bulk(  # noqa: PLR0913, PLR0917 - each option of the command line is an argument
    action: Annotated[str, typer.Argument(help="activate, deactivate, hold, release or delete.")],
    item_id: Annotated[list[str] | None, typer.Argument(help="The items, or use --query.")] = None,
    query: Annotated[str | None, typer.Option("--query", help="Words that find the items.")] = None,
    marketplace: Places = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would happen.")] = False,
    until: Annotated[datetime | None, typer.Option("--until", help="Of a hold (UTC).")] = None,
    holder: Annotated[str | None, typer.Option("--holder", help="Of a hold.")] = None,
    reason: Annotated[str | None, typer.Option("--reason", help="Of a hold.")] = None,
    wait: Wait = DEFAULT_WAIT,
    data_dir: DataDirOption = None,
    as_json: Json = False,
) -> None:
    """Do one thing with many items; a result for each, exit code 3 when some were refused."""
    body = {
        "action": action,
        "marketplaces": marketplace or ["*"],
        "dry_run": dry_run,
        **given(item_ids=item_id or None, query=query),
        **given(until=at_utc(until), holder=holder, reason=reason),
    }
    api = connect(data_dir)
    report = api.send("POST", "/bulk", body, wait=0)
    if not dry_run and wait > 0:
        with progress_bar(f"{action} {report['total']} items", report["total"]) as advance:
            report = _followed(api, report, wait, advance)
    _write(report, as_json)
    if report["status"] != "done":
        leave(Exit.OK if wait <= 0 else Exit.NOT_IN_TIME, f"not done yet: bulk {report['bulk_id']}")
    if any(row["result"] not in WELL for row in report["rows"]):
        raise typer.Exit(int(Exit.REJECTED))


def _followed(api: Api, report: Any, wait: float, advance: Callable[[int], None]) -> Any:
    end = time.monotonic() + wait
    while report["status"] != "done" and time.monotonic() < end:
        time.sleep(POLL_SECONDS)
        report = api.get(f"/bulk/{report['bulk_id']}")
        advance(report["done"])
    return report


def _write(report: Any, as_json: bool) -> None:
    if as_json:
        write_json(report)
        return
    write_rows(({**row, "why": _why(row)} for row in report["rows"]), COLUMNS)
    say(", ".join(f"{count} {result}" for result, count in report["counts"].items()))


def _why(row: Any) -> str:
    problem = row.get("problem")
    if problem:
        return str(problem.get("detail") or problem["title"])
    return " ".join(
        f"{issue.get('marketplace') or ''} {issue['message']}".strip() for issue in row["issues"]
    )
