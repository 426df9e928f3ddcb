"""Off sale for a while (R6)."""

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace

from inventory.domain.facts import Change, change
from inventory.domain.item import Item
from inventory.domain.listing import ON_SALE, Desired, Hold, Listing, Wanted
from inventory.domain.plans import back_from, before_hold
from inventory.domain.refusals import Refused, connected, existing, for_sale, named
from inventory.domain.targeting import aim


def hold(
    item: Item | None,
    marketplaces: Sequence[str],
    now: datetime,
    *,
    until: datetime | None = None,
    holder: str | None = None,
    reason: str | None = None,
    before: Desired | None = None,
) -> Change:
    """Take an item off sale until a moment or until released.

    `*` means the listings that are on sale or on hold; holding again changes the hold, never what
    release returns to. `before`: what that is, where a hold is put back and not placed anew.
    """
    item = existing(item)
    for_sale(item)
    connected(item, marketplaces)
    if until is not None and until <= now:
        raise Refused("invalid", "The end of a hold must be in the future.", "/until")
    after = item
    for marketplace, itself in named(item, marketplaces).items():
        listing = item.listings[marketplace]
        if itself or listing.desired in ON_SALE:
            first = _first_before(listing, before)
            after = _hold(after, marketplace, Hold(until, holder, reason, first))
    return change(item, after)


def release(
    item: Item | None,
    marketplaces: Sequence[str],
    now: datetime,
    *,
    hold_ended: datetime | None = None,
) -> Change:
    """End holds: each listing returns to what it was before its first hold.

    `hold_ended` is the timer's word: only a hold with that end is ended, anything else is
    meanwhile pointless. On a sold item it is the remembered hold that ends.
    """
    item = existing(item)
    connected(item, marketplaces)
    after = item
    for marketplace in named(item, marketplaces):
        after = _release(after, marketplace, hold_ended)
        after = _release_before(after, marketplace, hold_ended, now)
    return change(item, after)


def holds_due(item: Item, now: datetime) -> dict[datetime, list[str]]:
    """The ends that have passed, each with its marketplaces."""
    due: dict[datetime, list[str]] = {}
    for marketplace, end in sorted(_ends(item)):
        if end <= now:
            due.setdefault(end, []).append(marketplace)
    return due


def next_due(item: Item) -> datetime | None:
    """The earliest end of a hold, of those remembered through a sale too."""
    return min((end for _, end in _ends(item)), default=None)


def _ends(item: Item) -> list[tuple[str, datetime]]:
    holds = [(m, listing.hold) for m, listing in item.listings.items()]
    holds += [(m, wanted.hold) for m, wanted in item.before.items() if m in item.listings]
    return list(dict.fromkeys((m, one.until) for m, one in holds if one and one.until))


def _first_before(listing: Listing, given: Desired | None) -> Desired:
    return listing.hold.before if listing.hold else given or listing.desired


def _hold(item: Item, marketplace: str, new: Hold) -> Item:
    listing = item.listings[marketplace]
    if listing.wanted == Wanted("on_hold", new) and (listing.settled or listing.under_way):
        return item
    return aim(item, marketplace, Wanted("on_hold", new), "hold")


def _release(item: Item, marketplace: str, hold_ended: datetime | None) -> Item:
    listing = item.listings[marketplace]
    if listing.hold is None or hold_ended not in {None, listing.hold.until}:
        return item
    # Refused, it stays on hold without end: only a new activate tries again (R5).
    fallback = Wanted("on_hold", replace(listing.hold, until=None))
    return aim(item, marketplace, before_hold(listing.hold), "hold_ended", fallback=fallback)


def _release_before(
    item: Item, marketplace: str, hold_ended: datetime | None, now: datetime
) -> Item:
    wanted = item.before.get(marketplace)
    if wanted is None or wanted.hold is None:
        return item
    if hold_ended is None:
        ended = before_hold(wanted.hold)
    else:
        ended = back_from(wanted, now) if wanted.hold.until == hold_ended else wanted
    return replace(item, before={**item.before, marketplace: ended})
