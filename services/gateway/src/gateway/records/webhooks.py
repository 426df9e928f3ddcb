"""Deliveries from marketplaces: kept before 2xx, published after, repeated until processed."""

import asyncio
import base64
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from brocante.contracts import sources
from brocante.contracts.answers import CommandRejected
from brocante.contracts.envelope import Decoded, Envelope
from brocante.contracts.listings import WebhookProcessed, WebhookReceived
from brocante.contracts.sales import SaleCanceled, SaleRecorded
from brocante.documents.driver import Database, DuplicateKeyError, UpdateOne
from brocante.messaging.deciding import Outgoing
from brocante.messaging.outputs import Speaker, wires
from brocante.messaging.publisher import Publisher
from gateway.records.outbox import Outbox, Stored, moment_to_keep

log = structlog.get_logger()
COLLECTION = "gateway_webhooks"
SWEEP_SECONDS = 1.0
LONGEST_REPEAT = 60.0
MOST = 500
EVER = timedelta(days=3650)
EFFECTS = (SaleRecorded, SaleCanceled, CommandRejected)


class Webhooks:
    """Every accepted delivery, by its own id: a duplicate does nothing."""

    def __init__(
        self, database: Database, publisher: Publisher, prefix: str, repeat_seconds: float
    ) -> None:
        self._database = database
        self._webhooks = database.collection(COLLECTION)
        self._publisher = publisher
        self._prefix = prefix
        self._repeat = repeat_seconds
        self.outbox = Outbox(self._publish)

    async def prepare(self) -> None:
        """Create the collection and its indexes."""
        await self._database.create_collections(COLLECTION)
        for field in ("due_at", "outcome", "received_at"):
            await self._webhooks.create_index(field)

    async def accept(
        self,
        dealer: str,
        webhook_id: str,
        marketplace: str,
        account: str,
        headers: Mapping[str, str],
        body: bytes,
    ) -> bool:
        """Keep and publish a delivery; False when it was here before."""
        now = moment_to_keep()
        stored = {
            "_id": f"{dealer}/{webhook_id}",
            "dealer": dealer,
            "marketplace": marketplace,
            "account": account,
            "headers": [[name, value] for name, value in headers.items()],
            "body": body,
            "received_at": now,
            "result": None,
            "repeats": 0,
            "due_at": now + timedelta(seconds=self._repeat),
        }
        try:
            await self._webhooks.insert_one(stored)
        except DuplicateKeyError:
            return False
        self.outbox.offer([stored])
        return True

    async def take_answers(self, events: Sequence[Decoded]) -> None:
        """Note what became of deliveries, and that the sale they are about was heard of.

        What a worker makes of a delivery keeps its correlation, which is the delivery's id.
        """
        now = datetime.now(UTC)
        updates: list[UpdateOne] = []
        for event in events:
            at, message = event.envelope, event.message
            if isinstance(message, WebhookProcessed):
                change = {
                    "result": message.result,
                    "sale_id": message.sale_id,
                    "outcome": f"{at.dealer}/{message.result}",
                    "unmatched": json.dumps(message.wire().get("unmatched", [])),
                }
                key = f"{at.dealer}/{message.webhook_id}"
                updates.append(UpdateOne({"_id": key}, {"$set": change, "$unset": {"due_at": ""}}))
            elif isinstance(message, EFFECTS) and ":" in (at.correlation_id or ""):
                key = f"{at.dealer}/{at.correlation_id}"
                updates.append(UpdateOne({"_id": key}, {"$set": {"effect_at": now}}))
        if updates:
            await self._webhooks.bulk_write(updates)

    async def listed(self, dealer: str, result: str) -> list[dict[str, Any]]:
        """Deliveries with this result, newest first."""
        found = await self._webhooks.find({"outcome": f"{dealer}/{result}"})
        found.sort(key=lambda stored: stored["received_at"], reverse=True)
        return [
            {
                "webhook_id": stored["_id"].split("/", 1)[1],
                "marketplace": stored["marketplace"],
                "account": stored["account"],
                "received_at": stored["received_at"].isoformat(),
                "result": stored["result"],
                "sale_id": stored.get("sale_id"),
                "unmatched": json.loads(stored.get("unmatched") or "[]"),
            }
            for stored in found[:MOST]
        ]

    async def say_again(self, since: datetime) -> int:
        """After a broker was lost: deliveries whose effect was not seen, oldest first."""
        where = {"received_at": {"$gte": since, "$lte": datetime.now(UTC)}}
        found = await self._webhooks.find(where)
        unseen = [stored for stored in found if _unseen(stored)]
        unseen.sort(key=lambda stored: (stored["received_at"], stored["_id"]))
        await self.outbox.first(unseen)
        return len(unseen)

    async def repeat_forever(self) -> None:
        """Publish again, with the same id, what has not been processed."""
        while True:
            try:
                await self.repeat()
            except Exception as error:  # noqa: BLE001 - tried again; nothing is lost
                log.warning("repeat_failed", error=repr(error))
            await asyncio.sleep(SWEEP_SECONDS)

    async def repeat(self, *, everything: bool = False) -> int:
        """Publish again what is due (or all that is not processed), the oldest first."""
        now = datetime.now(UTC)
        where = {"due_at": {"$gt": now - EVER, "$lte": now + EVER if everything else now}}
        limit = 0 if everything else MOST
        due = await self._webhooks.find(where, sort=[("due_at", 1)], limit=limit)
        due.sort(key=lambda stored: stored["received_at"])
        await self.outbox.first(due)
        changes = []
        for stored in due:
            repeats = int(stored["repeats"]) + 1
            wait = min(self._repeat * 2.0 ** min(repeats, 10), LONGEST_REPEAT)
            change = {"$set": {"repeats": repeats, "due_at": now + timedelta(seconds=wait)}}
            changes.append(UpdateOne({"_id": stored["_id"], "result": None}, change))
        if changes:
            await self._webhooks.bulk_write(changes)
        return len(due)

    async def _publish(self, stored: Sequence[Stored]) -> None:
        outputs = []
        for one in stored:
            webhook_id = one["_id"].split("/", 1)[1]
            event = WebhookReceived(
                webhook_id=webhook_id,
                marketplace=one["marketplace"],
                account=one["account"],
                headers=dict(one["headers"]),
                body_base64=base64.b64encode(bytes(one["body"])).decode(),
                received_at=one["received_at"],
            )
            envelope = Envelope(
                id=webhook_id,
                source=f"{sources.GATEWAY}/webhooks/{one['marketplace']}",
                type=event.TYPE,
                time=one["received_at"],
                subject=webhook_id,
                dealer=one["dealer"],
                correlation_id=webhook_id,
                actor=f"webhook:{one['marketplace']}",
            )
            speaker = Speaker(envelope.source, "", self._prefix)
            outputs.append(speaker.encoded(envelope, Outgoing(event)))
        await self._publisher.send_all(wires(outputs))


def _unseen(stored: Mapping[str, Any]) -> bool:
    """`webhook.processed` alone is not enough: a sale's own event or refusal must be there."""
    about_a_sale = stored.get("sale_id") is not None
    return stored.get("result") is None or (about_a_sale and "effect_at" not in stored)
