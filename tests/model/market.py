"""A marketplace that may refuse, lie, cut off and be slow, with buyers and orders."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from brocante.contracts.marketplace import Content
from marketplace_sync.marketplaces.contract import (
    CancellationSeen,
    Link,
    Notice,
    Outcome,
    RetryLater,
    SaleSeen,
    Unknown,
)
from tests.model.replicas import Process
from tests.support.fake_adapter import FakeAdapter, FakeListing

OPEN_SECONDS = 10.0


@dataclass
class Market(FakeAdapter):
    """`waiting`: webhooks not delivered yet, by id; `late`: effects of calls long given up.

    It has the faults `circuit_open` and `late`, too.
    """

    waiting: dict[str, bytes] = field(default_factory=dict)
    late: list[Callable[[], None]] = field(default_factory=list)
    count: int = 0

    async def _answer(self, operation: str, link: Link, listing: Any, effect: Any) -> Outcome:
        queued = self.faults.get(operation)
        if queued and queued[0] == "circuit_open":
            queued.popleft()
            return RetryLater(OPEN_SECONDS, "circuit_open")
        if queued and queued[0] == "late":
            queued.popleft()
            # A creation that comes that late would be a second listing, whatever anybody does.
            if effect is not None and listing is not None and link.external_id:
                self.ledger.append((operation, link.item_id))
                self.late.append(effect)
            return Unknown("cut")
        return await super()._answer(operation, link, listing, effect)

    def find_on_sale(self, sku: str) -> FakeListing | None:
        """What a buyer finds."""
        found = [one for one in self.listings.values() if one.sku == sku and one.state == "active"]
        return found[0] if found else None

    def sell(self, sku: str) -> str | None:
        """A buyer buys; the sale's id, or None when there is nothing on sale."""
        listing = self.find_on_sale(sku)
        if listing is None:
            return None
        self.count += 1
        order = f"o{self.count}"
        listing.quantity -= 1
        if listing.quantity <= 0:
            listing.state = "sold"
        sale = f"{self.slug}:{order}"
        now = datetime.now(UTC)
        seen = SaleSeen(sale, order, listing.external_id, listing.sku, 1, None, now)
        self._tell(order, seen)
        return sale

    def cancel_order(self, order: str, *, relists: bool = False) -> None:
        """The buyer changes her mind; some marketplaces put the listing back by themselves."""
        (seen, *_) = self.orders[order]
        assert isinstance(seen, SaleSeen)
        self._tell(order, CancellationSeen(seen.sale_id, order, None, datetime.now(UTC)))
        listing = self.listings[seen.external_id or ""]
        if relists and listing.state == "sold":
            listing.state, listing.quantity = "active", 1

    def take_effect(self) -> None:
        """What was cut off long ago happens after all."""
        late, self.late = self.late, []
        for effect in late:
            effect()

    def edit(self, sku: str) -> None:
        """The dealer puts a listing on sale or takes it off there, without a word to us."""
        for listing in self.listings.values():
            if listing.sku == sku and listing.state in {"active", "inactive"}:
                listing.state = "inactive" if listing.state == "active" else "active"

    def open_orders(self) -> list[str]:
        """Orders that nobody has canceled."""
        return [order for order, notices in self.orders.items() if len(notices) == 1]

    def _tell(self, order: str, notice: Notice) -> None:
        self.orders[order] = (*self.orders.get(order, ()), notice)
        self.changed_orders.append(notice)
        webhook = f"{self.slug}:w{len(self.changed_orders)}"
        self.webhooks[webhook.encode()] = (notice,)
        self.waiting[webhook] = webhook.encode()


@dataclass
class Hand:
    """One process's way to a marketplace: every call is a point at which it can die.

    `may_call` says whether the process owns the account now; `wanted` what its database wants.
    """

    market: Market
    process: Process
    may_call: Callable[[], bool]
    wanted: Callable[[str], str | None]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.market, name)

    async def activate(self, content: Content, quantity: int, link: Link) -> Outcome:
        """Never while something else is wanted."""
        self._check("activate")
        wanted = self.wanted(link.item_id)
        if wanted != "active" and not self.process.overtaken:
            self._wrong(f"I5: {link.item_id} is put on sale, but {wanted} is wanted")
        return await self._answered(self.market.activate(content, quantity, link))

    async def update(self, content: Content, quantity: int, link: Link) -> Outcome:
        """As any call."""
        self._check("update")
        return await self._answered(self.market.update(content, quantity, link))

    async def hold(self, link: Link, until: datetime | None) -> Outcome:
        """As any call."""
        self._check("hold")
        return await self._answered(self.market.hold(link, until))

    async def deactivate(self, link: Link) -> Outcome:
        """As any call."""
        self._check("deactivate")
        return await self._answered(self.market.deactivate(link))

    async def read(self, link: Link) -> Outcome:
        """As any call."""
        return await self._answered(self.market.read(link))

    async def find(self, content: Content, link: Link) -> Outcome:
        """As any call."""
        return await self._answered(self.market.find(content, link))

    def _check(self, operation: str) -> None:
        if not self.may_call() and not self.process.overtaken:
            self._wrong(f"{self.process.name} calls {operation} without the account's lease")

    def _wrong(self, text: str) -> None:
        self.process.database.watch.violations.append(text)

    async def _answered(self, call: Any) -> Outcome:
        outcome: Outcome = await call
        await self.process.at("called")
        return outcome
