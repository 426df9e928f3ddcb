"""What inventory and operators ask of a marketplace's worker."""

from brocante.contracts.message import Command
from brocante.contracts.topics import MARKETPLACE_COMMANDS
from brocante.contracts.values import (
    Desired,
    Id,
    ItemId,
    JsonObject,
    Marketplace,
    Money,
    Natural,
    SaleId,
    TargetReason,
    TaskOutcome,
    Text,
    Time,
    Value,
    Whole,
)

ToWorker = (MARKETPLACE_COMMANDS,)
ByItem = ("item_id", "marketplace")


class Content(Value):
    """What a listing shows: the item's content with the listing's own details over it."""

    sku: str
    title: str
    description: str | None = None
    price: Money | None = None
    category: str | None = None
    condition: str | None = None
    images: list[str] = []
    attributes: JsonObject = {}


class Target(Value):
    """Everything wanted of a listing; the newest alone is enough."""

    desired: Desired
    content: Content | None = None
    quantity: Whole
    until: Time | None = None


class ListingCommand(Command):
    """The fields shared by the four commands that carry a listing's whole target.

    `sold_at` comes with `sale_id`: from then on the listing must not be on sale. Of a sale recorded
    by hand that is when it was recorded: nobody could take it down before.
    """

    item_id: ItemId
    marketplace: Marketplace
    intent: Natural
    reason: TargetReason
    target: Target
    external_id: str | None = None
    external_order_id: str | None = None
    sale_id: SaleId | None = None
    sold_at: Time | None = None


class ListingActivate(ListingCommand, type="listing.activate", topics=ToWorker, key=ByItem):
    """Put a listing on sale."""


class ListingUpdate(ListingCommand, type="listing.update", topics=ToWorker, key=ByItem):
    """Bring a listing that stays on sale up to date."""


class ListingHold(ListingCommand, type="listing.hold", topics=ToWorker, key=ByItem):
    """Take a listing off sale for a while."""


class ListingDeactivate(ListingCommand, type="listing.deactivate", topics=ToWorker, key=ByItem):
    """Take a listing off sale: desired `sold`, `inactive` and `draft` travel as this."""


class ListingLink(Command, type="listing.link", topics=ToWorker, key=ByItem):
    """An existing listing on the marketplace is this item's; read it and say what it shows."""

    item_id: ItemId
    marketplace: Marketplace
    intent: Natural
    external_id: Id


class ListingCheck(Command, type="listing.check", topics=ToWorker, key=ByItem):
    """Read a listing now and say what it shows."""

    item_id: ItemId
    marketplace: Marketplace


class ListingRetry(
    Command, type="listing.retry", topics=ToWorker, key=("item_id", "fingerprint", "marketplace")
):
    """Try a blocked listing again, or every listing blocked for the same cause."""

    marketplace: Marketplace
    item_id: ItemId | None = None
    fingerprint: str | None = None


class MarketplacePause(Command, type="marketplace.pause", topics=ToWorker, key=("marketplace",)):
    """Stop calling a marketplace; work waits and is kept."""

    marketplace: Marketplace
    reason: Text


class MarketplaceResume(Command, type="marketplace.resume", topics=ToWorker, key=("marketplace",)):
    """Call a paused marketplace again."""

    marketplace: Marketplace
    reason: Text


class TaskComplete(Command, type="task.complete", topics=ToWorker, key=("task_id",)):
    """A person has done, declined or handed back a task."""

    task_id: Id
    marketplace: Marketplace | None = None
    outcome: TaskOutcome
    evidence: Text | None = None
