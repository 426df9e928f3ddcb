"""A marketplace's own details of an item: its fields, what is wrong with them, what will change."""

from datetime import UTC, datetime
from typing import Any

from fastapi import Request, Response
from pydantic import ValidationError

from brocante.contracts.inventory import ItemUpdate, ListingDetails
from brocante.contracts.values import Issue, ItemId, Marketplace
from gateway.console import words
from gateway.console.asking import ask, message_of, once
from gateway.console.item import asked_of
from gateway.console.pages import Reader, Writer, doing, form, page, pages, redirect
from gateway.console.required import Required, label_of
from gateway.domain.details import Control, controls, details_of, patch_of
from gateway.domain.problems import Problem, of_validation
from gateway.domain.why import why_not_active
from gateway.http.context import Context, Gateway
from gateway.http.items import item_of
from gateway.records.access import Principal

router = pages()
Item = dict[str, Any]
WRONG = {
    "/price/amount": "Price is no amount: write it as 1250.00.",
    "/price/currency": "Price needs a currency of three letters, as in USD.",
}
NO_LISTING = {"desired": "draft", "observed": "none", "operation": "idle"}


@router.get("/items/{item_id}/listings/{marketplace}")
async def details(
    item_id: ItemId, marketplace: Marketplace, request: Request, gateway: Gateway, who: Reader
) -> Response:
    """The fields of one marketplace, each with its issues."""
    found = await _known(gateway, who, item_id, marketplace)
    return await _shown(request, gateway, who, found, marketplace)


@router.post("/items/{item_id}/listings/{marketplace}")
async def save(
    item_id: ItemId, marketplace: Marketplace, request: Request, gateway: Gateway, who: Writer
) -> Response:
    """Save what was filled in; what is left empty is taken from the item."""
    found = await _known(gateway, who, item_id, marketplace)
    fields = await form(request, gateway)
    asked = await Required(gateway, who.dealer).fields(found, marketplace)
    given = controls(found, marketplace, asked, fields)
    own = details_of(found, marketplace)
    patch = patch_of(given, own)
    try:
        ListingDetails.model_validate(_without_none(patch), strict=True)
    except ValidationError as error:
        wrong = of_validation(error).errors
        return await _shown(request, gateway, who, found, marketplace, given, wrong)
    here = f"/items/{item_id}/listings/{marketplace}"
    if not patch:
        return redirect(request, here, "Nothing was changed.")
    changes = {"listings": {marketplace: {"details": patch}}}
    message = message_of(ItemUpdate, item_id=item_id, changes=changes)
    return redirect(request, doing(here, [await ask(gateway, who, fields, message)]))


async def _known(gateway: Context, who: Principal, item_id: str, marketplace: str) -> Item:
    found = await item_of(gateway, who.dealer, item_id)
    if marketplace not in found["listings"] and marketplace not in gateway.entries:
        raise Problem("unknown_marketplace", f"{words.place(marketplace)} is not connected.")
    return found


async def _shown(
    request: Request,
    gateway: Context,
    who: Principal,
    item: Item,
    marketplace: str,
    given: list[Control] | None = None,
    wrong: list[Issue] | None = None,
) -> Response:
    required = Required(gateway, who.dealer)
    shown = given or controls(item, marketplace, await required.fields(item, marketplace), None)
    listing = item["listings"].get(marketplace, NO_LISTING)
    issues = await _issues(required, item, marketplace, wrong)
    known = await asked_of(gateway, who.dealer, item["item_id"])
    why = marketplace in item["listings"] and why_not_active(item, marketplace, known, words.place)
    return await page(
        request,
        gateway,
        who,
        "details.html",
        status=422 if wrong else 200,
        item=item,
        slug=marketplace,
        fact=listing,
        why=why or None,
        connected=marketplace in item["listings"],
        controls=[
            {"control": one, "issues": [i for i in issues if i["field"] == one.pointer]}
            for one in shown
        ],
        issues=issues,
        once=once(),
        now=datetime.now(UTC),
    )


async def _issues(
    required: Required, item: Item, marketplace: str, wrong: list[Issue] | None
) -> list[dict[str, Any]]:
    """What a form was refused for; else what stands in the way, and what soon will."""
    if wrong:
        return [
            {
                **one.model_dump(mode="json"),
                "field": _outer(one.field),
                "label": label_of(_outer(one.field)),
                "message": WRONG.get(one.field or "", one.message),
                "action": "" if one.field in WRONG else one.action,
            }
            for one in wrong
        ]
    found = await required.issues(item, marketplace)
    if marketplace in item["listings"]:
        seen = {one["field"] for one in found if one["field"]}
        standing = await required.standing(item, marketplace)
        found += [one for one in standing if one["field"] not in seen]
    return found


def _outer(field: str | None) -> str | None:
    """`/price/amount` is wrong where the price is filled in."""
    return "/price" if field and field.startswith("/price") else field


def _without_none(patch: Any) -> Any:
    if not isinstance(patch, dict):
        return patch
    return {name: _without_none(one) for name, one in patch.items() if one is not None}
