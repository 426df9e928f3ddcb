"""Marketplaces: status, requirements, pause and resume."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from brocante.contracts.marketplace import MarketplacePause, MarketplaceResume
from brocante.contracts.values import Marketplace
from gateway.http.bodies import json_object, read_as
from gateway.http.context import Context, Gateway, Operator, Reader
from gateway.http.describing import described
from gateway.http.items import known_marketplace
from gateway.http.sending import send

router = APIRouter(tags=["marketplaces"])


@router.get("/marketplaces")
async def list_marketplaces(gateway: Gateway, who: Reader) -> dict[str, Any]:
    """Every marketplace declared here, with what its worker last said of it."""
    found = []
    for marketplace, entry in sorted(gateway.entries.items()):
        said = await gateway.marketplaces.status(who.dealer, marketplace)
        connected = any(account.dealer == who.dealer for account in entry.accounts)
        found.append(
            {
                "marketplace": marketplace,
                "adapter": entry.adapter,
                "connected": connected,
                "status": said["status"],
                "since": said.get("since"),
                "detail": said.get("detail", ""),
            }
        )
    return {"items": found, "next_cursor": None}


@router.get("/marketplaces/{marketplace}/requirements")
async def requirements(
    marketplace: Marketplace, gateway: Gateway, who: Reader, category: str | None = None
) -> dict[str, Any]:
    """What a marketplace asks for in a category."""
    known_marketplace(gateway, marketplace)
    version, fields = await gateway.marketplaces.requirements(who.dealer, marketplace, category)
    return {
        "marketplace": marketplace,
        "category": category,
        "version": version,
        "fields": [field.model_dump(mode="json", exclude_none=True) for field in fields],
    }


@router.post(
    "/marketplaces/{marketplace}/pause",
    openapi_extra=described(MarketplacePause, without=("marketplace",)),
)
async def pause(
    marketplace: Marketplace, request: Request, gateway: Gateway, who: Operator
) -> JSONResponse:
    """Make no calls until resumed; work waits and is kept."""
    return await _switch(MarketplacePause, marketplace, request, gateway, who)


@router.post(
    "/marketplaces/{marketplace}/resume",
    openapi_extra=described(MarketplaceResume, without=("marketplace",)),
)
async def resume(
    marketplace: Marketplace, request: Request, gateway: Gateway, who: Operator
) -> JSONResponse:
    """Make calls again."""
    return await _switch(MarketplaceResume, marketplace, request, gateway, who)


async def _switch(
    kind: type[MarketplacePause | MarketplaceResume],
    marketplace: Marketplace,
    request: Request,
    gateway: Context,
    who: Operator,
) -> JSONResponse:
    known_marketplace(gateway, marketplace)
    values = await json_object(request, gateway.settings.body_limit)
    values.setdefault("reason", f"by {who.actor}")
    message = read_as(kind, values, fixed={"marketplace": marketplace})
    return await send(gateway, who, request, message)
