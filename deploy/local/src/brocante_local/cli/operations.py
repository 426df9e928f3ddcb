"""`marketplace`, `failures`, `partition`, `topics` and `resync`: looking after what runs."""

import asyncio
from collections.abc import Iterable
from typing import Annotated, Any

import typer

from brocante.contracts.topics import Topic, topics_for
from brocante.marketplaces import load_marketplaces
from brocante.messaging.cluster import apply_topics, describe
from brocante.settings import BadConfiguration, Settings, load
from brocante_local.cli.api import DEFAULT_WAIT, DataDirOption, Wait, connect
from brocante_local.cli.exits import Exit, leave
from brocante_local.cli.output import Json, write_fields, write_json, write_rows
from brocante_local.supervisor.layout import MARKETPLACES

Slug = Annotated[str, typer.Argument(help="The marketplace.")]
Group = Annotated[str, typer.Argument(help="The group of failures.")]
Only = Annotated[list[str] | None, typer.Option("--only", help="The id of one letter; again.")]
Reason = Annotated[str, typer.Option("--reason", help="Kept with the pause.")]

marketplace = typer.Typer(no_args_is_help=True, help="Marketplaces: status, pause, check.")
failures = typer.Typer(no_args_is_help=True, help="What could not be processed, by cause.")
partition = typer.Typer(no_args_is_help=True, help="Partitions that a brake stopped.")
topics = typer.Typer(no_args_is_help=True, help="Kafka topics, declared beside the contracts.")


@marketplace.command("list")
def list_marketplaces(data_dir: DataDirOption = None, as_json: Json = False) -> None:
    """Status and budget of each."""
    found = connect(data_dir).get("/marketplaces")
    if as_json:
        write_json(found)
    else:
        write_rows(found["items"], ("marketplace", "status", "since", "detail"))


@marketplace.command()
def pause(
    slug: Slug,
    reason: Reason = "paused by an operator",
    wait: Wait = DEFAULT_WAIT,
    data_dir: DataDirOption = None,
    as_json: Json = False,
) -> None:
    """Make no more calls there; work waits."""
    body = {"reason": reason}
    _write(connect(data_dir).send("POST", f"/marketplaces/{slug}/pause", body, wait=wait), as_json)


@marketplace.command()
def resume(
    slug: Slug,
    reason: Reason = "resumed by an operator",
    wait: Wait = DEFAULT_WAIT,
    data_dir: DataDirOption = None,
    as_json: Json = False,
) -> None:
    """Go on with the work that waited."""
    body = {"reason": reason}
    _write(connect(data_dir).send("POST", f"/marketplaces/{slug}/resume", body, wait=wait), as_json)


@marketplace.command()
def check(
    slug: Slug,
    item_id: Annotated[str, typer.Argument(help="The item.")],
    wait: Wait = DEFAULT_WAIT,
    data_dir: DataDirOption = None,
    as_json: Json = False,
) -> None:
    """Read a listing there again."""
    path = f"/items/{item_id}/listings/{slug}/check"
    _write(connect(data_dir).send("POST", path, {}, wait=wait), as_json)


@failures.command("list")
def list_failures(data_dir: DataDirOption = None, as_json: Json = False) -> None:
    """Groups of failures, the most recent first."""
    found = connect(data_dir).get("/failures")
    if as_json:
        write_json(found)
    else:
        write_rows(found["items"], ("group", "service", "code", "count", "repeats", "example"))


@failures.command("show")
def show_failures(group: Group, data_dir: DataDirOption = None, as_json: Json = False) -> None:
    """One group, message by message."""
    _write(connect(data_dir).get(f"/failures/{group}"), as_json)


@failures.command()
def retry(
    group: Group,
    only: Only = None,
    value: Annotated[
        str | None, typer.Option("--value", help="Send the one letter with this value instead.")
    ] = None,
    data_dir: DataDirOption = None,
    as_json: Json = False,
) -> None:
    """Send every message of a group again, or these of it, or one with another value."""
    api = connect(data_dir)
    if value is None:
        _write(api.send("POST", f"/failures/{group}/retry", _these(only)), as_json)
        return
    if only is None or len(only) != 1:
        leave(Exit.USAGE, "--value corrects one letter: name it with --only")
    body = {"id": only[0], "value": value}
    _write(api.send("POST", f"/failures/{group}/edit-and-retry", body), as_json)


@failures.command()
def archive(
    group: Group, only: Only = None, data_dir: DataDirOption = None, as_json: Json = False
) -> None:
    """Put a group, or these of it, aside: kept and no longer listed."""
    _write(connect(data_dir).send("POST", f"/failures/{group}/archive", _these(only)), as_json)


@partition.command("resume")
def resume_partition(
    topic: Annotated[str, typer.Argument()],
    number: Annotated[int, typer.Argument(min=0)],
    data_dir: DataDirOption = None,
    as_json: Json = False,
) -> None:
    """Let a stopped partition go on."""
    _write(connect(data_dir).send("POST", f"/partitions/{topic}/{number}/resume", {}), as_json)


@topics.command("plan")
def plan_topics(as_json: Json = False) -> None:
    """Which topics there should be and which are missing (of BROCANTE_KAFKA)."""
    settings = _settings()
    wanted = _topics(settings)
    have = _on_kafka(describe(settings, [topic.name for topic in wanted]), settings).topics
    rows = [
        {
            "topic": topic.name,
            "partitions": topic.partitions,
            "retention_ms": topic.retention_ms,
            "there": topic.name in have,
        }
        for topic in wanted
    ]
    write_json(rows) if as_json else write_rows(rows, tuple(rows[0]))


@topics.command("apply")
def apply_all(as_json: Json = False) -> None:
    """Create the topics that are missing (on BROCANTE_KAFKA); existing ones are left alone."""
    settings = _settings()
    wanted = _topics(settings)
    created = _on_kafka(apply_topics(settings, wanted), settings)
    write_json({"created": created}) if as_json else write_fields({"created": created})


def resync(data_dir: DataDirOption = None, as_json: Json = False) -> None:
    """Have everyone say again what others may have missed since a broker was lost."""
    _write(connect(data_dir).send("POST", "/resync", {}, wait=0), as_json)


def _these(only: list[str] | None) -> dict[str, list[str]]:
    return {"ids": only} if only else {}


def _settings() -> Settings:
    try:
        return load(Settings)
    except BadConfiguration as error:
        leave(Exit.USAGE, str(error))


def _topics(settings: Settings) -> tuple[Topic, ...]:
    """Those of the marketplaces that are declared; without a declaration, of those built in."""
    slugs: Iterable[str] = MARKETPLACES
    if settings.marketplaces.exists():
        try:
            slugs = load_marketplaces(settings.marketplaces)
        except BadConfiguration as error:
            leave(Exit.USAGE, str(error))
    return topics_for(slugs, prefix=settings.topic_prefix, partitions=settings.partitions)


def _on_kafka(work: Any, settings: Settings) -> Any:
    try:
        return asyncio.run(work)
    except Exception as error:  # noqa: BLE001 - whatever the broker says, it is one line
        leave(Exit.FAILURE, f"Kafka at {settings.kafka}: {error!r}")


def _write(value: Any, as_json: bool) -> None:
    write_json(value) if as_json or not isinstance(value, dict) else write_fields(value)
