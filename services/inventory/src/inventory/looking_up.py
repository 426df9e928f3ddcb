"""What a link must know beyond its own item: which other item has that listing already."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial

from brocante.contracts.inventory import ItemCreate, ItemLink
from brocante.documents.store import DocumentStore
from brocante.messaging.wire import Received
from inventory.claiming import CLAIMS, claim
from inventory.domain.linking import UNCLAIMED, link
from inventory.domain.refusals import Refused
from inventory.routing import ITEMS, LINKS, link_name

Asked = Mapping[int, tuple[str, ItemLink]]


async def look_up(
    stores: Mapping[str, DocumentStore], batch: Sequence[Received]
) -> Mapping[int, Sequence[str]]:
    """The other items that have each link's listing, or were faster to ask for it, by its place.

    A listing that is free is claimed first, unless the item could not be linked to it anyway.
    """
    asked = {
        n: (received.dealer, received.message)
        for n, received in enumerate(batch)
        if isinstance(received.message, ItemLink)
    }
    if not asked:
        return {}
    takers = await _takers(stores[ITEMS.collection], asked)
    able = await _able(stores[ITEMS.collection], asked, takers, _created(batch))
    wanted: dict[str, str] = {}
    for n in able:
        wanted.setdefault(_name(*asked[n]), asked[n][1].item_id)
    deleted = partial(_deleted, stores[ITEMS.collection])
    holders = await claim(stores[CLAIMS.collection], wanted, datetime.now(UTC), deleted)
    return {n: takers[n] or (holders.get(_name(*asked[n]), UNCLAIMED),) for n in asked}


async def _takers(store: DocumentStore, asked: Asked) -> Mapping[int, tuple[str, ...]]:
    """The items that have each listing, the one that asks for it left out."""
    names = {link_name(m.marketplace, m.external_id) for _, m in asked.values()}
    having: dict[str, list[str]] = {}
    for document in await store.find_by(LINKS, names):
        dealer, _, item = document.id.partition("/")
        for name in document.indexed[LINKS]:
            having.setdefault(f"{dealer}/{name}", []).append(item)
    return {
        n: tuple(item for item in having.get(_name(*one), ()) if item != one[1].item_id)
        for n, one in asked.items()
    }


async def _able(
    store: DocumentStore,
    asked: Asked,
    takers: Mapping[int, tuple[str, ...]],
    created: Iterable[str],
) -> list[int]:
    """The links that their items would take: one that is refused must not keep others from it."""
    ids = {n: f"{dealer}/{message.item_id}" for n, (dealer, message) in asked.items()}
    documents = await store.load(ids.values())
    able = []
    for n, (_, message) in asked.items():
        if documents[ids[n]].state is None and ids[n] in created:
            able.append(n)
            continue
        try:
            link(ITEMS.read(documents[ids[n]]), message.marketplace, message.external_id, takers[n])
        except Refused:
            continue
        able.append(n)
    return able


async def _deleted(store: DocumentStore, ids: set[str]) -> set[str]:
    """Those of these items that are deleted: what they claimed, they can no longer be linked to."""
    documents = await store.load(ids, fresh=True)
    items = {id_: ITEMS.read(document) for id_, document in documents.items()}
    return {id_ for id_, item in items.items() if item is not None and item.deleted}


def _created(batch: Sequence[Received]) -> set[str]:
    return {
        f"{received.dealer}/{received.message.item_id}"
        for received in batch
        if isinstance(received.message, ItemCreate)
    }


def _name(dealer: str, message: ItemLink) -> str:
    return f"{dealer}/{link_name(message.marketplace, message.external_id)}"
