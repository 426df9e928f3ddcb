"""Views of items and sales, built from events by revision and version."""

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from brocante.contracts.envelope import Decoded
from brocante.contracts.sales import SaleCanceled, SaleMerged, SaleRecorded, SaleSplitOff
from brocante.contracts.snapshot import ItemChanged
from brocante.documents.driver import Database, InsertOne, ReplaceOne
from gateway.records.standing import Standings, standing, waits

ITEMS, SALES = "gateway_items", "gateway_sales"
MOST = 1000
SHOWN = "shown"
_WORD = re.compile(r"[^\W_]+(?:[.'-][^\W_]+)*")
SaleEvent = SaleRecorded | SaleCanceled | SaleMerged | SaleSplitOff


@dataclass(frozen=True, slots=True)
class ItemQuery:
    """What a list of items is narrowed by; None narrows nothing."""

    words: str | None = None
    status: str | None = None
    marketplace: str | None = None
    state: str | None = None
    issue: str | None = None
    cursor: str | None = None
    limit: int = 50


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
        for field in ("dealer", "terms"):
            await self._items.create_index(field)
        await self.standings.prepare()
        for field in ("dealer", "item", "state"):
            await self._sales.create_index(field)

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
        found: dict[str, dict[str, Any]] = {}
        for start in range(0, len(item_ids), MOST):
            keys = [f"{dealer}/{item_id}" for item_id in item_ids[start : start + MOST]]
            for stored in await self._items.find({"_id": {"$in": keys}}, fields=["snapshot"]):
                found[stored["_id"].split("/", 1)[1]] = _loaded(stored["snapshot"])
        return found

    async def items(self, dealer: str, query: ItemQuery) -> tuple[list[dict[str, Any]], str | None]:
        """A page of items by id, and the cursor of the next page."""
        limit = max(1, min(query.limit, MOST))
        wanted = {f"{dealer}|{term}" for term in _terms_of(query)}
        # One indexed look-up by the rarest-looking term; the rest is narrowed here.
        found = await self._items.find({"terms": max(wanted, key=len)}, fields=["terms"])
        after = f"{dealer}/{query.cursor}" if query.cursor is not None else ""
        ids = sorted(s["_id"] for s in found if s["_id"] > after and wanted <= set(s["terms"]))
        page = ids[:limit]
        shown = await self._items.find({"_id": {"$in": page}}, fields=["snapshot"])
        snapshots = {stored["_id"]: _loaded(stored["snapshot"]) for stored in shown}
        following = page[-1].split("/", 1)[1] if len(ids) > limit else None
        return [snapshots[id_] for id_ in page if id_ in snapshots], following

    async def sale(self, dealer: str, sale_id: str) -> dict[str, Any] | None:
        """A sale."""
        stored = await self._sales.find_one({"_id": f"{dealer}/{sale_id}"})
        return _loaded(stored["sale"]) if stored else None

    async def sales(
        self, dealer: str, where: Mapping[str, str], cursor: str | None, limit: int
    ) -> tuple[list[dict[str, Any]], str | None]:
        """A page of sales, newest first; `where` may hold status, item_id, marketplace."""
        look_up: dict[str, Any] = {"dealer": dealer}
        if "item_id" in where:
            look_up = {"item": f"{dealer}/{where['item_id']}"}
        elif "status" in where:
            look_up = {"state": f"{dealer}/{where['status']}"}
        found = await self._sales.find(look_up)
        sales = [_loaded(stored["sale"]) for stored in found if stored["dealer"] == dealer]
        sales = [s for s in sales if all(s.get(name) == v for name, v in where.items())]
        sales.sort(key=_newest_first, reverse=True)
        if cursor is not None:
            keys = [f"{key[0]}|{key[1]}" for key in map(_newest_first, sales)]
            sales = [s for s, key in zip(sales, keys, strict=True) if key < cursor]
        limit = max(1, min(limit, MOST))
        page = sales[:limit]
        last = "|".join(_newest_first(page[-1])) if len(sales) > limit else None
        return page, last

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
    dealer = key.split("/", 1)[0]
    return {
        "_id": key,
        "dealer": dealer,
        "revision": message.revision,
        "snapshot": message.model_dump_json(exclude_none=True),
        "terms": sorted({f"{dealer}|{term}" for term in _terms(message)}),
        "at": datetime.now(UTC),
        **standing(message, event.envelope.time, known),
    }


def _stored_sale(key: str, sale: Mapping[str, Any]) -> dict[str, Any]:
    dealer = key.split("/", 1)[0]
    return {
        "_id": key,
        "dealer": dealer,
        "item": f"{dealer}/{sale['item_id']}",
        "state": f"{dealer}/{sale['status']}",
        "version": int(sale["sale_version"]),
        "sale": json.dumps(sale),
    }


def _terms(message: ItemChanged) -> set[str]:
    """Everything an item is found by: words, status, and what its listings show."""
    values = " ".join(str(value) for value in message.attributes.values())
    found = words(f"{message.title} {message.sku} {message.item_id} {values}")
    found.add(f"status:{message.status}")
    if message.status != "deleted":
        found.add(SHOWN)
    for marketplace, listing in message.listings.items():
        found |= {f"on:{marketplace}", f"state:{listing.observed}"}
        found.add(f"at:{marketplace}:{listing.observed}")
        for issue in listing.issues:
            found |= {"issue:any", f"issue:{issue.code}", f"issue:{marketplace}"}
    return found


def _terms_of(query: ItemQuery) -> set[str]:
    found = words(query.words or "")
    found.add(f"status:{query.status}" if query.status else SHOWN)
    if query.marketplace and query.state:
        found.add(f"at:{query.marketplace}:{query.state}")
    elif query.marketplace:
        found.add(f"on:{query.marketplace}")
    elif query.state:
        found.add(f"state:{query.state}")
    if query.issue:
        found.add(f"issue:{query.issue}")
    return found


def words(text: str) -> set[str]:
    """The words of a text, without accents and in lower case.

    `91.10` is one word; `side-chair` is three: itself and both its parts.
    """
    plain = unicodedata.normalize("NFKD", text)
    bare = "".join(c for c in plain if not unicodedata.combining(c)).lower()
    found = {match[0] for match in _WORD.finditer(bare)}
    parts = {part for word in found for part in re.split(r"[-']", word) if len(part) > 1}
    return {word[:64] for word in found | parts}


def _newest_first(sale: Mapping[str, Any]) -> tuple[str, str]:
    return str(sale.get("sold_at", "")), str(sale["sale_id"])


def _loaded(text: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(text)
    return loaded
