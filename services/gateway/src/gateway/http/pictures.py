"""An item's small picture: given, shown, taken away."""

import asyncio
from typing import Any

from fastapi import APIRouter, Request, Response

from brocante.contracts.values import ItemId
from gateway.domain.problems import Problem
from gateway.http.bodies import raw_body
from gateway.http.context import Context, Gateway, Reader, Writer
from gateway.http.items import item_of
from gateway.pictures.encoding import NotAPicture, thumbnail
from gateway.records.pictures import UPLOADED

router = APIRouter(tags=["items"])
KINDS = frozenset({"image/jpeg", "image/png", "image/webp"})
BINARY: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}
GIVEN = {"requestBody": {"required": True, "content": dict.fromkeys(sorted(KINDS), BINARY)}}
SHOWN: dict[int | str, dict[str, Any]] = {
    200: {"description": "The picture.", "content": {"image/webp": BINARY}}
}
HEADERS = {
    "Cache-Control": "private, max-age=31536000, immutable",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'",
}


@router.put("/items/{item_id}/picture", status_code=204, openapi_extra=GIVEN)
async def give_picture(item_id: ItemId, request: Request, gateway: Gateway, who: Writer) -> None:
    """Give an item a picture (JPEG, PNG or WebP); a small copy of it is kept and shown."""
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind not in KINDS:
        raise Problem("unsupported_media_type", "Send a JPEG, PNG or WebP picture.")
    content = await raw_body(request, gateway.settings.picture_limit)
    await keep_picture(gateway, who.dealer, item_id, content)


@router.get("/items/{item_id}/picture", response_class=Response, responses=SHOWN)
async def show_picture(item_id: ItemId, gateway: Gateway, who: Reader) -> Response:
    """An item's small picture."""
    picture = await gateway.pictures.get(who.dealer, item_id)
    if picture is None:
        raise Problem("not_found", f"Item {item_id} has no picture here.")
    return Response(picture, media_type="image/webp", headers=HEADERS)


@router.delete("/items/{item_id}/picture", status_code=204)
async def remove_picture(item_id: ItemId, gateway: Gateway, who: Writer) -> None:
    """Take an item's picture away."""
    if not await gateway.pictures.remove(who.dealer, item_id):
        raise Problem("not_found", f"Item {item_id} has no picture here.")


async def keep_picture(gateway: Context, dealer: str, item_id: str, content: bytes) -> None:
    """Encode a picture anew and keep it for an item that is there."""
    await item_of(gateway, dealer, item_id)
    try:
        small = await asyncio.to_thread(thumbnail, content)
    except NotAPicture as error:
        raise Problem("invalid", str(error), field="/picture") from error
    await gateway.pictures.keep(dealer, item_id, small, UPLOADED)
