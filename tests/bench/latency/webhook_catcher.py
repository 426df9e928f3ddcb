"""Stands where the sandbox sends its webhooks, so that the bench can deliver them itself, timed."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from brocante_local.backends.ports import HOST, free_port

OWN_HEADERS = frozenset({"host", "content-length", "connection", "accept-encoding"})
STARTED_LOOK_SECONDS = 0.01


@dataclass(frozen=True, slots=True)
class Caught:
    """A delivery as the marketplace signed it."""

    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(slots=True)
class Catcher:
    """Where it listens and what came."""

    url: str
    caught: asyncio.Queue[Caught] = field(default_factory=asyncio.Queue)

    async def take(self, request: Request) -> Response:
        """Keep a delivery."""
        headers = {n: v for n, v in request.headers.items() if n not in OWN_HEADERS}
        self.caught.put_nowait(Caught(request.url.path, headers, await request.body()))
        return Response(status_code=204)

    async def next(self, holding: bytes, seconds: float) -> Caught:
        """The next delivery whose body holds this; others are passed over."""
        async with asyncio.timeout(seconds):
            while True:
                caught = await self.caught.get()
                if holding in caught.body:
                    return caught


@asynccontextmanager
async def webhook_catcher() -> AsyncIterator[Catcher]:
    """Listening; ended with the block."""
    port = free_port()
    catcher = Catcher(f"http://{HOST}:{port}")
    app = Starlette(routes=[Route("/{path:path}", catcher.take, methods=["POST"])])
    server = uvicorn.Server(uvicorn.Config(app, host=HOST, port=port, log_level="warning"))
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - no event tells
        await asyncio.sleep(STARTED_LOOK_SECONDS)
    try:
        yield catcher
    finally:
        server.should_exit = True
        await task
