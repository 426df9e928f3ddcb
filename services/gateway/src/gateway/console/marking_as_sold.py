"""Mark as sold: a sale that no marketplace told of, recorded by hand."""

import re
import uuid
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from fastapi import Request, Response

from brocante.contracts.ids import command_id
from brocante.contracts.sales import SaleRecord
from brocante.contracts.values import rfc3339
from gateway.console import words
from gateway.console.asking import ONCE, ask, message_of
from gateway.console.pages import Form, Reader, Writer, doing, form, pages, redirect
from gateway.console.ticked import connected, dialog, ticked_of
from gateway.http.context import Context, Gateway
from gateway.records.access import Principal

router = pages()
TEMPLATE = "marking_as_sold.html"
FIELDS = ("place", "price", "currency", "date", "order", "note")
LONGEST_SLUG = 32
NOON = time(12, tzinfo=UTC)


class Wrong(Exception):  # noqa: N818 - it is shown at its field
    """A field of the form that cannot be used, and why."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


@router.get("/inventory/mark-as-sold")
async def choose(request: Request, gateway: Gateway, who: Reader) -> Response:
    """The dialog."""
    return await _asking(request, gateway, who, request.query_params, {}, None)


@router.post("/inventory/mark-as-sold")
async def mark(request: Request, gateway: Gateway, who: Writer) -> Response:
    """Record a sale of each item."""
    fields = await form(request, gateway)
    given = {name: fields.get(name, "").strip() for name in FIELDS}
    ticked = await ticked_of(gateway, who, fields)
    try:
        said = _sale(given)
    except Wrong as wrong:
        return await _asking(request, gateway, who, fields, given, wrong)
    sent = []
    for item in ticked.items:
        sale_id = f"{said['marketplace']}:{_number(who, fields, given, item['item_id'])}"
        message = message_of(SaleRecord, sale_id=sale_id, item_id=item["item_id"], **said)
        sent.append(await ask(gateway, who, fields, message, item["item_id"]))
    return redirect(request, doing(ticked.back, sent))


async def _asking(
    request: Request,
    gateway: Context,
    who: Principal,
    fields: Form,
    given: dict[str, str],
    wrong: Wrong | None,
) -> Response:
    ticked = await ticked_of(gateway, who, fields)
    price = (ticked.one or {}).get("price") or {}
    first = ticked.items[0].get("price", {}) if ticked.items else {}
    start = {
        "place": "",
        "price": price.get("amount", ""),
        "currency": (price or first).get("currency", "USD"),
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "order": "",
        "note": "",
    }
    values = {
        "places": [words.place(slug) for slug in connected(gateway, who)],
        "given": {**start, **given},
        "wrong": wrong.field if wrong else "",
        "error": str(wrong) if wrong else "",
        "today": start["date"],
        "sold": [one for one in ticked.items if one["status"] != "available"],
        "status": 422 if wrong else 200,
    }
    return await dialog(request, gateway, who, TEMPLATE, ticked, **values)


def _sale(given: dict[str, str]) -> dict[str, Any]:
    return {
        "marketplace": slug_of(given["place"]),
        "price": _price(given),
        "sold_at": _moment(given["date"]),
        "external_order_id": given["order"],
        "note": given["note"],
    }


def slug_of(given: str) -> str:
    """A place of sale as it is written in messages: `eBay` is `ebay`, `The fair` is `the-fair`."""
    known = {name.lower(): slug for slug, name in words.NAMES.items()}
    slug = known.get(given.lower()) or re.sub(r"[^a-z0-9]+", "-", given.lower()).strip("-")
    if not slug:
        raise Wrong("place", "Say where it was sold: a marketplace, or any other place.")
    return slug[:LONGEST_SLUG].strip("-")


def _price(given: dict[str, str]) -> dict[str, str] | None:
    if not given["price"]:
        return None
    try:
        amount = Decimal(given["price"].replace(",", ""))
    except InvalidOperation:
        raise Wrong("price", "The price is no amount: write it as 1250.00.") from None
    if not amount.is_finite() or amount < 0:
        raise Wrong("price", "The price cannot be below 0.")
    if not re.fullmatch("[A-Z]{3}", given["currency"].upper()):
        raise Wrong("currency", "The currency is three letters, as in USD.")
    return {"amount": f"{amount:f}", "currency": given["currency"].upper()}


def _moment(given: str) -> str:
    """When it was sold: now if today, else noon of that day."""
    now = datetime.now(UTC)
    try:
        day = date.fromisoformat(given) if given else now.date()
    except ValueError:
        raise Wrong("date", "The date is none: write it as 2026-11-24.") from None
    if day > now.date():
        raise Wrong("date", "The date is in the future.")
    return rfc3339(now if day == now.date() else datetime.combine(day, NOON))


def _number(who: Principal, fields: Form, given: dict[str, str], item_id: str) -> str:
    """What tells this sale from others there: the same form sent twice is the same sale."""
    order = re.sub(r"[^A-Za-z0-9._-]", "", given["order"])[:60]
    key = fields.get(ONCE) or uuid.uuid4().hex
    by_hand = command_id(who.dealer, f"sale:{key}", item_id)[:8]
    return f"{order}-{by_hand}" if order else f"by-hand-{by_hand}"
