"""How far changes are, and undoing them."""

from fastapi import Request, Response

from gateway.console.asking import ask
from gateway.console.pages import Reader, Writer, doing, form, own_path, page, pages, redirect
from gateway.console.taking_back import taking_back
from gateway.http.context import Gateway

router = pages()


@router.get("/progress")
async def progress(request: Request, gateway: Gateway, who: Reader) -> Response:
    """The panel of `?doing=`, for script that follows it."""
    back = own_path(request.query_params.get("back"), "/inventory")
    return await page(request, gateway, who, "progress.html", back=back)


@router.post("/undo")
async def undo(request: Request, gateway: Gateway, who: Writer) -> Response:
    """Take back the commands named, each by its opposite."""
    fields = await form(request, gateway)
    back = own_path(fields.get("back"), "/inventory")
    sent = []
    for id_, kept in (await gateway.commands.many(who.dealer, fields.getlist("command"))).items():
        earlier = await gateway.commands.of_item(who.dealer, str(kept.payload.get("item_id", "")))
        earlier.sort(key=lambda one: one["at"], reverse=True)
        message = taking_back(kept, earlier)
        if message is not None:
            sent.append(await ask(gateway, who, fields, message, id_))
    return redirect(request, doing(back, sent))
