"""Builds the sandbox: three marketplaces, the control API, webhooks, health and metrics."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from fastapi import FastAPI, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.types import Receive, Scope, Send

from sandbox.control import Control
from sandbox.ebay import Ebay
from sandbox.etsy import Etsy
from sandbox.market.gate import Gate
from sandbox.market.market import Market, Marketplace
from sandbox.market.metrics import Metrics
from sandbox.market.webhooks import Sender
from sandbox.settings import SandboxSettings
from sandbox.shopify import Shopify


class Sandbox(FastAPI):
    """Calls below a marketplace's base path go straight to its gate.

    They bypass the framework's layers on purpose: a gate must be able to abort the connection,
    and hundreds of activations are quick.
    """

    gates: dict[str, Gate]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Dispatch one connection."""
        if scope["type"] == "http":
            first, _, _ = scope["path"].removeprefix("/").partition("/")
            gate = self.gates.get(first)
            if gate is not None:
                await gate({**scope, "root_path": f"/{first}"}, receive, send)
                return
        await super().__call__(scope, receive, send)


def create_app(settings: SandboxSettings) -> Sandbox:
    """One sandbox; several can live in one process."""
    market = Market(settings)
    metrics = Metrics()
    places: dict[str, Marketplace] = {
        place.slug: place for place in (Ebay(market), Etsy(market), Shopify(market))
    }
    sender = Sender(market, places, metrics)

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        _ = app
        task = asyncio.create_task(sender.run())
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
            market.store.close()

    app = Sandbox(title="Brocante sandbox", lifespan=lifespan, docs_url=None, redoc_url=None)
    app.gates = {slug: Gate(place, metrics) for slug, place in places.items()}
    app.include_router(Control(market, places, sender).router())
    add_health(app, metrics)
    return app


def add_health(app: FastAPI, metrics: Metrics) -> None:
    """`/healthz`, `/readyz`, `/metrics`."""

    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        return {"status": "alive"}

    @app.get("/readyz")
    async def readyz() -> dict[str, str]:
        return {"status": "ready"}

    @app.get("/metrics")
    async def exported() -> Response:
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)
