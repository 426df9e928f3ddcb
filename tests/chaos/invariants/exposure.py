"""I6: how long a sold piece could still be bought elsewhere.

From the moment Brocante could first know of the sale to the end of the last other listing's being
active, both by clocks outside Brocante. After faults only undisturbed time counts: time in which no
fault was in force and every service was ready.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import quantiles
from typing import Any

from tests.chaos.books import Sale
from tests.chaos.evidence import Evidence

MOST_BEFORE = 25
"""Calls that have begun come to their end, and the target is read a moment after it was said."""


@dataclass(frozen=True, slots=True)
class Exposed:
    """One sale: until when the piece could be bought elsewhere (None: it still can)."""

    sale: Sale
    until: float | None


def exposure_is_short(evidence: Evidence) -> list[str]:
    """Calm: p99 within the limit. Storm: each within its limit of undisturbed seconds."""
    found = exposures(evidence)
    calm = [e.until - e.sale.known_by for e in found if e.sale.phase == "calm" and e.until]
    wrong = []
    if calm and percentile(calm, 99) > evidence.calm_limit:
        wrong.append(
            f"without faults p99 is {percentile(calm, 99):.2f} s,"
            f" more than {evidence.calm_limit:g} s"
        )
    for exposed in found:
        if exposed.sale.phase == "calm" or exposed.until is None:
            continue
        seconds = undisturbed(exposed.sale.known_by, exposed.until, evidence.disturbed)
        if seconds > evidence.storm_limit:
            wrong.append(
                f"{exposed.sale.piece}, sold on {exposed.sale.place}, could be bought elsewhere"
                f" for {seconds:.1f} undisturbed seconds"
            )
    return [*wrong, *_overtaken(evidence)]


def _overtaken(evidence: Evidence) -> list[str]:
    """Without faults: once a worker was told, taking off sale goes before putting on sale."""
    told: dict[tuple[str, str], float] = {}
    for record in evidence.records:
        if record.type == "listing.deactivate" and record.dealer == "main":
            told.setdefault((str(record.facts.get("marketplace")), record.subject), record.at)
    begun: dict[str, list[float]] = defaultdict(list)
    spells = [s for s in evidence.ledger.get("states", ()) if s["state"] == "active"]
    for spell in spells:
        begun[spell["marketplace"]].append(seconds(spell["since"]))
    calm = {sale.piece: sale for sale in evidence.sales.values() if sale.phase == "calm"}
    wrong = []
    for spell in spells:
        place, name = spell["marketplace"], spell["sku"]
        since = told.get((place, name))
        if name not in calm or since is None or spell["until"] is None:
            continue
        before = sum(since < at < seconds(spell["until"]) for at in begun[place])
        if before > MOST_BEFORE:
            wrong.append(f"{before} pieces were put on sale on {place} before {name} was taken off")
    return wrong


def exposures(evidence: Evidence) -> list[Exposed]:
    """Of each sale that took a piece off sale elsewhere."""
    states: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for state in evidence.ledger.get("states", ()):
        if state["state"] == "active":
            states[state["sku"]].append(state)
    found = []
    for sale in evidence.sales.values():
        piece = evidence.pieces.get(sale.piece)
        if piece is not None and piece.quantity > 1:
            continue
        others = [s for s in states[sale.piece] if s["marketplace"] != sale.place]
        ends = list(_ends(sale, others))
        if ends:
            last = None if None in ends else max(end for end in ends if end is not None)
            found.append(Exposed(sale, last))
    return found


def _ends(sale: Sale, states: Iterable[Mapping[str, Any]]) -> Iterable[float | None]:
    """When each listing that was active at the sale stopped being so."""
    for state in states:
        since = seconds(state["since"])
        until = seconds(state["until"]) if state["until"] else None
        if since <= sale.known_by and (until is None or until > sale.known_by):
            yield until


def undisturbed(start: float, end: float, disturbed: Sequence[tuple[float, float]]) -> float:
    """The seconds between start and end that are in none of the stretches."""
    left, at = 0.0, start
    for begins, ends in sorted(disturbed):
        if ends <= at:
            continue
        if begins >= end:
            break
        left += max(0.0, begins - at)
        at = max(at, ends)
    return left + max(0.0, end - at)


def percentile(values: Sequence[float], percent: int) -> float:
    """The percentile by linear interpolation within what was seen."""
    if len(values) == 1:
        return values[0]
    return quantiles(values, n=100, method="inclusive")[percent - 1]


def seconds(stamp: str) -> float:
    """A ledger's stamp in seconds since 1970."""
    return datetime.fromisoformat(stamp).timestamp()
