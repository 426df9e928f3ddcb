"""A webhook delivery as the worker keeps it: what it says, and what is left to do about it."""

from datetime import datetime, timedelta
from typing import Literal

from msgspec import Struct

Result = Literal["applied", "duplicate", "unmatched", "ignored"]
LOOK_AGAIN = (2.0, 10.0, 60.0, 600.0, 3600.0)
"""Seconds between look-ups of what is unmatched; the last again and again. A new link is told at
once: this finds what a crash, or a delivery in the very moment of linking, has left."""


class Sold(Struct, frozen=True):
    """A sold order line that a delivery (or the sweep) names."""

    sale_id: str
    order_id: str
    external_id: str | None
    external_sku: str | None
    quantity: int
    price_amount: str | None
    price_currency: str | None
    sold_at: datetime


class Canceled(Struct, frozen=True):
    """A canceled order line."""

    sale_id: str
    order_id: str
    reason: str | None


class Delivery(Struct, frozen=True):
    """One delivery. `result` None: not known yet, an order must be read first (`orders`).

    `unmatched` are sales of listings without a link; `changed` are listings (external ids) to read.
    `cause_id` is the delivery's message, empty for what a sweep found.
    """

    webhook_id: str
    account: str
    result: Result | None = None
    orders: tuple[str, ...] = ()
    unmatched: tuple[Sold, ...] = ()
    changed: tuple[str, ...] = ()
    attempts: int = 0
    due_at: datetime | None = None
    cause_id: str = ""

    def again_at(self, now: datetime) -> datetime:
        """When to look again for the listings of what is unmatched."""
        return now + timedelta(seconds=LOOK_AGAIN[min(self.attempts, len(LOOK_AGAIN) - 1)])

    def keys(self) -> tuple[str, ...]:
        """The external ids and SKUs that would match what is unmatched."""
        found = [key for sold in self.unmatched for key in (sold.external_id, sold.external_sku)]
        return tuple(key for key in found if key)
