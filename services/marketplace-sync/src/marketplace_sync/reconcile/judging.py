"""From what an adapter answered to what becomes of the listing."""

from msgspec.structs import replace

from marketplace_sync.domain import outcomes, setbacks
from marketplace_sync.domain.facts import After, At
from marketplace_sync.domain.listing import Listing, Seen
from marketplace_sync.domain.steps import Step
from marketplace_sync.marketplaces.contract import (
    Done,
    Gone,
    Invalid,
    Notices,
    Outcome,
    Progress,
    RetryLater,
    Unauthorized,
)
from marketplace_sync.reconcile.calling import cancellations, linked

UNAUTHORIZED_SECONDS = 30.0


def after(step: Step, listing: Listing, outcome: Outcome | Notices, at: At) -> After:
    """The listing afterwards and what to say."""
    if step == "read_order":
        return _ordered(listing, outcome, at)
    match outcome:
        case Done():
            following = _saw(step, listing, outcome, at)
        case Progress(link):
            following = outcomes.progressed(listing, linked(link), at.now)
        case Invalid(issues):
            following = setbacks.refused(listing, issues, at)
        case Gone():
            following = outcomes.gone(listing, at)
        case RetryLater() | Unauthorized():
            following = _later(listing, outcome, at)
        case _:
            following = setbacks.unknown(listing, at)
    return following


def _ordered(listing: Listing, outcome: Outcome | Notices, at: At) -> After:
    """What waits for every call waits here, too; else taking off sale does not (rule R9)."""
    if isinstance(outcome, Unauthorized):
        return _later(listing, outcome, at)
    if isinstance(outcome, RetryLater) and outcome.why != "retrying":
        return _later(listing, outcome, at)
    canceled = cancellations(outcome) if isinstance(outcome, Notices) else []
    return outcomes.ordered(listing, canceled, at)


def _saw(step: Step, listing: Listing, done: Done, at: At) -> After:
    source = "call" if step not in ("read", "find") else listing.check_source
    shown = done.observation
    seen = Seen(shown.observed, shown.observed_at, source, shown.changed_by)
    if not listing.open and shown.changed_by == "us":
        # Nothing of ours was under way, so a read cannot tell that it was us.
        seen = replace(seen, changed_by="unknown")
    return outcomes.saw(listing, step, linked(done.link), seen, at, verified=done.verified)


def _later(listing: Listing, outcome: RetryLater | Unauthorized, at: At) -> After:
    if isinstance(outcome, Unauthorized):
        return setbacks.later(listing, "paused", UNAUTHORIZED_SECONDS, at)
    issues = (outcome.issue,) if outcome.issue else ()
    return setbacks.later(listing, outcome.why, outcome.after, at, issues=issues)
