"""The item: what the dealer owns, its sales, its listings."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict, replace

from inventory.domain.listing import Details, Listing, Money, Wanted
from inventory.domain.sales import MergedSale, OpenSale, SaleEvent


class Content(Struct, frozen=True):
    """What describes the piece; listings show it with their own details over it."""

    sku: str
    title: str
    description: str | None = None
    price: Money | None = None
    category: str | None = None
    condition: str | None = None
    images: tuple[str, ...] = ()
    attributes: dict[str, Any] = {}


NO_CONTENT = Content("", "")


class Item(Struct, frozen=True):
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
    listings: dict[str, Listing] = {}
    sales: dict[str, OpenSale] = {}
    before: dict[str, Wanted] = {}
    merged: dict[str, MergedSale] = {}
    sale_versions: dict[str, int] = {}
    waiting: tuple[SaleEvent, ...] = ()

    def with_listing(self, marketplace: str, listing: Listing) -> "Item":
        """The item with this listing in place of the one it had there."""
        return replace(self, listings={**self.listings, marketplace: listing})


def shown(content: Content, details: Details) -> Content:
    """What a listing shows: the item's content with the listing's own details over it."""
    own: Mapping[str, Any] = {
        name: value for name, value in asdict(details).items() if value is not None
    }
    if not own:
        return content
    if "attributes" in own:
        own = {**own, "attributes": {**content.attributes, **own["attributes"]}}
    return replace(content, **own)
