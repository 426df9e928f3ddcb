"""Items: create, read, change, put on sale, take off, hold, link, check."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from brocante.contracts.inventory import (
    ItemAcceptDrift,
    ItemActivate,
    ItemCreate,
    ItemDeactivate,
    ItemDelete,
    ItemHold,
    ItemLink,
    ItemRelease,
    ItemRestore,
    ItemUpdate,
    ListingDetails,
)
from brocante.contracts.marketplace import ListingCheck, ListingRetry
from brocante.contracts.message import Message
from brocante.contracts.values import ItemId, Marketplace
from gateway.domain.problems import Problem, of_unknown_fields
from gateway.http.bodies import MERGE_PATCH, json_object, read_as
from gateway.http.context import Context, Gateway, Reader, Writer
from gateway.http.describing import described, merge_patch
from gateway.http.requiring import Requirements
from gateway.http.sending import send
from gateway.records.finding import ItemQuery

router = APIRouter(tags=["items"])
PATCHABLE = (set(ItemCreate.model_fields) - {"item_id"}) | {"availability"}
AVAILABILITY = {"availability": {"type": "string", "enum": ["available", "unavailable"]}}
ACTIONS: dict[str, type[Message]] = {
    "activate": ItemActivate,
    "deactivate": ItemDeactivate,
    "release": ItemRelease,
    "hold": ItemHold,
}
ON_LISTING: dict[str, type[Message]] = {
    "accept-drift": ItemAcceptDrift,
    "restore": ItemRestore,
    "check": ListingCheck,
    "retry": ListingRetry,
}


class Narrowing(BaseModel):
    """What a list of items is narrowed by."""

    model_config = ConfigDict(extra="forbid")

    query: str | None = None
    status: str | None = None
    marketplace: str | None = None
    state: str | None = None
    issue: str | None = None

    def page(self, cursor: str | None, limit: int) -> ItemQuery:
        """A page of that list; what is empty narrows nothing."""
        return ItemQuery(
            words=self.query or None,
            status=self.status or None,
            marketplace=self.marketplace or None,
            state=self.state or None,
            issue=self.issue or None,
            cursor=cursor,
            limit=limit,
        )


class ItemFilter(Narrowing):
    """A page of a list of items, and what the list is narrowed by."""

    cursor: str | None = None
    limit: int = Field(50, ge=1, le=1000)


@router.get("/items")
async def list_items(
    gateway: Gateway, who: Reader, asked: Annotated[ItemFilter, Query()]
) -> dict[str, Any]:
    """Search by words in title, SKU and attributes; narrow by status, marketplace, state, issue."""
    query = asked.page(asked.cursor, asked.limit)
    items, following = await gateway.views.items(who.dealer, query)
    return {"items": items, "next_cursor": following}


@router.post("/items", openapi_extra=described(ItemCreate))
async def create_item(request: Request, gateway: Gateway, who: Writer) -> JSONResponse:
    """Create an item."""
    values = await json_object(request, gateway.settings.body_limit)
    message = read_as(ItemCreate, values, fixed={})
    return await send(gateway, who, request, message)


@router.get("/items/{item_id}")
async def read_item(item_id: ItemId, gateway: Gateway, who: Reader) -> dict[str, Any]:
    """The snapshot of an item."""
    return await item_of(gateway, who.dealer, item_id)


@router.patch("/items/{item_id}", openapi_extra=merge_patch(ItemCreate, AVAILABILITY))
async def change_item(
    item_id: ItemId, request: Request, gateway: Gateway, who: Writer
) -> JSONResponse:
    """Change an item by a JSON merge patch."""
    changes = await json_object(request, gateway.settings.body_limit, MERGE_PATCH)
    unknown = [name for name in changes if name not in PATCHABLE]
    if unknown:
        raise of_unknown_fields(unknown)
    message = read_as(ItemUpdate, {"changes": changes}, fixed={"item_id": item_id})
    return await send(gateway, who, request, message)


@router.delete("/items/{item_id}", openapi_extra=described(None))
async def delete_item(
    item_id: ItemId, request: Request, gateway: Gateway, who: Writer
) -> JSONResponse:
    """Hide an item; its listings become inactive."""
    message = read_as(ItemDelete, {}, fixed={"item_id": item_id})
    return await send(gateway, who, request, message)


@router.patch(
    "/items/{item_id}/listings/{marketplace}",
    openapi_extra=merge_patch(ListingDetails),
)
async def change_details(
    item_id: ItemId, marketplace: Marketplace, request: Request, gateway: Gateway, who: Writer
) -> JSONResponse:
    """Change what one marketplace shows instead of the item's own content."""
    details = await json_object(request, gateway.settings.body_limit, MERGE_PATCH)
    unknown = [name for name in details if name not in ListingDetails.model_fields]
    if unknown:
        raise of_unknown_fields(unknown)
    changes = {"listings": {marketplace: {"details": details}}}
    message = read_as(ItemUpdate, {"changes": changes}, fixed={"item_id": item_id})
    return await send(gateway, who, request, message)


