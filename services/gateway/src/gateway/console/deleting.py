"""Delete, asked twice: the item is hidden, its listings become inactive, its history stays."""

from fastapi import Request, Response

from brocante.contracts.inventory import ItemDelete
from gateway.console.asking import ask
from gateway.console.pages import Reader, Writer, doing, form, pages, redirect
from gateway.console.ticked import dialog, ticked_of
from gateway.http.context import Gateway

router = pages()
TEMPLATE = "deleting.html"


@router.get("/inventory/delete")
async def first(request: Request, gateway: Gateway, who: Reader) -> Response:
    """The first question."""
    ticked = await ticked_of(gateway, who, request.query_params)
    return await dialog(request, gateway, who, TEMPLATE, ticked, second=False)


@router.post("/inventory/delete")
async def delete(request: Request, gateway: Gateway, who: Writer) -> Response:
    """The second question, then the deed."""
    fields = await form(request, gateway)
    ticked = await ticked_of(gateway, who, fields)
    if fields.get("sure") != "yes":
        return await dialog(request, gateway, who, TEMPLATE, ticked, second=True)
    sent = [
        await ask(gateway, who, fields, ItemDelete(item_id=one["item_id"]), one["item_id"])
        for one in ticked.items
    ]
    return redirect(request, doing(ticked.back, sent))
