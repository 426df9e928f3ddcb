"""A worker's account on the fake marketplace, with real back ends."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from brocante.contracts.envelope import Decoded, Envelope, encode
from brocante.contracts.listings import WebhookReceived
from brocante.contracts.marketplace import (
    ListingActivate,
    ListingCommand,
    ListingDeactivate,
    ListingHold,
    ListingUpdate,
)
from brocante.contracts.message import Message
from brocante.contracts.topics import MARKETPLACE_EVENTS, SALES_COMMANDS
from brocante.documents.store import DocumentStore
from brocante.marketplaces import AccountEntry
from brocante.messaging.deciding import ServiceTable
from brocante.messaging.outputs import Speaker
from brocante.messaging.wire import Received, Wire
from marketplace_sync.documents import kinds
from marketplace_sync.domain.listing import Listing
from marketplace_sync.handlers import reaching_back, table
from marketplace_sync.marketplaces.contract import Notice, Outcome
from marketplace_sync.matching import Matcher
from marketplace_sync.reconcile.assembling import Assembly
from marketplace_sync.reconcile.loop import AccountLoop
from marketplace_sync.settings import WorkerSettings
from tests.support.fake_adapter import FakeAdapter
from tests.support.running import Bench, eventually
from tests.support.worker_listings import NOW

MARKETPLACE = "ebay"
KINDS = kinds(MARKETPLACE)
MOST_TURNS = 20
ABOUT = ("reason", "external_order_id", "sale_id", "marketplace")
COMMANDS: dict[str, type[ListingCommand]] = {
    "activate": ListingActivate,
    "update": ListingUpdate,
    "hold": ListingHold,
    "deactivate": ListingDeactivate,
}
DESIRED = {"activate": "active", "update": "active", "hold": "on_hold", "deactivate": "inactive"}


def target(operation: str, intent: int, item: str = "lamp", **changes: Any) -> ListingCommand:
    """A target as inventory would say it; changes of the target, or what it is about."""
    title = changes.pop("title", "Brass lamp")
    sku = changes.pop("sku", item)
    content = {"sku": sku, "title": title} if operation in ("activate", "update") else None
    wanted = {"desired": DESIRED[operation], "quantity": 1, "content": content}
    about = {name: changes.pop(name) for name in ABOUT if name in changes}
    return COMMANDS[operation].model_validate(
        {
            "item_id": item,
            "marketplace": MARKETPLACE,
            "intent": intent,
            "reason": "requested",
            "target": {**wanted, **changes},
            **about,
        }
    )


def webhook(webhook_id: str, received_at: datetime) -> WebhookReceived:
    """A delivery whose body is its id, as the gateway would say it."""
    return WebhookReceived(
        webhook_id=webhook_id,
        marketplace=MARKETPLACE,
        account="shop",
        headers={},
        body_base64=base64.b64encode(webhook_id.encode()).decode(),
        received_at=received_at,
    )


@dataclass
class FakeAccount:
    """One account: its marketplace, and the process that owns it at the moment."""

    made: Bench
    adapter: FakeAdapter = field(default_factory=FakeAdapter)
    calls_at_once: int = 8
    intake: ServiceTable = field(init=False)
    loop: AccountLoop = field(init=False)

    def __post_init__(self) -> None:
        """The first process."""
        own = table(MARKETPLACE, KINDS, self._resolve, {"main"})
        self.intake = reaching_back(own, KINDS)
        self.loop = self.process()

    async def _resolve(self, _stores: object, batch: Sequence[Received]) -> Mapping[int, Any]:
        return await Matcher(KINDS, self._listings(), {"main": self.adapter}).resolve(batch)

    def _listings(self) -> DocumentStore:
        return DocumentStore(self.made.runtime.database, KINDS.listings.collection)

    def process(self, stores: dict[str, DocumentStore] | None = None) -> AccountLoop:
        """Another process: nothing is remembered but what the database has (or its intake)."""
        runtime = self.made.runtime
        stores = stores or {
            kind.collection: DocumentStore(runtime.database, kind.collection)
            for kind in (KINDS.listings, KINDS.deliveries, KINDS.accounts)
        }
        assembly = Assembly(
            MARKETPLACE,
            KINDS,
            WorkerSettings(
                **{**self.made.settings.model_dump(), "calls_at_once": self.calls_at_once}
            ),
            runtime.database,
            runtime.publisher,
            runtime.progress,
            stores,
            Speaker.of(self.intake, self.made.settings.topic_prefix),
            Matcher(KINDS, stores[KINDS.listings.collection], {"main": self.adapter}),
        )
        entry = AccountEntry.model_validate({"dealer": "main", "account": "shop"})
        return assembly.loop(entry, self.adapter)

    async def tell(self, message: Message, id_: str, topic: str = "commands") -> None:
        """Publish any message to the worker."""
        await self.made.publish(self.wire(message, id_, topic))

    async def deliver(self, webhook_id: str, *notices: Notice) -> None:
        """A webhook that says this, as the gateway would publish it."""
        body = webhook_id.encode()
        self.adapter.webhooks[body] = notices
        await self.tell(webhook(webhook_id, NOW), webhook_id, "webhooks")

    def sales(self) -> list[Any]:
        """What was said to sales so far."""
        return [one.message for one in self.made.messages(SALES_COMMANDS)]

    async def restart(self) -> None:
        """The owning process dies; the next one gets the lease once it is over."""
        await self.loop.workshop.lease.release()
        self.loop = self.process()

    def wire(self, message: Message, id_: str, topic: str = "commands") -> Wire:
        """A command as inventory would publish it."""
        at = Envelope(id_, "brocante/inventory", message.TYPE, NOW, message.subject)
        value, headers = encode(at, message)
        name = f"{self.made.settings.topic_prefix}marketplace.{MARKETPLACE}.{topic}"
        return Wire(name, f"main/{message.key}".encode(), value, headers)

    async def want(self, operation: str, intent: int, item: str = "lamp", **changes: Any) -> None:
        """Publish a target and wait until intake recorded it; the id is `<item>-<intent>`."""
        id_ = changes.pop("id_", f"{item}-{intent}")
        await self.made.publish(self.wire(target(operation, intent, item, **changes), id_))

        async def recorded() -> bool:
            listing = await self.listing(item)
            return listing is not None and listing.intent >= intent

        await eventually(recorded, f"{operation} {intent} of {item} recorded")

    async def listing(self, item: str = "lamp") -> Listing | None:
        """The listing as the database has it."""
        store = self._listings()
        document = (await store.load([f"main/{item}"]))[f"main/{item}"]
        if document.state is None:
            return None
        return KINDS.listings.state.decode(document.state)

    async def known(self, item: str = "lamp") -> Listing:
        """The listing, which must be there."""
        listing = await self.listing(item)
        assert listing is not None
        return listing

    async def work(self, item: str = "lamp") -> Outcome | None:
        """One turn of the owning process at a listing, due or not."""
        workshop = self.loop.workshop
        assert await workshop.lease.hold()
        return await workshop.work(f"main/{item}")

    async def finish(self, *items: str) -> None:
        """Turn after turn until each target has its outcome, without waiting for due times."""
        for item in items or ("lamp",):
            for _ in range(MOST_TURNS):
                await self.work(item)
                if not (await self.known(item)).open:
                    break
            else:
                raise AssertionError(f"{item} has no outcome")

    def said(self, cause: str) -> list[Decoded]:
        """Everything said so far because of a command."""
        events = self.made.messages(MARKETPLACE_EVENTS)
        return [one for one in events if one.envelope.causation_id == cause]

    async def answers(self, cause: str, *types: str) -> list[Any]:
        """The messages said because of a command, once these types are there, in this order."""

        def all_there() -> bool:
            return [one.message.TYPE for one in self.said(cause)] == list(types)

        await eventually(all_there, f"{types} because of {cause}")
        return [one.message for one in self.said(cause)]
