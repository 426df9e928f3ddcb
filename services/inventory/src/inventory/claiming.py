"""Claims on listings: of two items that ask for the same listing at once, one gets it.

A link is decided on one item's document, which cannot see another's. So it is claimed before, in a
document of its own per listing, written over the version that was seen. A claim that led to no link
(its batch died) lapses, after more time than any batch may take.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from msgspec import json

from brocante.documents.store import DocumentStore
from brocante.messaging.deciding import DocumentType, Said

LAPSES_AFTER = timedelta(minutes=3)
Deleted = Callable[[set[str]], Awaitable[set[str]]]


@dataclass(frozen=True, slots=True)
class Claim:
    """The item that a listing was last asked for, and when."""

    item_id: str
    at: datetime


CLAIMS: DocumentType[Claim] = DocumentType("item_links", json.Decoder(Claim))


def say_nothing(_document: str, _claim: Claim, _changed: datetime, _since: datetime) -> list[Said]:
    """Nobody else needs to know of claims."""
    return []


async def claim(
    store: DocumentStore, wanted: Mapping[str, str], now: datetime, deleted: Deleted
) -> Mapping[str, str]:
    """Claim listings (`<dealer>/<marketplace>:<external id>`) for items; who has each now.

    `deleted`: which of some items (`<dealer>/<item>`) are; what they claimed counts no more.
    """
    holders = await _tried(store, wanted, now, deleted)
    lost = {name: item_id for name, item_id in wanted.items() if name not in holders}
    # Somebody was faster: whose claim it is now is read once, and stands.
    return {**holders, **await _tried(store, lost, now, deleted)} if lost else holders


async def _tried(
    store: DocumentStore, wanted: Mapping[str, str], now: datetime, deleted: Deleted
) -> Mapping[str, str]:
    documents = await store.load(wanted, fresh=True)
    others = {
        name: known.item_id
        for name, item_id in wanted.items()
        if (known := CLAIMS.read(documents[name])) is not None
        and known.item_id != item_id
        and now - known.at < LAPSES_AFTER
    }
    gone = await deleted({_item(*other) for other in others.items()}) if others else set()
    holders = {
        name: item_id for name, item_id in others.items() if _item(name, item_id) not in gone
    }
    taken = [
        documents[name].next(**CLAIMS.written(Claim(item_id, now), now))
        for name, item_id in wanted.items()
        if name not in holders
    ]
    losers = await store.save(taken)
    won = {one.id: wanted[one.id] for one in taken if one.id not in losers}
    return {**holders, **won}


def _item(name: str, item_id: str) -> str:
    return f"{name.split('/', 1)[0]}/{item_id}"
