"""What a step that was answered does to a listing, and what there is to say of it. Pure.

An outcome of a target that has meanwhile been overtaken still tells what the marketplace shows: it
is recorded, and the newer target goes on from there.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec.structs import replace

from marketplace_sync.domain import backoff
from marketplace_sync.domain.delivery import Canceled
from marketplace_sync.domain.facts import After, At, CanceledThere, Fact, Observed, Reached
from marketplace_sync.domain.listing import CALM, Cause, Linked, Listing, Seen
from marketplace_sync.domain.setbacks import later, unknown
from marketplace_sync.domain.steps import Step, fingerprint_of

CALLS: frozenset[Step] = frozenset({"activate", "update", "hold", "deactivate"})
CANCELLATION_SECONDS = 10.0
"""How long a cancellation seen there has to become a new target, before it is taken off sale."""


def saw(
    listing: Listing, step: Step, link: Linked | None, seen: Seen, at: At, *, verified: bool
) -> After:
    """A call succeeded or a read answered."""
    known = replace(listing, link=link or listing.link, seen=seen)
    if step in ("activate", "update") and listing.wanted is not None:
        shown = fingerprint_of(listing.wanted.content, listing.wanted.quantity)
        known = replace(known, shown_content=shown)
    facts: list[Fact] = [Observed(cause) for cause in listing.checks]
    in_doubt = listing.trouble.doubt is not None
    known = replace(known, checks=(), trouble=replace(known.trouble, doubt=None, looked=True))
    if not known.open or known.wanted is None:
        if not facts and seen.observed != listing.seen.observed:
            facts.append(Observed(Cause("")))
        return After(replace(known, due_at=None), tuple(facts))
    if known.satisfied(at.holds) and _is_enough(known, step, in_doubt=in_doubt):
        return _reached(known, facts, verified=verified)
    if step == "update" and seen.observed not in ("active", "unknown", "pending_review"):
        if known.wanted.operation == "update":
            return _drifted(known, facts)
        # Asked to put it on sale, which is more than to show something else: it is activated.
        return After(known.due(at.now), tuple(facts))
    if step in CALLS or (in_doubt and not known.satisfied(at.holds)):
        # It said yes and shows no, or it was cut off and did nothing: what it shows counts.
        return later(known, "retrying", None, at, facts)
    return After(known.due(at.now), tuple(facts))


def settled(listing: Listing) -> After:
    """What was seen is already what is wanted: no call."""
    return _reached(listing, [Observed(cause) for cause in listing.checks], verified=False)


def progressed(listing: Listing, link: Linked, now: datetime) -> After:
    """One step of several is done."""
    return After(replace(listing, link=link, tried=True, due_at=now))


def gone(listing: Listing, at: At) -> After:
    """The marketplace has no such listing; a creation in doubt is looked for 3 times (rule 5)."""
    if _may_still_appear(listing, at):
        return unknown(listing, at)
    link = listing.link
    if link is not None:
        link = replace(link, external_id=None, url=None, steps={})
    nothing = replace(listing, link=link, tried=False)
    return saw(nothing, "read", link, Seen("none", at.now, "read_back"), at, verified=True)


def ordered(listing: Listing, canceled: Sequence[Canceled], at: At) -> After:
    """The order of a sale was asked after, because its listing is on sale (rule R10).

    Canceled there: that is said, and what follows from it becomes a newer target. Should none come,
    it is taken off sale after all: nothing sold stays on sale knowingly (rule R9).
    """
    trouble = replace(listing.trouble, order_read=True)
    wanted = listing.wanted
    ours = [one for one in canceled if wanted and wanted.sale_id in (None, one.sale_id)]
    wait = timedelta(seconds=CANCELLATION_SECONDS if ours else 0.0)
    cause = wanted.cause if wanted else Cause("")
    after = replace(listing, trouble=trouble, due_at=at.now + wait)
    return After(after, tuple(CanceledThere(one, cause) for one in ours))


def _drifted(known: Listing, facts: Sequence[Fact]) -> After:
    """Someone took it off sale there: seen, said, and not fought (rule R10)."""
    causes = known.wanted.causes if known.wanted else (Cause(""),)
    seen = replace(known.seen, changed_by="dealer")
    rests = replace(known, seen=seen, open=False, trouble=CALM, due_at=None, checks=())
    return After(rests, (*facts, *(Observed(cause) for cause in causes)))


def _is_enough(known: Listing, step: Step, *, in_doubt: bool) -> bool:
    """A read alone reaches `active` only when the content shown is the one wanted."""
    wanted = known.wanted
    if wanted is None or wanted.desired != "active" or step in ("activate", "update", "settle"):
        return True
    same = known.shown_content == fingerprint_of(wanted.content, wanted.quantity)
    return same and not in_doubt


def _reached(known: Listing, facts: Sequence[Fact], *, verified: bool) -> After:
    wanted = known.wanted
    if wanted is None:
        return After(replace(known, due_at=None, checks=()), tuple(facts))
    done = replace(known, open=False, trouble=CALM, due_at=None, checks=())
    return After(done, (*facts, Reached(wanted, verified)))


def _may_still_appear(listing: Listing, at: At) -> bool:
    """Creating it again could make a second listing, and the first may only be late."""
    doubt, link, wanted = listing.trouble.doubt, listing.link, listing.wanted
    if doubt is None or at.idempotent or wanted is None or not listing.open:
        return False
    creating = wanted.desired == "active" and (link is None or link.external_id is None)
    return creating and doubt + 1 < backoff.READ_BACKS
