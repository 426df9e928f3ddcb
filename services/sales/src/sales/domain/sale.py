"""One sale: recorded, canceled, merged, split (docs: domain rules R1 to R4).

A cancellation that a marketplace sends before its sale is kept (`expected`); the sale, when it
comes, is recorded and canceled at once. `version` rises by one with each event of the sale.

A merge concerns two sales but is decided on one, the sale that is folded away: the other keeps all
it has, and only inventory needs to know when it no longer counts. Of the other only its item is
looked up. Inventory also guards what this sale cannot see: merged into one it has not heard of it
goes on counting, and of two merged into each other at the same moment it has one split off again.
"""

from datetime import datetime
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

Status = Literal["expected", "open", "canceled", "merged"]
Relist = Literal["origin", "as_before", "none"]
Availability = Literal["available", "unavailable"]

RELIST_BY_REASON: dict[str, Relist] = {
    "sold_elsewhere": "none",
    "not_as_described": "none",
    "damaged": "none",
    "missing": "none",
}
UNAVAILABLE_REASONS = frozenset({"damaged", "missing"})


class Price(Struct, frozen=True):
    """An exact amount as text, in one currency."""

    amount: str
    currency: str


class Cancellation(Struct, frozen=True):
    """A cancellation as asked for."""

    reason: str | None = None
    relist: Relist | None = None
    note: str | None = None

    @property
    def resolved_relist(self) -> Relist:
        """Where the item comes back (rule R4): what was chosen, else what the reason decides."""
        return self.relist or RELIST_BY_REASON.get(self.reason or "", "origin")

    @property
    def availability(self) -> Availability:
        """Damaged and missing pieces are unavailable, unless a relist was chosen (rule R4)."""
        lost = self.relist is None and self.reason in UNAVAILABLE_REASONS
        return "unavailable" if lost else "available"


class Line(Struct, frozen=True):
    """What was sold, where and when."""

    item_id: str
    marketplace: str
    quantity: int
    sold_at: datetime
    price: Price | None = None
    external_order_id: str | None = None
    note: str | None = None


class Sale(Struct, frozen=True):
    """A sale and what became of it.

    `unanswered`: commands that canceled it before it was recorded, all answered when it is.
    `recorded_version`: of its last recording. `split_from`: what it was merged into before.
    """

    sale_id: str
    version: int = 0
    status: Status = "expected"
    line: Line | None = None
    recorded_at: datetime | None = None
    cancellation: Cancellation | None = None
    canceled_at: datetime | None = None
    into: str | None = None
    unanswered: tuple[str, ...] = ()
    recorded_version: int = 1
    split_from: str | None = None


class Refused(Struct, frozen=True):
    """A rule says no; nothing changed."""

    code: str
    message: str
    field: str | None = None


class Forwarded(Struct, frozen=True):
    """The command belongs to the sale this one was merged into."""

    into: str


Event = Literal["recorded", "canceled", "merged", "split_off"]


class Happened(Struct, frozen=True):
    """An event of a sale, with the sale as it was right after; `answers`: an earlier command."""

    event: Event
    sale: Sale
    answers: str | None = None


Fact = Refused | Forwarded | Happened


class Change(Struct, frozen=True):
    """The sale afterwards (None: still unknown) and what happened; no facts: nothing to say yet."""

    sale: Sale | None
    facts: tuple[Fact, ...] = ()


def record(sale: Sale | None, sale_id: str, line: Line, now: datetime) -> Change:
    """Record a sale; the same sale again fills in what was missing."""
    if sale is not None and sale.line is not None:
        return _record_again(sale, sale.line, line)
    recorded = Sale(sale_id, 1, "open", line, now)
    facts: tuple[Fact, ...] = (Happened("recorded", recorded),)
    if sale is None or sale.cancellation is None:
        return Change(recorded, facts)
    canceled = _canceled(recorded, sale.cancellation, now)
    answers = [Happened("canceled", canceled, answers=asked) for asked in sale.unanswered]
    return Change(canceled, (*facts, *answers))


def cancel(
    sale: Sale | None,
    sale_id: str,
    cancellation: Cancellation,
    command_id: str,
    now: datetime,
    *,
    by_marketplace: bool,
    forwarded: bool = False,
) -> Change:
    """Cancel a sale; only a marketplace's own word on a sale not seen yet is kept for later.

    A marketplace may say it again (webhook and sweep): then it is told what is. An app is refused.
    """
    if sale is None or sale.status == "expected":
        if not by_marketplace:
            return Change(sale, (unknown(sale_id),))
        return Change(_expected(sale or Sale(sale_id), cancellation, command_id))
    if sale.status == "merged":
        return Change(sale, (_forward(sale, forwarded=forwarded),))
    if sale.status == "canceled":
        if by_marketplace:
            return Change(sale, (present(sale),))
        text = f"Sale {sale_id} is canceled already."
        return Change(sale, (Refused("sale_already_canceled", text),))
    canceled = _canceled(sale, cancellation, now)
    return Change(canceled, (Happened("canceled", canceled),))


