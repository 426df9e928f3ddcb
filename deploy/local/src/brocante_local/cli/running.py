"""`up`, `demo` and `sandbox`: what runs on this machine."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from brocante_local.cli.api import DataDirOption, running
from brocante_local.cli.exits import Exit, leave
from brocante_local.cli.output import Json, say, write_fields, write_json
from brocante_local.demo.command import run_demo
from brocante_local.supervisor.data_dir import default_data_dir
from brocante_local.supervisor.layout import Wish, without_scheme
from brocante_local.up import run_up, until_stopped

Port = Annotated[
    int, typer.Option("--port", min=0, max=65535, help="Of the gateway; 0: a free one.")
]
Kafka = Annotated[str | None, typer.Option("--kafka", help="Use this broker (host:port).")]
Mongo = Annotated[str | None, typer.Option("--mongo", help="Use this database (mongodb://...).")]
Catalogue = Annotated[
    Path | None, typer.Option("--catalogue", help="A Shopify product export (CSV).")
]
ExitFlag = Annotated[bool, typer.Option("--exit", help="End after the story.")]


def up(
    data_dir: DataDirOption = None,
    port: Port = 0,
    kafka: Kafka = None,
    mongo: Mongo = None,
    as_json: Json = False,
) -> None:
    """Start everything on this machine and keep it running until Ctrl-C."""
    wish = Wish(port, without_scheme(kafka) if kafka else None, mongo)
    story = partial(until_stopped, as_json=as_json)
    raise typer.Exit(run_up(data_dir or default_data_dir(), wish, say, story))


def demo(
    catalogue: Catalogue = None,
    exit_after: ExitFlag = False,
    as_json: Json = False,
    data_dir: DataDirOption = None,
) -> None:
    """Play the story: import, activate, sell, cancel; then leave everything running."""
    if catalogue is not None and not catalogue.is_file():
        leave(Exit.USAGE, f"There is no file {catalogue}")
    raise typer.Exit(run_demo(catalogue, data_dir, exit_after=exit_after, as_json=as_json))


def sandbox(data_dir: DataDirOption = None, as_json: Json = False) -> None:
    """Where the simulated marketplaces are, and their control API."""
    url = running(data_dir)["sandbox"]
    where = {"sandbox": url, "control": f"{url}/control", "listings": f"{url}/control/listings"}
    (write_json if as_json else write_fields)(where)
