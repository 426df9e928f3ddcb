"""Inventory: the list of pieces, searched and narrowed, with what each marketplace shows."""

from typing import Any
from urllib.parse import urlencode

from fastapi import Request, Response

from gateway.console import words
from gateway.console.pages import Reader, here, page, pages
from gateway.console.required import Required
from gateway.http.context import Context, Gateway
from gateway.http.items import Narrowing
from gateway.records.access import Principal

router = pages()
SHOWN = 50
NARROWED_BY = tuple(Narrowing.model_fields)
STATES = ("active", "inactive", "on_hold", "draft", "pending_review", "ended", "sold", "unknown")
ACTIONS = (
    ("activate", "Activate"),
    ("hold", "Hold"),
    ("release", "Release"),
    ("deactivate", "Deactivate"),
    ("mark-as-sold", "Mark as sold"),
    ("delete", "Delete"),
)
STATUSES = ("available", "sold", "out_of_stock", "unavailable", "deleted")


@router.get("/inventory")
async def inventory(request: Request, gateway: Gateway, who: Reader) -> Response:
    """A page of the list; its address holds what it is narrowed by."""
    asked = {name: request.query_params.get(name, "").strip() for name in NARROWED_BY}
    cursor = request.query_params.get("cursor") or None
    items, following = await gateway.views.items(who.dealer, Narrowing(**asked).page(cursor, SHOWN))
    narrowed = {name: value for name, value in asked.items() if value}
    return await page(
        request,
        gateway,
        who,
        "inventory.html",
        rows=await rows_of(gateway, who, items),
        actions=ACTIONS,
        asked=asked,
        narrowed=narrowed,
        first=_address(narrowed) if cursor else None,
        following=_address({**narrowed, "cursor": following}) if following else None,
        choices={
            "status": {one: words.status(one) for one in STATUSES},
            "marketplace": {one: words.place(one) for one in sorted(gateway.entries)},
            "state": {one: words.OBSERVED[one].capitalize() for one in STATES},
        },
        all_of_them=f"/inventory/many?{urlencode({f'by_{n}': v for n, v in narrowed.items()})}",
        back=here(request),
    )


@router.get("/inventory/rows")
async def rows(request: Request, gateway: Gateway, who: Reader) -> Response:
    """Rows of the list as they are now, for script that has heard of a change."""
    asked = request.query_params.getlist("row")[:SHOWN]
    found = await gateway.views.many(who.dealer, asked)
    shown = await rows_of(gateway, who, list(found.values()))
    return await page(request, gateway, who, "inventory_rows.html", rows=shown)


async def rows_of(
    gateway: Context, who: Principal, items: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Items, each with what stands in the way of its listings."""
    required = Required(gateway, who.dealer)
    pictures = await gateway.pictures.marks(who.dealer, [item["item_id"] for item in items])
    return [
        {
            "item": item,
            "issues": await required.of_listings(item),
            "picture": pictures.get(item["item_id"]),
        }
        for item in items
    ]


def _address(query: dict[str, str]) -> str:
    return f"/inventory?{urlencode(query)}" if query else "/inventory"
