"""What inventory says: the item as it now is."""

from brocante.contracts.inventory import ListingDetails
from brocante.contracts.message import Event
from brocante.contracts.topics import INVENTORY_EVENTS
from brocante.contracts.values import (
    ChangedBy,
    Desired,
    Issue,
    ItemId,
    ItemStatus,
    JsonObject,
    Marketplace,
    Money,
    Observed,
    Operation,
    SaleId,
    Source,
    Time,
    Value,
    Whole,
)


class Hold(Value):
    """Who holds a listing, why and until when; `before` is what release returns to."""

    until: Time | None = None
    holder: str | None = None
    reason: str | None = None
    before: Desired | None = None


class Drift(Value):
    """A change made on the marketplace by someone else, not fought (rule R10)."""

    observed: Observed
    changed_by: ChangedBy = "unknown"
    since: Time


class OpenSale(Value):
    """A sale not canceled, with the plan each relist choice leads to (rule R4)."""

    sale_id: SaleId
    sale_version: Whole
    marketplace: Marketplace
    quantity: Whole
    sold_at: Time
    external_order_id: str | None = None
    plans: dict[str, dict[Marketplace, Desired]]


class Before(Value):
    """What a listing was just before stock ran out."""

    desired: Desired
    hold: Hold | None = None


class Listing(Value):
    """One item on one marketplace: desired, observed and operation, never mixed."""

    desired: Desired
    intent: Whole
    observed: Observed = "none"
    observed_at: Time | None = None
    source: Source | None = None
    operation: Operation = "idle"
    issues: list[Issue] = []
    attempts: Whole = 0
    next_attempt_at: Time | None = None
    external_id: str | None = None
    url: str | None = None
    details: ListingDetails = ListingDetails()
    hold: Hold | None = None
    drift: Drift | None = None


class ItemChanged(Event, type="item.changed", topics=(INVENTORY_EVENTS,), key=("item_id",)):
    """The snapshot of an item. `revision` orders snapshots and nothing else."""

    item_id: ItemId
    sku: str
    title: str
    description: str | None = None
    price: Money | None = None
    quantity: Whole
    category: str | None = None
    condition: str | None = None
    images: list[str] = []
    attributes: JsonObject = {}
    revision: Whole
    status: ItemStatus
    on_hand: Whole
    open_sales: list[OpenSale] = []
    before: dict[Marketplace, Before] = {}
    listings: dict[Marketplace, Listing] = {}
    settled: bool
    changed: list[str] = []
    sale_versions: dict[SaleId, Whole] = {}


class ItemOversold(Event, type="item.oversold", topics=(INVENTORY_EVENTS,), key=("item_id",)):
    """More was sold than was owned: every open sale is named."""

    item_id: ItemId
    sales: list[SaleId]


class ItemUnknown(Event, type="item.unknown", topics=(INVENTORY_EVENTS,), key=("item_id",)):
    """A sale names an item nobody created yet; it is kept on a placeholder."""

    item_id: ItemId
    sale_id: SaleId
