"""What can be asked of inventory."""

from typing import Annotated, Literal

from pydantic import Field

from brocante.contracts.message import Command
from brocante.contracts.topics import INVENTORY_COMMANDS
from brocante.contracts.values import (
    Id,
    ItemId,
    JsonObject,
    Line,
    Marketplace,
    Money,
    Text,
    Time,
    Value,
)

Marketplaces = Annotated[
    list[Annotated[str, Field(pattern=r"^(\*|[a-z0-9][a-z0-9-]{0,31})$")]], Field(min_length=1)
]
ToInventory = (INVENTORY_COMMANDS,)
ByItem = ("item_id",)


class ListingDetails(Value):
    """What one marketplace shows instead of the item's own content; same shape, all optional."""

    title: str | None = None
    description: str | None = None
    price: Money | None = None
    category: str | None = None
    condition: str | None = None
    images: list[str] | None = None
    attributes: JsonObject | None = None


class ListingDraft(Value):
    """A marketplace named when an item is created: it becomes a connected draft."""

    details: ListingDetails = ListingDetails()


class ItemCreate(Command, type="item.create", topics=ToInventory, key=ByItem):
    """Create an item. The same id with the same content is answered, with another refused."""

    item_id: ItemId
    sku: Annotated[str, Field(min_length=1, max_length=128)]
    title: Annotated[str, Field(min_length=1, max_length=500)]
    description: str | None = None
    price: Money
    quantity: Annotated[int, Field(ge=0, le=1_000_000)] = 1
    category: str | None = None
    condition: str | None = None
    images: list[str] = []
    attributes: JsonObject = {}
    listings: dict[Marketplace, ListingDraft] = {}


class ItemUpdate(Command, type="item.update", topics=ToInventory, key=ByItem):
    """Change an item: `changes` is a JSON merge patch (RFC 7396) over its fields.

    `listings.<m>.details` and `availability: available | unavailable` may be in it; active listings
    are updated.
    """

    item_id: ItemId
    changes: JsonObject


class ItemActivate(Command, type="item.activate", topics=ToInventory, key=ByItem):
    """Put an item on sale on these marketplaces; `*` is every connected one."""

    item_id: ItemId
    marketplaces: Marketplaces


class ItemDeactivate(Command, type="item.deactivate", topics=ToInventory, key=ByItem):
    """Take an item off sale on these marketplaces; `*` is every connected one."""

    item_id: ItemId
    marketplaces: Marketplaces


class ItemHold(Command, type="item.hold", topics=ToInventory, key=ByItem):
    """Take an item off sale for a while; at `until` it comes back by itself.

    It comes back as `before`: what it is now unless that is given, as when a hold is put back.
    """

    item_id: ItemId
    marketplaces: Marketplaces
    until: Time | None = None
    holder: Line | None = None
    reason: Text | None = None
    before: Literal["draft", "active", "inactive"] | None = None


class ItemRelease(Command, type="item.release", topics=ToInventory, key=ByItem):
    """End a hold: the listing returns to what it was before the first hold.

    With `hold_ended` it is inventory's own timer speaking: only a hold with that end is ended.
    """

    item_id: ItemId
    marketplaces: Marketplaces
    hold_ended: Time | None = None


class ItemDelete(Command, type="item.delete", topics=ToInventory, key=ByItem):
    """Hide an item and make every listing inactive; its history stays readable."""

    item_id: ItemId


class ItemLink(Command, type="item.link", topics=ToInventory, key=ByItem):
    """Say that an existing listing on a marketplace is this item's."""

    item_id: ItemId
    marketplace: Marketplace
    external_id: Id


class ItemAcceptDrift(Command, type="item.accept_drift", topics=ToInventory, key=ByItem):
    """Take what the marketplace shows as what is wanted."""

    item_id: ItemId
    marketplace: Marketplace


class ItemRestore(Command, type="item.restore", topics=ToInventory, key=ByItem):
    """Put a drifted listing back to what is wanted."""

    item_id: ItemId
    marketplace: Marketplace
