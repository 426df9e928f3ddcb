"""Puts the commands together."""

import sys

import typer

from brocante_local.cli import bulk, items, listings, machine, operations, running, sales, specs

OLDEST_PYTHON = (3, 11)

app = typer.Typer(
    name="brocante",
    help="Keeps one-of-a-kind pieces in step across marketplaces.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("up")(running.up)
app.command("demo")(running.demo)
app.command("sandbox")(running.sandbox)
app.command("import")(items.import_file)
app.command("items")(items.items)
app.command("bulk")(bulk.bulk)
app.command("webhooks")(listings.webhooks)
app.command("resync")(operations.resync)
app.command("doctor")(machine.doctor)
app.add_typer(items.item, name="item")
app.add_typer(listings.listing, name="listing")
app.add_typer(sales.sale, name="sale")
app.add_typer(operations.marketplace, name="marketplace")
app.add_typer(operations.failures, name="failures")
app.add_typer(operations.partition, name="partition")
app.add_typer(operations.topics, name="topics")
app.add_typer(machine.config, name="config")
app.add_typer(specs.spec, name="spec")


def main() -> int:
    """Run the command line; the exit code."""
    if sys.version_info < OLDEST_PYTHON:
        sys.stderr.write(f"Brocante needs Python 3.11 or newer; this is {sys.version.split()[0]}\n")
        return 2
    return int(app(standalone_mode=True) or 0)
