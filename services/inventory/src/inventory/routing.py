"""How inventory's operations become deciders of the runtime, and what its documents are."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import json

from brocante.contracts import sources
from brocante.contracts.answers import CommandRejected
from brocante.contracts.inventory import ItemCreate, ItemRelease
from brocante.contracts.marketplace import ListingLink
from brocante.contracts.message import Message
from brocante.messaging.deciding import (
    Decision,
    DocumentType,
    Outgoing,
    Route,
    Said,
    always,
    never,
)
from brocante.messaging.wire import Received
from inventory import outgoing
from inventory.domain import holding
from inventory.domain.facts import Change
from inventory.domain.item import Item
from inventory.domain.refusals import Refused

Operate = Callable[[Item | None, Received, datetime], Change]
Operation = Callable[[Item | None, Any, datetime], Change]
"""Given the item, the message of its route, and the time."""
Linking = Callable[[Item | None, Any, datetime, Sequence[str]], Change]
"""Given also what was looked up: the other items that have the listing."""
Outcome = Callable[[Item | None, Any, datetime, datetime], Change]
"""Given also when it was said."""
Rejection = Callable[[Item | None, str, CommandRejected, datetime], Change]
"""Given also the marketplace, and when it was said."""
TARGETS = frozenset({*(one.TYPE for one in outgoing.COMMANDS.values()), ListingLink.TYPE})
"""What inventory tells workers; others' commands to them leave its listings as they are."""


NEXT_DUE, LINKS = "next_due", "links"


def link_name(marketplace: str, external_id: str) -> str:
    """A listing of a marketplace, as it is looked up: ids alone may be alike on two of them."""
    return f"{marketplace}:{external_id}"


def _indexed(item: Item) -> Mapping[str, Any]:
    return {NEXT_DUE: holding.next_due(item), LINKS: _links(item) or None}


def _links(item: Item) -> list[str]:
    """The listings that are this item's: a deleted one has none, and a link may be to nothing."""
    return [
        link_name(marketplace, one.external_id)
        for marketplace, one in item.listings.items()
        if one.external_id
        and not item.deleted
        and not (one.observed == "none" and one.operation == "needs_dealer")
    ]


ITEMS: DocumentType[Item] = DocumentType(
    "items", json.Decoder(Item), indexed=_indexed, indexes=(NEXT_DUE, LINKS)
)


def command(message: type[Message], operation: Operation) -> Route:
    """A command is answered whatever happens: with the snapshot, or with the refusal."""
    return _command(message, lambda item, at, now: operation(item, at.message, now))


def linking(message: type[Message], operation: Linking) -> Route:
    """A command that is decided by what was looked up, too."""
    return _command(
        message, lambda item, at, now: operation(item, at.message, now, at.resolved or ())
    )


def _command(message: type[Message], operate: Operate) -> Route:
    def decide(item: Item | None, received: Received, now: datetime) -> Decision[Item]:
        try:
            change = operate(item, received, now)
        except Refused as refused:
            return Decision(item, (outgoing.of_refusal(received, refused),))
        return _decision(item, change, now, answers=True)

    creates = always if message is ItemCreate else never
    return Route(message, ITEMS, _address, decide, _answer, creates=creates)


def event(message: type[Message], operation: Operation, *, remember: bool = True) -> Route:
    """An event that changes nothing emits nothing."""
    return _event(
        message, _address, lambda item, at, now: operation(item, at.message, now), remember=remember
    )


def outcome(message: type[Message], operation: Outcome) -> Route:
    """What a worker says of its work; whether it is over by then is told by when it was said."""
    return _event(
        message, _address, lambda item, at, now: operation(item, at.message, now, at.envelope.time)
    )


def rejection(operation: Rejection) -> Route:
    """A worker's refusal of what inventory told it: of that, the source names the marketplace."""

    def operate(item: Item | None, received: Received, _now: datetime) -> Change:
        marketplace = sources.marketplace_of(received.envelope.source) or ""
        message = received.message
        assert isinstance(message, CommandRejected)  # noqa: S101 - routed by class below
        return operation(item, marketplace, message, received.envelope.time)

    return _event(CommandRejected, _told, operate)


def _event(
    message: type[Message],
    address: Callable[[Received], str | None],
    operate: Operate,
    *,
    remember: bool = False,
) -> Route:
    def decide(item: Item | None, received: Received, now: datetime) -> Decision[Item]:
        return _decision(item, operate(item, received, now), now, answers=False)

    return Route(message, ITEMS, address, decide, remember=remember, final=True)


def _told(received: Received) -> str | None:
    """The item that a worker was told of and refuses; its commands have the item as subject."""
    at, message = received.envelope, received.message
    ours = isinstance(message, CommandRejected) and message.command_type in TARGETS
    if not ours or not at.subject or not sources.is_worker(at.source):
        return None
    return f"{received.dealer}/{at.subject}"


def _decision(old: Item | None, change: Change, now: datetime, *, answers: bool) -> Decision[Item]:
    item = change.item
    if item is None:
        return Decision(None)
    said = outgoing.of_facts(item, change.facts)
    changed = old is None or item.revision != old.revision
    if item.known and (answers or changed):
        said.append(outgoing.of_item(item, now, old))
    return Decision(item, tuple(said))


def _answer(item: Item, received: Received) -> Sequence[Outgoing]:
    if not item.known:
        return ()
    return (outgoing.of_item(item, received.envelope.time, item),)


def _address(received: Received) -> str:
    return f"{received.dealer}/{getattr(received.message, 'item_id', '')}"


def due(_document: str, item: Item, now: datetime) -> Iterator[Outgoing]:
    """The timer: holds whose end has passed are released."""
    for end, marketplaces in holding.holds_due(item, now).items():
        yield Outgoing(ItemRelease(item_id=item.item_id, marketplaces=marketplaces, hold_ended=end))


def say(_document: str, item: Item, changed: datetime, _since: datetime) -> Iterable[Said]:
    """Everything of every item: each item is one snapshot and its listings' targets."""
    return outgoing.again(item, changed)
