"""`webhook.received`: notices become sales, cancellations and observations; once per delivery."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from msgspec.structs import replace

from brocante.contracts.listings import UnmatchedSale, WebhookProcessed, WebhookReceived
from brocante.messaging.deciding import Decision, Outgoing
from brocante.messaging.wire import Received
from marketplace_sync import outgoing
from marketplace_sync.domain.delivery import Canceled, Delivery, Result, Sold
from marketplace_sync.marketplaces.contract import (
    CancellationSeen,
    ListingSeen,
    Notice,
    OrderToRead,
    SaleSeen,
)


@dataclass(frozen=True, slots=True)
class Match:
    """The listing an external id or SKU belongs to."""

    item_id: str
    intent: int


@dataclass(frozen=True, slots=True)
class Decoded:
    """What a delivery says and which listings it is about; `error`: it cannot be decoded."""

    notices: tuple[Notice, ...] = ()
    matches: Mapping[str, Match] = field(default_factory=dict)
    error: str | None = None


@dataclass(slots=True)
class Sorted:
    """Notices sorted into what to say at once and what is left to do."""

    says: list[Outgoing] = field(default_factory=list)
    sales: list[str] = field(default_factory=list)
    unmatched: list[Sold] = field(default_factory=list)
    orders: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)

    @property
    def result(self) -> Result | None:
        """What became of the delivery; None while an order must be read."""
        if self.orders:
            return None
        if self.unmatched:
            return "unmatched"
        return "applied" if self.says or self.changed else "ignored"


def received(
    marketplace: str, state: Delivery | None, message: Received, now: datetime
) -> Decision[Delivery]:
    """Decide a delivery; one known already is answered and does nothing."""
    event = message.message
    assert isinstance(event, WebhookReceived)  # noqa: S101 - the table routes by class
    if state is not None:
        again = state.result or "duplicate"
        answer = processed(marketplace, event.webhook_id, again, (), state.unmatched)
        return Decision(state, (answer,))
    decoded: Decoded = message.resolved or Decoded()
    if decoded.error is not None:
        raise ValueError(decoded.error)
    found = sort_notices(marketplace, decoded.notices, decoded.matches, "webhook")
    delivery = Delivery(
        event.webhook_id,
        event.account,
        found.result,
        tuple(found.orders),
        tuple(found.unmatched),
        tuple(found.changed),
        due_at=now if found.orders or found.changed else None,
        cause_id=message.envelope.id,
    )
    if delivery.unmatched and delivery.due_at is None:
        delivery = replace(delivery, due_at=delivery.again_at(now))
    says = list(found.says)
    if found.result is not None:
        said = (found.result, found.sales, found.unmatched)
        says.append(processed(marketplace, event.webhook_id, *said))
    return Decision(delivery, tuple(says))


def processed(
    marketplace: str,
    webhook_id: str,
    result: Result,
    sales: Sequence[str],
    unmatched: Sequence[Sold],
) -> Outgoing:
    """`webhook.processed`; what is unmatched is named, so that it can be linked by hand."""
    waiting = [
        UnmatchedSale(
            sale_id=sold.sale_id,
            external_order_id=sold.order_id,
            external_id=sold.external_id,
            external_sku=sold.external_sku,
            quantity=sold.quantity,
            sold_at=sold.sold_at,
        )
        for sold in unmatched
    ]
    return Outgoing(
        WebhookProcessed(
            webhook_id=webhook_id,
            marketplace=marketplace,
            result=result,
            sale_id=sales[0] if sales else None,
            unmatched=waiting or None,
        )
    )


def sort_notices(
    marketplace: str, notices: Sequence[Notice], matches: Mapping[str, Match], source: str
) -> Sorted:
    """Sales of known listings, cancellations, orders to read, listings to look at."""
    found = Sorted()
    for notice in notices:
        match notice:
            case SaleSeen():
                _sale(marketplace, notice, matches, source, found)
            case CancellationSeen():
                canceled = Canceled(notice.sale_id, notice.external_order_id, notice.reason)
                found.says.append(outgoing.sale_cancel(canceled))
                found.sales.append(notice.sale_id)
            case OrderToRead(order_id):
                found.orders.append(order_id)
            case ListingSeen(external_id):
                if external_id is not None and external_id in matches:
                    found.changed.append(external_id)
    return found


def _sale(
    marketplace: str,
    notice: SaleSeen,
    matches: Mapping[str, Match],
    source: str,
    found: Sorted,
) -> None:
    sold = sold_of(notice)
    match = matches.get(notice.external_id or "") or matches.get(notice.external_sku or "")
    if match is None:
        found.unmatched.append(sold)
        return
    found.says.append(outgoing.sale_record(sold, match.item_id, marketplace))
    found.says.append(
        outgoing.sold_observation(sold, match.item_id, marketplace, match.intent, source)
    )
    found.sales.append(sold.sale_id)


def sold_of(notice: SaleSeen) -> Sold:
    """A sale notice, as it is kept."""
    price = notice.price
    return Sold(
        notice.sale_id,
        notice.external_order_id,
        notice.external_id,
        notice.external_sku,
        notice.quantity,
        price.amount if price else None,
        price.currency if price else None,
        notice.sold_at,
    )
