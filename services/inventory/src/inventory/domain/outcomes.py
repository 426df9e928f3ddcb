"""What workers say about listings, folded into the three facts.

An outcome of an older intent still shows what the marketplace has, but says nothing about what is
being done now (R8). A refused activation goes back to what was wanted before it, keeping its issues
until the dealer's next command for that listing (R5).

A worker that is not sure that it was heard says it again, with what it said since: what was said
before an outcome that is known already, or before the listing was seen settled, is over.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from inventory.domain.drifting import react
from inventory.domain.facts import Change, change
from inventory.domain.item import Item
from inventory.domain.linking import follow
from inventory.domain.listing import ChangedBy, Issue, Listing, Observed, Operation, Source, Wanted
from inventory.domain.targeting import INACTIVE, aim

Worked = Literal["activated", "updated", "held", "deactivated"]
Call = Literal["activate", "update", "hold", "deactivate"]
Why = Literal["rate_limited", "retrying", "circuit_open", "paused", "waiting_for_person"]


class Seen(Struct, frozen=True):
    """What a marketplace showed, when and how it was seen, and whose doing it is."""

    observed: Observed
    observed_at: datetime
    source: Source
    external_id: str | None = None
    url: str | None = None
    changed_by: ChangedBy = "us"


def worked(
    item: Item | None,
    marketplace: str,
    intent: int,
    what: Worked,
    seen: Seen,
    said_at: datetime,
) -> Change:
    """A call had its effect; `seen` is what the marketplace shows after it."""

    def listing_after(listing: Listing) -> Listing:
        after = _see(listing, seen)
        if intent < listing.intent:
            return after
        after = replace(after, heard_at=max(said_at, after.heard_at or said_at))
        if what == "held" and seen.observed not in {"active", "unknown", "pending_review"}:
            after = replace(after, held_as=seen.observed)
        return after if after.refused else _at_rest(after)

    return _on_listing(item, marketplace, listing_after, seen)


def observed(item: Item | None, marketplace: str, intent: int, seen: Seen) -> Change:
    """A marketplace showed something without a call of ours having just caused it.

    Issues the dealer must act on stay: seeing the listing does not mend its content.
    """
    if item is not None and _answers_link(item, marketplace, intent, seen):
        linked = _see(item.listings[marketplace], seen)
        return change(item, follow(item.with_listing(marketplace, linked), marketplace))

    def listing_after(listing: Listing) -> Listing:
        after = _see(listing, seen)
        if _gave_way(after, intent, seen):
            return replace(after, operation="idle", attempts=0, next_attempt_at=None)
        stays = intent < listing.intent or after.linking or after.operation == "needs_dealer"
        return after if stays else _at_rest(after)

    return _on_listing(item, marketplace, listing_after, seen)


def refused(
    item: Item | None,
    marketplace: str,
    intent: int,
    call: Call,
    issues: tuple[Issue, ...],
    now: datetime,
    said_at: datetime,
) -> Change:
    """The dealer must change something: a refused activation goes back (R5)."""
    if item is None or not _is_current(item, marketplace, intent):
        return Change(item)
    listing = item.listings[marketplace]
    if _is_over(listing, said_at):
        return Change(item)
    after = item
    if call == "activate" and listing.desired == "active" and listing.observed != "active":
        after = aim(item, marketplace, _earlier(listing, now), "refused")
    standing = replace(
        after.listings[marketplace],
        operation="needs_dealer",
        issues=issues,
        next_attempt_at=None,
        refused=listing.refused or after is not item,
    )
    return _told(item, after, marketplace, standing, said_at)


def failed(
    item: Item | None,
    marketplace: str,
    intent: int,
    issues: tuple[Issue, ...],
    said_at: datetime,
    *,
    attempts: int,
    gives_up: bool,
) -> Change:
    """The marketplace or the system is at fault."""
    return working(
        item,
        marketplace,
        intent,
        said_at,
        lambda listing: replace(
            listing,
            operation="blocked" if gives_up else "retrying",
            issues=issues,
            attempts=attempts,
        ),
    )


def deferred(
    item: Item | None,
    marketplace: str,
    intent: int,
    why: Why,
    next_attempt_at: datetime | None,
    said_at: datetime,
) -> Change:
    """An operation waits."""
    waits: Operation = "needs_person" if why == "waiting_for_person" else "retrying"
    return working(
        item,
        marketplace,
        intent,
        said_at,
        lambda listing: replace(listing, operation=waits, next_attempt_at=next_attempt_at),
    )


def working(
    item: Item | None,
    marketplace: str,
    intent: int,
    said_at: datetime,
    after: Callable[[Listing], Listing],
) -> Change:
    """What is being done about a listing is another thing now, unless that is overtaken."""
    if item is None or not _is_current(item, marketplace, intent):
        return Change(item)
    listing = item.listings[marketplace]
    if listing.refused or _is_over(listing, said_at):
        return Change(item)
    return _told(item, item, marketplace, after(listing), said_at)


def _answers_link(item: Item, marketplace: str, intent: int, seen: Seen) -> bool:
    linking = marketplace in item.listings and item.listings[marketplace].linking
    return linking and _is_current(item, marketplace, intent) and seen.observed != "unknown"


def _is_current(item: Item, marketplace: str, intent: int) -> bool:
    listing = item.listings.get(marketplace)
    return listing is not None and intent >= listing.intent


def _is_over(listing: Listing, said_at: datetime) -> bool:
    """Workers' times, and never ours: they follow each other under the lease of the account."""
    if listing.heard_at is not None and said_at < listing.heard_at:
        return True
    seen_at = listing.observed_at
    return listing.settled and seen_at is not None and said_at <= seen_at


