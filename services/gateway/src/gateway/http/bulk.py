"""One action on many items: what it would do, then doing it, with a result for each."""

import asyncio
import hashlib
import uuid
from collections.abc import Sequence
from time import monotonic
from typing import Annotated, Any, Literal, Self

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, model_validator

from brocante.contracts.ids import command_id
from brocante.contracts.inventory import ItemDelete, Marketplaces
from brocante.contracts.message import Message
from brocante.contracts.values import ItemId, Line, Text, Time
from gateway.domain import bulk as rules
from gateway.domain.problems import Problem
from gateway.http.bodies import json_object, read_as
from gateway.http.context import Context, Gateway, Reader, Writer
from gateway.http.describing import described_bulk
from gateway.http.items import ACTIONS as ON_ITEM
from gateway.http.items import Narrowing, known_marketplace
from gateway.http.requiring import Requirements
from gateway.http.resting import LOOK_SECONDS, refusals, rests
from gateway.http.sending import of_rejection, wait_of
from gateway.records.access import Principal
from gateway.records.bulks import KeptBulk
from gateway.records.commands import Kept

router = APIRouter(tags=["items"])
MOST = 5000
PAGE = 1000
Row = dict[str, Any]
ACTIONS: dict[str, type[Message]] = {**ON_ITEM, "delete": ItemDelete}
ONLY_FOR_HOLDS = ("until", "holder", "reason")


class BulkQuery(Narrowing):
    """The items that the list would show, filtered alike."""


class BulkBody(BaseModel):
    """What to do, with which items (named, or found), where; `until` to `reason` are of holds."""

    model_config = ConfigDict(extra="forbid")

    action: Literal["activate", "deactivate", "hold", "release", "delete"]
    item_ids: Annotated[list[ItemId], Field(min_length=1, max_length=MOST)] | None = None
    query: str | BulkQuery | None = None
    marketplaces: Marketplaces = ["*"]
    dry_run: bool = False
    until: Time | None = None
    holder: Line | None = None
    reason: Text | None = None

    @model_validator(mode="after")
    def _one_way_to_name_items(self) -> Self:
        if (self.item_ids is None) == (self.query is None):
            raise ValueError("name items by item_ids or by query, one of the two")
        if self.action != "hold" and self.of_hold():
            raise ValueError(f"{', '.join(self.of_hold())}: only a hold has that")
        return self

    def of_hold(self) -> dict[str, Any]:
        """What is said of a hold."""
        return self.model_dump(mode="json", include=set(ONLY_FOR_HOLDS), exclude_none=True)


@router.post("/bulk", openapi_extra=described_bulk(BulkBody))
async def start_bulk(request: Request, gateway: Gateway, who: Writer) -> JSONResponse:
    """Do one thing with many items; with `dry_run` only say what stands in the way of each.

    A dry run answers at once. Else progress and a result for each item are at `Location`; with
    `Prefer: wait` the answer is `200` if all of it is done in time.
    """
    body = read_as(BulkBody, await json_object(request, gateway.settings.body_limit), fixed={})
    for n, marketplace in enumerate(body.marketplaces):
        if marketplace != rules.EVERYWHERE:
            known_marketplace(gateway, marketplace, f"/marketplaces/{n}")
    item_ids = await item_ids_of(gateway, who, body)
    if body.dry_run:
        return JSONResponse(await foreseen(gateway, who, body, item_ids))
    key = request.headers.get("idempotency-key")
    bulk = await keep_bulk(gateway, who, key, body, item_ids)
    return await _answer(gateway, who, bulk, wait_of(request, gateway))


@router.get("/bulk/{bulk_id}", openapi_extra=described_bulk(None))
async def read_bulk(bulk_id: str, gateway: Gateway, who: Reader) -> Row:
    """How far a bulk is, and the result of each item."""
    bulk = await gateway.bulks.get(who.dealer, bulk_id)
    if bulk is None:
        raise Problem("not_found", f"There is no bulk {bulk_id}.")
    return await progress(gateway, who.dealer, bulk)


async def progress(gateway: Context, dealer: str, bulk: KeptBulk) -> Row:
    """A bulk's report as it is now; once nothing waits any more it stays as it is."""
    if bulk.report["status"] == "done":
        return bulk.report
    answers = await gateway.commands.many(dealer, [id_ for _, id_ in bulk.commands])
    items = await gateway.views.many(dealer, [item_id for item_id, _ in bulk.commands])
    rows = [
        _row(item_id, id_, answers.get(id_), items.get(item_id)) for item_id, id_ in bulk.commands
    ]
    report = rules.so_far(bulk.report, rows)
    if report["status"] == "done":
        await gateway.bulks.keep(dealer, KeptBulk(report, bulk.digest, bulk.commands))
    return report


