"""How far changes are, and undoing them."""

from fastapi import Request, Response

from gateway.console.asking import ask
from gateway.console.pages import Reader, Writer, doing, form, own_path, page, pages, redirect
from gateway.console.taking_back import taking_back, wanted_before
from gateway.http.context import Gateway

router = pages()


@router.get("/progress")
async def progress(request: Request, gateway: Gateway, who: Reader) -> Response:
    """The panel of `?doing=`, for script that follows it."""
    back = own_path(request.query_params.get("back"), "/inventory")
    return await page(request, gateway, who, "progress.html", back=back)


@router.post("/undo")
async def undo(request: Request, gateway: Gateway, who: Writer) -> Response:
    """Take back the commands named: what they changed is again as it was before."""
    fields = await form(request, gateway)
    back = own_path(fields.get("back"), "/inventory")
    sent = []
    for id_, kept in (await gateway.commands.many(who.dealer, fields.getlist("command"))).items():
        happened = await gateway.history.of_item(who.dealer, str(kept.payload.get("item_id", "")))
        for n, message in enumerate(taking_back(kept, wanted_before(kept, happened))):
            sent.append(await ask(gateway, who, fields, message, f"{id_}:{n}"))
    return redirect(request, doing(back, sent), "" if sent else "There is nothing to undo.")
