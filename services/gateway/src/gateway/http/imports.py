"""Imports of product exports: every bad row named, the good ones go in, nothing is activated."""

import asyncio
import hashlib
import re
import uuid
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

import structlog
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
from gateway.http.sending import of_rejection
from gateway.records.access import Principal

log = structlog.get_logger()
router = APIRouter(tags=["imports"])
KINDS = frozenset({"text/csv", "application/csv", "application/octet-stream", ""})
AT_ONCE = 16
ANSWER_SECONDS = 120.0
CURRENCY = re.compile(r"^[A-Z]{3}$")
Row = dict[str, Any]


@router.post("/imports", status_code=202)
async def import_file(
    request: Request, gateway: Gateway, who: Writer, currency: str = "USD"
) -> JSONResponse:
    """Import a Shopify product export (CSV); its prices are in `currency`."""
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind not in KINDS:
        raise Problem("unsupported_media_type", "Send the file itself as text/csv.")
    if not CURRENCY.match(currency):
        text = "currency is not three capital letters such as USD."
        raise Problem("invalid", text, field="/currency")
    content = await raw_body(request, gateway.settings.import_limit)
    result = await asyncio.to_thread(read, content, currency)
    if result.missing:
        names = ", ".join(result.missing)
        raise Problem("invalid", f"The file has no column for: {names}.", field="/file")
    report = _report(str(uuid.uuid4()), result)
    await gateway.imports.save(who.dealer, report)
    task = asyncio.create_task(_run(gateway, who, report, result.drafts, currency))
    gateway.imports.running.add(task)
    task.add_done_callback(gateway.imports.running.discard)
    location = f"/api/v1/imports/{report['import_id']}"
    return JSONResponse(report, 202, headers={"Location": location})


@router.get("/imports/{import_id}")
async def read_import(import_id: str, gateway: Gateway, who: Reader) -> dict[str, Any]:
    """How far an import is, and every row that did not go in."""
    report = await gateway.imports.get(who.dealer, import_id)
    if report is None:
        raise Problem("not_found", f"There is no import {import_id}.")
    return report


async def _run(
    gateway: Context, who: Principal, report: Row, drafts: list[Draft], currency: str
) -> None:
    places = asyncio.Semaphore(AT_ONCE)

    async def one(draft: Draft) -> None:
        async with places:
            refusal = await _create(gateway, who, draft, currency)
        report["done"] += 1
        if refusal is None:
            report["accepted"] += 1
            report["items"].append(draft.item_id)
        else:
            report["rejected"] += 1
            report["bad_rows"].append(refusal)

    try:
        await asyncio.gather(*(one(draft) for draft in drafts))
        report["status"] = "done"
    except Exception as error:
        log.exception("import_failed", import_id=report["import_id"])
        report["status"] = "failed"
        report["detail"] = repr(error)
    report["bad_rows"].sort(key=lambda row: int(row["line"]))
    await gateway.imports.save(who.dealer, report)


async def _create(gateway: Context, who: Principal, draft: Draft, currency: str) -> Row | None:
    """Create one item; None when it is there, else why not."""
    values = {
        **{k: v for k, v in asdict(draft).items() if k not in ("line", "amount")},
        "price": Money(amount=draft.amount, currency=currency),
        "attributes": dict(draft.attributes),
    }
    message = ItemCreate.model_validate(values)
    # The same row imported again is the same command: an import may simply be repeated.
    digest = hashlib.sha256(message.model_dump_json().encode()).hexdigest()
    id_ = command_id(who.dealer, "import", digest)
    await gateway.commands.accept(who, id_, message, digest, None)
    kept = await gateway.commands.answered(who.dealer, id_, ANSWER_SECONDS)
    if kept is None or kept.status == "accepted":
        return _bad(draft, "not_answered", "Inventory has not answered yet.", "Look again later.")
    if kept.status == "rejected":
        problem = of_rejection(kept)
        action = "Give the row a handle of its own, or change the item there is."
        return _bad(draft, problem.code, problem.detail, action)
    return None


def _report(import_id: str, result: Result) -> Row:
    errors = [f for f in result.findings if f.severity == "error"]
    return {
        "id": import_id,
        "import_id": import_id,
        "status": "running",
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


def _bad(draft: Draft, code: str, message: str, action: str) -> Row:
    return {
        "line": draft.line,
        "sku": draft.sku,
        "code": code,
        "message": message,
        "action": action,
        "severity": "error",
    }
