"""An item: its listings with the three facts of each, why one is off sale, holds, history."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fastapi import Request, Response
from starlette.datastructures import UploadFile

from brocante.contracts.inventory import ItemAcceptDrift, ItemRestore
from brocante.contracts.marketplace import ListingCheck, ListingRetry
from brocante.contracts.values import ItemId, Marketplace
from gateway.console import words
from gateway.console.asking import ask, message_of, once
from gateway.console.pages import Reader, Writer, doing, form, page, pages, redirect
from gateway.console.required import Required
from gateway.console.uploading import uploaded
from gateway.domain.problems import Problem
from gateway.domain.telling import told
from gateway.domain.why import Asked, hold_in_words, why_not_active
from gateway.http.context import Context, Gateway
from gateway.http.items import item_of
from gateway.http.pictures import keep_picture

router = pages()
Item = dict[str, Any]
MOST_TOLD = 100
SALES = 50
ON_LISTING = {
    "accept": ItemAcceptDrift,
    "restore": ItemRestore,
    "check": ListingCheck,
    "retry": ListingRetry,
}
SOURCES = {
    "call": "as it answered us",
    "read_back": "read back after a change",
    "webhook": "as it told us",
    "sweep": "looked at in passing",
    "person": "said by a person",
}
OPERATIONS = {
    "idle": "Nothing to do",
    "queued": "Waiting its turn",
    "retrying": "Being tried again",
    "needs_dealer": "Needs you",
    "needs_person": "Needs a person",
    "blocked": "Stopped",
}


@router.get("/items/{item_id}")
async def item(item_id: ItemId, request: Request, gateway: Gateway, who: Reader) -> Response:
    """Everything about one item."""
    found = await item_of(gateway, who.dealer, item_id)
    asked = await asked_of(gateway, who.dealer, item_id)
    happened = await gateway.history.of_item(who.dealer, item_id)
    entries = sorted([*asked.commands, *happened], key=_at, reverse=True)
    required = Required(gateway, who.dealer)
    return await page(
        request,
        gateway,
        who,
        "item.html",
        item=found,
        picture=(await gateway.pictures.marks(who.dealer, [item_id])).get(item_id),
        listings=[
            {
                "slug": slug,
                "fact": fact,
                "issues": await required.standing(found, slug),
                "why": why_not_active(found, slug, asked, words.place),
                "hold": hold_in_words(fact["hold"]) if fact.get("hold") else (),
            }
            for slug, fact in sorted(found["listings"].items())
        ],
        sales=asked.sales,
        history=told(entries, words.place)[:MOST_TOLD],
        sources=SOURCES,
        operations=OPERATIONS,
        once=once(),
    )


@router.post("/items/{item_id}/listings/{marketplace}/{action}")
async def act(
    item_id: ItemId,
    marketplace: Marketplace,
    action: str,
    request: Request,
    gateway: Gateway,
    who: Writer,
) -> Response:
    """Accept or restore a drifted listing, look at it again, try again."""
    kind = ON_LISTING.get(action)
    if kind is None:
        raise Problem("not_found")
    fields = await form(request, gateway)
    message = message_of(kind, item_id=item_id, marketplace=marketplace)
    id_ = await ask(gateway, who, fields, message, action)
    return redirect(request, doing(f"/items/{item_id}", [id_]))


@router.post("/items/{item_id}/picture")
async def upload(item_id: ItemId, request: Request, gateway: Gateway, who: Writer) -> Response:
    """Take a picture in; a small copy of it is kept."""
    given = (await uploaded(request, gateway.settings.picture_limit)).get("picture")
    if not isinstance(given, UploadFile) or not given.filename:
        return redirect(request, f"/items/{item_id}", "Choose a picture first.")
    await keep_picture(gateway, who.dealer, item_id, await given.read())
    return redirect(request, f"/items/{item_id}", "The picture is kept.")


async def asked_of(gateway: Context, dealer: str, item_id: str) -> Asked:
    """What is known of an item besides its snapshot, newest first."""
    sales, _ = await gateway.views.sales(dealer, {"item_id": item_id}, None, SALES)
    commands = await gateway.commands.of_item(dealer, item_id)
    return Asked(sales, sorted(commands, key=_at, reverse=True))


def _at(entry: Mapping[str, Any]) -> datetime:
    at: datetime = entry["at"]
    return at
