"""Plays what happens to one item, so that a test reads like a row of the design's tables."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec.structs import replace

from inventory.domain import (
    activating,
    creating,
    deleting,
    drifting,
    editing,
    holding,
    linking,
    outcomes,
    selling,
)
from inventory.domain.facts import Change, Fact, MergeWanted, Oversold, TargetChanged
from inventory.domain.item import Content, Item
from inventory.domain.listing import ChangedBy, Desired, Details, Issue, Listing, Money, Observed
from inventory.domain.outcomes import Seen, Worked
from inventory.domain.plans import plan
from inventory.domain.refusals import Refused
from inventory.domain.sales import Canceled, Merged, OpenSale, Recorded, Relist, SplitOff
from inventory.domain.stock import Status, on_hand, status

MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
FOUR = ("1stdibs", "ebay", "etsy", "shopify")
LAMP = Content("91.10", "Brass lamp", price=Money("1250.00", "EUR"))
MISSING = Issue("missing", "dealer", "Period is missing.", "Add it.", field="/attributes/period")

OFF: dict[str, tuple[Worked, Observed]] = {
    "active": ("activated", "active"),
    "on_hold": ("held", "on_hold"),
    "inactive": ("deactivated", "inactive"),
    "sold": ("deactivated", "sold"),
    "draft": ("deactivated", "inactive"),
}


@dataclass
class Story:
    """An item, the time, and what was last said about it."""

    item: Item | None = None
    now: datetime = MONDAY
    facts: tuple[Fact, ...] = ()
    refusal: Refused | None = None
    versions: dict[str, int] = field(default_factory=dict)
    places: dict[str, OpenSale] = field(default_factory=dict)

    # What the dealer does.

    def create(self, *marketplaces: str, quantity: int = 1, content: Content = LAMP) -> "Story":
        drafts = {m: Details() for m in marketplaces}
        return self.take(creating.create, "lamp", content, quantity, drafts, self.now)

    def activate(self, *marketplaces: str) -> "Story":
        return self.take(activating.activate, marketplaces or ("*",))

    def deactivate(self, *marketplaces: str) -> "Story":
        return self.take(activating.deactivate, marketplaces or ("*",))

    def hold(
        self, *marketplaces: str, until: datetime | None = None, before: Desired | None = None
    ) -> "Story":
        marketplaces = marketplaces or ("*",)
        return self.take(holding.hold, marketplaces, self.now, until=until, before=before)

    def release(self, *marketplaces: str, hold_ended: datetime | None = None) -> "Story":
        return self.take(holding.release, marketplaces or ("*",), self.now, hold_ended=hold_ended)

    def delete(self) -> "Story":
        return self.take(deleting.delete)

    def link(self, marketplace: str, external_id: str = "e1") -> "Story":
        return self.take(linking.link, marketplace, external_id)

    def accept_drift(self, marketplace: str) -> "Story":
        return self.take(drifting.accept_drift, marketplace)

    def restore(self, marketplace: str) -> "Story":
        return self.take(drifting.restore, marketplace)

    def edit(
        self,
        *,
        price: str | None = None,
        quantity: int | None = None,
        available: bool | None = None,
        details: dict[str, Details] | None = None,
    ) -> "Story":
        item = self.known
        content = item.content
        if price:
            content = replace(content, price=Money(price, "EUR"))
        wanted = item.quantity if quantity is None else quantity
        return self.take(editing.update, content, wanted, details or {}, available=available)

    # What sales says.

    def sell(
        self,
        marketplace: str,
        sale_id: str = "s1",
        *,
        quantity: int = 1,
        order: str | None = None,
        version: int | None = None,
    ) -> "Story":
        sale = OpenSale(
            sale_id, version or self._next(sale_id), marketplace, quantity, self.now, order
        )
        self.places[sale_id] = sale
        return self.take(selling.apply, "lamp", Recorded(sale), self.now)

    def cancel(
        self,
        sale_id: str = "s1",
        relist: Relist = "origin",
        *,
        unavailable: bool = False,
        chosen: bool = False,
        version: int | None = None,
    ) -> "Story":
        sale = replace(self.places[sale_id], version=version or self._next(sale_id))
        event = Canceled(sale, relist, unavailable, chosen)
        return self.take(selling.apply, "lamp", event, self.now)

    def merge(self, sale_id: str, into: str) -> "Story":
        event = Merged(sale_id, self._next(sale_id), into)
        return self.take(selling.apply, "lamp", event, self.now)

    def split(self, sale_id: str) -> "Story":
        event = SplitOff(sale_id, self._next(sale_id))
        return self.take(selling.apply, "lamp", event, self.now)

    # What the workers say.

    def done(self, *marketplaces: str) -> "Story":
        """Whatever was asked of these marketplaces (all, if none is named) is done."""
        for marketplace in marketplaces or tuple(self.known.listings):
            listing = self.listing(marketplace)
            if listing.operation == "idle" or listing.told is None:
                continue
            what, shows = OFF[listing.desired]
            self.outcome(marketplace, what, shows)
        return self

    def outcome(
        self, marketplace: str, what: Worked, shows: Observed, *, intent: int | None = None
    ) -> "Story":
        self.pass_time()
        seen = Seen(shows, self.now, "call", external_id=f"{marketplace}-1")
        at = self.listing(marketplace).intent if intent is None else intent
        return self.take(outcomes.worked, marketplace, at, what, seen, self.now)

    def shows(
        self,
        marketplace: str,
        shows: Observed,
        by: ChangedBy = "dealer",
        *,
        at: datetime | None = None,
        intent: int | None = None,
    ) -> "Story":
        self.pass_time()
        seen = Seen(shows, at or self.now, "sweep", changed_by=by)
        known = self.listing(marketplace).intent if intent is None else intent
        return self.take(outcomes.observed, marketplace, known, seen)

    def refuse(
        self, marketplace: str, call: outcomes.Call = "activate", *, intent: int | None = None
    ) -> "Story":
        at = self.listing(marketplace).intent if intent is None else intent
        now = self.now
        return self.take(outcomes.refused, marketplace, at, call, (MISSING,), now, now)

    def fail(self, marketplace: str, *, gives_up: bool, said_at: datetime | None = None) -> "Story":
        return self.take(
            outcomes.failed,
            marketplace,
            self.listing(marketplace).intent,
            (MISSING,),
            said_at or self.now,
            attempts=3,
            gives_up=gives_up,
        )

    def defer(
        self, marketplace: str, why: outcomes.Why, *, said_at: datetime | None = None
    ) -> "Story":
        """It waits for an hour."""
        at, intent = said_at or self.now, self.listing(marketplace).intent
        until = at + timedelta(hours=1)
        return self.take(outcomes.deferred, marketplace, intent, why, until, at)

    # What can be seen.

    @property
    def known(self) -> Item:
        assert self.item is not None
        return self.item

    @property
    def status(self) -> Status:
        return status(self.known)

    @property
    def on_hand(self) -> int:
        return on_hand(self.known)

    @property
    def desired(self) -> dict[str, str]:
        return {m: listing.desired for m, listing in self.known.listings.items()}

    @property
    def told(self) -> dict[str, str]:
        """The workers told of something by the last step, and what they are to do."""
        told = [fact.marketplace for fact in self.facts if isinstance(fact, TargetChanged)]
        return {m: one.action for m in told if (one := self.listing(m).told)}

    @property
    def oversold(self) -> tuple[str, ...] | None:
        return next((fact.sales for fact in self.facts if isinstance(fact, Oversold)), None)

    @property
    def merge_wanted(self) -> MergeWanted | None:
        return next((fact for fact in self.facts if isinstance(fact, MergeWanted)), None)

    def plan(self, sale_id: str = "s1", relist: Relist = "origin") -> dict[str, str]:
        wanted = plan(self.known, self.known.sales[sale_id], relist, self.now)
        return {m: one.desired for m, one in wanted.items()}

    def listing(self, marketplace: str) -> Listing:
        return self.known.listings[marketplace]

    # How it goes on.

    def pass_time(self, *, hours: int = 0) -> "Story":
        self.now += timedelta(hours=hours, seconds=1)
        return self

    def take(self, operation: Any, *args: Any, **kwargs: Any) -> "Story":
        """Do one operation; a refusal is kept and changes nothing."""
        self.pass_time()
        self.refusal, self.facts = None, ()
        try:
            change: Change = operation(self.item, *args, **kwargs)
        except Refused as refused:
            self.refusal = refused
            return self
        self.item, self.facts = change.item, change.facts
        return self

    def _next(self, sale_id: str) -> int:
        self.versions[sale_id] = self.versions.get(sale_id, 0) + 1
        return self.versions[sale_id]


def on_sale(*marketplaces: str, quantity: int = 1) -> Story:
    """An item that is on sale on these marketplaces, and shown there."""
    return Story().create(*marketplaces, quantity=quantity).activate().done()


def sold_at(marketplace: str, *marketplaces: str) -> Story:
    """An item that was on sale on all of these, sold on the first, and is off sale everywhere."""
    return on_sale(*dict.fromkeys((*marketplaces, marketplace))).sell(marketplace).done()
