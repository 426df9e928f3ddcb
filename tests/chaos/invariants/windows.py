"""I8: no rate window of a marketplace is exceeded; the sandbox counts, and refuses what is over."""

from collections import Counter

from tests.chaos.evidence import Evidence
from tests.chaos.invariants.exposure import seconds

REFUSED = 429
AGAIN_AFTER = 0.95
"""Etsy's Retry-After is a second; a call is noted when it comes, an answer a little later."""


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
        if at < refused.pop(what, 0.0) + AGAIN_AFTER:
            soon[f"{call['method']} {call['path']}"] += 1
        if call["status"] == REFUSED and call["path"].rsplit("/", 1)[-1].isdigit():
            refused[what] = at
    return [f"etsy was asked for {what} before the time it gave" for what in soon]
