"""Plays every marketplace's worker: does what a test tells it, answers as the contracts say."""

import base64
import threading
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from confluent_kafka import Consumer, Producer

from brocante.contracts import sources
from brocante.contracts.envelope import Envelope, decode, encode
from brocante.contracts.listings import (
    ListingActivated,
    ListingDeactivated,
    ListingHeld,
    ListingObserved,
    ListingUpdated,
    ListingValidationFailed,
    MarketplaceStatusChanged,
    RequirementsChanged,
    UnmatchedSale,
    WebhookProcessed,
    WebhookReceived,
)
from brocante.contracts.marketplace import (
    ListingActivate,
    ListingCheck,
    ListingCommand,
    ListingDeactivate,
    ListingHold,
    ListingLink,
    ListingUpdate,
    MarketplacePause,
    MarketplaceResume,
)
from brocante.contracts.message import Message
from brocante.contracts.sales import SaleRecord
from brocante.contracts.topics import MARKETPLACE_EVENTS
from brocante.contracts.values import Issue, Observed, Requirement


@dataclass
class FakeWorker:
    """`refuse` holds (item, marketplace) that miss a field; `silent` marketplaces say nothing.

    A webhook's body may hold `sale`, a `sale.record` payload, which is then sent to sales.
    `shows`: what a linked listing shows by its external id, active unless said here. `told`: the
    last target of each (item, marketplace).
    """

    kafka: str
    prefix: str
    marketplaces: Sequence[str]
    refuse: set[tuple[str, str]] = field(default_factory=set)
    silent: set[str] = field(default_factory=set)
    received: list[tuple[Envelope, WebhookReceived]] = field(default_factory=list)
    commands: list[Envelope] = field(default_factory=list)
    shows: dict[str, Observed] = field(default_factory=dict)
    told: dict[tuple[str, str], ListingCommand] = field(default_factory=dict)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Work in a thread until the block ends."""
        stop = threading.Event()
        thread = threading.Thread(target=self._work, args=(stop,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join(20)

    def say(self, marketplace: str, message: Message, topic: str = MARKETPLACE_EVENTS) -> None:
        """Say something that nobody asked for."""
        producer = self._producer()
        self._say(producer, marketplace, message, None, topic)
        producer.flush(20)

    def require(self, marketplace: str, *fields: Requirement) -> None:
        """Announce what a marketplace asks for everywhere."""
        producer = self._producer()
        asked = RequirementsChanged(
            marketplace=marketplace,
            category="*",
            version=uuid.uuid4().hex,
            effective_at=datetime.now(UTC),
            fields=list(fields),
        )
        self._say(producer, marketplace, asked, None)
        producer.flush(20)

    def _producer(self) -> Producer:
        return Producer({"bootstrap.servers": self.kafka, "linger.ms": 0})

    def _work(self, stop: threading.Event) -> None:
        consumer = Consumer(
            {
                "bootstrap.servers": self.kafka,
                "group.id": f"{self.prefix}fake-worker",
                "auto.offset.reset": "earliest",
            }
        )
        kinds = ("commands", "webhooks")
        topics = [f"{self.prefix}marketplace.{m}.{k}" for m in self.marketplaces for k in kinds]
        consumer.subscribe(topics)
        producer = self._producer()
        while not stop.is_set():
            record = consumer.poll(0.1)
            if record is None or record.error() is not None:
                continue
            headers: Any = record.headers() or []
            decoded = decode(record.value(), headers)
            self._answer(producer, decoded.envelope, decoded.message)
            producer.flush(20)
        consumer.close()

    def _answer(self, producer: Producer, at: Envelope, message: Message) -> None:
        if isinstance(message, WebhookReceived):
            self.received.append((at, message))
            self._take_webhook(producer, at, message)
            return
        self.commands.append(at)
        if isinstance(message, ListingCommand):
            self.told[message.item_id, message.marketplace] = message
            if message.marketplace not in self.silent:
                self._say(producer, message.marketplace, self._outcome(message), at)
        elif isinstance(message, ListingLink | ListingCheck):
            self._say(producer, message.marketplace, self._observed(message), at)
        elif isinstance(message, MarketplacePause | MarketplaceResume):
            paused = isinstance(message, MarketplacePause)
            said = MarketplaceStatusChanged(
                marketplace=message.marketplace,
                status="paused" if paused else "up",
                since=datetime.now(UTC),
                detail=message.reason,
            )
            self._say(producer, message.marketplace, said, at)

    def _outcome(self, command: ListingCommand) -> Message:
        known = {
            "item_id": command.item_id,
            "marketplace": command.marketplace,
            "intent": command.intent,
        }
        if isinstance(command, ListingActivate) and self._refuses(command):
            return ListingValidationFailed(**known, operation="activate", issues=[missing(command)])
        seen = {
            **known,
            "external_id": f"{command.marketplace}-{command.item_id}",
            "observed_at": datetime.now(UTC),
            "source": "call",
            "verified": True,
        }
        match command:
            case ListingActivate():
                return ListingActivated(**seen, observed="active")
            case ListingUpdate():
                return ListingUpdated(**seen, observed="active")
            case ListingHold():
                return ListingHeld(**seen, observed="on_hold")
            case ListingDeactivate():
                sold = command.target.desired == "sold"
                return ListingDeactivated(**seen, observed="sold" if sold else "inactive")
        raise TypeError(f"no answer to {command.TYPE}")

    def _observed(self, asked: ListingLink | ListingCheck) -> Message:
        known = self.told.get((asked.item_id, asked.marketplace))
        linked = asked.external_id if isinstance(asked, ListingLink) else None
        intent = asked.intent if isinstance(asked, ListingLink) else known.intent if known else 0
        return ListingObserved(
            item_id=asked.item_id,
            marketplace=asked.marketplace,
            intent=intent,
            external_id=linked or f"{asked.marketplace}-{asked.item_id}",
            observed=self.shows.get(linked or "", "active"),
            observed_at=datetime.now(UTC),
            source="read_back",
            changed_by="unknown",
        )

    def _refuses(self, command: ListingCommand) -> bool:
        return (command.item_id, command.marketplace) in self.refuse

    def _take_webhook(self, producer: Producer, at: Envelope, webhook: WebhookReceived) -> None:
        body = base64.b64decode(webhook.body_base64)
        sale = SaleRecord.model_validate_json(body) if b'"sale_id"' in body else None
        if sale is not None:
            self._say(producer, webhook.marketplace, sale, at, topic="sales.commands")
        processed = WebhookProcessed(
            webhook_id=webhook.webhook_id,
            marketplace=webhook.marketplace,
            result="applied" if sale else "unmatched",
            sale_id=sale.sale_id if sale else None,
            unmatched=None if sale else [unlinked(webhook.webhook_id)],
        )
        self._say(producer, webhook.marketplace, processed, at)

    def _say(
        self,
        producer: Producer,
        marketplace: str,
        message: Message,
        at: Envelope | None,
        topic: str = MARKETPLACE_EVENTS,
    ) -> None:
        envelope = Envelope(
            id=str(uuid.uuid4()),
            source=sources.worker(marketplace),
            type=message.TYPE,
            time=datetime.now(UTC),
            subject=message.subject,
            dealer=at.dealer if at else "main",
            causation_id=at.id if at else None,
            correlation_id=(at.correlation_id or at.id) if at else None,
            actor=at.actor if at else None,
        )
        value, headers = encode(envelope, message)
        key = f"{envelope.dealer}/{message.key or message.subject}"
        producer.produce(f"{self.prefix}{topic}", value=value, key=key, headers=list(headers))


def unlinked(webhook_id: str) -> UnmatchedSale:
    """A sale of a listing that nobody has linked, numbered as the delivery that told of it."""
    return UnmatchedSale(
        sale_id=f"etsy:{webhook_id[-8:]}",
        external_id=webhook_id[-8:],
        external_order_id="11-2",
        sold_at=datetime(2026, 11, 24, 8, tzinfo=UTC),
    )


def missing(command: ListingCommand) -> Issue:
    """A field that the marketplace misses."""
    return Issue(
        marketplace=command.marketplace,
        code="required_field_missing",
        category="dealer",
        field="/attributes/period",
        message="Period is missing.",
        action="Fill in Period.",
    )
