"""What there is to say of a listing once a step is done; the messages are made elsewhere."""

from datetime import datetime
from typing import Any

from msgspec import Struct

from marketplace_sync.domain.delivery import Canceled
from marketplace_sync.domain.listing import Cause, Listing, Wanted


class Reached(Struct, frozen=True):
    """The target is reached: `listing.activated` and the like."""

    wanted: Wanted
    verified: bool


class Refused(Struct, frozen=True):
    """The dealer must change something."""

    wanted: Wanted
    issues: tuple[Any, ...]


class Failed(Struct, frozen=True):
    """Marketplace or system at fault; without issues it was away for too long."""

    wanted: Wanted
    issues: tuple[Any, ...]
    attempts: int
    gives_up: bool


class Deferred(Struct, frozen=True):
    """It waits."""

    wanted: Wanted
    why: str
    until: datetime


class Observed(Struct, frozen=True):
    """What the marketplace shows, for one who asked (or nobody: an empty id)."""

    cause: Cause


class CanceledThere(Struct, frozen=True):
    """The marketplace has canceled the sale: a cancellation, not drift (rule R10)."""

    canceled: Canceled
    cause: Cause


Fact = Reached | Refused | Failed | Deferred | Observed | CanceledThere


class After(Struct, frozen=True):
    """The listing afterwards and what to say."""

    listing: Listing
    facts: tuple[Fact, ...] = ()


class At(Struct, frozen=True):
    """Circumstances: the time, a random draw in [0, 1), and what satisfies on_hold.

    `idempotent`: activating twice makes one listing.
    """

    now: datetime
    draw: float
    holds: frozenset[str]
    idempotent: bool = True
