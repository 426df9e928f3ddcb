"""What the marketplaces share, put together once, and what each of them must be able to do."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any, Literal

from sandbox.market.accounts import Accounts, Seller
from sandbox.market.calls import Answer, Call, Routes
from sandbox.market.clock import Clock, rfc3339
from sandbox.market.faults import FaultBox
from sandbox.market.ledger import Ledger
from sandbox.market.listings import Listings, Shown
from sandbox.market.requirements import Requirements
from sandbox.market.store import Record, Store
from sandbox.settings import SandboxSettings

Refusal = Literal["unauthorized", "rate_limited", "server_error", "not_found", "bad_body"]
LATE_REJECTION_AFTER = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Sold:
    """What a sale takes: one line of an order."""

    title: str
    price: str
    currency: str


class Market:
    """The shared state of one sandbox."""

    def __init__(self, settings: SandboxSettings) -> None:
        self.settings = settings
        self.random = Random(settings.seed)  # noqa: S311 - faults, not secrets
        self.store = Store(settings.data)
        self.clock = Clock(self.store)
        self.ledger = Ledger(self.store, self.clock)
        self.listings = Listings(self.store, self.ledger)
        self.faults = FaultBox(self.store, self.random)
        self.requirements = Requirements(self.store, self.clock)
        self.accounts = Accounts(settings, self.store, self.clock)
        self.wake: Callable[[], None] = lambda: None

    def post(self, seller: Seller, topic: str, body: str, headers: dict[str, str]) -> None:
        """Queue a webhook, durably; faults decide whether, when and how often it goes out."""
        faults = self.faults.of(seller.marketplace)
        number = self.store.next_number("delivery", 1)
        webhook_id = self.uuid("webhook", str(number))
        if self.faults.happens(faults.drop_webhooks):
            self.ledger.webhook(
                seller.marketplace, seller.account, topic, webhook_id, status=None, fault="dropped"
            )
            return
        wait = faults.delay_webhooks_s
        if self.faults.happens(faults.reorder_webhooks):
            wait += self.random.uniform(0.5, 2.0)
        record = {
            "marketplace": seller.marketplace,
            "account": seller.account,
            "topic": topic,
            "id": webhook_id,
            "body": body,
            "headers": headers,
            "due": rfc3339(self.clock.now() + timedelta(seconds=wait)),
            "attempts": 0,
        }
        copies = 2 if self.faults.happens(faults.duplicate_webhooks) else 1
        for copy in range(copies):
            self.store.put("delivery", f"{number:012d}.{copy}", record)
        self.wake()

    def went_live(self, marketplace: str, external_id: str) -> None:
        """An activation succeeded; the `late_rejection` fault may undo it a little later."""
        if self.faults.happens(self.faults.of(marketplace).late_rejection):
            due = rfc3339(self.clock.now() + LATE_REJECTION_AFTER)
            key = f"{marketplace}/{external_id}"
            record = {"marketplace": marketplace, "external_id": external_id, "due": due}
            self.store.put("rejection", key, record)
            self.wake()

    def uuid(self, *names: str) -> str:
        """A UUID-shaped id that depends on the seed, the names and nothing else."""
        digits = self.accounts.secret("uuid", *names).hex()
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-8{digits[17:20]}-{digits[20:32]}"


class Marketplace(ABC):
    """One simulated marketplace: its routes, its refusals, and what happens to it from outside."""

    slug: str
    routes: Routes

    def __init__(self, market: Market) -> None:
        self.market = market

    @abstractmethod
    def authenticate(self, call: Call) -> bool:
        """Whether the call's token opens an account; sets `call.account`."""

    @abstractmethod
    def limited(self, call: Call) -> Answer | None:
        """Count the call in the rate windows; the refusal when one is used up."""

    @abstractmethod
    def refuse(self, why: Refusal, call: Call, detail: str = "") -> Answer:
        """A refusal in this marketplace's own words."""

    @abstractmethod
    def credentials(self, seller: Seller) -> dict[str, str]:
        """What opens an account."""

    @abstractmethod
    def defaults(self, seller: Seller) -> dict[str, str]:
        """Account settings that every listing needs."""

    @abstractmethod
    def signing(self, seller: Seller) -> dict[str, str | None]:
        """The webhook scheme and its keys, as the control API shows them."""

    @abstractmethod
    def signed(self, seller: Seller, delivery: Record) -> dict[str, str]:
        """The headers of one delivery attempt."""

    @abstractmethod
    def take(self, shown: Shown, quantity: int) -> Sold:
        """Take sold pieces out of stock; the listing then shows what it shows."""

    @abstractmethod
    def order_ids(self) -> dict[str, Any]:
        """New ids of an order: at least `order_id` and `line_id`."""

    @abstractmethod
    def announce_order(self, seller: Seller, order: Record) -> None:
        """Queue the webhook of a new or canceled order, where this marketplace sends one."""

    @abstractmethod
    def restock(self, order: Record) -> None:
        """Put a canceled order's pieces back on sale, where the marketplace does that."""

    @abstractmethod
    def edit(self, shown: Shown, state: str | None, fields: dict[str, Any]) -> None:
        """Change a listing as the dealer would on the marketplace's own pages.

        Raises ValueError, whose text names the field, when it cannot be done.
        """

    @abstractmethod
    def take_down(self, shown: Shown) -> None:
        """The marketplace itself takes a listing down (late rejection)."""

    def changes(self, call: Call) -> bool:
        """Whether the call is meant to change something (reads cannot lie)."""
        return call.method != "GET"

    def headers(self, call: Call) -> dict[str, str]:
        """Headers of every answer."""
        _ = call
        return {}

    def answer(self, call: Call) -> Answer:
        """Route a call; the caller has drawn faults already."""
        route = self.routes.find(call)
        if route is None:
            return self.refuse("not_found", call)
        if not route.open and not self.authenticate(call):
            return self.refuse("unauthorized", call)
        return self.limited(call) or route.handler(call)
