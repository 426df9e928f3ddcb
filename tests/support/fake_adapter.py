"""A tiny marketplace with faults, spoken to through the adapter contract."""

from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from brocante.contracts.marketplace import Content
from brocante.contracts.values import Issue, Observed, Requirement
from marketplace_sync.marketplaces.contract import (
    Capabilities,
    Done,
    Gone,
    Invalid,
    Link,
    ListingSeen,
    Notice,
    Notices,
    Observation,
    Outcome,
    RequirementSet,
    RetryLater,
    Unauthorized,
    Unknown,
)

Fault = Literal[
    "lie",
    "cut_before",
    "cut_after",
    "rate_limited",
    "unauthorized",
    "invalid",
    "crash_after",
    "circuit_open",
    "late",
]
RETRY_AFTER = 30.0


class ProcessDied(BaseException):
    """The worker died after the call took effect and before it recorded anything."""


@dataclass
class FakeListing:
    """One listing as the marketplace has it."""

    external_id: str
    sku: str
    title: str
    quantity: int
    state: Observed = "inactive"


@dataclass
class FakeAdapter:
    """A seller's account. `faults` queue up per operation; `ledger` has every call.

    `during` is awaited after a call took effect and before it is answered. `orders` can be read by
    id, `changed_orders` swept in this order, `webhooks` decoded by their body. Ids in
    `unlisted` are not shown in a sweep. While `revoked`, nobody sees the account's listings.
    """

    idempotent: bool = True
    required: tuple[Requirement, ...] = ()
    listings: dict[str, FakeListing] = field(default_factory=dict)
    faults: dict[str, deque[Fault]] = field(default_factory=dict)
    ledger: list[tuple[str, str]] = field(default_factory=list)
    orders: dict[str, tuple[Notice, ...]] = field(default_factory=dict)
    changed_orders: list[Notice] = field(default_factory=list)
    webhooks: dict[bytes, tuple[Notice, ...]] = field(default_factory=dict)
    swept: list[str | None] = field(default_factory=list)
    unlisted: set[str] = field(default_factory=set)
    revoked: bool = False
    during: Callable[[str], Awaitable[None]] | None = None
    slug: str = "fake"
    capabilities: Capabilities = field(init=False)

    def __post_init__(self) -> None:
        """It has no limits, and a listing off sale satisfies a hold."""
        holds: frozenset[Observed] = frozenset({"on_hold", "inactive"})
        self.capabilities = Capabilities(holds, (), self.idempotent)

    def fail(self, operation: str, *faults: Fault) -> None:
        """The next calls of an operation go wrong like this."""
        self.faults.setdefault(operation, deque()).extend(faults)

    def called(self, operation: str) -> int:
        """How often an operation was called."""
        return sum(one == operation for one, _ in self.ledger)

    def on_sale(self) -> list[str]:
        """The SKUs a buyer can find."""
        return [one.sku for one in self.listings.values() if one.state == "active"]

    async def find(self, content: Content, link: Link) -> Outcome:  # noqa: ARG002 - contract
        """The listing with our SKU."""
        found = [one for one in self.listings.values() if one.sku == link.external_sku]
        return await self._answer("find", link, found[0] if found else None, None)

    async def activate(self, content: Content, quantity: int, link: Link) -> Outcome:
        """One call makes the listing and puts it on sale."""
        listing = self.listings.get(link.external_id or "") or FakeListing(
            f"x{len(self.listings) + 1}", link.external_sku, content.title, quantity
        )

        def effect() -> None:
            self.listings[listing.external_id] = listing
            listing.title, listing.quantity, listing.state = content.title, quantity, "active"

        return await self._answer("activate", link, listing, effect)

    async def update(self, content: Content, quantity: int, link: Link) -> Outcome:
        """Show other content."""
        listing = self.listings.get(link.external_id or "")

        def effect() -> None:
            assert listing is not None
            listing.title, listing.quantity = content.title, quantity

        return await self._answer("update", link, listing, effect)

    async def hold(self, link: Link, until: datetime | None) -> Outcome:  # noqa: ARG002 - contract
        """There is no hold here: off sale."""
        return await self._off_sale("hold", link)

    async def deactivate(self, link: Link) -> Outcome:
        """Off sale."""
        return await self._off_sale("deactivate", link)

    async def read(self, link: Link) -> Outcome:
        """The listing by its id."""
        return await self._answer("read", link, self.listings.get(link.external_id or ""), None)

    async def read_order(self, external_order_id: str) -> Notices | Outcome:
        """An order by its id."""
        self.ledger.append(("read_order", external_order_id))
        notices = self.orders.get(external_order_id)
        return Notices(notices) if notices is not None else Gone()

    async def listing_changes(self, cursor: str | None) -> Notices | Outcome:  # noqa: ARG002 - contract
        """Every listing, on one page."""
        if self.revoked:
            return Unauthorized("the token was revoked")
        now = datetime.now(UTC)
        shown = (
            ListingSeen(
                None if one.external_id in self.unlisted else one.external_id,
                one.sku,
                Observation(one.state, now),
            )
            for one in self.listings.values()
        )
        return Notices(tuple(shown))

    async def order_changes(self, cursor: str | None) -> Notices | Outcome:
        """What changed since the cursor, which counts changes."""
        self.swept.append(cursor)
        if self.revoked:
            return Unauthorized("the token was revoked")
        changed = tuple(self.changed_orders[int(cursor or 0) :])
        return Notices(changed, None, str(len(self.changed_orders)))

    async def requirements(self, category: str | None) -> RequirementSet | Outcome:
        """The same for every category."""
        return RequirementSet(category or "*", str(len(self.required)), self.required)

    def decode(self, headers: Mapping[str, str], body: bytes) -> Sequence[Notice]:  # noqa: ARG002 - contract
        """What a test says this body means."""
        return self.webhooks.get(body, ())

    async def _off_sale(self, operation: str, link: Link) -> Outcome:
        listing = self.listings.get(link.external_id or "")

        def effect() -> None:
            assert listing is not None
            listing.state = "inactive"

        return await self._answer(operation, link, listing, effect)

    async def _answer(
        self,
        operation: str,
        link: Link,
        listing: FakeListing | None,
        effect: Callable[[], None] | None,
    ) -> Outcome:
        self.ledger.append((operation, link.item_id))
        queued = self.faults.get(operation)
        fault = queued.popleft() if queued else None
        refused = _refusal(fault)
        if refused is not None:
            return refused
        if listing is None:
            return Gone()
        if effect is not None and fault != "lie":
            effect()
        if self.during is not None:
            await self.during(operation)
        if fault == "crash_after":
            raise ProcessDied(operation)
        return Unknown("cut") if fault == "cut_after" else self._shown(link, listing)

    def _shown(self, link: Link, listing: FakeListing) -> Done:
        self.listings.setdefault(listing.external_id, listing)
        seen = Observation(listing.state, datetime.now(UTC), listing.quantity, "us")
        known = Link(link.item_id, listing.sku, listing.external_id, f"/{listing.external_id}")
        return Done(seen, known, verified=True)


def _refusal(fault: Fault | None) -> Outcome | None:
    """What a fault answers that keeps the call from having an effect."""
    match fault:
        case "cut_before":
            return Unknown("cut")
        case "rate_limited":
            return RetryLater(RETRY_AFTER, "rate_limited")
        case "unauthorized":
            return Unauthorized("the token was revoked")
        case "invalid":
            return Invalid((SYSTEM_AT_FAULT,))
        case _:
            return None


SYSTEM_AT_FAULT = Issue(
    marketplace="ebay",
    code="unexpected",
    category="marketplace",
    message="The marketplace could not do it.",
    action="Try again later.",
)
