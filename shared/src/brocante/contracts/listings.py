"""What a marketplace's worker says about listings, requirements, webhooks and tasks."""

from brocante.contracts.message import Event
from brocante.contracts.topics import MARKETPLACE_EVENTS, MARKETPLACE_WEBHOOKS
from brocante.contracts.values import (
    ChangedBy,
    DeferredWhy,
    Id,
    Issue,
    ItemId,
    ListingOperation,
    Marketplace,
    MarketplaceStatus,
    Natural,
    Observed,
    Requirement,
    SaleId,
    Source,
    TaskOutcome,
    Time,
    Value,
    WebhookResult,
    Whole,
)

FromWorker = (MARKETPLACE_EVENTS,)
ByItem = ("item_id", "marketplace")


class ListingEvent(Event):
    """The fields every event about a listing has."""

    item_id: ItemId
    marketplace: Marketplace
    intent: Natural


class ListingOutcome(ListingEvent):
    """What a call led to, as the marketplace shows it; `verified`: read back after the call."""

    external_id: str | None = None
    url: str | None = None
    observed: Observed
    observed_at: Time
    source: Source
    verified: bool


class ListingActivated(ListingOutcome, type="listing.activated", topics=FromWorker, key=ByItem):
    """A listing is on sale."""


class ListingUpdated(ListingOutcome, type="listing.updated", topics=FromWorker, key=ByItem):
    """A listing shows the newest content."""


class ListingHeld(ListingOutcome, type="listing.held", topics=FromWorker, key=ByItem):
    """A listing is off sale for a while."""


class ListingDeactivated(ListingOutcome, type="listing.deactivated", topics=FromWorker, key=ByItem):
    """A listing is off sale."""


class ListingValidationFailed(
    ListingEvent, type="listing.validation_failed", topics=FromWorker, key=ByItem
):
    """The dealer must change something: every missing or wrong field is named."""

    operation: ListingOperation
    issues: list[Issue]


class ListingOperationFailed(
    ListingEvent, type="listing.operation_failed", topics=FromWorker, key=ByItem
):
    """The marketplace or the system is at fault; `gives_up`: nothing more is tried by itself."""

    operation: ListingOperation
    issues: list[Issue]
    attempts: Whole
    gives_up: bool


class ListingDeferred(ListingEvent, type="listing.deferred", topics=FromWorker, key=ByItem):
    """An operation waits; said only when `why` changes."""

    operation: ListingOperation
    why: DeferredWhy
    next_attempt_at: Time | None = None


class ListingObserved(ListingEvent, type="listing.observed", topics=FromWorker, key=ByItem):
    """What the marketplace shows, seen without a call of ours having caused it."""

    observed: Observed
    external_id: str | None = None
    url: str | None = None
    source: Source
    observed_at: Time
    changed_by: ChangedBy = "unknown"


class ListingSuperseded(ListingEvent, type="listing.superseded", topics=FromWorker, key=ByItem):
    """A waiting target was overtaken by a newer one (rule R8)."""

    operation: ListingOperation
    by_intent: Natural


class RequirementsChanged(
    Event, type="marketplace.requirements_changed", topics=FromWorker, key=("marketplace",)
):
    """A marketplace asks for something else from `effective_at` on."""

    marketplace: Marketplace
    category: str
    version: str
    effective_at: Time
    fields: list[Requirement]


class MarketplaceStatusChanged(
    Event, type="marketplace.status_changed", topics=FromWorker, key=("marketplace",)
):
    """Whether a marketplace can be worked with."""

    marketplace: Marketplace
    status: MarketplaceStatus
    since: Time
    detail: str = ""


class WebhookReceived(
    Event,
    type="webhook.received",
    topics=(MARKETPLACE_WEBHOOKS,),
    key=("account",),
    subject=("webhook_id",),
):
    """A delivery the gateway verified and stored; the worker decodes it."""

    webhook_id: Id
    marketplace: Marketplace
    account: Id
    headers: dict[str, str]
    body_base64: str
    received_at: Time


class UnmatchedSale(Value):
    """A sale of a listing that no item is linked to; linking it records the sale."""

    sale_id: SaleId
    external_order_id: str | None = None
    external_id: str | None = None
    external_sku: str | None = None
    quantity: int = 1
    sold_at: Time


class WebhookProcessed(
    Event,
    type="webhook.processed",
    topics=FromWorker,
    key=("marketplace",),
    subject=("webhook_id",),
):
    """What became of a delivery; `unmatched` are sales that wait for a link."""

    webhook_id: Id
    marketplace: Marketplace | None = None
    result: WebhookResult
    sale_id: SaleId | None = None
    unmatched: list[UnmatchedSale] | None = None


class TaskOpened(ListingEvent, type="task.opened", topics=FromWorker, key=ByItem):
    """Something a person must do on a marketplace without an API."""

    task_id: Id
    operation: ListingOperation
    title: str
    checklist: list[str]
    due_at: Time
    assignee: str | None = None


class TaskCompleted(ListingEvent, type="task.completed", topics=FromWorker, key=ByItem):
    """A person has finished a task."""

    task_id: Id
    outcome: TaskOutcome
    evidence: str | None = None
    completed_by: str
