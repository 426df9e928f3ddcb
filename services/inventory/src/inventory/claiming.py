"""Claims on listings: of two items that ask for the same listing at once, one gets it.

A link is decided on one item's document, which cannot see another's. So it is claimed before, in a
document of its own per listing, written over the version that was seen. A claim that led to no link
(its batch died) lapses, after more time than any batch may take.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import TypeAdapter

from brocante.documents.document import Document
from brocante.documents.store import DocumentStore
from brocante.messaging.deciding import DocumentType, Said

LAPSES_AFTER = timedelta(minutes=3)


@dataclass(frozen=True, slots=True)
class Claim:
    """The item that a listing was last asked for, and when."""

    item_id: str
    at: datetime


CLAIMS: DocumentType[Claim] = DocumentType("item_links", TypeAdapter(Claim))


def say_nothing(_document: str, _claim: Claim, _changed: datetime, _since: datetime) -> list[Said]:
    """Nobody else needs to know of claims."""
    return []


async def claim(
    store: DocumentStore, wanted: Mapping[str, str], now: datetime
) -> Mapping[str, str]:
    """Claim listings (`<dealer>/<marketplace>:<external id>`) for items; who has each now."""
    holders = await _tried(store, wanted, now)
    lost = {name: item_id for name, item_id in wanted.items() if name not in holders}
    # Somebody was faster: whose claim it is now is read once, and stands.
    return {**holders, **await _tried(store, lost, now)} if lost else holders


async def _tried(
    store: DocumentStore, wanted: Mapping[str, str], now: datetime
) -> Mapping[str, str]:
    documents = await store.load(wanted, fresh=True)
    holders: dict[str, str] = {}
    taken: list[Document] = []
    for name, item_id in wanted.items():
        known = CLAIMS.read(documents[name])
        if known is not None and known.item_id != item_id and now - known.at < LAPSES_AFTER:
            holders[name] = known.item_id
        else:
            taken.append(documents[name].next(**CLAIMS.written(Claim(item_id, now), now)))
    losers = await store.save(taken)
    won = {one.id: wanted[one.id] for one in taken if one.id not in losers}
    return {**holders, **won}
