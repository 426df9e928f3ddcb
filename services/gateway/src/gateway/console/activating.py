"""Activate: choose marketplaces, with everything they would refuse already listed."""

from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response

from brocante.contracts.inventory import ItemActivate
from gateway.console.asking import ask, message_of
from gateway.console.pages import Form, Reader, Writer, doing, form, pages, redirect
from gateway.console.required import Issues, Required
from gateway.console.ticked import Ticked, chosen, connected, count_by_state, dialog, ticked_of
from gateway.http.context import Context, Gateway
from gateway.records.access import Principal

router = pages()
TEMPLATE = "activating.html"
NOT_AVAILABLE = {
    "sold": "is sold. Cancel its sale first.",
    "out_of_stock": "is out of stock. Raise its quantity first.",
    "unavailable": "is unavailable. Make it available first.",
    "deleted": "is deleted.",
}


@dataclass(frozen=True, slots=True)
class Place:
    """A marketplace in the dialog, with the items that it would refuse and why."""

    slug: str
    shown: str
    refused: list[tuple[dict[str, Any], Issues]]
    later: list[tuple[dict[str, Any], Issues]]


@router.get("/inventory/activate")
async def choose(request: Request, gateway: Gateway, who: Reader) -> Response:
    """The dialog."""
    ticked = await ticked_of(gateway, who, request.query_params)
    places = await _places(gateway, who, ticked)
    return await _asking(request, gateway, who, ticked, places)


@router.post("/inventory/activate")
async def activate(request: Request, gateway: Gateway, who: Writer) -> Response:
    """Submit what is good; the rest stays in the dialog, with what it lacks."""
    fields = await form(request, gateway)
    ticked = await ticked_of(gateway, who, fields)
    wanted = chosen(fields, connected(gateway, who))
    places = await _places(gateway, who, ticked)
    if not wanted:
        error = "Choose at least one marketplace."
        return await _asking(request, gateway, who, ticked, places, error=error)
    good = _good(ticked, [one for one in places if one.slug in wanted])
    sent = await _submit(gateway, who, fields, good)
    kept = [one for one in places if one.slug in wanted and one.refused]
    stopped = [one for one in ticked.items if one["status"] in NOT_AVAILABLE]
    if not kept and not stopped:
        return redirect(request, doing(ticked.back, sent))
    submitted = sorted({slug for slugs in good.values() for slug in slugs})
    said = {"chosen": [one.slug for one in kept], "submitted": submitted, "tried": True}
    return await _asking(request, gateway, who, ticked, places, **said)


async def _submit(
    gateway: Context, who: Principal, fields: Form, good: dict[str, list[str]]
) -> list[str]:
    return [
        await ask(
            gateway,
            who,
            fields,
            message_of(ItemActivate, item_id=item_id, marketplaces=slugs),
            item_id,
        )
        for item_id, slugs in good.items()
        if slugs
    ]


def _good(ticked: Ticked, places: list[Place]) -> dict[str, list[str]]:
    """By item, the marketplaces that would take it."""
    refused = {(item["item_id"], one.slug) for one in places for item, _ in one.refused}
    return {
        item["item_id"]: [one.slug for one in places if (item["item_id"], one.slug) not in refused]
        for item in ticked.items
        if item["status"] not in NOT_AVAILABLE
    }


async def _places(gateway: Context, who: Principal, ticked: Ticked) -> list[Place]:
    required = Required(gateway, who.dealer)
    found = []
    for slug in connected(gateway, who):
        place = Place(slug, count_by_state(ticked.items, slug), [], [])
        for item in ticked.items:
            issues = await required.issues(item, slug)
            errors = [one for one in issues if one["severity"] == "error"]
            later = [one for one in issues if one["severity"] != "error"]
            if errors:
                place.refused.append((item, errors))
            if later:
                place.later.append((item, later))
        found.append(place)
    return found


async def _asking(
    request: Request,
    gateway: Context,
    who: Principal,
    ticked: Ticked,
    places: list[Place],
    **values: Any,
) -> Response:
    stopped = [
        f"{one['title']} {NOT_AVAILABLE[one['status']]}"
        for one in ticked.items
        if one["status"] in NOT_AVAILABLE
    ]
    said: dict[str, Any] = {
        "places": places,
        "chosen": [],
        "stopped": stopped,
        "submitted": [],
        "tried": False,
    }
    refused = bool(values.get("error") or values.get("tried"))
    return await dialog(
        request,
        gateway,
        who,
        TEMPLATE,
        ticked,
        **{**said, **values, "status": 422 if refused else 200},
    )
