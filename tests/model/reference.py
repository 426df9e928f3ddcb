"""The domain's rules once more, as small as can be, to compare inventory with (R1-R4, R6-R8).

Written from the rules and not from the code: what is wanted of each listing after each message.
Not here: linking, drift, refused activations, editing quantities.
"""

from dataclasses import dataclass, field
from datetime import datetime

from brocante.contracts.inventory import (
    ItemActivate,
    ItemCreate,
    ItemDeactivate,
    ItemDelete,
    ItemHold,
    ItemRelease,
)
from brocante.contracts.message import Message
from brocante.contracts.sales import SaleCanceled, SaleMerged, SaleRecorded


@dataclass(frozen=True)
class Want:
    """What is wanted of a listing; of one on hold, what was before and until when."""

    desired: str
    before: str | None = None
    until: datetime | None = None


INACTIVE = Want("inactive")


@dataclass
class Piece:
    """One item. `sales`: the open ones, each as it was recorded; `before` as R1 keeps it."""

    created: bool = False
    deleted: bool = False
    quantity: int = 0
    wants: dict[str, Want] = field(default_factory=dict)
    before: dict[str, Want] = field(default_factory=dict)
    sales: dict[str, SaleRecorded] = field(default_factory=dict)
    merged: dict[str, str] = field(default_factory=dict)
    awaiting: dict[str, str] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    early: list[Message] = field(default_factory=list)

    @property
    def left(self) -> int:
        """On hand: below zero it is oversold."""
        return self.quantity - len(self.sales)

    @property
    def desired(self) -> dict[str, str]:
        """What is wanted where."""
        return {m: want.desired for m, want in self.wants.items()}

    def take(self, message: Message, now: datetime) -> None:
        """Apply one message."""
        match message:
            case ItemCreate():
                self._create(message, now)
            case SaleRecorded() | SaleCanceled() | SaleMerged():
                self._sale(message, now)
            case ItemDelete() if self.created:
                self.deleted, self.before = True, {}
                self.wants = dict.fromkeys(self.wants, INACTIVE)
            case ItemActivate() | ItemHold() | ItemDeactivate() | ItemRelease() if self.created:
                self._asked(message, now)

    def _create(self, message: ItemCreate, now: datetime) -> None:
        if self.created:
            return
        self.created, self.quantity = True, message.quantity
        self.wants = {m: Want("draft") for m in message.listings}
        early, self.early, self.versions = self.early, [], {}
        for event in early:
            self._sale(event, now)

    def _asked(
        self, message: ItemActivate | ItemHold | ItemDeactivate | ItemRelease, now: datetime
    ) -> None:
        puts_on_sale = isinstance(message, ItemActivate | ItemHold)
        if puts_on_sale and (self.deleted or self.left <= 0):
            return
        if isinstance(message, ItemHold) and message.until is not None and message.until <= now:
            return
        named = [m for m in self.wants if m in message.marketplaces]
        meant = list(self.wants) if "*" in message.marketplaces else named
        for m in meant:
            self._ask(message, m, itself=m in named, now=now)

    def _ask(self, message: Message, m: str, *, itself: bool, now: datetime) -> None:
        want = self.wants[m]
        match message:
            case ItemActivate():
                self.wants[m] = Want("active")
            case ItemHold() if itself or want.desired in {"active", "on_hold"}:
                self.wants[m] = Want(
                    "on_hold", want.before or message.before or want.desired, message.until
                )
            case ItemDeactivate() if itself or want.desired != "draft":
                if m in self.before:
                    self.before[m] = INACTIVE
                if want.desired != "sold":
                    self.wants[m] = INACTIVE
            case ItemRelease():
                end = message.hold_ended
                self.wants[m] = _released(want, end, now)
                if m in self.before:
                    self.before[m] = _released(self.before[m], end, now)
            case _:
                pass

    def _sale(self, event: Message, now: datetime) -> None:
        assert isinstance(event, SaleRecorded | SaleCanceled | SaleMerged)
        id_, seen = event.sale_id, event.sale_id in self.versions
        if event.sale_version <= self.versions.get(id_, 0):
            return
        self.versions[id_] = event.sale_version
        if not self.created:
            self.early.append(event)
            return
        match event:
            case SaleRecorded():
                self._recorded(event, now)
            case SaleCanceled():
                if not seen:
                    self._recorded(_as_recorded(event), now)
                self.merged.pop(id_, None)
                self._back(id_, event.relist, now)
            case SaleMerged(into=into):
                self._merge(id_, into, now)

    def _recorded(self, sale: SaleRecorded, now: datetime) -> None:
        if sale.sale_id in self.sales or sale.sale_id in self.merged:
            return
        twin = self._twin(sale)
        if twin is not None:
            del self.sales[twin]
            self.merged[twin] = sale.sale_id
            self.sales[sale.sale_id] = sale
            return
        had = self.left
        self.sales[sale.sale_id] = sale
        if had > 0 >= self.left:
            self.before = dict(self.wants)
            self.wants = dict.fromkeys(self.wants, INACTIVE)
        if self.left <= 0 and sale.marketplace in self.wants:
            self.wants[sale.marketplace] = Want("sold")
        for one in [one for one, into in self.awaiting.items() if into == sale.sale_id]:
            self._fold(one, sale.sale_id, now)

    def _twin(self, sale: SaleRecorded) -> str | None:
        """The sale recorded by hand that a marketplace now reports itself."""
        if ":" not in sale.sale_id or sale.marketplace not in self.wants:
            return None
        twins = [
            one
            for one in self.sales.values()
            if ":" not in one.sale_id and one.marketplace == sale.marketplace
        ]
        return min(twins, key=lambda one: one.sold_at).sale_id if twins else None

    def _merge(self, id_: str, into: str, now: datetime) -> None:
        if id_ not in self.sales:
            return
        if into not in self.versions:
            self.awaiting[id_] = into
        else:
            self._fold(id_, into, now)

    def _fold(self, id_: str, into: str, now: datetime) -> None:
        self.awaiting.pop(id_, None)
        self.merged[id_] = into
        self._back(id_, "none", now)

    def _back(self, id_: str, relist: str, now: datetime) -> None:
        sale = self.sales.pop(id_, None)
        self.awaiting.pop(id_, None)
        if sale is None:
            return
        place, had = sale.marketplace, self.left - 1
        if had <= 0 < self.left:
            self._relist(place, "none" if self.deleted else relist, now)
        elif had <= 0 and self.wants.get(place) == Want("sold") and not self._sold_at(place):
            self.wants[place] = INACTIVE
        if self.left > 0:
            self.before = {}

    def _sold_at(self, place: str) -> bool:
        return place in {one.marketplace for one in self.sales.values()}

    def _relist(self, place: str, relist: str, now: datetime) -> None:
        if relist == "as_before":
            kept = {m: self.before.get(m, INACTIVE) for m in self.wants}
            self.wants = {m: _over(want, now) for m, want in kept.items()}
            return
        self.wants = dict.fromkeys(self.wants, INACTIVE)
        if relist == "origin" and place in self.wants:
            self.wants[place] = Want("active")


def _released(want: Want, end: datetime | None, now: datetime) -> Want:
    if want.before is None:
        return want
    if end is None:
        return Want(want.before)
    return _over(want, now) if want.until == end else want


def _over(want: Want, now: datetime) -> Want:
    """A hold that has ended meanwhile is what was before it."""
    ended = want.before is not None and want.until is not None and want.until <= now
    return Want(want.before or "active") if ended else want


def _as_recorded(event: SaleCanceled) -> SaleRecorded:
    return SaleRecorded(
        sale_id=event.sale_id,
        sale_version=event.sale_version,
        item_id=event.item_id,
        marketplace=event.marketplace,
        quantity=event.quantity,
        sold_at=event.canceled_at,
        recorded_at=event.canceled_at,
    )
