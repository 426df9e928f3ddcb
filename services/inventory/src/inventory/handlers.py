"""Inventory as a table: message type -> domain function; plain values in, messages out."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial

from brocante.contracts import sources
from brocante.contracts.inventory import (
    ItemAcceptDrift,
    ItemActivate,
    ItemCreate,
    ItemDeactivate,
    ItemDelete,
    ItemHold,
    ItemLink,
    ItemRelease,
    ItemRestore,
    ItemUpdate,
)
from brocante.contracts.listings import ListingObserved, ListingSuperseded
from brocante.contracts.message import Message
from brocante.contracts.sales import (
    SaleCanceled,
    SaleMerged,
    SaleRecorded,
    SaleSplitOff,
)
from brocante.contracts.topics import (
    INVENTORY_COMMANDS,
    INVENTORY_EVENTS,
    MARKETPLACE_EVENTS,
    SALES_EVENTS,
)
from brocante.messaging.deciding import SayAgain, ServiceTable, Timers
from inventory import incoming
from inventory.claiming import CLAIMS, say_nothing
from inventory.domain import (
    activating,
    creating,
    deleting,
    drifting,
    editing,
    holding,
    linking,
    selling,
)
from inventory.domain.facts import Change
from inventory.domain.item import Item
from inventory.domain.refusals import existing, known_marketplaces
from inventory.hearing import OUTCOMES, observed, rejected
from inventory.looking_up import look_up
from inventory.routing import (
    ITEMS,
    Operation,
    command,
    due,
    event,
    outcome,
    rejection,
    say,
)
from inventory.routing import linking as linked

Known = frozenset[str]
BUILT_IN: Known = frozenset({"ebay", "etsy", "shopify"})
"""The marketplaces there are unless the installation declares its own."""


def create(item: Item | None, message: ItemCreate, now: datetime, known: Known) -> Change:
    """`item.create`."""
    known_marketplaces(((f"/listings/{m}", m) for m in message.listings), known)
    return creating.create(
        item,
        message.item_id,
        incoming.content(message),
        message.quantity,
        incoming.drafts(message),
        now,
    )


def update(item: Item | None, message: ItemUpdate, _now: datetime, known: Known) -> Change:
    """`item.update`: the patched item must be one that could be created."""
    patched = incoming.edited(existing(item), message.changes)
    known_marketplaces(((f"/changes/listings/{m}", m) for m in patched.listings), known)
    return editing.update(
        item,
        incoming.content(patched),
        patched.quantity,
        incoming.drafts(patched),
        available=incoming.availability(message.changes),
    )


def activate(item: Item | None, message: ItemActivate, _now: datetime, known: Known) -> Change:
    """`item.activate`."""
    known_marketplaces(_numbered(message.marketplaces), known)
    return activating.activate(item, message.marketplaces)


def deactivate(item: Item | None, message: ItemDeactivate, _now: datetime) -> Change:
    """`item.deactivate`."""
    return activating.deactivate(item, message.marketplaces)


def hold(item: Item | None, message: ItemHold, now: datetime) -> Change:
    """`item.hold`."""
    return holding.hold(
        item,
        message.marketplaces,
        now,
        until=message.until,
        holder=message.holder,
        reason=message.reason,
        before=message.before,
    )


def release(item: Item | None, message: ItemRelease, now: datetime) -> Change:
    """`item.release`."""
    return holding.release(item, message.marketplaces, now, hold_ended=message.hold_ended)


def delete(item: Item | None, _message: ItemDelete, _now: datetime) -> Change:
    """`item.delete`."""
    return deleting.delete(item)


def link(
    item: Item | None,
    message: ItemLink,
    _now: datetime,
    takers: Sequence[str],
    *,
    known: Known,
) -> Change:
    """`item.link`; `takers` was looked up."""
    known_marketplaces([("/marketplace", message.marketplace)], known)
    return linking.link(item, message.marketplace, message.external_id, takers)


def accept_drift(item: Item | None, message: ItemAcceptDrift, _now: datetime) -> Change:
    """`item.accept_drift`."""
    return drifting.accept_drift(item, message.marketplace)


def restore(item: Item | None, message: ItemRestore, _now: datetime) -> Change:
    """`item.restore`."""
    return drifting.restore(item, message.marketplace)


def recorded(item: Item | None, message: SaleRecorded, now: datetime) -> Change:
    """`sale.recorded`."""
    return selling.apply(item, message.item_id, incoming.recorded(message), now)


def canceled(item: Item | None, message: SaleCanceled, now: datetime) -> Change:
    """`sale.canceled`."""
    return selling.apply(item, message.item_id, incoming.canceled(message), now)


def merged(item: Item | None, message: SaleMerged, now: datetime) -> Change:
    """`sale.merged`."""
    return selling.apply(item, message.item_id, incoming.merged(message), now)


def split_off(item: Item | None, message: SaleSplitOff, now: datetime) -> Change:
    """`sale.split_off`."""
    return selling.apply(item, message.item_id, incoming.split_off(message), now)


SALE_EVENTS: dict[type[Message], Operation] = {
    SaleRecorded: recorded,
    SaleCanceled: canceled,
    SaleMerged: merged,
    SaleSplitOff: split_off,
}


def table(known: Known) -> ServiceTable:
    """Inventory's table, for an installation with these marketplaces."""
    commands: dict[type[Message], Operation] = {
        ItemCreate: partial(create, known=known),
        ItemUpdate: partial(update, known=known),
        ItemActivate: partial(activate, known=known),
        ItemDeactivate: deactivate,
        ItemHold: hold,
        ItemRelease: release,
        ItemDelete: delete,
        ItemAcceptDrift: accept_drift,
        ItemRestore: restore,
    }
    return ServiceTable(
        name="inventory",
        source=sources.INVENTORY,
        events_topic=INVENTORY_EVENTS,
        topics=(SALES_EVENTS, INVENTORY_COMMANDS, MARKETPLACE_EVENTS),
        routes=(
            *(command(message, operation) for message, operation in commands.items()),
            linked(ItemLink, partial(link, known=known)),
            *(event(message, operation) for message, operation in SALE_EVENTS.items()),
            event(ListingObserved, observed, remember=False),
            *(outcome(message, operation) for message, operation in OUTCOMES.items()),
            rejection(rejected),
        ),
        timers=(Timers(ITEMS, due),),
        say_again=(SayAgain(ITEMS, say), SayAgain(CLAIMS, say_nothing)),
        resolve=look_up,
        ignored=(ListingSuperseded,),
    )


def _numbered(marketplaces: Sequence[str]) -> Iterator[tuple[str, str]]:
    return ((f"/marketplaces/{n}", m) for n, m in enumerate(marketplaces))


TABLE = table(BUILT_IN)
