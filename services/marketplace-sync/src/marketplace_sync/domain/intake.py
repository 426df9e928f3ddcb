"""Recording what is wanted: guarded by intent, nothing is called here (rule R8)."""

from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from marketplace_sync.domain.listing import CALM, Cause, Linked, Listing, Operation, Seen, Wanted


class Superseded(Struct, frozen=True):
    """A target that will not be carried out, because a newer one is there."""

    intent: int
    operation: Operation
    by_intent: int
    causes: tuple[Cause, ...]


class Repeated(Struct, frozen=True):
    """The same target again: whoever asks is told what came of it."""

    outcome: tuple[str, dict[str, object]]


class Taken(Struct, frozen=True):
    """The listing afterwards and what to say at once."""

    listing: Listing
    says: tuple[Superseded | Repeated, ...] = ()


def want(listing: Listing | None, item_id: str, wanted: Wanted, now: datetime) -> Taken:
    """Record a target: a newer one replaces, an equal one is answered, an older one is dropped."""
    known = listing or Listing(item_id)
    if wanted.intent < known.intent:
        late = Superseded(wanted.intent, wanted.operation, known.intent, wanted.causes)
        return Taken(known, (late,))
    before = known.wanted
    if before is not None and wanted.intent == before.intent:
        return _again(known, wanted, now)
    overtaken: tuple[Superseded, ...] = ()
    if known.open and before is not None:
        overtaken = (Superseded(before.intent, before.operation, wanted.intent, before.causes),)
    changed = replace(
        known,
        intent=wanted.intent,
        wanted=wanted,
        open=True,
        # Doubt about an earlier call stays: it is read back before anything else.
        trouble=replace(CALM, doubt=known.trouble.doubt),
        due_at=now,
        outcome=None,
        # A call for the overtaken target may be under way: what is shown is not known any more.
        shown_content=None if known.open else known.shown_content,
    )
    return Taken(changed, overtaken)


def _again(known: Listing, wanted: Wanted, now: datetime) -> Taken:
    if known.outcome is not None and not known.open:
        return Taken(known, (Repeated(known.outcome),))
    # Not done yet: everyone who asked is answered when it is.
    if known.open and known.wanted is not None:
        waits = replace(wanted, cause=known.wanted.cause, also=known.wanted.also)
        wanted = waits.asked_by(wanted.cause)
    return Taken(replace(known, wanted=wanted, open=True, due_at=known.due_at or now))


def link(
    listing: Listing | None,
    item_id: str,
    external_id: str,
    intent: int,
    cause: Cause,
    now: datetime,
) -> Listing:
    """An existing listing is this item's: read it and say what it shows."""
    known = listing or Listing(item_id)
    if known.link is None or known.link.external_id != external_id:
        # Nothing of an earlier listing says anything about this one.
        linked = Linked(external_sku="", external_id=external_id)
        known = replace(known, link=linked, seen=Seen(), shown_content=None)
    return replace(
        known,
        intent=max(intent, known.intent),
        checks=(*known.checks, cause),
        due_at=now,
    )


def check(listing: Listing, cause: Cause | None, source: str, now: datetime) -> Listing:
    """Read the listing; whoever asked is answered with what it shows."""
    causes = (*listing.checks, cause) if cause is not None else listing.checks or (Cause(""),)
    return replace(listing, checks=causes, check_source=source, due_at=now)


def retry(listing: Listing, cause: Cause | None, now: datetime) -> Listing:
    """Try a blocked or waiting listing again at once."""
    wanted = listing.wanted
    if wanted is not None and cause is not None:
        # What has its outcome was answered; what still waits is answered beside the retry.
        waits = wanted if listing.open else replace(wanted, cause=cause, also=())
        wanted = waits.asked_by(cause)
    return replace(
        listing,
        wanted=wanted,
        open=wanted is not None,
        trouble=replace(CALM, doubt=listing.trouble.doubt),
        due_at=now,
        outcome=None,
    )
