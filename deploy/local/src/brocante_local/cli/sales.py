"""`sale record|list|plan|cancel`."""

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from brocante_local.cli.api import DEFAULT_WAIT, DataDirOption, Wait, connect
from brocante_local.cli.items import at_utc, given
from brocante_local.cli.output import Json, say, write_fields, write_json, write_rows

SaleId = Annotated[str, typer.Argument(help="The sale's id.")]
COLUMNS = ("sale_id", "item_id", "marketplace", "status", "quantity", "price", "sold_at")

sale = typer.Typer(no_args_is_help=True, help="Sales: record one, see them, cancel one.")


@sale.command()
def record(  # noqa: PLR0913, PLR0917 - each option of the command line is an argument
    sale_id: SaleId,
    item_id: Annotated[str, typer.Argument(help="What was sold.")],
    marketplace: Annotated[str, typer.Option("--marketplace", "-m", help="Where: any place.")],
    quantity: Annotated[int, typer.Option("--quantity", min=1)] = 1,
    sold_at: Annotated[datetime | None, typer.Option("--sold-at", help="UTC; now if none.")] = None,
    order: Annotated[str | None, typer.Option("--order", help="The order's number there.")] = None,
    note: Annotated[str | None, typer.Option("--note")] = None,
    wait: Wait = DEFAULT_WAIT,
    data_dir: DataDirOption = None,
    as_json: Json = False,
) -> None:
    """Record a sale by hand."""
    body = {
        "sale_id": sale_id,
        "item_id": item_id,
        "marketplace": marketplace,
        "quantity": quantity,
        "sold_at": at_utc(sold_at) or datetime.now(UTC).isoformat(),
        **given(external_order_id=order, note=note),
    }
    _write(connect(data_dir).send("POST", "/sales", body, wait=wait), as_json)


@sale.command("list")
def list_sales(
    status: Annotated[str | None, typer.Option("--status", help="open or canceled")] = None,
    item_id: Annotated[str | None, typer.Option("--item")] = None,
    marketplace: Annotated[str | None, typer.Option("--marketplace", "-m")] = None,
    data_dir: DataDirOption = None,
    as_json: Json = False,
) -> None:
    """The Sold list."""
    page = connect(data_dir).get("/sales", status=status, item_id=item_id, marketplace=marketplace)
    write_json(page) if as_json else write_rows(page["items"], COLUMNS)


@sale.command()
def plan(
    sale_id: SaleId,
    reason: Annotated[str | None, typer.Option("--reason")] = None,
    relist: Annotated[str | None, typer.Option("--relist")] = None,
    data_dir: DataDirOption = None,
    as_json: Json = False,
) -> None:
    """What canceling would do, listing by listing; nothing is changed."""
    _write(connect(data_dir).get(f"/sales/{sale_id}/plan", reason=reason, relist=relist), as_json)


@sale.command()
def cancel(
    sale_id: SaleId,
    reason: Annotated[str | None, typer.Option("--reason")] = None,
    relist: Annotated[str | None, typer.Option("--relist")] = None,
    note: Annotated[str | None, typer.Option("--note")] = None,
    wait: Wait = DEFAULT_WAIT,
    data_dir: DataDirOption = None,
    as_json: Json = False,
) -> None:
    """Cancel a sale: the piece returns to where it was sold, and stays off everywhere else."""
    body = given(reason=reason, relist=relist, note=note)
    done = connect(data_dir).send("POST", f"/sales/{sale_id}/cancel", body, wait=wait)
    say("This did not cancel or refund the order on the marketplace.")
    _write(done, as_json)


@sale.command()
def merge(
    sale_id: SaleId,
    into: Annotated[str, typer.Argument(help="The sale that it is, seen twice.")],
    wait: Wait = DEFAULT_WAIT,
    data_dir: DataDirOption = None,
    as_json: Json = False,
) -> None:
    """Say that a sale is another one seen twice: it counts no longer."""
    path = f"/sales/{sale_id}/merge"
    _write(connect(data_dir).send("POST", path, {"into": into}, wait=wait), as_json)


@sale.command()
def split(
    sale_id: SaleId,
    wait: Wait = DEFAULT_WAIT,
    data_dir: DataDirOption = None,
    as_json: Json = False,
) -> None:
    """Undo a merge: both sales count."""
    _write(connect(data_dir).send("POST", f"/sales/{sale_id}/split", {}, wait=wait), as_json)


def _write(value: Any, as_json: bool) -> None:
    write_json(value) if as_json or not isinstance(value, dict) else write_fields(value)
