"""The item as the wire shows it (`item.changed`)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from msgspec.structs import asdict

from brocante.contracts.inventory import ListingDetails
from brocante.contracts.snapshot import Before, Drift, Hold, ItemChanged, Listing, OpenSale
from brocante.contracts.values import Issue, Money
from inventory.domain import listing as domain
from inventory.domain.item import Item
from inventory.domain.plans import plan
from inventory.domain.sales import RELISTS
from inventory.domain.sales import OpenSale as Sale
from inventory.domain.stock import on_hand, settled, status

NOTHING_OWN = domain.Details()
NO_DETAILS = ListingDetails()


def snapshot(item: Item, now: datetime, old: Item | None = None) -> ItemChanged:
    """The snapshot; `changed` names the fields that differ from `old` (None: a restatement)."""
    content = item.content
    return ItemChanged(
        item_id=item.item_id,
        sku=content.sku,
        title=content.title,
        description=content.description,
        price=money(content.price),
        quantity=item.quantity,
        category=content.category,
        condition=content.condition,
        images=list(content.images),
        attributes=content.attributes,
        revision=item.revision,
        status=status(item),
        on_hand=on_hand(item),
        open_sales=[_open_sale(item, sale, now) for sale in item.sales.values()],
        before={m: Before(desired=w.desired, hold=_hold(w.hold)) for m, w in item.before.items()},
        listings={m: _listing(one) for m, one in item.listings.items()},
        settled=settled(item),
        changed=[] if old is item else changed_fields(old, item),
        sale_versions=item.sale_versions,
    )


def changed_fields(old: Item | None, new: Item) -> list[str]:
    """The snapshot's fields that changed; of an item just created, all that it has."""
    if old is None or not old.known:
        return [name for name, value in _all_fields(new).items() if value != {}]
    fields = _fields if new.content is old.content else _all_fields
    was = fields(old)
    return [name for name, value in fields(new).items() if value != was[name]]


def _all_fields(item: Item) -> Mapping[str, Any]:
    return {**asdict(item.content), **_fields(item)}


def _fields(item: Item) -> Mapping[str, Any]:
    return {
        "quantity": item.quantity,
        "status": status(item),
        "on_hand": on_hand(item),
        "open_sales": item.sales,
        "before": item.before,
        "listings": item.listings,
        "settled": settled(item),
        "sale_versions": item.sale_versions,
    }


def _open_sale(item: Item, sale: Sale, now: datetime) -> OpenSale:
    plans = {
        relist: {m: wanted.desired for m, wanted in plan(item, sale, relist, now).items()}
        for relist in RELISTS
    }
    return OpenSale(
        sale_id=sale.sale_id,
        sale_version=sale.version,
        marketplace=sale.marketplace,
        quantity=sale.quantity,
        sold_at=sale.sold_at,
        external_order_id=sale.external_order_id,
        plans=plans,
    )


def _listing(one: domain.Listing) -> Listing:
    drift = one.drift
    return Listing(
        desired=one.desired,
        intent=one.intent,
        observed=one.observed,
        observed_at=one.observed_at,
        source=one.source,
        operation=one.operation,
        issues=[Issue(**asdict(issue)) for issue in one.issues],
        attempts=one.attempts,
        next_attempt_at=one.next_attempt_at,
        external_id=one.external_id,
        url=one.url,
        details=_details(one.details),
        hold=_hold(one.hold),
        drift=Drift(observed=drift.observed, changed_by=drift.changed_by, since=drift.since)
        if drift
        else None,
    )


def _details(own: domain.Details) -> ListingDetails:
    if own == NOTHING_OWN:
        return NO_DETAILS
    return ListingDetails(
        title=own.title,
        description=own.description,
        price=money(own.price),
        category=own.category,
        condition=own.condition,
        images=None if own.images is None else list(own.images),
        attributes=own.attributes,
    )


def _hold(hold: domain.Hold | None) -> Hold | None:
    if hold is None:
        return None
    return Hold(until=hold.until, holder=hold.holder, reason=hold.reason, before=hold.before)


def money(value: domain.Money | None) -> Money | None:
    """An amount."""
    return Money(amount=value.amount, currency=value.currency) if value else None
