"""What a recorded step means for the metrics."""

from collections.abc import Collection
from functools import partial

from marketplace_sync.domain.facts import After, Reached
from marketplace_sync.domain.listing import Listing, Seen, Wanted
from marketplace_sync.reconcile import metrics
from marketplace_sync.reconcile.gate import CallGate

STATES = {"closed": 0.0, "probing": 1.0, "open": 2.0}


def watch(marketplace: str, gates: Collection[CallGate]) -> None:
    """Export a worker's circuit and budgets: asked for when scraped, so no call pays for it.

    Of several accounts the worst counts: an account is no label. They are there from the start, and
    a replica that owns no account shows a closed circuit and whole budgets.
    """
    worst = partial(_worst_circuit, gates)
    metrics.CIRCUIT.labels(marketplace).set_function(worst)
    for window in {name for gate in gates for name in gate.limiter.remaining()}:
        metrics.BUDGET.labels(marketplace, window).set_function(partial(_least, gates, window))


def _worst_circuit(gates: Collection[CallGate]) -> float:
    return max((STATES[gate.breaker.state] for gate in gates), default=0.0)


def _least(gates: Collection[CallGate], window: str) -> float:
    left = (gate.limiter.remaining() for gate in gates)
    return min((float(one[window]) for one in left if window in one), default=0.0)


def note(marketplace: str, before: Listing, after: After) -> None:
    """Count drift, and measure how long a sold item stayed on sale."""
    if not before.open and drifted(before.seen, after.listing):
        metrics.DRIFT.labels(marketplace).inc()
    for fact in after.facts:
        if isinstance(fact, Reached) and fact.wanted.reason == "sold":
            seconds = exposure(fact.wanted, before, after)
            if seconds is not None:
                metrics.EXPOSURE.labels(marketplace).observe(seconds)


def drifted(before: Seen, after: Listing) -> bool:
    """Whether someone changed a listing there to what is not wanted (rule R10).

    A first look, and what is not known, are no change; that it was sold there is a sale.
    """
    now = after.seen
    known = before.at is not None and "unknown" not in (before.observed, now.observed)
    sale = now.observed == "sold" and now.changed_by not in ("dealer", "other_tool")
    changed = known and before.observed != now.observed and not sale
    return changed and not after.satisfied(frozenset())


def exposure(wanted: Wanted, before: Listing, after: After) -> float | None:
    """Seconds from the sale until a sold item's listing was seen off sale there (rule R9).

    None for one that was never seen there. One known to be off sale since before the sale was not
    exposed. `told_at`: of a target recorded by a version that did not know when the sale was.
    """
    since = wanted.sold_at or wanted.told_at
    known_off_sale = before.wanted is not None and before.satisfied(frozenset())
    seen = before.seen if known_off_sale and before.seen.at is not None else after.listing.seen
    if since is None or seen.at is None:
        return None
    return max(0.0, (seen.at - since).total_seconds())
