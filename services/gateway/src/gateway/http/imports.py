"""Imports of product exports: every bad row named, the good ones go in, nothing is activated."""

import asyncio
import re
import uuid
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from brocante.contracts.ids import command_id
from brocante.contracts.inventory import ItemCreate
from brocante.contracts.values import Money
from gateway.domain.csv_rows import Draft, Finding
from gateway.domain.problems import Problem
from gateway.domain.shopify_csv import Result, read
from gateway.http.bodies import raw_body
from gateway.http.context import Context, Gateway, Reader, Writer
from gateway.records.access import Principal

router = APIRouter(tags=["imports"])
KINDS = frozenset({"text/csv", "application/csv", "application/octet-stream", ""})
CURRENCY = re.compile(r"^[A-Z]{3}$")
Row = dict[str, Any]
FILE = {"requestBody": {"required": True, "content": {"text/csv": {"schema": {"type": "string"}}}}}


@router.post("/imports", status_code=202, openapi_extra=FILE)
async def import_file(
    request: Request, gateway: Gateway, who: Writer, currency: str = "USD"
) -> JSONResponse:
    """Import a Shopify product export (CSV); its prices are in `currency`."""
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind not in KINDS:
        raise Problem("unsupported_media_type", "Send the file itself as text/csv.")
    content = await raw_body(request, gateway.settings.import_limit)
    report = await take_in(gateway, who, content, currency)
    location = f"/api/v1/imports/{report['import_id']}"
    return JSONResponse(report, 202, headers={"Location": location})


async def take_in(gateway: Context, who: Principal, content: bytes, currency: str) -> Row:
    """Read a file and keep a command for each good row; the report so far."""
    if not CURRENCY.match(currency):
        text = "currency is not three capital letters such as USD."
        raise Problem("invalid", text, field="/currency")
    result = await asyncio.to_thread(read, content, currency)
    if result.missing:
        names = ", ".join(result.missing)
        raise Problem("invalid", f"The file has no column for: {names}.", field="/file")
    import_id = str(uuid.uuid4())
    commands = [(_command_id(who, import_id, d), _create(d, currency)) for d in result.drafts]
    # Every row is kept before 202: a crash from here on loses none.
    await gateway.commands.accept_all(who, commands)
    rows = [
        {"command_id": id_, "line": draft.line, "sku": draft.sku, "item_id": draft.item_id}
        for (id_, _), draft in zip(commands, result.drafts, strict=True)
    ]
    report = _report(import_id, result)
    await gateway.imports.add(who.dealer, report, rows)
    return report


@router.get("/imports/{import_id}")
async def read_import(import_id: str, gateway: Gateway, who: Reader) -> dict[str, Any]:
    """How far an import is, and every row that did not go in."""
    report = await gateway.imports.get(who.dealer, import_id)
    if report is None:
        raise Problem("not_found", f"There is no import {import_id}.")
    return report


def _command_id(who: Principal, import_id: str, draft: Draft) -> str:
    return command_id(who.dealer, f"import:{import_id}", draft.item_id)


def _create(draft: Draft, currency: str) -> ItemCreate:
    return ItemCreate(
        item_id=draft.item_id,
        sku=draft.sku,
        title=draft.title,
        description=draft.description,
        price=Money(amount=draft.amount, currency=currency),
        quantity=draft.quantity,
        category=draft.category,
        condition=draft.condition,
        images=list(draft.images),
        attributes=dict(draft.attributes),
    )


def _report(import_id: str, result: Result) -> Row:
    errors = [f for f in result.findings if f.severity == "error"]
    return {
        "id": import_id,
        "import_id": import_id,
        "status": "running" if result.drafts else "done",
        "rows": result.rows,
        "found": len(result.drafts),
        "done": 0,
        "accepted": 0,
        "rejected": len({finding.line for finding in errors}),
        "items": [],
        "bad_rows": _rows(errors),
        "warnings": _rows(f for f in result.findings if f.severity == "warning"),
        "ignored_columns": list(result.ignored),
    }


def _rows(findings: Iterable[Finding]) -> list[Row]:
    return [{k: v for k, v in asdict(one).items() if v is not None} for one in findings]
