"""What a recorded step means for the metrics."""

from marketplace_sync.domain.facts import After, Reached
from marketplace_sync.domain.listing import Listing, Seen
from marketplace_sync.reconcile import metrics


def note(marketplace: str, before: Listing, after: After) -> None:
    """Count drift, and measure how long a sold item stayed on sale."""
    if not before.open and _drifted(before.seen, after.listing.seen):
        metrics.DRIFT.labels(marketplace).inc()
    for fact in after.facts:
        if isinstance(fact, Reached) and fact.wanted.reason == "sold":
            _measure(marketplace, fact, after.listing.seen)


def _drifted(before: Seen, now: Seen) -> bool:
    """A first look, and what is not known, are no change."""
    known = before.at is not None and "unknown" not in (before.observed, now.observed)
    return known and before.observed != now.observed


def _measure(marketplace: str, fact: Reached, seen: Seen) -> None:
    told = fact.wanted.told_at
    if told is not None and seen.at is not None:
        seconds = (seen.at - told).total_seconds()
        metrics.EXPOSURE.labels(marketplace).observe(max(0.0, seconds))
