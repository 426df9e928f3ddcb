"""Changing all items that a search finds: what would happen, then progress and each result."""

from typing import Any

from fastapi import Request, Response

from gateway.console import words
from gateway.console.asking import ONCE, once
from gateway.console.inventory import NARROWED_BY
from gateway.console.pages import Form, Reader, Writer, form, page, pages, redirect
from gateway.console.required import label_of
from gateway.console.ticked import chosen, connected
from gateway.domain.problems import Problem
from gateway.http.bodies import read_as
from gateway.http.bulk import BulkBody, foreseen, item_ids_of, keep_bulk, progress
from gateway.http.context import Context, Gateway
from gateway.records.access import Principal

router = pages()
SHOWN = 200
ACTIONS = {
    "activate": "Activate",
    "hold": "Hold",
    "release": "Release",
    "deactivate": "Deactivate",
    "delete": "Delete",
}
RESULTS = {
    "ready": "Ready",
    "partly": "Only on some marketplaces",
    "blocked": "Would be refused",
    "waiting": "Under way",
    "done": "Done",
    "refused": "Refused",
    "rejected": "Not possible",
}
GOOD = frozenset({"ready", "done", "waiting"})


@router.get("/inventory/many")
async def choose(request: Request, gateway: Gateway, who: Reader) -> Response:
    """What to do, and, once that is said, what would come of it."""
    asked = request.query_params
    places = connected(gateway, who)
    dry, error = None, ""
    if "action" in asked:
        if chosen(asked, places) or asked["action"] == "delete":
            dry = await _foreseen(gateway, who, asked)
        else:
            error = "Choose at least one marketplace."
    return await page(
        request,
        gateway,
        who,
        "many.html",
        narrowed=_narrowed(asked),
        actions=ACTIONS,
        action=asked.get("action", "activate"),
        chosen=asked.getlist("marketplace"),
        places=places,
        dry=dry,
        error=error,
        results=RESULTS,
        once=once(),
    )


@router.post("/inventory/many")
async def change(request: Request, gateway: Gateway, who: Writer) -> Response:
    """Do it, with every item that is found now."""
    fields = await form(request, gateway)
    body = _body(fields, connected(gateway, who))
    item_ids = await item_ids_of(gateway, who, body)
    bulk = await keep_bulk(gateway, who, fields.get(ONCE), body, item_ids)
    return redirect(request, f"/inventory/many/{bulk.report['bulk_id']}")


@router.get("/inventory/many/{bulk_id}")
async def follow(bulk_id: str, request: Request, gateway: Gateway, who: Reader) -> Response:
    """How far it is, and what came of each item; what did not work comes first."""
    bulk = await gateway.bulks.get(who.dealer, bulk_id)
    if bulk is None:
        raise Problem("not_found", "There is no such change of many items.")
    report = await progress(gateway, who.dealer, bulk)
    rows = await _rows(gateway, who, report)
    return await page(
        request,
        gateway,
        who,
        "many_progress.html",
        report=report,
        rows=rows,
        action=ACTIONS[report["action"]],
        results=RESULTS,
    )


async def _foreseen(gateway: Context, who: Principal, asked: Form) -> dict[str, Any]:
    body = _body(asked, connected(gateway, who))
    report = await foreseen(gateway, who, body, await item_ids_of(gateway, who, body))
    return {**report, "rows": await _rows(gateway, who, report)}


def _narrowed(fields: Form) -> dict[str, str]:
    """What the list was narrowed by; `marketplace` itself is what one chooses here."""
    given = {name: fields.get(f"by_{name}", "") for name in NARROWED_BY}
    return {name: value for name, value in given.items() if value}


def _body(fields: Form, places: list[str]) -> BulkBody:
    said = {"action": fields.get("action", ""), "query": _narrowed(fields)}
    wanted = chosen(fields, places)
    return read_as(BulkBody, {**said, "marketplaces": wanted} if wanted else said, fixed={})


async def _rows(gateway: Context, who: Principal, report: dict[str, Any]) -> list[dict[str, Any]]:
    """Those that did not work first; each issue with the label of its field."""
    rows = sorted(report["rows"], key=lambda row: row["result"] in GOOD)[:SHOWN]
    items = await gateway.views.many(who.dealer, [row["item_id"] for row in rows])
    return [
        {
            **row,
            "title": items.get(row["item_id"], {}).get("title", row["item_id"]),
            "said": RESULTS.get(row["result"], words.status(row["result"])),
            "issues": [{**one, "label": label_of(one.get("field"))} for one in row["issues"]],
        }
        for row in rows
    ]
