"""The control API: what buyers, dealers, marketplaces and bad luck do. Faults never touch it."""

from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, ConfigDict, Field

from brocante.contracts.values import Requirement, Time
from sandbox.market.clock import rfc3339
from sandbox.market.faults import Faults
from sandbox.market.listings import Shown
from sandbox.market.market import Market, Marketplace
from sandbox.market.orders import NotActive, cancel, sell
from sandbox.market.webhooks import Sender

SHOWN_FIELDS = ("marketplace", "dealer_id", "external_id", "sku", "state")


class Body(BaseModel):
    """A request; unknown fields are refused, so that a misspelt one is noticed."""

    model_config = ConfigDict(extra="forbid")


class Sell(Body):
    """Which listing a buyer buys."""

    external_id: str | None = None
    sku: str | None = None
    dealer_id: str | None = None
    quantity: Annotated[int, Field(ge=1)] = 1


class CancelOrder(Body):
    """`reason` is the marketplace's own word for it; `restock`: Shopify puts it back on sale."""

    order_id: str
    reason: str | None = None
    restock: bool = False


class Edit(Body):
    """A change by the dealer on the marketplace's own pages."""

    external_id: str
    state: str | None = None
    fields: dict[str, Any] | None = None


class Review(Body):
    """A decision of a curated marketplace."""

    external_id: str
    accept: bool | None = None
    reasons: list[str] | None = None


class NewRequirements(Body):
    """Everything asked for beyond title, price, quantity and images."""

    fields: list[Requirement]
    category: str | None = None


class SetClock(Body):
    """The time to set, or seconds to go forward; neither: real time again."""

    now: Time | None = None
    advance_s: float | None = None


class Target(Body):
    """Where webhooks go: the base URL of a gateway."""

    url: str
    marketplace: str | None = None
    account: str | None = None


