"""A webhook delivery as the worker keeps it: what it says, and what is left to do about it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Result = Literal["applied", "duplicate", "unmatched", "ignored"]


@dataclass(frozen=True, slots=True)
class Sold:
    """A sold order line that a delivery (or the sweep) names."""

    sale_id: str
    order_id: str
    external_id: str | None
    external_sku: str | None
    quantity: int
    price_amount: str | None
    price_currency: str | None
    sold_at: datetime


@dataclass(frozen=True, slots=True)
class Canceled:
    """A canceled order line."""

    sale_id: str
    order_id: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One delivery. `result` None: not known yet, an order must be read first (`orders`).

    `unmatched` are sales of listings without a link; `changed` are listings (external ids) to read.
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

    def keys(self) -> tuple[str, ...]:
        """The external ids and SKUs that would match what is unmatched."""
        found = [key for sold in self.unmatched for key in (sold.external_id, sold.external_sku)]
        return tuple(key for key in found if key)
