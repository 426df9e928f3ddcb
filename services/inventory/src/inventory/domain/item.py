"""The item: what the dealer owns, its sales, its listings."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from inventory.domain.listing import Details, Listing, Money, Wanted
from inventory.domain.sales import MergedSale, OpenSale, SaleEvent


@dataclass(frozen=True, slots=True)
class Content:
    """What describes the piece; listings show it with their own details over it."""

    sku: str
    title: str
    description: str | None = None
    price: Money | None = None
    category: str | None = None
    condition: str | None = None
    images: tuple[str, ...] = ()
    attributes: dict[str, Any] = field(default_factory=dict)


NO_CONTENT = Content("", "")


@dataclass(frozen=True, slots=True)
class Item:
    """An item. `known` is False on a placeholder, which only keeps its sale events in `waiting`.

    `revision` rises by one per change. `created` tells the same `item.create` from another one.
    `before` is what every listing was when stock ran out (R1); empty while nothing is sold out.
    """

    item_id: str
    content: Content = NO_CONTENT
    quantity: int = 0
    revision: int = 0
    known: bool = True
    created: str = ""
    deleted: bool = False
    unavailable: bool = False
    listings: dict[str, Listing] = field(default_factory=dict)
    sales: dict[str, OpenSale] = field(default_factory=dict)
    before: dict[str, Wanted] = field(default_factory=dict)
    merged: dict[str, MergedSale] = field(default_factory=dict)
    sale_versions: dict[str, int] = field(default_factory=dict)
    waiting: tuple[SaleEvent, ...] = ()

    def with_listing(self, marketplace: str, listing: Listing) -> "Item":
        """The item with this listing in place of the one it had there."""
        return replace(self, listings={**self.listings, marketplace: listing})


def shown(content: Content, details: Details) -> Content:
    """What a listing shows: the item's content with the listing's own details over it."""
    own: Mapping[str, Any] = {
        name: value
        for name in details.__dataclass_fields__
        if (value := getattr(details, name)) is not None
    }
    if not own:
        return content
    if "attributes" in own:
        own = {**own, "attributes": {**content.attributes, **own["attributes"]}}
    return replace(content, **own)
