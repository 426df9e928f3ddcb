"""Sales as a table: message type -> domain function; plain values in, messages out."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from brocante.contracts import sources
from brocante.contracts.answers import CommandRejected
from brocante.contracts.message import Message
from brocante.contracts.sales import (
    SaleCancel,
    SaleCanceled,
    SaleMerge,
    SaleMerged,
    SaleRecord,
    SaleRecorded,
    SaleSplit,
    SaleSplitOff,
)
from brocante.contracts.topics import SALES_COMMANDS, SALES_EVENTS
from brocante.contracts.values import Money
from brocante.messaging.deciding import (
    Decision,
    Outgoing,
    Route,
    Said,
    SayAgain,
    ServiceTable,
    always,
)
from brocante.messaging.wire import Received
from sales.documents import SALES
from sales.domain import sale as rules
from sales.domain.sale import Sale
from sales.looking_up import look_up

PUBLISHES = (
    SaleRecorded,
    SaleCanceled,
    SaleMerged,
    SaleSplitOff,
    CommandRejected,
    SaleCancel,
)


def record(state: Sale | None, received: Received, now: datetime) -> Decision[Sale]:
    """`sale.record`."""
    command = received.message
    assert isinstance(command, SaleRecord)  # noqa: S101 - the table routes by class
    price = command.price
    line = rules.Line(
        command.item_id,
        command.marketplace,
        command.quantity,
        command.sold_at,
        rules.Price(price.amount, price.currency) if price else None,
        command.external_order_id,
        command.note,
    )
    return _decision(rules.record(state, command.sale_id, line, now), received)


def cancel(state: Sale | None, received: Received, now: datetime) -> Decision[Sale]:
    """`sale.cancel`; a marketplace's origin counts only when its worker says so."""
    command = received.message
    assert isinstance(command, SaleCancel)  # noqa: S101 - the table routes by class
    at = received.envelope
    change = rules.cancel(
        state,
        command.sale_id,
        rules.Cancellation(command.reason, command.relist, command.note),
        at.id,
        now,
        by_marketplace=command.origin == "marketplace" and _is_trusted(at.source),
        forwarded=at.source == sources.SALES,
    )
    return _decision(change, received)


def merge(state: Sale | None, received: Received, _now: datetime) -> Decision[Sale]:
    """`sale.merge`."""
    command = received.message
    assert isinstance(command, SaleMerge)  # noqa: S101 - the table routes by class
    # None where nothing was looked up: then inventory alone guards.
    other: str | None = received.resolved
    return _decision(rules.merge(state, command.sale_id, command.into, other), received)


def split(state: Sale | None, received: Received, _now: datetime) -> Decision[Sale]:
    """`sale.split`."""
    command = received.message
    assert isinstance(command, SaleSplit)  # noqa: S101 - the table routes by class
    return _decision(rules.split(state, command.sale_id), received)


def answer(state: Sale, _received: Received) -> Sequence[Outgoing]:
    """The sale's last event, for a command asked again."""
    return [_event(rules.present(state))] if state.line else []


def say(_document: str, sale: Sale, _changed: datetime, _since: datetime) -> Iterator[Said]:
    """Every sale: which versions inventory lacks is only known there, where the rest is stale.

    A sale of which more happened is first said as recorded, so that it is understood by itself;
    each with the version that it had, for it is said under its original id.
    """
    if sale.line is None:
        return
    told = [rules.present(sale)]
    if told[0].event != "recorded":
        told.insert(0, rules.first_told(sale, sale.line))
    for happened in told:
        outgoing = _event(happened)
        yield Said(outgoing.said or "", outgoing.message)


def _is_trusted(source: str) -> bool:
    """Sales itself passes on only what it has judged: see `_outgoing`."""
    return sources.is_worker(source) or source == sources.SALES


def _asked(received: Received) -> str:
    """The command to answer: of one passed on from a merged sale, the first one."""
    at = received.envelope
    return at.causation_id or at.id if at.source == sources.SALES else at.id


def _decision(change: rules.Change, received: Received) -> Decision[Sale]:
    return Decision(change.sale, tuple(_outgoing(fact, received) for fact in change.facts))


def _outgoing(fact: rules.Fact, received: Received) -> Outgoing:
    match fact:
        case rules.Refused(code, message, field):
            refusal = CommandRejected(
                command_id=_asked(received),
                command_type=received.envelope.type,
                code=code,
                message=message,
                field=field,
            )
            return Outgoing(refusal, subject=received.message.subject, causation=_asked(received))
        case rules.Forwarded(into):
            return _passed_on(received, into)
        case rules.Happened():
            outgoing = _event(fact)
            return outgoing._replace(causation=fact.answers or _asked(received))


def _passed_on(received: Received, into: str) -> Outgoing:
    """The command, addressed to the sale this one was merged into (a message has one document).

    It keeps the first command's id as its cause, which is what the other sale answers. What only
    a worker may say is passed on only from a worker.
    """
    changes = {"sale_id": into}
    if not _is_trusted(received.envelope.source):
        changes["origin"] = "app"
    command = received.message.model_copy(update=changes)
    return Outgoing(command, topic=SALES_COMMANDS, causation=_asked(received))


def _event(happened: rules.Happened) -> Outgoing:
    sale, line = happened.sale, happened.sale.line
    assert line is not None  # noqa: S101 - only recorded sales have events
    known = {"sale_id": sale.sale_id, "sale_version": sale.version, "item_id": line.item_id}
    message: Message
    match happened.event:
        case "recorded":
            price = line.price
            message = SaleRecorded(
                **known,
                marketplace=line.marketplace,
                quantity=line.quantity,
                price=Money(amount=price.amount, currency=price.currency) if price else None,
                sold_at=line.sold_at,
                recorded_at=sale.recorded_at or line.sold_at,
                external_order_id=line.external_order_id,
            )
        case "canceled":
            message = _canceled(sale, line, known)
        case "merged":
            message = SaleMerged(**known, into=sale.into or "")
        case "split_off":
            message = SaleSplitOff(**known, into=sale.split_from or "")
    return Outgoing(message, said=message.TYPE)


def _canceled(sale: Sale, line: rules.Line, known: dict[str, object]) -> SaleCanceled:
    cancellation = sale.cancellation or rules.Cancellation()
    return SaleCanceled.model_validate(
        {
            **known,
            "marketplace": line.marketplace,
            "quantity": line.quantity,
            "reason": cancellation.reason,
            "relist": cancellation.resolved_relist,
            "availability": cancellation.availability,
            "relist_chosen": cancellation.relist is not None or None,
            "canceled_at": sale.canceled_at,
            "note": cancellation.note,
        }
    )


def _address(received: Received) -> str:
    return f"{received.dealer}/{getattr(received.message, 'sale_id', '')}"


TABLE = ServiceTable(
    name="sales",
    source=sources.SALES,
    events_topic=SALES_EVENTS,
    topics=(SALES_COMMANDS,),
    routes=(
        Route(SaleRecord, SALES, _address, record, answer, creates=always),
        Route(SaleCancel, SALES, _address, cancel, answer),
        Route(SaleMerge, SALES, _address, merge, answer),
        Route(SaleSplit, SALES, _address, split, answer),
    ),
    say_again=(SayAgain(SALES, say),),
    resolve=look_up,
)
