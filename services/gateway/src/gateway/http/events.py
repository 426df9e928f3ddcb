"""Live changes as server-sent events, resumable by `Last-Event-ID`, of one's own dealer only."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from brocante.contracts.snapshot import ItemChanged
from brocante.contracts.values import rfc3339
from gateway.http.context import Context, Gateway, Reader
from gateway.records.history import Numbered

router = APIRouter(tags=["events"])
KEEP_ALIVE_SECONDS = 15.0
BEAT = ": still here\n\n"
LONGEST_NUMBER = 18
DESCRIBED: dict[int | str, dict[str, Any]] = {
    200: {"description": "A stream of events.", "content": {"text/event-stream": {"schema": {}}}}
}


@router.get("/events", response_class=StreamingResponse, responses=DESCRIBED)
async def events(request: Request, gateway: Gateway, who: Reader) -> StreamingResponse:
    """What the services say about this dealer's items and sales, as it happens."""
    last = request.headers.get("last-event-id", "")
    known = last.isascii() and last.isdigit() and len(last) <= LONGEST_NUMBER
    return StreamingResponse(
        _stream(gateway, who.dealer, int(last) if known else None),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _stream(gateway: Context, dealer: str, after: int | None) -> AsyncIterator[str]:
    queue = gateway.live.listen(dealer)
    try:
        yield BEAT
        seen = after or 0
        if after is not None:
            for entry in await gateway.history.since(dealer, after, time.time_ns() // 1000):
                seen = int(entry["number"])
                yield await _again(gateway, dealer, entry)
        while gateway.live.listens(dealer, queue) or not queue.empty():
            try:
                told = await asyncio.wait_for(queue.get(), KEEP_ALIVE_SECONDS)
            except TimeoutError:
                yield BEAT
                continue
            if told.number > seen:
                yield _now(told)
    finally:
        gateway.live.leave(dealer, queue)


def _now(told: Numbered) -> str:
    at = told.event.envelope
    said = {
        "id": at.id,
        "type": at.type,
        "time": rfc3339(at.time),
        "causation_id": at.causation_id,
        "correlation_id": at.correlation_id,
        "data": told.event.message.wire(),
    }
    return _event(told.number, said)


async def _again(gateway: Context, dealer: str, entry: dict[str, Any]) -> str:
    """An event that was missed; of an item the newest snapshot, which is all that counts."""
    what = entry["what"]
    if entry["type"] == ItemChanged.TYPE:
        what = await gateway.views.item(dealer, what["item_id"]) or what
    said = {
        "id": entry["id"],
        "type": entry["type"],
        "time": rfc3339(entry["at"]),
        "causation_id": entry.get("cause"),
        "correlation_id": entry.get("correlation"),
        "data": what,
    }
    return _event(int(entry["number"]), said)


def _event(number: int, said: dict[str, Any]) -> str:
    text = json.dumps(said, ensure_ascii=False)
    return f"id: {number}\nevent: {said['type']}\ndata: {text}\n\n"
