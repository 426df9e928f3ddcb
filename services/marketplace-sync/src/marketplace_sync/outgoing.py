"""From what happened to a listing to messages."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from brocante.contracts.catalogue import message_class
from brocante.contracts.listings import (
    ListingActivated,
    ListingDeactivated,
    ListingDeferred,
    ListingHeld,
    ListingObserved,
    ListingOperationFailed,
    ListingOutcome,
    ListingSuperseded,
    ListingUpdated,
    ListingValidationFailed,
    MarketplaceStatusChanged,
)
from brocante.contracts.message import Message
from brocante.contracts.sales import SaleCancel, SaleRecord
from brocante.contracts.values import Issue, Money
from brocante.messaging.deciding import Outgoing
from marketplace_sync.domain.account import AccountState
from marketplace_sync.domain.delivery import Canceled, Sold
from marketplace_sync.domain.facts import (
    CanceledThere,
    Deferred,
    Fact,
    Failed,
    Observed,
    Reached,
    Refused,
)
from marketplace_sync.domain.intake import Repeated, Superseded
from marketplace_sync.domain.listing import Cause, Listing, Operation, Wanted

OUTCOMES: dict[Operation, type[ListingOutcome]] = {
    "activate": ListingActivated,
    "update": ListingUpdated,
    "hold": ListingHeld,
    "deactivate": ListingDeactivated,
}
LAST = "outcome"


def of_fact(listing: Listing, fact: Fact, marketplace: str, now: datetime) -> list[Outgoing]:
    """The messages that say a fact; an outcome is remembered for a resync.

    Each command that asked for a target is answered by its outcome; a wait is said once.
    """
    about: dict[str, Any] = {"item_id": listing.item_id, "marketplace": marketplace}
    match fact:
        case Observed(cause):
            return [_caused(_observed(listing, about, now), cause)]
        case CanceledThere(canceled, cause):
            return [_caused(sale_cancel(canceled).message, cause)]
        case Deferred(wanted, why, until):
            waits = {"operation": wanted.operation, "why": why, "next_attempt_at": until}
            about |= {"intent": wanted.intent, **waits}
            return [_caused(ListingDeferred.model_validate(about), wanted.cause)]
        case _:
            return _answers(fact.wanted, _outcome(listing, fact, about, now))


def _answers(wanted: Wanted, message: Message) -> list[Outgoing]:
    first, *others = wanted.causes
    return [_caused(message, first, LAST), *(_caused(message, one) for one in others)]


def _outcome(
    listing: Listing, fact: Reached | Refused | Failed, about: dict[str, Any], now: datetime
) -> Message:
    match fact:
        case Reached(wanted, verified):
            return OUTCOMES[wanted.operation].model_validate(
                {
                    **about,
                    "intent": wanted.intent,
                    **_shown(listing, now),
                    "verified": verified,
                }
            )
        case Refused(wanted, issues):
            return ListingValidationFailed(
                **about, intent=wanted.intent, operation=wanted.operation, issues=list(issues)
            )
        case Failed(wanted, issues, attempts, gives_up):
            return ListingOperationFailed(
                **about,
                intent=wanted.intent,
                operation=wanted.operation,
                issues=list(issues) or [_away_too_long(about["marketplace"])],
                attempts=attempts,
                gives_up=gives_up,
            )


def outcome_of(outgoing: Iterable[Outgoing]) -> tuple[str, dict[str, Any]] | None:
    """The last outcome among outputs, to answer the same target again."""
    found = [one.message for one in outgoing if one.said == LAST]
    return (found[-1].TYPE, found[-1].wire()) if found else None


def remembered(outcome: tuple[str, dict[str, Any]]) -> Message:
    """An outcome as a message again."""
    kind, payload = outcome
    cls = message_class(kind)
    if cls is None:
        raise ValueError(f"no message {kind}")
    return cls.model_validate(payload)


def of_intake(
    listing: Listing, says: Superseded | Repeated, marketplace: str
) -> Sequence[Outgoing]:
    """What recording a target says at once."""
    match says:
        case Superseded(intent, operation, by_intent, causes):
            message = ListingSuperseded(
                item_id=listing.item_id,
                marketplace=marketplace,
                intent=intent,
                operation=operation,
                by_intent=by_intent,
            )
            return [_caused(message, cause) for cause in causes]
        case Repeated(outcome):
            return [Outgoing(remembered(outcome))]


def observation(listing: Listing, marketplace: str, now: datetime) -> Message:
    """What a listing shows, as far as known."""
    return _observed(listing, {"item_id": listing.item_id, "marketplace": marketplace}, now)


def status(state: AccountState, marketplace: str, now: datetime) -> Outgoing:
    """How an account is."""
    return Outgoing(
        MarketplaceStatusChanged(
            marketplace=marketplace,
            status=state.status,
            since=state.since or now,
            detail=state.detail[:500],
        )
    )


def sale_record(sold: Sold, item_id: str, marketplace: str) -> Outgoing:
    """A sale seen on the marketplace."""
    price = None
    if sold.price_amount is not None and sold.price_currency is not None:
        price = Money(amount=sold.price_amount, currency=sold.price_currency)
    return Outgoing(
        SaleRecord(
            sale_id=sold.sale_id,
            item_id=item_id,
            marketplace=marketplace,
            quantity=sold.quantity,
            price=price,
            sold_at=sold.sold_at,
            external_order_id=sold.order_id,
        )
    )


def sale_cancel(canceled: Canceled) -> Outgoing:
    """A cancellation seen on the marketplace."""
    command = {
        "sale_id": canceled.sale_id,
        "origin": "marketplace",
        "external_order_id": canceled.order_id,
        "reason": canceled.reason,
    }
    return Outgoing(SaleCancel.model_validate(command))


def sold_observation(
    sold: Sold, item_id: str, marketplace: str, intent: int, source: str
) -> Outgoing:
    """A decoded sale is also an observation: the listing is sold there."""
    return Outgoing(
        ListingObserved.model_validate(
            {
                "item_id": item_id,
                "marketplace": marketplace,
                "intent": intent,
                "observed": "sold",
                "external_id": sold.external_id,
                "source": source,
                "observed_at": sold.sold_at,
                "changed_by": "marketplace",
            }
        )
    )


def _observed(listing: Listing, about: dict[str, Any], now: datetime) -> ListingObserved:
    shown = _shown(listing, now)
    return ListingObserved.model_validate(
        {**about, "intent": listing.intent, **shown, "changed_by": listing.seen.changed_by}
    )


def _shown(listing: Listing, now: datetime) -> dict[str, Any]:
    link = listing.link
    return {
        "external_id": link.external_id if link else None,
        "url": link.url if link else None,
        "observed": listing.seen.observed,
        "observed_at": listing.seen.at or now,
        "source": listing.seen.source,
    }


def _away_too_long(marketplace: str) -> Issue:
    return Issue(
        marketplace=marketplace,
        code="away_too_long",
        category="system",
        message="The marketplace could not be reached for a day.",
        action="Try again once it can be reached.",
        retryable=True,
    )


def _caused(message: Message, cause: Cause, said: str | None = None) -> Outgoing:
    return Outgoing(
        message,
        said=said,
        causation=cause.id or None,
        correlation=cause.correlation,
        actor=cause.actor,
        traceparent=cause.traceparent,
    )
