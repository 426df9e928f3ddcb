"""Choosing the external SKU of a listing before its first activation."""

from dataclasses import dataclass, field
from datetime import datetime

from msgspec.structs import replace

from brocante.documents.store import DocumentStore
from marketplace_sync.documents import EXTERNAL_SKUS
from marketplace_sync.domain import sku
from marketplace_sync.domain.listing import Linked, Listing


@dataclass(slots=True)
class Skus:
    """The external SKUs of one account: no two of its listings share one."""

    store: DocumentStore
    dealer: str
    chosen: set[str] = field(default_factory=set)
    """Listings whose SKU this process just chose: nothing can have been left there yet."""
    claimed: dict[str, str] = field(default_factory=dict)
    """SKUs this process gave away, by whom: two listings may be choosing at the same moment."""

    async def choose(self, listing: Listing, now: datetime) -> Listing:
        """The listing with its SKU; from here on a crash may leave something behind there.

        Whoever comes next looks for that first.
        """
        wanted = listing.wanted
        own = str(((wanted.content if wanted else None) or {}).get("sku") or "")
        wished = sku.external_sku(own, listing.item_id, taken=False)
        taken = await self._others_have(wished, listing.item_id)
        taken = taken or self.claimed.setdefault(wished, listing.item_id) != listing.item_id
        chosen = sku.external_sku(own, listing.item_id, taken=taken)
        link = replace(listing.link, external_sku=chosen) if listing.link else Linked(chosen)
        self.chosen.add(listing.item_id)
        return replace(listing, link=link, tried=True, due_at=now)

    async def _others_have(self, wished: str, item_id: str) -> bool:
        own, prefix = f"{self.dealer}/{item_id}", f"{self.dealer}/"
        others = await self.store.find_by(EXTERNAL_SKUS, [wished])
        return any(one.id.startswith(prefix) and one.id != own for one in others)
