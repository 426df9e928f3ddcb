"""One item on one marketplace: three facts that are never mixed.

*desired* is what the dealer or a rule wants, *observed* what the marketplace last showed,
*operation* what is being done about the difference.
"""

from datetime import datetime
from typing import Any, Literal

from msgspec import Struct

Desired = Literal["draft", "active", "on_hold", "inactive", "sold"]
Observed = Literal[
    "none", "draft", "pending_review", "active", "on_hold", "inactive", "sold", "ended", "unknown"
]
Operation = Literal["idle", "queued", "retrying", "needs_dealer", "needs_person", "blocked"]
Source = Literal["call", "read_back", "webhook", "sweep", "person"]
ChangedBy = Literal["us", "dealer", "marketplace", "other_tool", "unknown"]
Action = Literal["activate", "update", "hold", "deactivate", "link"]
Reason = Literal[
    "requested",
    "sold",
    "sale_canceled",
    "refused",
    "hold",
    "hold_ended",
    "edited",
    "deleted",
    "linked",
    "drift",
    "resync",
]

ON_SALE: tuple[Desired, ...] = ("active", "on_hold")
"""Wanted states in which the marketplace shows content and quantity."""

SATISFIED_BY: dict[Desired, frozenset[Observed]] = {
    "active": frozenset({"active"}),
    "on_hold": frozenset({"on_hold"}),
    "inactive": frozenset({"inactive", "ended", "draft", "sold", "none"}),
    "sold": frozenset({"sold", "ended", "inactive", "none"}),
    "draft": frozenset({"draft", "none"}),
}


class Money(Struct, frozen=True):
    """An exact amount as text, in one currency."""

    amount: str
    currency: str


class Details(Struct, frozen=True):
    """What one marketplace shows instead of the item's own content; None: the item's own."""

    title: str | None = None
    description: str | None = None
    price: Money | None = None
    category: str | None = None
    condition: str | None = None
    images: tuple[str, ...] | None = None
    attributes: dict[str, Any] | None = None


class Issue(Struct, frozen=True):
    """One thing that stops or degrades an operation, in words a dealer can act on."""

    code: str
    category: Literal["dealer", "marketplace", "system"]
    message: str
    action: str
    marketplace: str | None = None
    field: str | None = None
    severity: Literal["error", "warning"] = "error"
    retryable: bool = False
    marketplace_code: str | None = None


class Hold(Struct, frozen=True):
    """Who holds a listing, why and until when; `before` is what release returns to."""

    until: datetime | None = None
    holder: str | None = None
    reason: str | None = None
    before: Desired = "active"

    def ended(self, now: datetime) -> bool:
        """Whether its end has passed; a hold without end never ends by itself."""
        return self.until is not None and self.until <= now


class Wanted(Struct, frozen=True):
    """A wanted state with its hold: what rules R1-R6 set, keep and put back."""

    desired: Desired
    hold: Hold | None = None


class Drift(Struct, frozen=True):
    """A change made on the marketplace by someone else, shown and not fought (R10)."""

    observed: Observed
    since: datetime
    changed_by: ChangedBy = "unknown"


class Told(Struct, frozen=True):
    """What the worker was last told, so that a resync can say exactly that again."""

    action: Action
    reason: Reason
    sale_id: str | None = None
    external_order_id: str | None = None
    sold_at: datetime | None = None


class Listing(Struct, frozen=True):
    """A listing. `intent` numbers its targets; `told` is None while no worker knows of it.

    `fallback` is what a refused activation goes back to (R5); `refused` keeps its issues standing
    until the dealer's next command. `linking`: desired will follow what is observed.
    `held_as`: what this marketplace shows for a hold, when that is not `on_hold`. `heard_at`: when
    the worker said the newest outcome known of this target.
    """

    desired: Desired = "draft"
    intent: int = 0
    observed: Observed = "none"
    observed_at: datetime | None = None
    source: Source | None = None
    operation: Operation = "idle"
    issues: tuple[Issue, ...] = ()
    attempts: int = 0
    next_attempt_at: datetime | None = None
    external_id: str | None = None
    url: str | None = None
    details: Details = Details()
    hold: Hold | None = None
    drift: Drift | None = None
    told: Told | None = None
    fallback: Wanted | None = None
    refused: bool = False
    linking: bool = False
    held_as: Observed | None = None
    heard_at: datetime | None = None

    @property
    def wanted(self) -> Wanted:
        """The wanted state with its hold."""
        return Wanted(self.desired, self.hold)

    @property
    def satisfied(self) -> bool:
        """Whether what is observed satisfies what is desired."""
        if self.desired == "on_hold" and self.held_as is not None:
            return self.observed in {"on_hold", self.held_as}
        return self.observed in SATISFIED_BY[self.desired]

    @property
    def settled(self) -> bool:
        """Satisfied, with nothing under way."""
        return self.satisfied and self.operation == "idle" and not self.linking

    @property
    def under_way(self) -> bool:
        """Whether something is being done about it, by us or by a person."""
        return self.operation in {"queued", "retrying", "needs_person"}
