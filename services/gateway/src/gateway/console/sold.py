"""Sold: the list of sales, newest first."""

from typing import Any
from urllib.parse import urlencode

from fastapi import Request, Response

from gateway.console import words
from gateway.console.pages import Reader, here, page, pages
from gateway.http.context import Context, Gateway
from gateway.records.access import Principal

router = pages()
SHOWN = 50
STATUSES = {"open": "Sold", "canceled": "Canceled", "merged": "Merged", "": "All"}


@router.get("/sold")
async def sold(request: Request, gateway: Gateway, who: Reader) -> Response:
    """A page of the list; open sales unless asked otherwise."""
    status = request.query_params.get("status", "open")
    marketplace = request.query_params.get("marketplace", "")
    cursor = request.query_params.get("cursor") or None
    where = {"status": status, "marketplace": marketplace}
    where = {name: value for name, value in where.items() if value}
    sales, following = await gateway.views.sales(who.dealer, where, cursor, SHOWN)
    asked = {"status": status, "marketplace": marketplace}
    return await page(
        request,
        gateway,
        who,
        "sold.html",
        rows=await rows_of(gateway, who, sales),
        asked=asked,
        statuses=STATUSES,
        marketplaces={one: words.place(one) for one in sorted(gateway.entries)},
        first=f"/sold?{urlencode(asked)}" if cursor else None,
        following=f"/sold?{urlencode({**asked, 'cursor': following})}" if following else None,
        back=here(request),
    )


@router.get("/sold/rows")
async def rows(request: Request, gateway: Gateway, who: Reader) -> Response:
    """Rows of the list as they are now, for script that has heard of a change."""
    asked = request.query_params.getlist("row")[:SHOWN]
    found = await gateway.views.sales_named(who.dealer, asked)
    shown = await rows_of(gateway, who, [found[one] for one in asked if one in found])
    return await page(request, gateway, who, "sold_rows.html", rows=shown)


async def rows_of(
    gateway: Context, who: Principal, sales: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Sales, each with its item; a sale may name an item that nobody has created yet."""
    items = await gateway.views.many(who.dealer, [one["item_id"] for one in sales])
    pictures = await gateway.pictures.marks(who.dealer, items)
    return [
        {
            "sale": one,
            "item": items.get(one["item_id"]),
            "picture": pictures.get(one["item_id"]),
        }
        for one in sales
    ]
