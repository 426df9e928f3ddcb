"""An existing listing on a marketplace becomes this item's; linking never puts anything on sale."""

from collections.abc import Sequence

from msgspec.structs import replace

from inventory.domain.drifting import wanted_as
from inventory.domain.facts import Change, change
from inventory.domain.item import Item
from inventory.domain.listing import ON_SALE, Issue, Listing, Observed, Told, Wanted
from inventory.domain.refusals import Refused, existing, not_deleted
from inventory.domain.stock import status
from inventory.domain.targeting import INACTIVE, aim, sale_at

GONE: frozenset[Observed] = frozenset({"none", "ended", "sold", "draft"})
"""A listing that shows one of these may be replaced by another one of the same item."""

UNCLAIMED = ""
"""Stands for a taker where nobody has the listing, and it was not claimed for this item either."""


def link(
    item: Item | None, marketplace: str, external_id: str, takers: Sequence[str] = ()
) -> Change:
    """Ask the marketplace's worker to record the link and to read the listing.

    Until it answers nothing is wanted of the listing; allowed on sold items. `takers`: the items
    that have that listing, for a listing sells one item.
    """
    item = existing(item)
    not_deleted(item)
    listing = item.listings.get(marketplace, Listing(desired="inactive"))
    known = listing.external_id == external_id and listing.observed not in {"none", "unknown"}
    if known and not (listing.linking and listing.operation == "blocked"):
        return Change(item)
    if listing.external_id not in {None, external_id} and listing.observed not in GONE:
        raise Refused(
            "link_taken",
            f"This item is linked to listing {listing.external_id} there, which is not over.",
            "/external_id",
        )
    others = [taker for taker in takers if taker != item.item_id]
    if others:
        raise Refused("link_taken", _taken(external_id, others[0]), "/external_id")
    linked = replace(
        listing,
        intent=listing.intent + 1,
        operation="queued",
        issues=(),
        drift=None,
        refused=False,
        linking=True,
        external_id=external_id,
        told=Told("link", "linked"),
        heard_at=None,
    )
    return change(item, item.with_listing(marketplace, linked))


def _taken(external_id: str, taker: str) -> str:
    if taker == UNCLAIMED:
        return f"Listing {external_id} there could not be kept for this item; ask for it again."
    return f"Listing {external_id} there belongs to another item: {taker}."


def follow(item: Item, marketplace: str) -> Item:
    """Want what the linked listing shows: with an open sale there `sold`, never more than allowed.

    Where that is what it shows already, the link's own intent stands and no call is needed.
    """
    listing = item.listings[marketplace]
    wanted = _wanted(item, marketplace)
    follows = replace(listing, desired=wanted.desired, hold=wanted.hold, linking=False)
    if listing.observed == "none":
        return item.with_listing(
            marketplace,
            replace(follows, operation="needs_dealer", issues=(_not_found(listing, marketplace),)),
        )
    item = item.with_listing(marketplace, replace(follows, operation="idle"))
    if follows.satisfied or wanted.desired in ON_SALE:
        return item
    return aim(item, marketplace, wanted, "linked")


def _wanted(item: Item, marketplace: str) -> Wanted:
    if sale_at(item, marketplace) is not None and status(item) == "sold":
        return Wanted("sold")
    if status(item) != "available":
        return INACTIVE
    return wanted_as(item.listings[marketplace].observed)


def _not_found(listing: Listing, marketplace: str) -> Issue:
    return Issue(
        code="unknown_external_id",
        category="dealer",
        marketplace=marketplace,
        field="/external_id",
        message=f"There is no listing {listing.external_id} on {marketplace}.",
        action="Check the listing's number and link again.",
    )
