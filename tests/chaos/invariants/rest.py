"""I7: at rest nothing lags, nothing is unsent, and every listing is at rest."""

from collections.abc import Mapping
from typing import Any

from tests.chaos.evidence import Evidence

AT_REST = frozenset(("idle", "needs_dealer", "needs_person", "blocked"))


def everything_rests(evidence: Evidence) -> list[str]:
    """No lag, nothing unsent, everyone ready; no listing at work; what is shown is what is."""
    wrong = list(evidence.overdue)
    wrong += [f"{group} lags by {behind}" for group, behind in evidence.lag.items() if behind]
    wrong += [f"{number} documents of {c} are unsent" for c, number in evidence.unsent.items()]
    wrong += [f"{name} is not ready" for name in evidence.not_ready]
    for name, item in evidence.items.items():
        for marketplace, listing in item.get("listings", {}).items():
            if problem := _problem(evidence, name, marketplace, listing):
                wrong.append(f"{name} on {marketplace} {problem}")
    return wrong


def _problem(
    evidence: Evidence, name: str, marketplace: str, listing: Mapping[str, Any]
) -> str | None:
    if listing["operation"] not in AT_REST:
        return f"is {listing['operation']} (wanted {listing['desired']})"
    shown = evidence.shown.get((marketplace, name))
    if (shown == "active") != (listing["observed"] == "active"):
        return f"is believed to be {listing['observed']} and is {shown}"
    return None
