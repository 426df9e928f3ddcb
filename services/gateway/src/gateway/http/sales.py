"""Sales: record by hand, list, plan, cancel, merge, split."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from brocante.contracts.sales import SaleCancel, SaleMerge, SaleRecord, SaleSplit
from brocante.contracts.values import CancelReason, Relist, SaleId
from gateway.domain.plans import resolved_relist, warnings_of
from gateway.domain.problems import Problem, of_unknown_fields
from gateway.http.bodies import json_object, read_as
from gateway.http.context import Context, Gateway, Reader, Writer
from gateway.http.describing import described
from gateway.http.items import item_of
from gateway.http.requiring import Requirements
from gateway.http.sending import send

router = APIRouter(tags=["sales"])
CANCEL_FIELDS = frozenset({"reason", "relist", "note"})
NOT_ASKED = ("sale_id", "origin", "external_order_id")


class SaleFilter(BaseModel):
    """What a list of sales is narrowed by."""

    model_config = ConfigDict(extra="forbid")

    status: Literal["open", "canceled", "merged"] | None = None
    item_id: str | None = None
    marketplace: str | None = None
    cursor: str | None = None
    limit: int = Field(50, ge=1, le=1000)


class PlanQuery(BaseModel):
    """Why, and where to, one would cancel."""

    model_config = ConfigDict(extra="forbid")

    reason: CancelReason | None = None
    relist: Relist | None = None


@router.post("/sales", openapi_extra=described(SaleRecord))
async def record_sale(request: Request, gateway: Gateway, who: Writer) -> JSONResponse:
    """Record a sale by hand."""
    values = await json_object(request, gateway.settings.body_limit)
    message = read_as(SaleRecord, values, fixed={})
    return await send(gateway, who, request, message)


@router.get("/sales")
async def list_sales(
    gateway: Gateway, who: Reader, asked: Annotated[SaleFilter, Query()]
) -> dict[str, Any]:
    """The Sold list, newest first."""
    narrowed = asked.model_dump(exclude_none=True, exclude={"cursor", "limit"})
    sales, following = await gateway.views.sales(who.dealer, narrowed, asked.cursor, asked.limit)
    return {"items": sales, "next_cursor": following}


@router.get("/sales/{sale_id}")
async def read_sale(sale_id: SaleId, gateway: Gateway, who: Reader) -> dict[str, Any]:
    """A sale."""
    return await _sale(gateway, who.dealer, sale_id)


@router.get("/sales/{sale_id}/plan")
async def plan_of_cancel(
    sale_id: SaleId, gateway: Gateway, who: Reader, asked: Annotated[PlanQuery, Query()]
) -> dict[str, Any]:
    """What canceling would do, listing by listing, with what stands in the way."""
    sale = await _sale(gateway, who.dealer, sale_id)
    item = await item_of(gateway, who.dealer, sale["item_id"])
    open_sale = next((s for s in item["open_sales"] if s["sale_id"] == sale_id), None)
    if open_sale is None:
        raise Problem("sale_already_canceled", f"Sale {sale_id} is not open.")
    relist = resolved_relist(asked.reason, asked.relist)
    listings = open_sale["plans"][relist]
    required = Requirements(gateway, who.dealer)
    planned = []
    for marketplace, desired in sorted(listings.items()):
        now = item["listings"][marketplace]
        entry: dict[str, Any] = {
            "marketplace": marketplace,
            "desired": desired,
            "observed": now["observed"],
            "blockers": [],
        }
        if desired == "active":
            issues = await required.issues(item, marketplace)
            entry["blockers"] = [issue.model_dump(mode="json") for issue in issues]
        planned.append(entry)
    return {
        "sale_id": sale_id,
        "item_id": sale["item_id"],
        "relist": relist,
        "listings": listings,
        "plan": planned,
        "warnings": warnings_of(sale["marketplace"], listings, asked.reason, asked.relist),
    }


@router.post("/sales/{sale_id}/cancel", openapi_extra=described(SaleCancel, without=NOT_ASKED))
async def cancel_sale(
    sale_id: SaleId, request: Request, gateway: Gateway, who: Writer
) -> JSONResponse:
    """Cancel a sale here; the order on the marketplace is neither canceled nor refunded."""
    values = await json_object(request, gateway.settings.body_limit)
    unknown = [name for name in values if name not in CANCEL_FIELDS]
    if unknown:
        raise of_unknown_fields(unknown)
    message = read_as(SaleCancel, values, fixed={"sale_id": sale_id, "origin": "app"})
    return await send(gateway, who, request, message)


@router.post("/sales/{sale_id}/merge", openapi_extra=described(SaleMerge, without=("sale_id",)))
async def merge_sale(
    sale_id: SaleId, request: Request, gateway: Gateway, who: Writer
) -> JSONResponse:
    """Say that a sale is another one seen twice."""
    values = await json_object(request, gateway.settings.body_limit)
    return await send(gateway, who, request, read_as(SaleMerge, values, fixed={"sale_id": sale_id}))


@router.post("/sales/{sale_id}/split", openapi_extra=described(None))
async def split_sale(
    sale_id: SaleId, request: Request, gateway: Gateway, who: Writer
) -> JSONResponse:
    """Undo a merge."""
    values = await json_object(request, gateway.settings.body_limit)
    if values:
        raise of_unknown_fields(values)
    return await send(gateway, who, request, read_as(SaleSplit, {}, fixed={"sale_id": sale_id}))


async def _sale(gateway: Context, dealer: str, sale_id: SaleId) -> dict[str, Any]:
    sale = await gateway.views.sale(dealer, sale_id)
    if sale is None:
        raise Problem("unknown_sale", f"There is no sale {sale_id}.")
    return sale