@router.post(
    "/items/{item_id}/listings/{marketplace}/link",
    openapi_extra=described(ItemLink, without=("item_id", "marketplace")),
)
async def link_listing(
    item_id: ItemId, marketplace: Marketplace, request: Request, gateway: Gateway, who: Writer
) -> JSONResponse:
    """Say that an existing listing is this item's."""
    known_marketplace(gateway, marketplace)
    values = await json_object(request, gateway.settings.body_limit)
    fixed = {"item_id": item_id, "marketplace": marketplace}
    return await send(gateway, who, request, read_as(ItemLink, values, fixed=fixed))


@router.get("/items/{item_id}/check")
async def check_item(
    item_id: ItemId, gateway: Gateway, who: Reader, marketplaces: str | None = None
) -> dict[str, Any]:
    """Every issue on every marketplace, before anything is changed."""
    item = await item_of(gateway, who.dealer, item_id)
    names = marketplaces.split(",") if marketplaces else sorted(gateway.entries)
    found: dict[str, list[Any]] = {}
    required = Requirements(gateway, who.dealer)
    for marketplace in names:
        known_marketplace(gateway, marketplace)
        issues = await required.issues(item, marketplace)
        found[marketplace] = [issue.model_dump(mode="json") for issue in issues]
    every = [issue for issues in found.values() for issue in issues]
    ready = not any(issue["severity"] == "error" for issue in every)
    return {"item_id": item_id, "issues": every, "marketplaces": found, "ready": ready}


def _act_on_item(kind: type[Message]) -> Callable[..., Awaitable[JSONResponse]]:
    async def act(item_id: ItemId, request: Request, gateway: Gateway, who: Writer) -> JSONResponse:
        values = await json_object(request, gateway.settings.body_limit)
        if "hold_ended" in values:
            # Inventory's own timer says so, nobody else.
            raise of_unknown_fields(["hold_ended"])
        message = read_as(kind, values, fixed={"item_id": item_id})
        return await send(gateway, who, request, message)

    return act


def _act_on_listing(kind: type[Message]) -> Callable[..., Awaitable[JSONResponse]]:
    async def act(
        item_id: ItemId, marketplace: Marketplace, request: Request, gateway: Gateway, who: Writer
    ) -> JSONResponse:
        known_marketplace(gateway, marketplace)
        values = await json_object(request, gateway.settings.body_limit)
        if values:
            raise of_unknown_fields(values)
        fixed = {"item_id": item_id, "marketplace": marketplace}
        return await send(gateway, who, request, read_as(kind, {}, fixed=fixed))

    return act


for _action, _kind in ACTIONS.items():
    router.add_api_route(
        f"/items/{{item_id}}/{_action}",
        _act_on_item(_kind),
        methods=["POST"],
        name=f"{_action}_item",
        description=f"{_action.capitalize()} on the marketplaces named; `*` is all connected ones.",
        openapi_extra=described(_kind, without=("item_id", "hold_ended")),
    )
for _action, _kind in ON_LISTING.items():
    router.add_api_route(
        f"/items/{{item_id}}/listings/{{marketplace}}/{_action}",
        _act_on_listing(_kind),
        methods=["POST"],
        name=f"{_action}_listing",
        description=(_kind.__doc__ or "").splitlines()[0],
        openapi_extra=described(None),
    )


async def item_of(gateway: Context, dealer: str, item_id: str) -> dict[str, Any]:
    """The item, or the problem that there is none."""
    item = await gateway.views.item(dealer, item_id)
    if item is None:
        raise Problem("unknown_item", f"There is no item {item_id}.")
    return item


def known_marketplace(gateway: Context, marketplace: str, field: str | None = None) -> None:
    """Refuse a marketplace that the installation does not declare, naming the field if there is."""
    if marketplace not in gateway.entries:
        text = f"{marketplace} is not declared here."
        raise Problem("unknown_marketplace", text, field=field)
