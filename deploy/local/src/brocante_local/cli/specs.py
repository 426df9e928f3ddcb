"""`spec asyncapi|openapi|schemas|write`: the contracts, for programs."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from brocante.contracts import asyncapi, generated
from brocante.contracts.catalogue import message_classes
from brocante.contracts.schemas import file_name, schema
from brocante_local.cli.exits import Exit, leave
from brocante_local.cli.output import say

spec = typer.Typer(no_args_is_help=True, help="The contracts: messages and the HTTP API.")
Docs = Annotated[Path, typer.Argument(help="The folder with the documentation.")]
OPENAPI = Path("contracts") / "openapi.json"


@spec.command("asyncapi")
def write_asyncapi() -> None:
    """The AsyncAPI 3 document on stdout."""
    sys.stdout.write(generated.as_json(asyncapi.document()))


@spec.command("openapi")
def write_openapi() -> None:
    """The OpenAPI description of the gateway on stdout."""
    sys.stdout.write(_openapi())


@spec.command("schemas")
def write_schemas() -> None:
    """Every message's JSON Schema on stdout, by the name of its file."""
    found = {file_name(cls).removesuffix(".json"): schema(cls) for cls in message_classes()}
    sys.stdout.write(generated.as_json(found))


@spec.command()
def write(docs: Docs = Path("docs")) -> None:
    """Write every generated document again; says which changed."""
    changed = generated.write(docs)
    described = docs / OPENAPI
    text = _openapi()
    if not described.exists() or described.read_text() != text:
        described.write_text(text)
        changed.append(str(OPENAPI))
    for name in changed:
        say(f"{docs / name} written")


def _openapi() -> str:
    """The gateway is asked: this command starts services, it does not import them."""
    asked = subprocess.run(
        [sys.executable, "-m", "gateway", "openapi"], capture_output=True, text=True, check=False
    )
    if asked.returncode != 0:
        leave(Exit.FAILURE, asked.stderr.strip() or "the gateway gave no description")
    return json.dumps(json.loads(asked.stdout), indent=2, ensure_ascii=False) + "\n"
