"""What a link must know beyond its own item: which other item has that listing already."""

from collections.abc import Mapping, Sequence

from brocante.contracts.inventory import ItemLink
from brocante.documents.store import DocumentStore
from brocante.messaging.wire import Received
from inventory.routing import ITEMS, LINKS, link_name


async def look_up(
    stores: Mapping[str, DocumentStore], batch: Sequence[Received]
) -> Mapping[int, Sequence[str]]:
    """The items that have each link's listing, or ask for it earlier in the batch, by its place.

    Two that ask for it on two replicas at the same moment both get it: sales of it are then
    recorded for one of them, and the other's link can be changed once it is seen.
    """
    asked = {
        n: (received.dealer, link_name(received.message.marketplace, received.message.external_id))
        for n, received in enumerate(batch)
        if isinstance(received.message, ItemLink)
    }
    if not asked:
        return {}
    takers: dict[tuple[str, str], list[str]] = {}
    for document in await stores[ITEMS.collection].find_by(
        LINKS, {name for _, name in asked.values()}
    ):
        dealer, _, item = document.id.partition("/")
        for name in document.indexed[LINKS]:
            takers.setdefault((dealer, name), []).append(item)
    found = {}
    for n, wanted in asked.items():
        found[n] = tuple(takers.get(wanted, ()))
        takers.setdefault(wanted, []).append(getattr(batch[n].message, "item_id", ""))
    return found
