"""Hold, Release, Deactivate: choose marketplaces where that can be done."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from fastapi import Request, Response

from brocante.contracts.inventory import ItemDeactivate, ItemHold, ItemRelease
from brocante.contracts.message import Message
from brocante.contracts.values import rfc3339
from gateway.console.asking import ask, message_of
from gateway.console.pages import Form, Reader, Writer, doing, form, pages, redirect
from gateway.console.ticked import Ticked, chosen, count_by_state, dialog, ticked_of
from gateway.http.context import Context, Gateway
from gateway.records.access import Principal

router = pages()
TEMPLATE = "placing.html"
Fact = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Action:
    """One of the three. `fits`: the listings it can be done to."""

    path: str
    name: str
    kind: type[Message]
    fits: Callable[[Fact], bool]
    none: str
    says: str


ACTIONS = (
    Action(
        "hold",
        "Hold",
        ItemHold,
        lambda fact: fact["desired"] != "sold",
        "None of the ticked items is listed anywhere, so there is nothing to hold.",
        "Off sale for a while, and back by itself when the hold ends.",
    ),
    Action(
        "release",
        "Release",
        ItemRelease,
        lambda fact: fact["desired"] == "on_hold",
        "None of the ticked items is on hold.",
        "Each listing goes back to what it was before the hold.",
    ),
    Action(
        "deactivate",
        "Deactivate",
        ItemDeactivate,
        lambda fact: fact["desired"] in {"active", "on_hold", "draft"},
        "None of the ticked items is on sale or on hold.",
        "Off sale until you activate it again.",
    ),
)


async def _choose(action: Action, request: Request, gateway: Context, who: Principal) -> Response:
    ticked = await ticked_of(gateway, who, request.query_params)
    return await _asking(action, request, gateway, who, ticked)


async def _change(action: Action, request: Request, gateway: Context, who: Principal) -> Response:
    fields = await form(request, gateway)
    ticked = await ticked_of(gateway, who, fields)
    wanted = chosen(fields, _places(action, ticked))
    error = "" if wanted else "Choose at least one marketplace."
    until, wrong = _until(fields.get("until", ""))
    error = error or wrong
    if error:
        return await _asking(action, request, gateway, who, ticked, error, fields)
    more = {name: fields.get(name, "").strip() for name in ("holder", "reason")}
    said = {"until": until, **more} if action.kind is ItemHold else {}
    sent = []
    for item in ticked.items:
        fitting = [one for one in wanted if _fits(action, item, one)]
        if fitting:
            values = {"item_id": item["item_id"], "marketplaces": fitting, **said}
            message = message_of(action.kind, **values)
            sent.append(await ask(gateway, who, fields, message, item["item_id"]))
    return redirect(request, doing(ticked.back, sent))


async def _asking(
    action: Action,
    request: Request,
    gateway: Context,
    who: Principal,
    ticked: Ticked,
    error: str = "",
    fields: Form | None = None,
) -> Response:
    places = [(slug, count_by_state(ticked.items, slug)) for slug in _places(action, ticked)]
    values = {
        "action": action,
        "places": places,
        "error": error,
        "given": dict(fields or {}),
        "chosen": fields.getlist("marketplace") if fields else [],
        "tomorrow": f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%d}",
        "status": 422 if error else 200,
    }
    return await dialog(request, gateway, who, TEMPLATE, ticked, **values)


def _places(action: Action, ticked: Ticked) -> list[str]:
    slugs = {slug for item in ticked.items for slug in item["listings"]}
    return sorted(slug for slug in slugs if any(_fits(action, item, slug) for item in ticked.items))


def _fits(action: Action, item: Fact, slug: str) -> bool:
    return slug in item["listings"] and action.fits(item["listings"][slug])


def _until(given: str) -> tuple[str | None, str]:
    """When a hold ends: the end of that day (UTC), or never; and what is wrong with it."""
    if not given:
        return None, ""
    try:
        day = datetime.fromisoformat(given).date()
    except ValueError:
        return None, "The last day of the hold is no date: write it as 2026-12-31."
    end = datetime.combine(day, time(23, 59, 59), UTC)
    if end <= datetime.now(UTC):
        return None, "The last day of the hold is over already."
    return rfc3339(end), ""


def _routes(action: Action) -> None:
    async def choose(request: Request, gateway: Gateway, who: Reader) -> Response:
        return await _choose(action, request, gateway, who)

    async def change(request: Request, gateway: Gateway, who: Writer) -> Response:
        return await _change(action, request, gateway, who)

    path = f"/inventory/{action.path}"
    router.add_api_route(path, choose, methods=["GET"])
    router.add_api_route(path, change, methods=["POST"])


for _action in ACTIONS:
    _routes(_action)
