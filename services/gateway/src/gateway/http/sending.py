"""From a request to a command, and back to an answer: 202, or the outcome if it comes in time."""

import hashlib
import re
import uuid
from dataclasses import dataclass
from time import monotonic
from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse

from brocante.contracts.ids import command_id
from brocante.contracts.inventory import ItemActivate
from brocante.contracts.message import Message
from brocante.documents.driver import DatabaseError
from gateway.domain.problems import Problem
from gateway.http.context import Context
from gateway.records.access import Principal
from gateway.records.commands import Kept

_WAIT = re.compile(r"(?:^|[,;\s])wait=(?P<seconds>\d{1,4})")
AT_WORK = frozenset({"queued", "retrying"})
REFUSED = frozenset({"needs_dealer", "blocked"})
SETTLING = frozenset(
    {
        "item.activate",
        "item.deactivate",
        "item.hold",
        "item.release",
        "item.update",
        "item.restore",
        "sale.cancel",
    }
)


@dataclass(frozen=True, slots=True)
class Sent:
    """A command on its way."""

    id: str
    message: Message
    wait: float


async def send(
    gateway: Context,
    who: Principal,
    request: Request,
    message: Message,
) -> JSONResponse:
    """Keep and publish a command, then answer as `Prefer: wait` asks."""
    sent = await keep(gateway, who, request, message)
    if sent.wait <= 0:
        return _accepted(sent.id, message.TYPE)
    return await outcome(gateway, who, sent)


async def keep(gateway: Context, who: Principal, request: Request, message: Message) -> Sent:
    """Keep a command under its id."""
    key = request.headers.get("idempotency-key")
    id_ = command_id(who.dealer, who.token_id, key) if key else str(uuid.uuid4())
    digest = hashlib.sha256(f"{message.TYPE}{message.model_dump_json()}".encode()).hexdigest()
    try:
        known = await gateway.commands.accept(who, id_, message, digest)
    except DatabaseError as error:
        raise Problem("unavailable", "The command could not be kept; nothing happened.") from error
    if known is not None and known.digest != digest:
        raise Problem("idempotency_key_reused")
    return Sent(id_, message, _wait(request, gateway))


async def outcome(gateway: Context, who: Principal, sent: Sent, created: int = 200) -> JSONResponse:
    """The outcome if it comes in time, else 202."""
    end = monotonic() + sent.wait
    kept = await gateway.commands.answered(who.dealer, sent.id, sent.wait)
    if kept is None or kept.status == "accepted":
        return _accepted(sent.id, sent.message.TYPE)
    if kept.status == "rejected":
        raise of_rejection(kept)
    if kept.type in SETTLING and not await _at_rest(gateway, who, kept, end):
        return _accepted(sent.id, sent.message.TYPE)
    body = await body_of(gateway, who, kept)
    refused = _refused(kept, body.get("item"))
    if refused:
        raise Problem(
            "activation_refused",
            "; ".join(str(issue["message"]) for issue in refused[:3]),
            command_id=sent.id,
            item=body.get("item"),
            raw_errors=refused,
        )
    return JSONResponse(body, status_code=created)


async def body_of(gateway: Context, who: Principal, kept: Kept) -> dict[str, Any]:
    """`{command_id, type, status, problem?, sale?, item?}`."""
    body: dict[str, Any] = {
        "command_id": kept.command_id,
        "type": kept.type,
        "status": kept.status,
    }
    if kept.status == "rejected":
        body["problem"] = of_rejection(kept).body()
    sale_id = kept.payload.get("sale_id")
    sale = await gateway.views.sale(who.dealer, sale_id) if sale_id else None
    if sale is not None:
        body["sale"] = sale
    item_id = kept.payload.get("item_id") or (sale or {}).get("item_id")
    item = await gateway.views.item(who.dealer, item_id) if item_id else None
    if item is not None:
        body["item"] = item
    return body


def of_rejection(kept: Kept) -> Problem:
    """A service's refusal as a problem."""
    rejection = kept.rejection or {}
    return Problem(
        str(rejection.get("code") or "invalid"),
        str(rejection.get("message") or ""),
        field=rejection.get("field"),
        command_id=kept.command_id,
    )


async def _at_rest(gateway: Context, who: Principal, kept: Kept, end: float) -> bool:
    """Wait until the listings a command is about are at rest; False when time runs out."""
    while True:
        item_id = await _item_of(gateway, who, kept)
        if item_id is None:
            return True
        key = f"{who.dealer}/{item_id}"
        change = gateway.live.next_change(key, min(1.0, max(0.01, end - monotonic())))
        item = await gateway.views.item(who.dealer, item_id)
        seen = item is not None and int(item["revision"]) >= kept.revision
        if item is not None and seen and await _reflects(gateway, who, kept, item):
            listings = _concerned(kept, item)
            if not any(one["operation"] in AT_WORK for one in listings.values()):
                change.close()
                return True
        if monotonic() >= end:
            change.close()
            return False
        await change


async def _item_of(gateway: Context, who: Principal, kept: Kept) -> str | None:
    if kept.payload.get("item_id"):
        return str(kept.payload["item_id"])
    sale = await gateway.views.sale(who.dealer, str(kept.payload.get("sale_id") or ""))
    return str(sale["item_id"]) if sale else None


async def _reflects(gateway: Context, who: Principal, kept: Kept, item: dict[str, Any]) -> bool:
    """After a cancellation the item must have seen it before its listings tell anything."""
    if kept.type != "sale.cancel":
        return True
    sale = await gateway.views.sale(who.dealer, str(kept.payload["sale_id"]))
    if sale is None:
        return False
    known = item.get("sale_versions", {}).get(sale["sale_id"], 0)
    return int(known) >= int(sale["sale_version"])


def _concerned(kept: Kept, item: dict[str, Any]) -> dict[str, dict[str, Any]]:
    listings: dict[str, dict[str, Any]] = item.get("listings", {})
    named = kept.payload.get("marketplaces") or ["*"]
    if "*" in named:
        return listings
    return {m: listings[m] for m in named if m in listings}


def _refused(kept: Kept, item: dict[str, Any] | None) -> list[dict[str, Any]]:
    if kept.type != ItemActivate.TYPE or item is None:
        return []
    return [
        {"marketplace": marketplace, **issue}
        for marketplace, listing in _concerned(kept, item).items()
        if listing["operation"] in REFUSED
        for issue in listing.get("issues", [])
    ]


def _wait(request: Request, gateway: Context) -> float:
    match = _WAIT.search(request.headers.get("prefer", ""))
    return min(float(match["seconds"]), gateway.settings.longest_wait) if match else 0.0


def _accepted(id_: str, kind: str) -> JSONResponse:
    body = {"command_id": id_, "type": kind, "status": "accepted"}
    return JSONResponse(body, 202, headers={"Location": f"/api/v1/commands/{id_}"})
