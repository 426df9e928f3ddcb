"""Everything that happened, with who and when: an item's history, and what a live stream missed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from brocante.contracts.envelope import Decoded
from brocante.contracts.snapshot import ItemChanged, Listing
from brocante.documents.driver import Database, InsertOne

COLLECTION = "gateway_history"
PAGE = 1000
TOLD = ("id", "at", "type", "source", "actor", "cause", "correlation", "what")


@dataclass(frozen=True, slots=True)
class Numbered:
    """An event with its number: when it was taken in, in microseconds, strictly rising."""

    number: int
    event: Decoded


class History:
    """Kept by event id, found by item and by number."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._history = database.collection(COLLECTION)

    async def prepare(self) -> None:
        """Create the collection and its indexes."""
        await self._database.create_collections(COLLECTION)
        for field in ("item", "number"):
            await self._history.create_index(field)

    async def take(self, events: Sequence[Numbered]) -> None:
        """Keep events; one that is here already stays as it is."""
        writes = [InsertOne(_stored(one)) for one in events]
        if writes:
            await self._history.bulk_write(writes)

    async def unknown(self, events: Sequence[Decoded]) -> list[Decoded]:
        """Those that are not kept yet, once each: what is read again was counted before."""
        by_id = {_id(event): event for event in events}
        found = await self._history.find({"_id": {"$in": list(by_id)}}, fields=["_id"])
        known = {stored["_id"] for stored in found}
        return [event for id_, event in by_id.items() if id_ not in known]

    async def of_item(self, dealer: str, item_id: str) -> list[dict[str, Any]]:
        """What happened to an item, in no order."""
        found = await self._history.find({"item": f"{dealer}/{item_id}"})
        return [{"kind": "event", **_told(stored)} for stored in found]

    async def since(self, dealer: str, after: int, until: int) -> list[dict[str, Any]]:
        """A dealer's entries with numbers above `after`, up to `until`, oldest first."""
        entries: list[dict[str, Any]] = []
        while True:
            where = {"number": {"$gt": after, "$lte": until}}
            found = await self._history.find(where, sort=[("number", 1)], limit=PAGE)
            own = [stored for stored in found if stored["dealer"] == dealer]
            entries += [{**_told(one), "number": one["number"]} for one in own]
            if len(found) < PAGE:
                return entries
            after = int(found[-1]["number"])


def _id(event: Decoded) -> str:
    at = event.envelope
    return f"{at.dealer}/{at.source}/{at.id}"


def _told(stored: dict[str, Any]) -> dict[str, Any]:
    return {name: stored[name] for name in TOLD if stored.get(name) is not None}


def _stored(one: Numbered) -> dict[str, Any]:
    at, message = one.event.envelope, one.event.message
    item_id = getattr(message, "item_id", None)
    stored = {
        "_id": _id(one.event),
        "dealer": at.dealer,
        "number": one.number,
        "id": at.id,
        "at": at.time,
        "type": at.type,
        "source": at.source,
        "actor": at.actor,
        "cause": at.causation_id,
        "correlation": at.correlation_id,
        "what": _what(one.event),
    }
    return {**stored, "item": f"{at.dealer}/{item_id}"} if item_id else stored


def _what(event: Decoded) -> dict[str, Any]:
    """A few words' worth: snapshots are large, what changed in them is not."""
    message = event.message
    if isinstance(message, ItemChanged):
        return {
            "item_id": message.item_id,
            "revision": message.revision,
            "status": message.status,
            "changed": message.changed,
            "listings": {m: one.observed for m, one in message.listings.items()},
            "wanted": {m: _wanted(one) for m, one in message.listings.items()},
        }
    return message.wire()


def _wanted(listing: Listing) -> dict[str, Any]:
    """What was wanted of a listing: to put that back is to undo what came after."""
    return listing.model_dump(mode="json", include={"desired", "hold"}, exclude_none=True)
