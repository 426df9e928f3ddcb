"""What a refusal, a failure, a wait or a doubt does to a listing (reconcile rules 5 to 9). Pure."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from msgspec.structs import replace

from marketplace_sync.domain import backoff
from marketplace_sync.domain.facts import After, At, Deferred, Fact, Failed, Observed, Refused
from marketplace_sync.domain.listing import CALM, Linked, Listing, Wanted

SAME_FAILURES = 3
COUNTED: frozenset[str] = frozenset({"retrying", "rate_limited"})
"""Waits that make the next one longer; an open circuit and a pause say when they end."""


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


def later(
    listing: Listing,
    why: str,
    after: float | None,
    at: At,
    facts: Sequence[Fact] = (),
    issues: Sequence[Any] = (),
) -> After:
    """Nothing happened; try again, `after` seconds from now at the earliest.

    A day of failing gives up, except off sale; a pause, an open circuit or a spent budget never
    do: such work is kept and goes on afterwards (rules 8 and 9).
    """
    wanted, trouble = listing.wanted, listing.trouble
    if wanted is None or not listing.open:
        # Only a read waits; the target is done.
        return After(replace(listing, due_at=at.now + timedelta(seconds=after or 1)), tuple(facts))
    attempts = trouble.attempts + (1 if why in COUNTED else 0)
    own = backoff.delay(attempts, off_sale=wanted.off_sale, draw=at.draw)
    shortest = own if why in COUNTED else backoff.FIRST
    until = at.now + timedelta(seconds=max(shortest, after or 0.0))
    since = (trouble.since or at.now) if why == "retrying" else None
    changed = replace(trouble, attempts=attempts, since=since, why=why)
    if since is not None and _has_waited_too_long(wanted, since, at.now):
        blocked = replace(listing, trouble=replace(changed, blocked=True), due_at=None, open=False)
        return After(blocked, (*facts, Failed(wanted, tuple(issues), attempts, gives_up=True)))
    waiting = replace(listing, trouble=changed, due_at=until)
    return After(waiting, (*facts, *_said_once(listing, wanted, why, until)))


def rest(listing: Listing, until: datetime) -> After:
    """The account is paused: whoever waits is told so once, and nothing is lost."""
    wanted, trouble = listing.wanted, listing.trouble
    waiting = replace(listing, due_at=until)
    if wanted is None or not listing.open:
        return After(waiting)
    paused = replace(waiting, trouble=replace(trouble, why="paused", since=None))
    return After(paused, tuple(_said_once(listing, wanted, "paused", until)))


def unknown(listing: Listing, at: At) -> After:
    """It may have happened: read back at 1, 10 and 60 s before anything else (rule 5).

    Whoever waits is told so once: nobody may take the target for one still to be called.
    """
    doubt, wanted = listing.trouble.doubt, listing.wanted
    count = 0 if doubt is None else doubt + 1
    due = at.now + timedelta(seconds=backoff.read_back(count))
    says: Sequence[Fact] = ()
    trouble = replace(listing.trouble, doubt=count, since=listing.trouble.since or at.now)
    if listing.open and wanted is not None:
        says = _said_once(listing, wanted, "retrying", due)
        trouble = replace(trouble, why="retrying")
    seen = replace(listing.seen, observed="unknown")
    after = replace(listing, trouble=trouble, seen=seen, tried=True, due_at=due)
    return After(replace(after, shown_content=None), tuple(says))


def late(listing: Listing, link: Linked | None, at: At) -> After:
    """The lease was lost during the call: another replica may have called since (rule 2).

    What the call made is kept, what is shown now is not known, and it is read at once.
    """
    trouble = replace(listing.trouble, doubt=0, looked=False)
    seen = replace(listing.seen, observed="unknown")
    kept = replace(listing, link=link or listing.link, seen=seen, tried=True, trouble=trouble)
    return After(replace(kept, shown_content=None, due_at=at.now))


def fingerprint(issues: Sequence[Any]) -> str:
    """What makes two failures the same: marketplace, code and field."""
    text = "|".join(sorted(f"{i.marketplace}:{i.code}:{i.field}" for i in issues))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _said_once(listing: Listing, wanted: Wanted, why: str, until: datetime) -> Sequence[Fact]:
    return () if listing.trouble.why == why else (Deferred(wanted, why, until),)


def _has_waited_too_long(wanted: Wanted, since: datetime, now: datetime) -> bool:
    return (now - since).total_seconds() > backoff.GIVE_UP_AFTER and not wanted.off_sale
