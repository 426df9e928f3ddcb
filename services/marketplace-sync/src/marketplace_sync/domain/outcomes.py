"""What the outcome of a step does to a listing, and what there is to say of it. Pure.

An outcome of a target that has meanwhile been overtaken still tells what the marketplace shows: it
is recorded, and the newer target goes on from there.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from marketplace_sync.domain import backoff
from marketplace_sync.domain.listing import CALM, Cause, Linked, Listing, Seen, Wanted
from marketplace_sync.domain.steps import Step, fingerprint_of

SAME_FAILURES = 3
CALLS: frozenset[Step] = frozenset({"activate", "update", "hold", "deactivate"})
PAST = {
    "activate": "activated",
    "update": "updated",
    "hold": "held",
    "deactivate": "deactivated",
}


@dataclass(frozen=True, slots=True)
class Reached:
    """The target is reached: `listing.activated` and the like."""

    wanted: Wanted
    verified: bool


@dataclass(frozen=True, slots=True)
class Refused:
    """The dealer must change something."""

    wanted: Wanted
    issues: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Failed:
    """Marketplace or system at fault."""

    wanted: Wanted
    issues: tuple[Any, ...]
    attempts: int
    gives_up: bool


@dataclass(frozen=True, slots=True)
class Deferred:
    """It waits."""

    wanted: Wanted
    why: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Observed:
    """What the marketplace shows, for one who asked (or nobody: an empty id)."""

    cause: Cause


Fact = Reached | Refused | Failed | Deferred | Observed


@dataclass(frozen=True, slots=True)
class After:
    """The listing afterwards and what to say."""

    listing: Listing
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class At:
    """Circumstances: the time, a random draw in [0, 1), and what satisfies on_hold.

    `idempotent`: activating twice makes one listing.
    """

    now: datetime
    draw: float
    holds: frozenset[str]
    idempotent: bool = True


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
        return _drifted(known, facts)
    if step in CALLS or (in_doubt and not known.satisfied(at.holds)):
        # It said yes and shows no, or it was cut off and did nothing: what it shows counts.
        return _again(known, "retrying", None, at, facts)
    return After(known.due(at.now), tuple(facts))


def _drifted(known: Listing, facts: Sequence[Fact]) -> After:
    """Someone took it off sale there: seen, said, and not fought (rule R10)."""
    cause = known.wanted.cause if known.wanted else Cause("")
    seen = replace(known.seen, changed_by="dealer")
    rests = replace(known, seen=seen, open=False, trouble=CALM, due_at=None, checks=())
    return After(rests, (*facts, Observed(cause)))


def _is_enough(known: Listing, step: Step, *, in_doubt: bool) -> bool:
    """A read alone reaches `active` only when the content shown is the one wanted."""
    wanted = known.wanted
    if wanted is None or wanted.desired != "active" or step in ("activate", "update", "settle"):
        return True
    same = known.shown_content == fingerprint_of(wanted.content, wanted.quantity)
    return same and not in_doubt


def settled(listing: Listing) -> After:
    """What was seen is already what is wanted: no call."""
    return _reached(listing, [Observed(cause) for cause in listing.checks], verified=False)


def _reached(known: Listing, facts: Sequence[Fact], *, verified: bool) -> After:
    wanted = known.wanted
    if wanted is None:
        return After(replace(known, due_at=None, checks=()), tuple(facts))
    done = replace(known, open=False, trouble=CALM, due_at=None, checks=())
    return After(done, (*facts, Reached(wanted, verified)))


def progressed(listing: Listing, link: Linked, now: datetime) -> After:
    """One step of several is done."""
    return After(replace(listing, link=link, tried=True, due_at=now))


def refused(listing: Listing, issues: Sequence[Any], at: At) -> After:
    """The content was refused before or by the call; only a new target tries again.

    With no fault of the dealer's among the issues it is a failure: three alike, and it is blocked,
    except taking off sale, which is tried for ever whoever is at fault (rules 6 and 7).
    """
    wanted = listing.wanted
    if wanted is None or not listing.open:
        # A read was refused: whoever asked is told what is known.
        asked = tuple(Observed(cause) for cause in listing.checks)
        return After(replace(listing, checks=(), due_at=None), asked)
    at_fault = any(issue.category == "dealer" and issue.severity == "error" for issue in issues)
    if at_fault and not wanted.off_sale:
        done = replace(listing, open=False, trouble=CALM, due_at=None)
        return After(done, (Refused(wanted, tuple(issues)),))
    return _failed(listing, wanted, issues, at)


def _failed(listing: Listing, wanted: Wanted, issues: Sequence[Any], at: At) -> After:
    print_ = fingerprint(issues)
    trouble = listing.trouble
    same = trouble.same + 1 if trouble.fingerprint == print_ else 1
    attempts = trouble.attempts + 1
    blocked = same >= SAME_FAILURES and not wanted.off_sale
    seconds = backoff.delay(attempts, off_sale=wanted.off_sale, draw=at.draw)
    changed = replace(
        trouble,
        attempts=attempts,
        since=trouble.since or at.now,
        fingerprint=print_,
        same=same,
        blocked=blocked,
        why="retrying",
    )
    due = None if blocked else at.now + timedelta(seconds=seconds)
    after = replace(listing, trouble=changed, due_at=due, open=not blocked)
    if same == 1 or blocked:
        return After(after, (Failed(wanted, tuple(issues), attempts, blocked),))
    return After(after)


def later(listing: Listing, why: str, after: float | None, at: At) -> After:
    """Nothing happened; try again later."""
    return _again(listing, why, after, at, [])


def _again(listing: Listing, why: str, after: float | None, at: At, facts: Sequence[Fact]) -> After:
    wanted, trouble = listing.wanted, listing.trouble
    if wanted is None or not listing.open:
        # Only a read waits; the target is done.
        return After(replace(listing, due_at=at.now + timedelta(seconds=after or 1)), tuple(facts))
    attempts = trouble.attempts + 1
    seconds = backoff.delay(attempts, off_sale=wanted.off_sale, draw=at.draw)
    until = at.now + timedelta(seconds=max(seconds, after or 0.0))
    since = trouble.since or at.now
    changed = replace(trouble, attempts=attempts, since=since, why=why)
    waited = (at.now - since).total_seconds()
    if waited > backoff.GIVE_UP_AFTER and not wanted.off_sale:
        blocked = replace(changed, blocked=True)
        gone = replace(listing, trouble=blocked, due_at=None, open=False)
        return After(gone, (*facts, Failed(wanted, (), attempts, gives_up=True)))
    waiting = replace(listing, trouble=changed, due_at=until)
    if why == trouble.why:
        return After(waiting, tuple(facts))
    return After(waiting, (*facts, Deferred(wanted, why, until)))


def unknown(listing: Listing, at: At) -> After:
    """It may have happened: read back at 1, 10 and 60 s before anything else (rule 5)."""
    doubt = listing.trouble.doubt
    count = 0 if doubt is None else doubt + 1
    due = at.now + timedelta(seconds=backoff.read_back(count))
    trouble = replace(listing.trouble, doubt=count, since=listing.trouble.since or at.now)
    seen = replace(listing.seen, observed="unknown")
    after = replace(listing, trouble=trouble, seen=seen, tried=True, due_at=due)
    return After(replace(after, shown_content=None))


def gone(listing: Listing, at: At) -> After:
    """The marketplace has no such listing; a creation in doubt is looked for 3 times (rule 5)."""
    if _may_still_appear(listing, at):
        return unknown(listing, at)
    link = listing.link
    if link is not None:
        link = replace(link, external_id=None, url=None, steps={})
    nothing = replace(listing, link=link, tried=False)
    return saw(nothing, "read", link, Seen("none", at.now, "read_back"), at, verified=True)


def _may_still_appear(listing: Listing, at: At) -> bool:
    """Creating it again could make a second listing, and the first may only be late."""
    doubt, link, wanted = listing.trouble.doubt, listing.link, listing.wanted
    if doubt is None or at.idempotent or wanted is None or not listing.open:
        return False
    creating = wanted.desired == "active" and (link is None or link.external_id is None)
    return creating and doubt + 1 < backoff.READ_BACKS


def fingerprint(issues: Sequence[Any]) -> str:
    """What makes two failures the same: marketplace, code and field."""
    text = "|".join(sorted(f"{i.marketplace}:{i.code}:{i.field}" for i in issues))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
