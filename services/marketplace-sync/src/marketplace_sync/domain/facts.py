"""What there is to say of a listing once a step is done; the messages are made elsewhere."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from marketplace_sync.domain.delivery import Canceled
from marketplace_sync.domain.listing import Cause, Listing, Wanted


@dataclass(frozen=True, slots=True)
class Reached:
    """The target is reached: `listing.activated` and the like."""

    wanted: Wanted
    verified: bool


@dataclass(frozen=True, slots=True)
class Refused:
    """The dealer must change something."""

    wanted: Wanted
    issues: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Failed:
    """Marketplace or system at fault; without issues it was away for too long."""

    wanted: Wanted
    issues: tuple[Any, ...]
    attempts: int
    gives_up: bool


@dataclass(frozen=True, slots=True)
class Deferred:
    """It waits."""

    wanted: Wanted
    why: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Observed:
    """What the marketplace shows, for one who asked (or nobody: an empty id)."""

    cause: Cause


@dataclass(frozen=True, slots=True)
class CanceledThere:
    """The marketplace has canceled the sale: a cancellation, not drift (rule R10)."""

    canceled: Canceled
    cause: Cause


Fact = Reached | Refused | Failed | Deferred | Observed | CanceledThere


@dataclass(frozen=True, slots=True)
class After:
    """The listing afterwards and what to say."""

    listing: Listing
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class At:
    """Circumstances: the time, a random draw in [0, 1), and what satisfies on_hold.

    `idempotent`: activating twice makes one listing.
    """

    now: datetime
    draw: float
    holds: frozenset[str]
    idempotent: bool = True
