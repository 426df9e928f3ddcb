"""From the wire's words to the domain's plain values."""

from collections.abc import Mapping
from typing import Any

from msgspec import to_builtins
from pydantic import ValidationError

from brocante.contracts.inventory import ItemCreate, ListingDetails
from brocante.contracts.listings import ListingObserved, ListingOutcome
from brocante.contracts.pointers import pointer
from brocante.contracts.sales import SaleCanceled, SaleMerged, SaleRecorded, SaleSplitOff
from brocante.contracts.values import Issue as WireIssue
from brocante.contracts.values import Money as WireMoney
from inventory.domain.editing import merge_patch
from inventory.domain.item import Content, Item
from inventory.domain.listing import Details, Issue, Money
from inventory.domain.outcomes import Seen
from inventory.domain.refusals import Refused
from inventory.domain.sales import Canceled, Merged, OpenSale, Recorded, SplitOff

EDITABLE = set(ItemCreate.model_fields) | {"availability"}
NO_RELIST = frozenset({"sold_elsewhere", "not_as_described", "damaged", "missing"})
LOST = frozenset({"damaged", "missing"})


def money(value: WireMoney | None) -> Money | None:
    """An amount."""
    return Money(value.amount, value.currency) if value else None


def content(message: ItemCreate) -> Content:
    """What describes the piece."""
    return Content(
        sku=message.sku,
        title=message.title,
        description=message.description,
        price=money(message.price),
        category=message.category,
        condition=message.condition,
        images=tuple(message.images),
        attributes=dict(message.attributes),
    )


def details(value: ListingDetails) -> Details:
    """A listing's own details."""
    return Details(
        title=value.title,
        description=value.description,
        price=money(value.price),
        category=value.category,
        condition=value.condition,
        images=None if value.images is None else tuple(value.images),
        attributes=value.attributes,
    )


def drafts(message: ItemCreate) -> dict[str, Details]:
    """The marketplaces named, with their details."""
    return {m: details(draft.details) for m, draft in message.listings.items()}


def issues(values: list[WireIssue]) -> tuple[Issue, ...]:
    """Issues as the worker named them."""
    return tuple(Issue(**value.model_dump()) for value in values)


def recorded(message: SaleRecorded) -> Recorded:
    """A sale that counts."""
    return Recorded(_open(message))


def canceled(message: SaleCanceled) -> Canceled:
    """A sale taken back.

    Sales has resolved `relist` and `availability`. Only a relisting that somebody chose wins over
    an unavailable item (R4). Where sales does not say so (an earlier version), it shows where the
    reason alone would have decided otherwise.
    """
    by_reason = "none" if message.reason in NO_RELIST else "origin"
    lost = message.reason in LOST and message.availability == "available"
    return Canceled(
        sale=OpenSale(
            sale_id=message.sale_id,
            version=message.sale_version,
            marketplace=message.marketplace,
            quantity=message.quantity,
            sold_at=message.canceled_at,
        ),
        relist=message.relist,
        unavailable=message.availability == "unavailable",
        chosen=message.relist_chosen or lost or message.relist != by_reason,
    )


def merged(message: SaleMerged) -> Merged:
    """A sale that is another one."""
    return Merged(message.sale_id, message.sale_version, message.into)


def split_off(message: SaleSplitOff) -> SplitOff:
    """A sale that counts on its own again."""
    return SplitOff(message.sale_id, message.sale_version)


def seen(message: ListingOutcome | ListingObserved) -> Seen:
    """What a marketplace showed; what follows a call of ours is our doing."""
    return Seen(
        observed=message.observed,
        observed_at=message.observed_at,
        source=message.source,
        external_id=message.external_id,
        url=message.url,
        changed_by=message.changed_by if isinstance(message, ListingObserved) else "us",
    )


def edited(item: Item, changes: Mapping[str, Any]) -> ItemCreate:
    """The item with a merge patch over it, checked as if it were created so.

    Raises Refused naming the field: unknown ones, ones that cannot be changed, wrong values.
    """
    _check_names(item, changes)
    now = {
        **_given(to_builtins(item.content)),
        "item_id": item.item_id,
        "quantity": item.quantity,
        "listings": {
            m: {"details": _given(to_builtins(listing.details))}
            for m, listing in item.listings.items()
        },
    }
    try:
        return ItemCreate.model_validate(merge_patch(now, changes))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = pointer(first["loc"])
        raise Refused("invalid", f"{place}: {first['msg']}.", f"/changes{place}") from error


def availability(changes: Mapping[str, Any]) -> bool | None:
    """Whether the item is said to be available; None: nothing is said."""
    said = changes.get("availability")
    if "availability" not in changes:
        return None
    if said not in ("available", "unavailable"):
        raise Refused(
            "invalid", "availability is available or unavailable.", "/changes/availability"
        )
    return bool(said == "available")


def _check_names(item: Item, changes: Mapping[str, Any]) -> None:
    for name in changes:
        if name not in EDITABLE:
            raise Refused("invalid", f"An item has no field {name}.", f"/changes/{name}")
    if changes.get("item_id", item.item_id) != item.item_id:
        raise Refused("invalid", "An item_id never changes.", "/changes/item_id")
    listings = changes.get("listings", {})
    if not isinstance(listings, Mapping):
        raise Refused("invalid", "listings is an object.", "/changes/listings")
    for marketplace, listing in listings.items():
        _check_listing(f"/changes/listings/{marketplace}", listing)


def _check_listing(pointer: str, listing: Any) -> None:
    if not isinstance(listing, Mapping) or set(listing) - {"details"}:
        raise Refused("invalid", "Of a listing only its details can be changed.", pointer)
    own = listing.get("details") or {}
    if not isinstance(own, Mapping):
        raise Refused("invalid", "details is an object.", f"{pointer}/details")
    for name in own:
        if name not in ListingDetails.model_fields:
            raise Refused(
                "invalid", f"A listing's details have no {name}.", f"{pointer}/details/{name}"
            )


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _open(message: SaleRecorded) -> OpenSale:
    return OpenSale(
        sale_id=message.sale_id,
        version=message.sale_version,
        marketplace=message.marketplace,
        quantity=message.quantity,
        sold_at=message.sold_at,
        external_order_id=message.external_order_id,
        recorded_at=message.recorded_at,
    )
