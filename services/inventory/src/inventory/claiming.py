"""Claims on listings: of two items that ask for the same listing at once, one gets it.

A link is decided on one item's document, which cannot see another's. So it is claimed before, in a
document of its own per listing, written over the version that was seen. A claim that led to no link
(its batch died) lapses, after more time than any batch may take.
"""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
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
    store: DocumentStore, wanted: Mapping[str, str], now: datetime, lapsed: AbstractSet[str]
) -> Mapping[str, str]:
    """Claim listings (`<dealer>/<marketplace>:<external id>`) for items; who has each now.

    Claims of the items in `lapsed` (`<dealer>/<item>`) count no more.
    """
    holders = await _tried(store, wanted, now, lapsed)
    lost = {name: item_id for name, item_id in wanted.items() if name not in holders}
    # Somebody was faster: whose claim it is now is read once, and stands.
    return {**holders, **await _tried(store, lost, now, lapsed)} if lost else holders


async def claimants(store: DocumentStore, names: Iterable[str]) -> set[str]:
    """The items (`<dealer>/<item>`) that claimed these listings last."""
    documents = await store.load(names, fresh=True)
    claims = {name: CLAIMS.read(document) for name, document in documents.items()}
    return {_claimant(name, one) for name, one in claims.items() if one is not None}


def _claimant(name: str, known: Claim) -> str:
    return f"{name.split('/', 1)[0]}/{known.item_id}"


def _stands(
    name: str, known: Claim | None, item_id: str, now: datetime, lapsed: AbstractSet[str]
) -> bool:
    """Whether a claim is another item's and still counts."""
    if known is None or known.item_id == item_id or now - known.at >= LAPSES_AFTER:
        return False
    return _claimant(name, known) not in lapsed


async def _tried(
    store: DocumentStore, wanted: Mapping[str, str], now: datetime, lapsed: AbstractSet[str]
) -> Mapping[str, str]:
    documents = await store.load(wanted, fresh=True)
    holders: dict[str, str] = {}
    taken: list[Document] = []
    for name, item_id in wanted.items():
        known = CLAIMS.read(documents[name])
        if known is not None and _stands(name, known, item_id, now, lapsed):
            holders[name] = known.item_id
        else:
            taken.append(documents[name].next(**CLAIMS.written(Claim(item_id, now), now)))
    losers = await store.save(taken)
    won = {one.id: wanted[one.id] for one in taken if one.id not in losers}
    return {**holders, **won}
