"""`/healthz`, `/readyz` and `/metrics` of a process that has no other HTTP server."""

import asyncio
import socket
from collections.abc import Awaitable, Callable

import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

Check = Callable[[], Awaitable[dict[str, str]]]
"""Problems by name; empty when all is well."""


def health_routes(alive: Check, ready: Check) -> list[Route]:
    """The three routes, for any Starlette application."""

    async def healthz(_request: Request) -> Response:
        return _verdict(await alive())

    async def readyz(_request: Request) -> Response:
        return _verdict(await ready())

    async def metrics(_request: Request) -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return [
        Route("/healthz", healthz),
        Route("/readyz", readyz),
        Route("/metrics", metrics),
    ]


class HealthServer:
    """Serves the three routes on one port."""

    def __init__(self, host: str, port: int, alive: Check, ready: Check) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._socket.bind((host, port))
        except OSError as error:
            self._socket.close()
            raise PortTaken(f"BROCANTE_METRICS_PORT: {host}:{port} is taken ({error})") from error
        config = uvicorn.Config(
            Starlette(routes=health_routes(alive, ready)), log_level="warning", access_log=False
        )
        self._server = uvicorn.Server(config)
        self._server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
        self._task: asyncio.Task[None] | None = None

    @property
    def port(self) -> int:
        """The port really taken."""
        return int(self._socket.getsockname()[1])

    async def start(self) -> None:
        """Serve until stopped."""
        self._task = asyncio.create_task(self._server._serve([self._socket]))  # noqa: SLF001 - serve() would take over the process's signals

    async def stop(self) -> None:
        """Stop serving."""
        self._server.should_exit = True
        if self._task is not None:
            await self._task


class PortTaken(Exception):  # noqa: N818 - a finding about the machine
    """A port that was asked for is in use; the text names the setting."""


def _verdict(problems: dict[str, str]) -> JSONResponse:
    body = {"status": "failing" if problems else "ok", "problems": problems}
    return JSONResponse(body, status_code=503 if problems else 200)
