"""What a marketplace adapter can be asked, and what it may answer.

An adapter turns a listing's target into calls and answers into outcomes. It keeps no state: links,
leases, budgets and retries belong to the reconcile loop, which calls it again with what it said.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from brocante.contracts.marketplace import Content
from brocante.contracts.values import (
    CancelReason,
    ChangedBy,
    Issue,
    Money,
    Observed,
    Requirement,
)

Why = Literal["rate_limited", "retrying", "circuit_open", "paused"]


@dataclass(frozen=True, slots=True)
class Link:
    """What ties an item to its listing on one marketplace account.

    `external_sku` is fixed at first activation. `external_id` is the marketplace's listing id.
    `steps` holds ids that an activation in several calls created on its way (eBay's offer id).
    """

    item_id: str
    external_sku: str
    external_id: str | None = None
    url: str | None = None
    steps: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Observation:
    """What the marketplace shows of one listing at `observed_at` (UTC)."""

    observed: Observed
    observed_at: datetime
    quantity: int | None = None
    changed_by: ChangedBy = "unknown"


@dataclass(frozen=True, slots=True)
class Done:
    """The call took effect (or the read succeeded); `verified` when it was read back."""

    observation: Observation
    link: Link
    verified: bool = False


@dataclass(frozen=True, slots=True)
class Progress:
    """One step of several is done: record the link, then call again."""

    link: Link


@dataclass(frozen=True, slots=True)
class Invalid:
    """Refused: issues of category dealer must be put right by the dealer, others by operators."""

    issues: tuple[Issue, ...]


@dataclass(frozen=True, slots=True)
class RetryLater:
    """Nothing happened; try again after `after` seconds (None: the loop's own backoff)."""

    after: float | None
    why: Why
    issue: Issue | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may or may not have happened: read back before anything else."""

    detail: str


@dataclass(frozen=True, slots=True)
class Gone:
    """The marketplace has no such listing."""


@dataclass(frozen=True, slots=True)
class Unauthorized:
    """The account's access was refused even after refreshing the token once."""

    detail: str


Outcome = Done | Progress | Invalid | RetryLater | Unknown | Gone | Unauthorized


@dataclass(frozen=True, slots=True)
class SaleSeen:
    """A sold order line. `sale_id` is `<marketplace>:<order line id>`."""

    sale_id: str
    external_order_id: str
    external_id: str | None
    external_sku: str | None
    quantity: int
    price: Money | None
    sold_at: datetime


@dataclass(frozen=True, slots=True)
class CancellationSeen:
    """A canceled order line, with the marketplace's reason mapped to ours."""

    sale_id: str
    external_order_id: str
    reason: CancelReason | None
    canceled_at: datetime


@dataclass(frozen=True, slots=True)
class ListingSeen:
    """A listing's state as a webhook or a sweep shows it.

    `external_id` None: the account knows the SKU and has no listing of it (any more).
    """

    external_id: str | None
    external_sku: str | None
    observation: Observation


@dataclass(frozen=True, slots=True)
class OrderToRead:
    """A thin notice: the order must be read before anything is known (Etsy)."""

    external_order_id: str


Notice = SaleSeen | CancellationSeen | ListingSeen | OrderToRead


@dataclass(frozen=True, slots=True)
class Notices:
    """Everything an order read or a page of changes says; `cursor` None: nothing more for now.

    `resume` is where the next sweep starts when there is no further page.
    """

    notices: tuple[Notice, ...]
    cursor: str | None = None
    resume: str | None = None


@dataclass(frozen=True, slots=True)
class RequirementSet:
    """What a category asks for, with a version that changes when the fields do."""

    category: str
    version: str
    fields: tuple[Requirement, ...]


@dataclass(frozen=True, slots=True)
class Window:
    """One documented rate window: `calls` per `seconds`, per account (`per_listing` if so).

    Calls that count against a listing's own window name it by its external SKU (`Call.listing`).
    """

    name: str
    calls: int
    seconds: float
    per_listing: bool = False


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a marketplace can do, and what satisfies what."""

    satisfies_on_hold: frozenset[Observed]
    windows: tuple[Window, ...]
    idempotent_activation: bool
    verify_after: frozenset[str] = frozenset()
    activation_cost: Money | None = None


class Adapter(Protocol):
    """One marketplace account, spoken to in its own language.

    No method raises for what a marketplace says or fails to say: it becomes an Outcome. Only
    programming mistakes raise. Every method is one bounded piece of work (`activate` at most one
    creating call), so that a lease of known length covers it.
    """

    slug: str
    capabilities: Capabilities

    async def find(self, content: Content, link: Link) -> Outcome:
        """Look for what an earlier attempt left: Done with the full link, or Gone."""
        ...

    async def activate(self, content: Content, quantity: int, link: Link) -> Outcome:
        """Put on sale, one creating step at a time (Progress), ending in Done."""
        ...

    async def update(self, content: Content, quantity: int, link: Link) -> Outcome:
        """Bring a listing on sale up to date."""
        ...

    async def hold(self, link: Link, until: datetime | None) -> Outcome:
        """Take off sale for a while."""
        ...

    async def deactivate(self, link: Link) -> Outcome:
        """Take off sale; already off sale is Done, not an error."""
        ...

    async def read(self, link: Link) -> Outcome:
        """What the marketplace shows: Done, or Gone."""
        ...

    async def read_order(self, external_order_id: str) -> Notices | Outcome:
        """Sales and cancellations of one order."""
        ...

    async def listing_changes(self, cursor: str | None) -> Notices | Outcome:
        """One page of the account's listings (the sweep)."""
        ...

    async def order_changes(self, cursor: str | None) -> Notices | Outcome:
        """One page of orders changed since the cursor (the sweep)."""
        ...

    async def requirements(self, category: str | None) -> RequirementSet | Outcome:
        """What the marketplace asks for in a category (None: its default one)."""
        ...

    def decode(self, headers: Mapping[str, str], body: bytes) -> Sequence[Notice]:
        """What a verified webhook says; an empty answer means nothing of interest (ignored)."""
        ...


@dataclass(frozen=True, slots=True)
class Account:
    """One (dealer, marketplace) account: where it is called and what belongs to it.

    `defaults` are account settings that are part of every listing's content (eBay policies and
    location, Etsy shipping profile, Shopify location); `credentials` are secrets.
    """

    dealer: str
    account: str
    base_url: str
    credentials: Mapping[str, str]
    defaults: Mapping[str, Any] = field(default_factory=dict)