def _row(item_id: str, id_: str, kept: Kept | None, item: Row | None) -> Row:
    row = {"item_id": item_id, "command_id": id_, "result": "waiting", "issues": []}
    if kept is None or kept.status == "accepted":
        return row
    if kept.status == "rejected":
        return {**row, "result": "rejected", "problem": of_rejection(kept).body()}
    if item is None or not rests(kept, item):
        return row
    issues = [issue.model_dump(mode="json") for issue in refusals(kept, item)]
    return {**row, "result": "refused" if issues else "done", "issues": issues}


async def item_ids_of(gateway: Context, who: Principal, body: BulkBody) -> list[str]:
    """The items that a bulk is about."""
    if body.item_ids is not None:
        return list(dict.fromkeys(body.item_ids))
    asked = BulkQuery(query=body.query) if isinstance(body.query, str) else body.query
    found: list[str] = []
    cursor: str | None = None
    while asked is not None:
        page, cursor = await gateway.views.items(who.dealer, asked.page(cursor, PAGE))
        found += [item["item_id"] for item in page]
        if len(found) > MOST:
            text = f"More than {MOST} items are found; narrow the query, or send some at a time."
            raise Problem("invalid", text, field="/query")
        if cursor is None:
            break
    return found


async def keep_bulk(
    gateway: Context, who: Principal, key: str | None, body: BulkBody, item_ids: Sequence[str]
) -> KeptBulk:
    """The bulk, each of its commands kept first; the same key gives the bulk that it gave."""
    bulk_id = command_id(who.dealer, f"bulk:{who.token_id}", key) if key else str(uuid.uuid4())
    digest = hashlib.sha256(body.model_dump_json().encode()).hexdigest()
    known = await gateway.bulks.get(who.dealer, bulk_id) if key else None
    if known is not None:
        if known.digest != digest:
            raise Problem("idempotency_key_reused")
        return known
    commands = [(command_id(who.dealer, bulk_id, one), _message(body, one)) for one in item_ids]
    # Kept before 202, and before the bulk itself: a crash from here on loses none.
    await gateway.commands.accept_all(who, commands)
    report = {
        "bulk_id": bulk_id,
        "action": body.action,
        "marketplaces": body.marketplaces,
        "dry_run": False,
        "status": "running" if item_ids else "done",
        "total": len(item_ids),
        "done": 0,
        "counts": {},
        "rows": [],
    }
    ids = [id_ for id_, _ in commands]
    bulk = KeptBulk(report, digest, list(zip(item_ids, ids, strict=True)))
    await gateway.bulks.keep(who.dealer, bulk)
    return bulk


def _message(body: BulkBody, item_id: str) -> Message:
    where = {} if body.action == "delete" else {"marketplaces": body.marketplaces}
    return ACTIONS[body.action].model_validate({"item_id": item_id, **where, **body.of_hold()})


async def _answer(gateway: Context, who: Principal, bulk: KeptBulk, wait: float) -> JSONResponse:
    end = monotonic() + wait
    report = await progress(gateway, who.dealer, bulk)
    while report["status"] != "done" and monotonic() < end:
        await asyncio.sleep(min(LOOK_SECONDS, max(0.0, end - monotonic())))
        report = await progress(gateway, who.dealer, bulk)
    if wait > 0 and report["status"] == "done":
        return JSONResponse(report, headers={"Preference-Applied": f"wait={wait:g}"})
    location = f"/api/v1/bulk/{report['bulk_id']}"
    return JSONResponse(report, 202, headers={"Location": location})


async def foreseen(
    gateway: Context, who: Principal, body: BulkBody, item_ids: Sequence[str]
) -> Row:
    """What a bulk would do: counts, and what stands in the way of each item."""
    items = await gateway.views.many(who.dealer, item_ids)
    required = Requirements(gateway, who.dealer)
    rows: list[Row] = []
    for item_id in item_ids:
        item = items.get(item_id)
        issues = rules.refused_before(item_id, item, body.action, body.marketplaces)
        of_item = any(issue.marketplace is None for issue in issues)
        places = rules.meant(item, body.marketplaces) if item and body.action != "delete" else []
        if item is not None and body.action == "activate" and not of_item:
            for marketplace in places:
                issues += await required.issues(item, marketplace)
        row = rules.foreseen(item_id, places, issues)
        rows.append({**row, "title": item["title"] if item else None})
    return {
        "action": body.action,
        "marketplaces": body.marketplaces,
        "dry_run": True,
        "status": "done",
        "total": len(rows),
        "done": len(rows),
        "counts": rules.counted(rows),
        "by_marketplace": rules.counted_by_marketplace(rows),
        "rows": rows,
    }
