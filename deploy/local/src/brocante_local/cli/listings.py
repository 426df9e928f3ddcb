"""`listing ...`: one item on one marketplace: link it, read it again, settle what drifted."""

from pathlib import Path
from typing import Annotated, Any

import typer

from brocante_local.cli.api import DEFAULT_WAIT, DataDirOption, Wait, connect
from brocante_local.cli.items import ItemId, write_item
from brocante_local.cli.output import Json, write_json, write_rows

Slug = Annotated[str, typer.Argument(help="The marketplace.")]
COLUMNS = ("received_at", "marketplace", "webhook_id", "result", "sale_id", "unmatched")

listing = typer.Typer(no_args_is_help=True, help="One item on one marketplace.")


@listing.command()
def link(
    item_id: ItemId,
    slug: Slug,
    external_id: Annotated[str, typer.Argument(help="The listing's number there.")],
    wait: Wait = DEFAULT_WAIT,
    data_dir: DataDirOption = None,
    as_json: Json = False,
) -> None:
    """Say that an existing listing is this item's; nothing goes on sale by it."""
    _act(item_id, slug, "link", {"external_id": external_id}, wait, data_dir, as_json)


@listing.command("accept-drift")
def accept_drift(
    item_id: ItemId,
    slug: Slug,
    wait: Wait = DEFAULT_WAIT,
    data_dir: DataDirOption = None,
    as_json: Json = False,
) -> None:
    """Want what the marketplace shows."""
    _act(item_id, slug, "accept-drift", {}, wait, data_dir, as_json)


@listing.command()
def restore(
    item_id: ItemId,
    slug: Slug,
    wait: Wait = DEFAULT_WAIT,
    data_dir: DataDirOption = None,
    as_json: Json = False,
) -> None:
    """Undo what somebody changed there."""
    _act(item_id, slug, "restore", {}, wait, data_dir, as_json)


@listing.command()
def check(
    item_id: ItemId,
    slug: Slug,
    wait: Wait = DEFAULT_WAIT,
    data_dir: DataDirOption = None,
    as_json: Json = False,
) -> None:
    """Read a listing there again."""
    _act(item_id, slug, "check", {}, wait, data_dir, as_json)


@listing.command()
def retry(
    item_id: ItemId,
    slug: Slug,
    wait: Wait = DEFAULT_WAIT,
    data_dir: DataDirOption = None,
    as_json: Json = False,
) -> None:
    """Try again what is blocked."""
    _act(item_id, slug, "retry", {}, wait, data_dir, as_json)


def webhooks(
    result: Annotated[str, typer.Option("--result", help="What became of them.")] = "unmatched",
    data_dir: DataDirOption = None,
    as_json: Json = False,
) -> None:
    """Deliveries of marketplaces; unmatched ones wait until their listing is linked."""
    page = connect(data_dir).get("/webhooks", result=result)
    write_json(page) if as_json else write_rows(page["items"], COLUMNS)


def _act(
    item_id: str,
    slug: str,
    action: str,
    body: Any,
    wait: float,
    data_dir: Path | None,
    as_json: bool,
) -> None:
    path = f"/items/{item_id}/listings/{slug}/{action}"
    write_item(connect(data_dir).send("POST", path, body, wait=wait), as_json)
