"""From what happened to a listing to messages."""

from collections.abc import Iterable
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
)
from brocante.contracts.message import Message
from brocante.contracts.sales import SaleCancel, SaleRecord
from brocante.contracts.values import Money
from brocante.messaging.deciding import Outgoing
from marketplace_sync.domain.delivery import Canceled, Sold
from marketplace_sync.domain.intake import Repeated, Superseded
from marketplace_sync.domain.listing import Cause, Listing, Operation
from marketplace_sync.domain.outcomes import (
    Deferred,
    Fact,
    Failed,
    Observed,
    Reached,
    Refused,
)

OUTCOMES: dict[Operation, type[ListingOutcome]] = {
    "activate": ListingActivated,
    "update": ListingUpdated,
    "hold": ListingHeld,
    "deactivate": ListingDeactivated,
}
LAST = "outcome"


def of_fact(listing: Listing, fact: Fact, marketplace: str, now: datetime) -> Outgoing:
    """The message that says a fact; an outcome is remembered for a resync."""
    about: dict[str, Any] = {"item_id": listing.item_id, "marketplace": marketplace}
    match fact:
        case Observed(cause):
            return _caused(_observed(listing, about, now), cause)
        case Reached(wanted, verified):
            message: Message = OUTCOMES[wanted.operation].model_validate(
                {
                    **about,
                    "intent": wanted.intent,
                    **_shown(listing, now),
                    "verified": verified,
                }
            )
        case Refused(wanted, issues):
            message = ListingValidationFailed(
                **about, intent=wanted.intent, operation=wanted.operation, issues=list(issues)
            )
        case Failed(wanted, issues, attempts, gives_up):
            message = ListingOperationFailed(
                **about,
                intent=wanted.intent,
                operation=wanted.operation,
                issues=list(issues),
                attempts=attempts,
                gives_up=gives_up,
            )
        case Deferred(wanted, why, until):
            message = ListingDeferred.model_validate(
                {
                    **about,
                    "intent": wanted.intent,
                    "operation": wanted.operation,
                    "why": why,
                    "next_attempt_at": until,
                }
            )
    said = None if isinstance(fact, Deferred) else LAST
    return _caused(message, fact.wanted.cause, said)


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


def of_intake(listing: Listing, says: Superseded | Repeated, marketplace: str) -> Outgoing:
    """What recording a target says at once."""
    match says:
        case Superseded(intent, operation, by_intent, cause):
            message = ListingSuperseded(
                item_id=listing.item_id,
                marketplace=marketplace,
                intent=intent,
                operation=operation,
                by_intent=by_intent,
            )
            return _caused(message, cause)
        case Repeated(outcome):
            return Outgoing(remembered(outcome))


def observation(listing: Listing, marketplace: str, now: datetime) -> Message:
    """What a listing shows, as far as known."""
    return _observed(listing, {"item_id": listing.item_id, "marketplace": marketplace}, now)


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


def _caused(message: Message, cause: Cause, said: str | None = None) -> Outgoing:
    return Outgoing(
        message,
        said=said,
        causation=cause.id or None,
        correlation=cause.correlation,
        actor=cause.actor,
        traceparent=cause.traceparent,
    )
