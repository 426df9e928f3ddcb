"""`listing ...`: one item on one marketplace: link it, read it again, settle what drifted."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from brocante_local.cli.api import DEFAULT_WAIT, DataDirOption, Wait, connect
from brocante_local.cli.items import ItemId, write_item
from brocante_local.cli.output import Json, write_json, write_rows

Slug = Annotated[str, typer.Argument(help="The marketplace.")]
ACTIONS = {
    "accept-drift": "Want what the marketplace shows.",
    "restore": "Undo what somebody changed there.",
    "check": "Read a listing there again.",
    "retry": "Try again what is blocked.",
}
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


def _command(action: str) -> Callable[..., None]:
    def command(
        item_id: ItemId,
        slug: Slug,
        wait: Wait = DEFAULT_WAIT,
        data_dir: DataDirOption = None,
        as_json: Json = False,
    ) -> None:
        _act(item_id, slug, action, {}, wait, data_dir, as_json)

    return command


for _action, _help in ACTIONS.items():
    listing.command(_action, help=_help)(_command(_action))


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
