"""What workers say of listings, from the wire's words to the domain's."""

from datetime import datetime
from functools import partial

from brocante.contracts.answers import CommandRejected
from brocante.contracts.listings import (
    ListingActivated,
    ListingDeactivated,
    ListingDeferred,
    ListingHeld,
    ListingObserved,
    ListingOperationFailed,
    ListingUpdated,
    ListingValidationFailed,
)
from brocante.contracts.message import Message
from inventory import incoming
from inventory.domain import outcomes, rejecting
from inventory.domain.facts import Change
from inventory.domain.item import Item
from inventory.routing import Outcome


def worked(
    what: outcomes.Worked,
    item: Item | None,
    message: ListingActivated,
    _now: datetime,
    said_at: datetime,
) -> Change:
    """`listing.activated`, `listing.updated`, `listing.held`, `listing.deactivated`."""
    seen = incoming.seen(message)
    return outcomes.worked(item, message.marketplace, message.intent, what, seen, said_at)


def observed(item: Item | None, message: ListingObserved, _now: datetime) -> Change:
    """`listing.observed`."""
    return outcomes.observed(item, message.marketplace, message.intent, incoming.seen(message))


def refused(
    item: Item | None, message: ListingValidationFailed, now: datetime, said_at: datetime
) -> Change:
    """`listing.validation_failed`."""
    issues = incoming.issues(message.issues)
    return outcomes.refused(
        item, message.marketplace, message.intent, message.operation, issues, now, said_at
    )


def failed(
    item: Item | None, message: ListingOperationFailed, _now: datetime, said_at: datetime
) -> Change:
    """`listing.operation_failed`."""
    return outcomes.failed(
        item,
        message.marketplace,
        message.intent,
        incoming.issues(message.issues),
        said_at,
        attempts=message.attempts,
        gives_up=message.gives_up,
    )


def deferred(
    item: Item | None, message: ListingDeferred, _now: datetime, said_at: datetime
) -> Change:
    """`listing.deferred`."""
    until = message.next_attempt_at
    return outcomes.deferred(item, message.marketplace, message.intent, message.why, until, said_at)


def rejected(
    item: Item | None, marketplace: str, message: CommandRejected, said_at: datetime
) -> Change:
    """`command.rejected`, by a worker that was told what is wanted of a listing."""
    code, words = message.code, message.message
    return rejecting.rejected(item, marketplace, message.intent, code, words, said_at)


OUTCOMES: dict[type[Message], Outcome] = {
    ListingActivated: partial(worked, "activated"),
    ListingUpdated: partial(worked, "updated"),
    ListingHeld: partial(worked, "held"),
    ListingDeactivated: partial(worked, "deactivated"),
    ListingValidationFailed: refused,
    ListingOperationFailed: failed,
    ListingDeferred: deferred,
}
