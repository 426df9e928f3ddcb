"""I8: no rate window of a marketplace is exceeded; the sandbox counts, and refuses what is over."""

from collections import Counter

from tests.chaos.evidence import Evidence
from tests.chaos.invariants.exposure import seconds

REFUSED = 429
SOONER = 0.05
"""A call is noted when it comes; the answer that says how long to wait comes a little later."""
ETSYS_OWN = 1.0


def windows_are_kept(evidence: Evidence) -> list[str]:
    """No refusal that no fault asked for; never more calls in a second than Etsy allows."""
    wrong: Counter[str] = Counter()
    each: Counter[tuple[str, int]] = Counter()
    for call in evidence.ledger.get("calls", ()):
        if call["status"] == REFUSED and not call["fault"]:
            wrong[call["marketplace"]] += 1
        if call["marketplace"] == "etsy" and call["status"] is not None and not call["fault"]:
            moment = int(seconds(call["at"]))
            each[str(call.get("account")), moment] += 1
    found = [f"{m} refused {n} calls: its window was used up" for m, n in wrong.items()]
    most = max(each.values(), default=0)
    if most > evidence.etsy_per_second:
        found.append(f"etsy was called {most} times in one second")
    return [*found, *_too_soon(evidence)]


def _too_soon(evidence: Evidence) -> list[str]:
    """Asked for the same thing again before the time that came with the refusal."""
    refused: dict[tuple[str, str], float] = {}
    soon: Counter[str] = Counter()
    for call in evidence.ledger.get("calls", ()):
        if call["marketplace"] != "etsy" or "path" not in call:
            continue
        what, at = (call["method"], call["path"]), seconds(call["at"])
        if at < refused.pop(what, 0.0) - SOONER:
            soon[f"{call['method']} {call['path']}"] += 1
        if call["status"] == REFUSED and call["path"].rsplit("/", 1)[-1].isdigit():
            refused[what] = at + _asked_for(evidence, at)
    return [f"etsy was asked for {what} before the time it gave" for what in soon]


def _asked_for(evidence: Evidence, at: float) -> float:
    """The seconds for which a refusal of that moment asked to be left alone."""
    struck = (s for s in evidence.struck if s.target == "etsy")
    in_force = (s.retry_after for s in struck if s.at <= at <= (s.until or at))
    return max(in_force, default=ETSYS_OWN)
