"""I8: no rate window of a marketplace is exceeded; the sandbox counts, and refuses what is over."""

from collections import Counter
from datetime import datetime

from tests.chaos.evidence import Evidence

REFUSED = 429


def windows_are_kept(evidence: Evidence) -> list[str]:
    """No refusal that no fault asked for; never more calls in a second than Etsy allows."""
    wrong: Counter[str] = Counter()
    seconds: Counter[tuple[str, int]] = Counter()
    for call in evidence.ledger.get("calls", ()):
        if call["status"] == REFUSED and not call["fault"]:
            wrong[call["marketplace"]] += 1
        if call["marketplace"] == "etsy" and call["status"] is not None and not call["fault"]:
            moment = int(datetime.fromisoformat(call["at"]).timestamp())
            seconds[str(call.get("account")), moment] += 1
    found = [f"{m} refused {n} calls: its window was used up" for m, n in wrong.items()]
    most = max(seconds.values(), default=0)
    if most > evidence.etsy_per_second:
        found.append(f"etsy was called {most} times in one second")
    return found
