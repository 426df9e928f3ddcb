"""Views of items and sales, built from events by revision and version."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from brocante.contracts.envelope import Decoded
from brocante.contracts.sales import SaleCanceled, SaleMerged, SaleRecorded, SaleSplitOff
from brocante.contracts.snapshot import ItemChanged
from brocante.documents.driver import Collection, Database, InsertOne, ReplaceOne
from gateway.records.finding import (
    MOST,
    ItemQuery,
    newest,
    page_of_items,
    page_of_sales,
    terms_of,
    terms_of_item,
    terms_of_sale,
)
from gateway.records.paging import cut
from gateway.records.standing import Standings, standing, waits

ITEMS, SALES = "gateway_items", "gateway_sales"
SaleEvent = SaleRecorded | SaleCanceled | SaleMerged | SaleSplitOff


class Overtaken(Exception):  # noqa: N818 - a state of affairs: the batch is taken again
    """Another replica wrote the same view meanwhile."""


class Views:
    """Items and sales as the services last said them."""

    def __init__(self, database: Database, marketplaces: Sequence[str] = ()) -> None:
        self._database = database
        self._items = database.collection(ITEMS)
        self.standings = Standings(self._items, marketplaces)
        self._sales = database.collection(SALES)

    async def prepare(self) -> None:
        """Create the collections and their indexes."""
        await self._database.create_collections(ITEMS, SALES)
        for collection, order in ((self._items, "_id"), (self._sales, "order")):
            await collection.create_list_index("terms", order)
        await self.standings.prepare()

    async def take(self, events: Sequence[Decoded]) -> list[str]:
        """Apply events; the ids of items whose view changed."""
        changed = await self._take_items(events)
        await self._take_sales(events)
        return changed

    async def item(self, dealer: str, item_id: str) -> dict[str, Any] | None:
        """The newest snapshot of an item."""
        stored = await self._items.find_one({"_id": f"{dealer}/{item_id}"}, ["snapshot"])
        return _loaded(stored["snapshot"]) if stored else None

    async def many(self, dealer: str, item_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        """The newest snapshots of these items, by their ids."""
        return await _named(self._items, "snapshot", dealer, item_ids)

    async def items(self, dealer: str, query: ItemQuery) -> tuple[list[dict[str, Any]], str | None]:
        """A page of items by id, and the cursor of the next page."""
        asked = page_of_items(dealer, query)
        found = await cut(self._items, asked, ["snapshot"])
        page = found[: asked.limit]
        following = page[-1]["_id"].split("/", 1)[1] if len(found) > asked.limit else None
        return [_loaded(stored["snapshot"]) for stored in page], following

    async def sale(self, dealer: str, sale_id: str) -> dict[str, Any] | None:
        """A sale."""
        stored = await self._sales.find_one({"_id": f"{dealer}/{sale_id}"})
        return _loaded(stored["sale"]) if stored else None

    async def sales_named(self, dealer: str, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        """These sales, by their ids."""
        return await _named(self._sales, "sale", dealer, ids)

    async def sales(
        self, dealer: str, where: Mapping[str, str], cursor: str | None, limit: int
    ) -> tuple[list[dict[str, Any]], str | None]:
        """A page of sales, newest first; `where` may hold status, item_id, marketplace."""
        asked = page_of_sales(dealer, where, cursor, limit)
        found = await cut(self._sales, asked, ["sale", "order"])
        page = found[: asked.limit]
        following = page[-1]["order"] if len(found) > asked.limit else None
        return [_loaded(stored["sale"]) for stored in page], following

    async def _take_items(self, events: Sequence[Decoded]) -> list[str]:
        newest: dict[str, tuple[Decoded, ItemChanged]] = {}
        for event in events:
            if isinstance(event.message, ItemChanged):
                key = f"{event.envelope.dealer}/{event.message.item_id}"
                if key not in newest or newest[key][1].revision <= event.message.revision:
                    newest[key] = (event, event.message)
        if not newest:
            return []
        fields = {waits(m) for _, message in newest.values() for m in message.listings}
        stored = await self._items.find(
            {"_id": {"$in": list(newest)}}, fields=["revision", *sorted(fields)]
        )
        known = {one["_id"]: one for one in stored}
        revisions = {key: one["revision"] for key, one in known.items()}
        writes = [
            _guarded(key, "revision", revisions.get(key), _stored_item(key, event, known.get(key)))
            for key, (event, message) in newest.items()
            if message.revision >= revisions.get(key, -1)
        ]
        if writes and await self._items.bulk_write(writes) < len(writes):
            raise Overtaken("items")
        return list(newest)

    async def _take_sales(self, events: Sequence[Decoded]) -> None:
        by_sale: dict[str, list[tuple[Decoded, SaleEvent]]] = {}
        for event in events:
            if isinstance(event.message, SaleEvent):
                key = f"{event.envelope.dealer}/{event.message.sale_id}"
                by_sale.setdefault(key, []).append((event, event.message))
        if not by_sale:
            return
        known = await self._sales.find({"_id": {"$in": list(by_sale)}})
        current = {stored["_id"]: _loaded(stored["sale"]) for stored in known}
        versions = {stored["_id"]: stored.get("version") for stored in known}
        writes = []
        for key, said in by_sale.items():
            sale = current.get(key, {})
            for _, message in sorted(said, key=lambda one: one[1].sale_version):
                sale = _with_event(sale, message)
            stored = _stored_sale(key, sale)
            writes.append(_guarded(key, "version", versions.get(key), stored))
        if await self._sales.bulk_write(writes) < len(writes):
            raise Overtaken("sales")


async def _named(
    collection: Collection, field: str, dealer: str, ids: Sequence[str]
) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for start in range(0, len(ids), MOST):
        keys = [f"{dealer}/{one}" for one in ids[start : start + MOST]]
        for stored in await collection.find({"_id": {"$in": keys}}, fields=[field]):
            found[stored["_id"].split("/", 1)[1]] = _loaded(stored[field])
    return found


def _guarded(
    key: str, field: str, known: int | None, stored: dict[str, Any]
) -> InsertOne[Any] | ReplaceOne[Any]:
    """Written only if nobody else has written since it was read."""
    if known is None:
        return InsertOne(stored)
    return ReplaceOne({"_id": key, field: known}, stored)


def _with_event(sale: dict[str, Any], message: SaleEvent) -> dict[str, Any]:
    """The sale after an event; an older one only fills in what is not known yet."""
    said = message.wire()
    if message.sale_version < int(sale.get("sale_version", 0)):
        return {**said, **sale} if isinstance(message, SaleRecorded) else sale
    match message:
        case SaleRecorded():
            said["status"] = "open"
        case SaleCanceled():
            said["status"] = "canceled"
        case SaleMerged():
            said = {**said, "status": "merged", "merged_into": said.pop("into")}
        case SaleSplitOff():
            said.pop("into")
            said["status"] = "open"
            sale = {name: value for name, value in sale.items() if name != "merged_into"}
    return {**sale, **said}


def _stored_item(key: str, event: Decoded, known: Mapping[str, Any] | None) -> dict[str, Any]:
    message = event.message
    assert isinstance(message, ItemChanged)  # noqa: S101 - only snapshots come here
    terms = terms_of(key, terms_of_item(message))
    return {
        "_id": key,
        "dealer": key.split("/", 1)[0],
        "revision": message.revision,
        "snapshot": message.model_dump_json(exclude_none=True),
        "terms": terms,
        "has": terms,
        "at": datetime.now(UTC),
        **standing(message, event.envelope.time, known),
    }


def _stored_sale(key: str, sale: Mapping[str, Any]) -> dict[str, Any]:
    terms = terms_of(key, terms_of_sale(sale))
    return {
        "_id": key,
        "dealer": key.split("/", 1)[0],
        "order": newest(sale),
        "terms": terms,
        "has": terms,
        "version": int(sale["sale_version"]),
        "sale": json.dumps(sale),
    }


def _loaded(text: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(text)
    return loaded
