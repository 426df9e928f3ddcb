"""The values that messages are made of: ids, money, times, states, issues, requirements.

Every pattern here is part of the wire (docs/messages.md): changing one is a new major version.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from math import isfinite
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
)

ID_PATTERN = r"^[A-Za-z0-9._:-]{1,128}$"
MARKETPLACE_PATTERN = r"^[a-z0-9][a-z0-9-]{0,31}$"
DEFAULT_DEALER = "main"

Id = Annotated[str, StringConstraints(pattern=ID_PATTERN)]
ItemId = Id
SaleId = Id
Marketplace = Annotated[str, StringConstraints(pattern=MARKETPLACE_PATTERN)]


Text = Annotated[str, StringConstraints(max_length=10_000)]
"""What a person writes beside a command; it is kept and said again in events, so it has an end."""
Line = Annotated[str, StringConstraints(max_length=500)]
"""A name, a number or a few words."""


def utc(moment: datetime) -> datetime:
    """Return the moment in UTC; a moment without an offset is refused (RFC 3339 has one)."""
    if moment.tzinfo is UTC:
        return moment
    if moment.tzinfo is None:
        raise ValueError("needs an offset: write 2026-11-24T08:00:00Z")
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("is out of range once in UTC") from error


@lru_cache(maxsize=1024)
def rfc3339(moment: datetime) -> str:
    """Write a UTC moment the way the wire has it: `2026-11-24T08:00:00.123456Z`."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


Time = Annotated[datetime, AfterValidator(utc)]
"""A moment with an offset; pydantic writes one in UTC just as `rfc3339` does."""


class Value(BaseModel):
    """A value inside a payload: unknown fields are ignored when read, never written."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Money(Value):
    """An exact amount in one currency: `{"amount": "1250.00", "currency": "EUR"}`."""

    amount: Annotated[str, StringConstraints(pattern=r"^-?[0-9]{1,12}(\.[0-9]{1,4})?$")]
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]

    @property
    def decimal(self) -> Decimal:
        """The amount as an exact number, in units of the currency."""
        return Decimal(self.amount)


Desired = Literal["draft", "active", "on_hold", "inactive", "sold"]
Observed = Literal[
    "none", "draft", "pending_review", "active", "on_hold", "inactive", "sold", "ended", "unknown"
]
Operation = Literal["idle", "queued", "retrying", "needs_dealer", "needs_person", "blocked"]
Source = Literal["call", "read_back", "webhook", "sweep", "person"]
ItemStatus = Literal["available", "sold", "out_of_stock", "unavailable", "deleted"]
Availability = Literal["available", "unavailable"]
CancelReason = Literal[
    "buyer_changed_mind",
    "unpaid",
    "returned",
    "damaged",
    "missing",
    "sold_elsewhere",
    "not_as_described",
    "other",
]
Relist = Literal["origin", "as_before", "none"]
CancelOrigin = Literal["app", "marketplace"]
TargetReason = Literal[
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
ListingOperation = Literal["activate", "update", "hold", "deactivate"]
DeferredWhy = Literal["rate_limited", "retrying", "circuit_open", "paused", "waiting_for_person"]
ChangedBy = Literal["us", "dealer", "marketplace", "other_tool", "unknown"]
MarketplaceStatus = Literal["up", "degraded", "paused", "circuit_open", "unauthorized"]
WebhookResult = Literal["applied", "duplicate", "unmatched", "ignored"]
TaskOutcome = Literal["done", "declined", "handed_back"]
IssueCategory = Literal["dealer", "marketplace", "system"]
Severity = Literal["error", "warning"]
DEEPEST = 32


def within_64_bits(number: int) -> int:
    """Return a whole number that every reader and the database can hold."""
    if not -(2**63) <= number < 2**63:
        raise ValueError("is beyond 64 bits")
    return number


def _plain(value: dict[str, Any]) -> dict[str, Any]:
    """Refuse what only looks like JSON, or what a reader downstream could not hold."""
    if not all(map(_is_text, value.values())):
        _check_plain(value, "", 0)
    return value


def _is_text(value: Any) -> bool:
    """Text or a list of texts, which is what most attributes are: nothing to look into."""
    if type(value) is list:
        return all(type(one) is str for one in value)
    return type(value) is str


def _check_plain(value: Any, place: str, depth: int) -> None:
    if depth > DEEPEST:
        raise ValueError(f"{place[:80]} is nested more than {DEEPEST} deep")
    if isinstance(value, str):
        return
    if isinstance(value, float) and not isfinite(value):
        raise ValueError(f"{place[:80]} is {value}, which is not JSON")
    if isinstance(value, int):
        within_64_bits(value)
    for name, one in _inside(value):
        _check_plain(one, f"{place}/{name}", depth + 1)


def _inside(value: Any) -> Iterable[tuple[Any, Any]]:
    if isinstance(value, dict):
        return value.items()
    return enumerate(value) if isinstance(value, list) else ()


Whole = Annotated[int, AfterValidator(within_64_bits)]
Natural = Annotated[int, Field(ge=0), AfterValidator(within_64_bits)]
JsonObject = Annotated[dict[str, Any], AfterValidator(_plain)]


class Issue(Value):
    """One thing that stops or degrades an operation, in words a dealer can act on.

    The same on Kafka, in HTTP problem bodies (`errors[]`) and on screen. `field` is a JSON Pointer
    into `item.create`'s payload (`/attributes/period`), or null when no one field is at fault.
    """

    marketplace: str | None = None
    code: str
    category: IssueCategory
    field: str | None = None
    message: str = Field(description="What is wrong, as a sentence.")
    action: str = Field(description="What to do about it, as a sentence.")
    severity: Severity = "error"
    retryable: bool = False
    marketplace_code: str | None = None


class Requirement(Value):
    """What a marketplace asks of one field of an item's content in a category.

    `field` is a JSON Pointer into the content (`/attributes/period`, `/title`). `min` and `max`
    bound numbers (for `/price` in its currency), `max_length` characters of text or entries of a
    list. `effective_at` in the future announces a coming requirement.
    """

    field: Annotated[str, StringConstraints(pattern=r"^(/[^/]+)+$")]
    label: str
    required: bool = False
    type: Literal["string", "number", "integer", "boolean", "list", "money"] = "string"
    max_length: int | None = None
    min: float | None = None
    max: float | None = None
    allowed: list[str] | None = None
    pattern: str | None = None
    why: str | None = None
    effective_at: Time | None = None