class Control:
    """Everything the control API does."""

    def __init__(self, market: Market, places: dict[str, Marketplace], sender: Sender) -> None:
        self._market = market
        self._places = places
        self._sender = sender

    def router(self) -> APIRouter:
        """The routes, all on the event loop's own thread, where the store lives."""
        router = APIRouter(prefix="/control", tags=["control"])
        for method, path, handler in (
            ("GET", "/listings", self.listings),
            ("GET", "/accounts", self.accounts),
            ("GET", "/ledger", self.ledger),
            ("GET", "/webhooks", self.webhooks),
            ("PUT", "/webhook-target", self.webhook_target),
            ("POST", "/clock", self.clock),
            ("POST", "/reset", self.reset),
            ("POST", "/{marketplace}/sell", self.sell),
            ("POST", "/{marketplace}/cancel-order", self.cancel_order),
            ("POST", "/{marketplace}/edit", self.edit),
            ("POST", "/{marketplace}/review", self.review),
            ("GET", "/{marketplace}/requirements", self.requirements),
            ("PUT", "/{marketplace}/requirements", self.put_requirements),
            ("GET", "/{marketplace}/faults", self.faults),
            ("PUT", "/{marketplace}/faults", self.put_faults),
        ):
            router.add_api_route(path, handler, methods=[method])
        return router

    async def listings(self) -> list[dict[str, Any]]:
        """Every listing on show, with its state in the words of *observed*."""
        shown = self._market.listings.all()
        return [{name: getattr(entry, name) for name in SHOWN_FIELDS} for entry in shown]

    async def accounts(self) -> list[dict[str, Any]]:
        """Every account with what opens it and what its listings need."""
        return [
            {
                "marketplace": seller.marketplace,
                "account": seller.account,
                "dealer_id": seller.dealer,
                "base_url": f"{self._market.settings.base_url}/{seller.marketplace}",
                "credentials": self._places[seller.marketplace].credentials(seller),
                "defaults": self._places[seller.marketplace].defaults(seller),
            }
            for seller in self._market.accounts.sellers
        ]

    async def ledger(self) -> dict[str, list[dict[str, Any]]]:
        """Every call, state interval, order and webhook attempt."""
        return self._market.ledger.read()

    async def webhooks(self) -> list[dict[str, Any]]:
        """Where webhooks go and what signs them."""
        return [
            {
                "marketplace": seller.marketplace,
                "account": seller.account,
                "url": self._sender.url(seller.marketplace, seller.account),
                **self._places[seller.marketplace].signing(seller),
            }
            for seller in self._market.accounts.sellers
        ]

    async def webhook_target(self, body: Target) -> dict[str, str]:
        """Send webhooks somewhere else from now on, those that wait included."""
        key = "*"
        if body.marketplace is not None:
            self._place(body.marketplace)
            key = f"{body.marketplace}/{body.account or 'main'}"
        self._market.store.put("target", key, {"url": body.url})
        self._market.wake()
        return {"url": body.url}

    async def clock(self, body: SetClock | None = None) -> dict[str, str]:
        """Set, advance or release the clock."""
        moment: datetime | None = body.now if body else None
        if body is not None and body.advance_s is not None:
            start = moment or self._market.clock.now()
            moment = start + timedelta(seconds=body.advance_s)
        self._market.clock.set(moment)
        self._market.wake()
        return {"now": rfc3339(self._market.clock.now())}

    async def reset(self) -> dict[str, bool]:
        """Forget listings, orders, faults, requirements, ledger, tokens; webhook targets stay."""
        targets = dict(self._market.store.all("target"))
        with self._market.store.transaction():
            self._market.store.clear()
            for key, record in targets.items():
                self._market.store.put("target", key, record)
        self._market.faults.clear()
        return {"reset": True}

    async def sell(self, marketplace: str, body: Sell) -> dict[str, str]:
        """A buyer buys."""
        place = self._place(marketplace)
        shown = self._find(place, body.external_id, body.sku, body.dealer_id)
        try:
            with self._market.store.transaction():
                order = sell(place, shown, body.quantity)
        except NotActive as refusal:
            raise HTTPException(409, str(refusal)) from refusal
        return {"order_id": order["order_id"], "sale_id": order["sale_id"]}

    async def cancel_order(self, marketplace: str, body: CancelOrder) -> dict[str, Any]:
        """The order is canceled on the marketplace."""
        place = self._place(marketplace)
        try:
            with self._market.store.transaction():
                order = cancel(place, body.order_id, body.reason, restock=body.restock)
        except KeyError as unknown:
            raise HTTPException(404, f"order_id: no order {body.order_id}") from unknown
        return {name: order[name] for name in ("order_id", "sale_id", "canceled_at")}

    async def edit(self, marketplace: str, body: Edit) -> dict[str, Any]:
        """The dealer changes a listing there."""
        place = self._place(marketplace)
        shown = self._find(place, body.external_id, None, None)
        try:
            with self._market.store.transaction():
                place.edit(shown, body.state, body.fields or {})
        except ValueError as refusal:
            raise HTTPException(422, str(refusal)) from refusal
        after = self._market.listings.by_id(marketplace, shown.external_id)
        return {name: getattr(after or shown, name) for name in SHOWN_FIELDS}

    async def review(self, marketplace: str, body: Review) -> None:
        """No marketplace here reviews listings before they go live."""
        place = self._place(marketplace)
        self._find(place, body.external_id, None, None)
        raise HTTPException(409, f"{marketplace} does not review listings.")

    async def requirements(self, marketplace: str, category: str | None = None) -> dict[str, Any]:
        """What is asked for now."""
        self._place(marketplace)
        fields = self._market.requirements.of(marketplace, category)
        return {"fields": [field.model_dump(mode="json") for field in fields]}

    async def put_requirements(self, marketplace: str, body: NewRequirements) -> dict[str, Any]:
        """Replace what is asked for."""
        self._place(marketplace)
        with self._market.store.transaction():
            self._market.requirements.replace(marketplace, body.fields, body.category)
        return await self.requirements(marketplace, body.category)

    async def faults(self, marketplace: str) -> Faults:
        """The faults in force."""
        self._place(marketplace)
        return self._market.faults.of(marketplace)

    async def put_faults(self, marketplace: str, body: Faults) -> Faults:
        """Replace all faults."""
        self._place(marketplace)
        self._market.faults.set(marketplace, body)
        return body

    def _place(self, marketplace: str) -> Marketplace:
        place = self._places.get(marketplace)
        if place is None:
            raise HTTPException(404, f"marketplace: no {marketplace} here")
        return place

    def _find(
        self, place: Marketplace, external_id: str | None, sku: str | None, dealer: str | None
    ) -> Shown:
        if external_id is None and sku is None:
            raise HTTPException(422, "external_id or sku: one of them is needed")
        shown = self._market.listings.by_id(place.slug, external_id) if external_id else None
        seller = self._market.accounts.of_dealer(place.slug, dealer)
        if shown is None and sku is not None and seller is not None:
            shown = self._market.listings.by_sku(place.slug, seller.account, sku)
        if shown is None or (dealer is not None and shown.dealer_id != dealer):
            raise HTTPException(404, f"listing: no {external_id or sku} on {place.slug}")
        return shown