def _told(old: Item, new: Item, marketplace: str, listing: Listing, said_at: datetime) -> Change:
    """Close what an outcome changed; one that changes nothing is not remembered either."""
    if new is old and listing == old.listings[marketplace]:
        return Change(old)
    heard = replace(listing, heard_at=said_at)
    return change(old, new.with_listing(marketplace, heard))


def _earlier(listing: Listing, now: datetime) -> Wanted:
    """What was wanted before the activation; a hold that ended meanwhile stays, without end."""
    back = listing.fallback or INACTIVE
    if back.hold is not None and back.hold.ended(now):
        return replace(back, hold=replace(back.hold, until=None))
    return back


def _on_listing(
    item: Item | None, marketplace: str, after: Callable[[Listing], Listing], seen: Seen
) -> Change:
    if item is None or marketplace not in item.listings:
        return Change(item)
    before = item.listings[marketplace]
    new = item.with_listing(marketplace, after(before))
    if not _stale(before, seen):
        new = react(new, marketplace, seen.changed_by)
    if new != item and _only_later(before, new.listings[marketplace]):
        return Change(new)
    return change(item, new)


def _only_later(old: Listing, new: Listing) -> bool:
    """The same seen again later: remembered, to drop what is older, but no change of the item."""
    then = replace(new, observed_at=old.observed_at, source=old.source, heard_at=old.heard_at)
    return then == old


def _stale(listing: Listing, seen: Seen) -> bool:
    return listing.observed_at is not None and seen.observed_at < listing.observed_at


def _see(listing: Listing, seen: Seen) -> Listing:
    if _stale(listing, seen):
        return listing
    return replace(
        listing,
        observed=seen.observed,
        observed_at=seen.observed_at,
        source=seen.source,
        external_id=seen.external_id or listing.external_id,
        url=seen.url or listing.url,
    )


def _gave_way(listing: Listing, intent: int, seen: Seen) -> bool:
    """The worker met someone's change when it was to update a listing, and let it be (R10)."""
    told, current = listing.told, intent >= listing.intent and listing.under_way
    updating = told is not None and told.action == "update"
    return current and updating and seen.changed_by == "dealer" and not listing.satisfied


def _at_rest(listing: Listing) -> Listing:
    """Nothing is under way any more, if what is shown is what is wanted."""
    if not listing.satisfied:
        return listing
    return replace(
        listing, operation="idle", issues=(), attempts=0, next_attempt_at=None, fallback=None
    )
