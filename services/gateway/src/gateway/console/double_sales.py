"""Double sales: pieces sold more often than they are there, side by side; one sale seen twice."""

from typing import Any

from fastapi import Request, Response

from brocante.contracts.sales import SaleMerge, SaleSplit
from brocante.contracts.values import SaleId
from gateway.console.asking import ask, message_of, once
from gateway.console.pages import Reader, Writer, doing, form, page, pages, redirect
from gateway.domain.doubles import Double, double_of
from gateway.http.context import Context, Gateway
from gateway.records.access import Principal
from gateway.records.finding import OVERSOLD, ItemQuery

router = pages()
HERE = "/double-sales"
SHOWN = 50


@router.get(HERE)
async def double_sales(request: Request, gateway: Gateway, who: Reader) -> Response:
    """Every piece that has to be decided about, and the sales merged lately."""
    cursor = request.query_params.get("cursor") or None
    query = ItemQuery(status=OVERSOLD, cursor=cursor, limit=SHOWN)
    items, following = await gateway.views.items(who.dealer, query)
    merged, _ = await gateway.views.sales(who.dealer, {"status": "merged"}, None, SHOWN)
    found = [await _double(gateway, who, item) for item in items]
    return await page(
        request,
        gateway,
        who,
        "double_sales.html",
        doubles=[one for one in found if one is not None],
        merged=[await _merged(gateway, who, sale) for sale in merged],
        following=f"{HERE}?cursor={following}" if following else None,
        once=once(),
    )


@router.post("/double-sales/{sale_id}/merge")
async def merge(sale_id: SaleId, request: Request, gateway: Gateway, who: Writer) -> Response:
    """Say that a sale is another one seen twice."""
    fields = await form(request, gateway)
    message = message_of(SaleMerge, sale_id=sale_id, into=fields.get("into"))
    return redirect(request, doing(HERE, [await ask(gateway, who, fields, message, sale_id)]))


@router.post("/double-sales/{sale_id}/split")
async def split(sale_id: SaleId, request: Request, gateway: Gateway, who: Writer) -> Response:
    """Say that two merged sales are two after all."""
    fields = await form(request, gateway)
    message = message_of(SaleSplit, sale_id=sale_id)
    return redirect(request, doing(HERE, [await ask(gateway, who, fields, message, sale_id)]))


async def _double(gateway: Context, who: Principal, item: dict[str, Any]) -> Double | None:
    sales, _ = await gateway.views.sales(who.dealer, {"item_id": item["item_id"]}, None, SHOWN)
    return double_of(item, sales)


async def _merged(gateway: Context, who: Principal, sale: dict[str, Any]) -> dict[str, Any]:
    """A merged sale with its item and the sale that it was folded into."""
    item = await gateway.views.item(who.dealer, sale["item_id"])
    into = await gateway.views.sale(who.dealer, sale["merged_into"])
    return {"sale": sale, "item": item or {"item_id": sale["item_id"]}, "into": into}
