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
from gateway.http.resting import ABOUT_LISTINGS, at_rest, refusals
from gateway.records.access import Principal
from gateway.records.commands import Kept

_WAIT = re.compile(r"(?:^|[,;\s])wait=(?P<seconds>\d{1,4})")


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
    id_ = await keep_once(gateway, who, message, key)
    return Sent(id_, message, wait_of(request, gateway))


async def keep_once(gateway: Context, who: Principal, message: Message, key: str | None) -> str:
    """Keep a command; its id. The same key with the same message is the same command."""
    id_ = command_id(who.dealer, who.token_id, key) if key else str(uuid.uuid4())
    digest = hashlib.sha256(f"{message.TYPE}{message.model_dump_json()}".encode()).hexdigest()
    try:
        item_id = await _item_of_sale(gateway, who, message)
        known = await gateway.commands.accept(who, id_, message, digest, item_id)
    except DatabaseError as error:
        raise Problem("unavailable", "The command could not be kept; nothing happened.") from error
    if known is not None and known.digest != digest:
        raise Problem("idempotency_key_reused")
    return id_


async def _item_of_sale(gateway: Context, who: Principal, message: Message) -> str | None:
    """The item of the sale that a command is about: it belongs in that item's history."""
    sale_id = getattr(message, "sale_id", None)
    if sale_id is None or hasattr(message, "item_id"):
        return None
    sale = await gateway.views.sale(who.dealer, sale_id)
    return str(sale["item_id"]) if sale else None


async def outcome(gateway: Context, who: Principal, sent: Sent) -> JSONResponse:
    """The outcome if it comes in time, else 202."""
    end = monotonic() + sent.wait
    kept = await gateway.commands.answered(who.dealer, sent.id, sent.wait)
    if kept is None or kept.status == "accepted":
        return _accepted(sent.id, sent.message.TYPE)
    if kept.status == "rejected":
        raise of_rejection(kept)
    rested = await at_rest(gateway, who, kept, end)
    if not rested and kept.type in ABOUT_LISTINGS:
        return _accepted(sent.id, sent.message.TYPE)
    body = await body_of(gateway, who, kept)
    refused = refusals(kept, body.get("item")) if kept.type == ItemActivate.TYPE else []
    if refused:
        raise Problem(
            "activation_refused",
            "; ".join(issue.message for issue in refused[:3]),
            errors=refused,
            command_id=sent.id,
            item=body.get("item"),
        )
    return JSONResponse(body, headers={"Preference-Applied": f"wait={sent.wait:g}"})


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


def wait_of(request: Request, gateway: Context) -> float:
    """How long `Prefer: wait` asks to wait, in seconds; 0 without it."""
    match = _WAIT.search(request.headers.get("prefer", ""))
    return min(float(match["seconds"]), gateway.settings.longest_wait) if match else 0.0


def _accepted(id_: str, kind: str) -> JSONResponse:
    body = {"command_id": id_, "type": kind, "status": "accepted"}
    return JSONResponse(body, 202, headers={"Location": f"/api/v1/commands/{id_}"})
