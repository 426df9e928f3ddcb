"""Cancel Sale: what would happen in words, why, where to relist; then it happens."""

from dataclasses import dataclass, field
from typing import Any

from fastapi import Request, Response

from brocante.contracts.sales import SaleCancel
from gateway.console import words
from gateway.console.asking import ask, message_of, once
from gateway.console.pages import Form, Reader, Writer, doing, form, own_path, page, pages, redirect
from gateway.console.required import Issues, Required
from gateway.domain.plans import (
    UNTIL_AVAILABLE,
    makes_unavailable,
    no_refund,
    not_connected,
    resolved_relist,
)
from gateway.http.context import Context, Gateway
from gateway.records.access import Principal

router = pages()
MOST = 200
BACK = "/sold"
AFTER = "/inventory"


@dataclass(frozen=True, slots=True)
class Canceling:
    """One sale in the dialog. `already`: why there is nothing to cancel."""

    sale: dict[str, Any]
    item: dict[str, Any] | None
    plan: str = ""
    warnings: list[str] = field(default_factory=list)
    blockers: dict[str, Issues] = field(default_factory=dict)
    already: str = ""


@router.get("/sold/cancel")
async def choose(request: Request, gateway: Gateway, who: Reader) -> Response:
    """The dialog."""
    asked = request.query_params
    sales = await _sales(gateway, who, asked)
    back = own_path(asked.get("back"), BACK)
    if not sales:
        return redirect(request, back, "Tick at least one sale first.")
    return await page(
        request,
        gateway,
        who,
        "canceling.html",
        cancelings=await _cancelings(gateway, who, sales, asked),
        asked={name: asked.get(name, "") for name in ("reason", "relist", "note")},
        reasons=words.REASONS,
        relists=words.RELISTS,
        back=back,
        once=once(),
    )


@router.get("/sold/plan")
async def plan(request: Request, gateway: Gateway, who: Reader) -> Response:
    """Only the plan, for script, as reason and relist choice change."""
    asked = request.query_params
    sales = await _sales(gateway, who, asked)
    cancelings = await _cancelings(gateway, who, sales, asked)
    return await page(request, gateway, who, "plan.html", cancelings=cancelings)


@router.post("/sold/cancel")
async def cancel(request: Request, gateway: Gateway, who: Writer) -> Response:
    """Cancel them; then the inventory, with how far it is."""
    fields = await form(request, gateway)
    chosen = {name: fields.get(name, "").strip() for name in ("reason", "relist", "note")}
    sent = []
    for sale in await _sales(gateway, who, fields):
        message = message_of(SaleCancel, sale_id=sale["sale_id"], **chosen)
        sent.append(await ask(gateway, who, fields, message, sale["sale_id"]))
    return redirect(request, doing(AFTER, sent))


async def _sales(gateway: Context, who: Principal, fields: Form) -> list[dict[str, Any]]:
    asked = list(dict.fromkeys(fields.getlist("sale")))[:MOST]
    found = await gateway.views.sales_named(who.dealer, asked)
    return [found[one] for one in asked if one in found]


async def _cancelings(
    gateway: Context, who: Principal, sales: list[dict[str, Any]], asked: Form
) -> list[Canceling]:
    items = await gateway.views.many(who.dealer, [one["item_id"] for one in sales])
    required = Required(gateway, who.dealer)
    return [await _canceling(required, one, items.get(one["item_id"]), asked) for one in sales]


async def _canceling(
    required: Required, sale: dict[str, Any], item: dict[str, Any] | None, asked: Form
) -> Canceling:
    if sale["status"] != "open":
        return Canceling(sale, item, already=f"This sale is {sale['status']} already.")
    reason, relist = asked.get("reason") or None, asked.get("relist") or None
    warnings = [no_refund(words.place(sale["marketplace"]))]
    opened = [
        one for one in (item or {}).get("open_sales", []) if one["sale_id"] == sale["sale_id"]
    ]
    if item is None or not opened:
        return Canceling(sale, item, "The item does not know of this sale yet.", warnings)
    listings = opened[0]["plans"].get(resolved_relist(reason, relist), {})
    if sale["marketplace"] not in item["listings"]:
        warnings.append(_not_connected(sale["marketplace"], listings))
    if makes_unavailable(reason, relist):
        warnings.append(UNTIL_AVAILABLE)
    if item["on_hand"] < 0:
        warnings.append("The item is sold twice: the other sale stays.")
    blockers = {
        slug: errors
        for slug in (one for one, desired in listings.items() if desired == "active")
        if (errors := [i for i in await required.issues(item, slug) if i["severity"] == "error"])
    }
    return Canceling(sale, item, words.plan(listings), warnings, blockers)


def _not_connected(slug: str, listings: dict[str, str]) -> str:
    place = words.place(slug)
    if "active" in listings.values():
        return not_connected(place)
    return f"{place} is not connected, so nothing is reactivated. Relist it there yourself."
