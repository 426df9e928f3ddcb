"""Live changes as server-sent events, resumable by `Last-Event-ID`, of one's own dealer only."""

import asyncio
import json
from collections.abc import AsyncIterator

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from gateway.http.context import Context, Gateway, Reader
from gateway.watching import Told

router = APIRouter(tags=["events"])
KEEP_ALIVE_SECONDS = 15.0
BEAT = ": still here\n\n"


@router.get("/events")
async def events(request: Request, gateway: Gateway, who: Reader) -> StreamingResponse:
    """What the services say about this dealer's items and sales, as it happens."""
    last = request.headers.get("last-event-id", "")
    after = int(last) if last.isdigit() else None
    return StreamingResponse(
        _stream(gateway, who.dealer, after),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _stream(gateway: Context, dealer: str, after: int | None) -> AsyncIterator[str]:
    queue = gateway.live.listen(dealer)
    try:
        yield BEAT
        seen = after or 0
        if after is not None:
            for told in list(gateway.live.recent):
                if told.dealer == dealer and told.number > after:
                    seen = told.number
                    yield _event(told)
        while True:
            try:
                told = await asyncio.wait_for(queue.get(), KEEP_ALIVE_SECONDS)
            except TimeoutError:
                yield BEAT
                continue
            if told.number > seen:
                yield _event(told)
    finally:
        gateway.live.leave(dealer, queue)


def _event(told: Told) -> str:
    at = told.event.envelope
    data = {
        "id": at.id,
        "type": at.type,
        "time": at.time.isoformat(),
        "subject": at.subject,
        "causation_id": at.causation_id,
        "correlation_id": at.correlation_id,
        "data": told.event.message.wire(),
    }
    text = json.dumps(data, ensure_ascii=False)
    return f"id: {told.number}\nevent: {at.type}\ndata: {text}\n\n"
