"""From the domain's facts to messages."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from brocante.contracts.answers import CommandRejected
from brocante.contracts.marketplace import (
    Content,
    ListingActivate,
    ListingCommand,
    ListingDeactivate,
    ListingHold,
    ListingLink,
    ListingUpdate,
    Target,
)
from brocante.contracts.message import Message
from brocante.contracts.sales import SaleMerge, SaleSplit
from brocante.contracts.snapshot import ItemOversold, ItemUnknown
from brocante.messaging.deciding import Outgoing, Said
from brocante.messaging.wire import Received
from inventory.domain import item as domain
from inventory.domain.facts import (
    Fact,
    MergeWanted,
    Oversold,
    SplitWanted,
    TargetChanged,
    UnknownItem,
)
from inventory.domain.item import Item, shown
from inventory.domain.listing import Action, Listing
from inventory.domain.refusals import Refused
from inventory.domain.sales import Recorded
from inventory.domain.stock import on_hand
from inventory.snapshot import money, snapshot

COMMANDS: dict[Action, type[ListingCommand]] = {
    "activate": ListingActivate,
    "update": ListingUpdate,
    "hold": ListingHold,
    "deactivate": ListingDeactivate,
}


def of_facts(item: Item, facts: Sequence[Fact]) -> list[Outgoing]:
    """The messages that say what an operation led to."""
    own = _content(item.content) if facts else None
    return [_of_fact(item, fact, own) for fact in facts]


def _of_fact(item: Item, fact: Fact, own: Content | None) -> Outgoing:
    match fact:
        case TargetChanged(marketplace):
            command = listing_command(item, marketplace, own)
            return Outgoing(command, snapshot=True, said=_listing(marketplace))
        case Oversold(sales):
            return Outgoing(ItemOversold(item_id=item.item_id, sales=list(sales)))
        case UnknownItem(sale_id):
            message = ItemUnknown(item_id=item.item_id, sale_id=sale_id)
            return Outgoing(message, said=_unknown(sale_id))
        case MergeWanted(sale_id, into):
            return Outgoing(SaleMerge(sale_id=sale_id, into=into), said=_merge(sale_id))
        case SplitWanted(sale_id):
            return Outgoing(SaleSplit(sale_id=sale_id))


def of_item(item: Item, now: datetime, old: Item | None) -> Outgoing:
    """The snapshot."""
    return Outgoing(snapshot(item, now, old), snapshot=True, said="item.changed")


def of_refusal(received: Received, refused: Refused) -> Outgoing:
    """The answer to a command that breaks a rule."""
    at = received.envelope
    rejected = CommandRejected(
        command_id=at.id,
        command_type=at.type,
        code=refused.code,
        message=refused.message,
        field=refused.field,
    )
    return Outgoing(rejected, subject=received.message.subject)


def again(item: Item, now: datetime) -> Iterable[Said]:
    """Everything others may have missed: the snapshot, every target, merges asked for."""
    if item.known:
        yield Said("item.changed", snapshot(item, now, item))
    for event in item.waiting if not item.known else ():
        if isinstance(event, Recorded):
            unknown = ItemUnknown(item_id=item.item_id, sale_id=event.sale_id)
            yield Said(_unknown(event.sale_id), unknown)
    for sale_id, merged in item.merged.items():
        if not merged.confirmed:
            yield Said(_merge(sale_id), SaleMerge(sale_id=sale_id, into=merged.into))
    for marketplace, listing in item.listings.items():
        if listing.told is not None:
            yield Said(_listing(marketplace), listing_command(item, marketplace))


def listing_command(item: Item, marketplace: str, own: Content | None = None) -> Message:
    """What the worker is told of a listing: always its whole target.

    `own`: the item's own content in the wire's words, where several listings are told of it.
    """
    listing = item.listings[marketplace]
    told = listing.told
    if told is None:
        raise ValueError(f"no worker was told of {marketplace}")
    if told.action == "link":
        return ListingLink(
            item_id=item.item_id,
            marketplace=marketplace,
            intent=listing.intent,
            external_id=listing.external_id or "",
        )
    return COMMANDS[told.action](
        item_id=item.item_id,
        marketplace=marketplace,
        intent=listing.intent,
        reason=told.reason,
        target=_target(item, listing, own),
        external_id=listing.external_id,
        external_order_id=told.external_order_id,
        sale_id=told.sale_id,
        sold_at=told.sold_at,
    )


def _target(item: Item, listing: Listing, own: Content | None) -> Target:
    shows = shown(item.content, listing.details)
    return Target(
        desired=listing.desired,
        content=own if own and shows is item.content else _content(shows),
        # A marketplace cannot show fewer than none of an oversold item.
        quantity=max(on_hand(item), 0),
        until=listing.hold.until if listing.hold else None,
    )


def _content(shows: domain.Content) -> Content:
    return Content(
        sku=shows.sku,
        title=shows.title,
        description=shows.description,
        price=money(shows.price),
        category=shows.category,
        condition=shows.condition,
        images=list(shows.images),
        attributes=shows.attributes,
    )


def _listing(marketplace: str) -> str:
    return f"listing:{marketplace}"


def _merge(sale_id: str) -> str:
    return f"merge:{sale_id}"


def _unknown(sale_id: str) -> str:
    return f"unknown:{sale_id}"
