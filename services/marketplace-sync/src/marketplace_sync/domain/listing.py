"""A listing as its worker knows it: what is wanted, what was seen, what is being done about it."""

from datetime import datetime
from typing import Any, Literal

from msgspec import Struct
from msgspec.structs import replace

Operation = Literal["activate", "update", "hold", "deactivate"]

SATISFIES: dict[str, frozenset[str]] = {
    "active": frozenset({"active", "pending_review"}),
    "inactive": frozenset({"inactive", "ended", "draft", "sold", "none"}),
    "sold": frozenset({"sold", "ended", "inactive", "none"}),
    "draft": frozenset({"draft", "none", "inactive", "ended", "sold"}),
}
OFF_SALE: frozenset[str] = frozenset({"hold", "deactivate"})


class Cause(Struct, frozen=True):
    """The command that something answers."""

    id: str
    correlation: str | None = None
    actor: str | None = None
    traceparent: str | None = None


class Wanted(Struct, frozen=True):
    """The whole target, of one intent; the newest alone counts (rule R8).

    `told_at`: when inventory said so. `sold_at`: from when on it must not be on sale.
    `also`: commands that asked for the same and wait with it.
    """

    intent: int
    operation: Operation
    desired: str
    quantity: int
    reason: str
    cause: Cause
    content: dict[str, Any] | None = None
    until: datetime | None = None
    external_order_id: str | None = None
    sale_id: str | None = None
    told_at: datetime | None = None
    sold_at: datetime | None = None
    also: tuple[Cause, ...] = ()

    @property
    def off_sale(self) -> bool:
        """Whether it takes off sale: such work goes first."""
        return self.operation in OFF_SALE

    @property
    def causes(self) -> tuple[Cause, ...]:
        """Every command that its outcome answers."""
        return (self.cause, *self.also)

    def asked_by(self, cause: Cause) -> "Wanted":
        """The same target with one more command to answer, which is now its cause."""
        if cause.id in {known.id for known in self.causes}:
            return self
        return replace(self, cause=cause, also=self.causes)


class Linked(Struct, frozen=True):
    """What ties the item to the marketplace; `external_sku` is fixed at first activation."""

    external_sku: str
    external_id: str | None = None
    url: str | None = None
    steps: dict[str, str] = {}


class Seen(Struct, frozen=True):
    """What the marketplace last showed."""

    observed: str = "none"
    at: datetime | None = None
    source: str = "call"
    changed_by: str = "unknown"


class Trouble(Struct, frozen=True):
    """What went wrong so far with the present target.

    `since` is when it began; `doubt` counts the read-backs after an unknown outcome (None: no
    doubt); `fingerprint` names the failure and `same` how often it came in a row. `looked`: what
    was seen was seen since the target was set, so it can be gone by. `order_read`: the order was
    asked after, so that a sale canceled there does not pass for drift (rule R10).
    """

    attempts: int = 0
    since: datetime | None = None
    why: str | None = None
    doubt: int | None = None
    fingerprint: str | None = None
    same: int = 0
    blocked: bool = False
    looked: bool = False
    order_read: bool = False


CALM = Trouble()


class Listing(Struct, frozen=True):
    """The listing's document.

    `intent` is the newest seen, of targets and links. `open`: the target waits for its outcome.
    `due_at`: when there is something to do. `checks`: who asked for a read. `outcome`: what was
    last said of the target, for whoever asks again, as (message type, payload). `revised`: calls
    that count against its own rate windows, by window and part of the wall clock.
    """

    item_id: str
    intent: int = 0
    wanted: Wanted | None = None
    open: bool = False
    link: Linked | None = None
    tried: bool = False
    seen: Seen = Seen()
    trouble: Trouble = CALM
    due_at: datetime | None = None
    checks: tuple[Cause, ...] = ()
    check_source: str = "read_back"
    shown_content: str | None = None
    outcome: tuple[str, dict[str, Any]] | None = None
    revised: dict[str, dict[int, int]] = {}

    def satisfied(self, holds: frozenset[str]) -> bool:
        """Whether what was seen is what is wanted; `holds` is what satisfies on_hold there."""
        if self.wanted is None:
            return True
        accepted = SATISFIES.get(self.wanted.desired, holds | {"on_hold"})
        return self.seen.observed in accepted

    def due(self, now: datetime) -> "Listing":
        """The listing with something to do now."""
        return replace(self, due_at=now)
