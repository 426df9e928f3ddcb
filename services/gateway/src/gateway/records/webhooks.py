"""Deliveries from marketplaces: kept before 2xx, published after, repeated until processed."""

import asyncio
import base64
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from brocante.contracts import sources
from brocante.contracts.envelope import Decoded, Envelope
from brocante.contracts.listings import WebhookProcessed, WebhookReceived
from brocante.documents.driver import Database, DuplicateKeyError, UpdateOne
from brocante.messaging.publisher import NotPublished, Publisher

log = structlog.get_logger()
COLLECTION = "gateway_webhooks"
SWEEP_SECONDS = 1.0
LONGEST_REPEAT = 60.0
MOST = 500


class Webhooks:
    """Every accepted delivery, by its own id: a duplicate does nothing."""

    def __init__(self, database: Database, publisher: Publisher, repeat_seconds: float) -> None:
        self._database = database
        self._webhooks = database.collection(COLLECTION)
        self._publisher = publisher
        self._repeat = repeat_seconds

    async def prepare(self) -> None:
        """Create the collection and its indexes."""
        await self._database.create_collections(COLLECTION)
        for field in ("due_at", "outcome"):
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
        now = datetime.now(UTC)
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
        await self._publish([stored])
        return True

    async def take_answers(self, events: Sequence[Decoded]) -> None:
        """Note what became of deliveries.

        A delivery is answered by `webhook.processed`. Its sale is known to sales once that event
        is there: `sale.record` was published with it, and sales keeps asking no one.
        """
        updates = []
        for event in events:
            message = event.message
            if isinstance(message, WebhookProcessed):
                dealer = event.envelope.dealer
                change = {
                    "result": message.result,
                    "sale_id": message.sale_id,
                    "outcome": f"{dealer}/{message.result}",
                }
                updates.append(
                    UpdateOne(
                        {"_id": f"{dealer}/{message.webhook_id}"},
                        {"$set": change, "$unset": {"due_at": ""}},
                    )
                )
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
            }
            for stored in found[:MOST]
        ]

    async def say_again(self, since: datetime, sales: set[str]) -> int:
        """After a broker was lost: deliveries whose sale is not seen, oldest first."""
        where = {"received_at": {"$gte": since}}
        found = await self._webhooks.find(where)
        unseen = [s for s in found if s.get("sale_id") is None or _sale_key(s) not in sales]
        unseen.sort(key=lambda stored: stored["received_at"])
        await self._publish(unseen)
        return len(unseen)

    async def repeat_forever(self) -> None:
        """Publish again, with the same id, what has not been processed."""
        while True:
            try:
                await self._repeat_due()
            except Exception as error:  # noqa: BLE001 - tried again; nothing is lost
                log.warning("repeat_failed", error=repr(error))
            await asyncio.sleep(SWEEP_SECONDS)

    async def _repeat_due(self) -> None:
        now = datetime.now(UTC)
        where = {"due_at": {"$gt": now - timedelta(days=3650), "$lte": now}}
        due = await self._webhooks.find(where, sort=[("due_at", 1)], limit=MOST)
        await self._publish(due)
        changes = []
        for stored in due:
            repeats = int(stored["repeats"]) + 1
            wait = timedelta(seconds=min(self._repeat * 2**repeats, LONGEST_REPEAT))
            change = {"$set": {"repeats": repeats, "due_at": now + wait}}
            changes.append(UpdateOne({"_id": stored["_id"]}, change))
        if changes:
            await self._webhooks.bulk_write(changes)

    async def _publish(self, stored: Sequence[Mapping[str, Any]]) -> None:
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
            try:
                await self._publisher.send(envelope, event)
            except NotPublished as error:
                log.warning("webhook_not_published", webhook=webhook_id, error=str(error))


def _sale_key(stored: Mapping[str, Any]) -> str:
    return f"{stored['dealer']}/{stored['sale_id']}"
