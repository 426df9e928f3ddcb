"""Everything that happened to an item: every command, event and outcome, with who and when."""

from collections.abc import Sequence
from typing import Any

from brocante.contracts.envelope import Decoded
from brocante.contracts.snapshot import ItemChanged
from brocante.documents.driver import Database, ReplaceOne

COLLECTION = "gateway_history"
MOST = 500


class History:
    """Kept by event id, found by item."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._history = database.collection(COLLECTION)

    async def prepare(self) -> None:
        """Create the collection and its index."""
        await self._database.create_collections(COLLECTION)
        await self._history.create_index("item")

    async def take(self, events: Sequence[Decoded]) -> None:
        """Keep what events say about items."""
        writes = [
            ReplaceOne({"_id": stored["_id"]}, stored, upsert=True)
            for stored in map(_stored, events)
            if stored is not None
        ]
        if writes:
            await self._history.bulk_write(writes)

    async def of_item(self, dealer: str, item_id: str) -> list[dict[str, Any]]:
        """The newest entries of an item, newest first."""
        found = await self._history.find({"item": f"{dealer}/{item_id}"})
        found.sort(key=lambda stored: stored["at"], reverse=True)
        return [
            {
                name: stored[name].isoformat() if name == "at" else stored[name]
                for name in ("id", "at", "type", "actor", "cause", "correlation", "what")
                if stored.get(name) is not None
            }
            for stored in found[:MOST]
        ]


def _stored(event: Decoded) -> dict[str, Any] | None:
    at, message = event.envelope, event.message
    item_id = getattr(message, "item_id", None)
    if item_id is None:
        return None
    return {
        "_id": f"{at.dealer}/{at.id}",
        "item": f"{at.dealer}/{item_id}",
        "id": at.id,
        "at": at.time,
        "type": at.type,
        "actor": at.actor,
        "cause": at.causation_id,
        "correlation": at.correlation_id,
        "what": _what(event),
    }


def _what(event: Decoded) -> dict[str, Any]:
    """A few words' worth: snapshots are large, what changed in them is not."""
    message = event.message
    if isinstance(message, ItemChanged):
        return {
            "revision": message.revision,
            "status": message.status,
            "changed": message.changed,
            "listings": {m: one.observed for m, one in message.listings.items()},
        }
    return message.wire()