def merge(sale: Sale | None, sale_id: str, into: str, item_of_into: str | None = None) -> Change:
    """Fold a sale into another that is the same one seen twice, so of the same item.

    `item_of_into`: empty when nobody recorded that sale, None when it is not known.
    """
    if sale is None or sale.line is None:
        return Change(sale, (unknown(sale_id),))
    if sale.status == "merged" and sale.into == into:
        return Change(sale, (present(sale),))
    refused = _unmergeable(sale, into) or _no_twin(sale.line, into, item_of_into)
    if refused is not None:
        return Change(sale, (refused,))
    merged = replace(sale, version=sale.version + 1, status="merged", into=into)
    return Change(merged, (Happened("merged", merged),))


def _unmergeable(sale: Sale, into: str) -> Refused | None:
    if into == sale.sale_id:
        return Refused("invalid", "A sale cannot be merged into itself.", "/into")
    if sale.status == "canceled":
        return Refused("sale_already_canceled", f"Sale {sale.sale_id} is canceled already.")
    if sale.status == "merged":
        text = f"Sale {sale.sale_id} is merged into {sale.into}; split it first."
        return Refused("invalid", text, "/into")
    return None


def _no_twin(line: Line, into: str, item_id: str | None) -> Refused | None:
    if item_id == "":
        return unknown(into, "/into")
    if item_id not in (None, line.item_id):
        return Refused("invalid", f"Sale {into} is of another item: {item_id}.", "/into")
    return None


def split(sale: Sale | None, sale_id: str) -> Change:
    """Undo a merge."""
    if sale is None or sale.status == "expected":
        return Change(sale, (unknown(sale_id),))
    if sale.status != "merged":
        return Change(sale, (present(sale),))
    alone = replace(sale, version=sale.version + 1, status="open", into=None, split_from=sale.into)
    return Change(alone, (Happened("split_off", alone),))


def first_told(sale: Sale, line: Line) -> Happened:
    """The last recording of a sale, for whoever never heard of it; anyone else finds it stale."""
    recorded = Sale(sale.sale_id, sale.recorded_version, "open", line, sale.recorded_at)
    return Happened("recorded", recorded)


def present(sale: Sale) -> Happened:
    """The sale's last event, for whoever asks again."""
    if sale.status == "open" and sale.split_from and sale.version > sale.recorded_version:
        return Happened("split_off", sale)
    events: dict[str, Event] = {"canceled": "canceled", "merged": "merged"}
    return Happened(events.get(sale.status, "recorded"), sale)


def unknown(sale_id: str, field: str = "/sale_id") -> Refused:
    """Nobody recorded this sale."""
    return Refused("unknown_sale", f"There is no sale {sale_id}.", field)


def _record_again(sale: Sale, known: Line, line: Line) -> Change:
    for field in ("item_id", "marketplace", "quantity"):
        if getattr(known, field) != getattr(line, field):
            text = f"Sale {sale.sale_id} has another {field}: {getattr(known, field)}."
            return Change(sale, (Refused("sale_id_taken", text, f"/{field}"),))
    filled = replace(
        known,
        price=known.price or line.price,
        external_order_id=known.external_order_id or line.external_order_id,
        note=known.note or line.note,
    )
    if filled == known or sale.status != "open":
        return Change(replace(sale, line=filled), (present(sale),))
    version = sale.version + 1
    fuller = replace(sale, version=version, recorded_version=version, line=filled)
    return Change(fuller, (Happened("recorded", fuller),))


def _expected(sale: Sale, cancellation: Cancellation, command_id: str) -> Sale:
    return replace(
        sale,
        cancellation=sale.cancellation or cancellation,
        unanswered=(*sale.unanswered, command_id),
    )


def _canceled(sale: Sale, cancellation: Cancellation, now: datetime) -> Sale:
    return replace(
        sale,
        version=sale.version + 1,
        status="canceled",
        cancellation=cancellation,
        canceled_at=now,
    )


def _forward(sale: Sale, *, forwarded: bool) -> Fact:
    # One hop only: two sales merged into each other would otherwise pass a command on for ever.
    if forwarded or sale.into is None:
        text = f"Sale {sale.sale_id} is itself merged into {sale.into}; split one of them first."
        return Refused("invalid", text, "/sale_id")
    return Forwarded(sale.into)
