"""What a sweep shows beside what is known: listings that differ are read.

Its id tells a listing; but one that was withdrawn may have none any more (eBay), and one put up
again by someone else has another: those are told by their SKU.
"""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from brocante.documents.document import Document
from brocante.documents.store import DocumentStore
from brocante.messaging.outputs import Speaker
from brocante.messaging.unsent import recorded
from marketplace_sync.documents import EXTERNAL_IDS, EXTERNAL_SKUS, Kinds, of_dealer
from marketplace_sync.domain import intake
from marketplace_sync.domain.listing import Linked, Listing
from marketplace_sync.marketplaces.contract import ListingSeen

OVER = frozenset({"none", "draft", "inactive", "ended", "sold"})
MOST_LOOKED_AT = 10_000
Known = tuple[Document, Listing]


@dataclass(slots=True)
class Comparison:
    """Compares pages of an account's listings with its documents."""

    dealer: str
    kinds: Kinds
    store: DocumentStore
    speaker: Speaker
    looked: OrderedDict[str, ListingSeen] = field(default_factory=OrderedDict)
    """Listings looked at because their SKU was seen under another id, and as what."""

    async def compare(self, seen: Sequence[ListingSeen]) -> None:
        """Have every listing read that shows something else than is known."""
        by_id = {one.external_id: one for one in seen if one.external_id is not None}
        known = await self._found(EXTERNAL_IDS, by_id)
        look = [one for one in known.values() if differs(one[1], by_id[_id(one[1])])]
        told = {_id(listing) for _, listing in known.values()}
        by_sku = {one.external_sku: one for one in seen if one.external_id not in told}
        for id_, found in (await self._found(EXTERNAL_SKUS, filter(None, by_sku))).items():
            shown = by_sku[_link(found[1]).external_sku]
            if id_ not in known and differs(found[1], shown) and self._is_news(id_, shown):
                look.append(found)
        await self._read(look)

    async def _found(self, index: str, names: Iterable[str]) -> dict[str, Known]:
        found = await self.store.find_by(index, names)
        own = of_dealer(self.kinds.listings, found, self.dealer)
        return {document.id: (document, listing) for document, listing in own}

    def _is_news(self, document_id: str, seen: ListingSeen) -> bool:
        """A copy of a listing bears its SKU, too: a reason to look once, not at every sweep."""
        before = self.looked.get(document_id)
        self.looked[document_id] = seen
        while len(self.looked) > MOST_LOOKED_AT:
            self.looked.popitem(last=False)
        return before is None or seen.external_id is None or _shown(before) != _shown(seen)

    async def _read(self, found: Sequence[Known]) -> None:
        now, kind = datetime.now(UTC), self.kinds.listings
        checked = [(one, intake.check(listing, None, "sweep", now)) for one, listing in found]
        lost = await self.store.save(
            [recorded(one, kind, listing, [], self.speaker, now) for one, listing in checked]
        )
        for id_ in lost:
            # Another writer was first: it is news again at the next sweep.
            self.looked.pop(id_, None)


def differs(listing: Listing, seen: ListingSeen) -> bool:
    """Whether what is known is not what was just seen; what is due is looked at anyway.

    Of the same SKU without a listing, or under another id, only being on sale or not counts.
    """
    if listing.due_at is not None:
        return False
    known, shown = listing.seen.observed, seen.observation.observed
    if seen.external_id is None:
        return known not in OVER
    return shown != known if seen.external_id == _id(listing) else shown not in OVER


def _id(listing: Listing) -> str:
    return _link(listing).external_id or ""


def _link(listing: Listing) -> Linked:
    return listing.link or Linked("")


def _shown(seen: ListingSeen) -> tuple[str | None, str]:
    return seen.external_id, seen.observation.observed
