"""What a run says of itself: figures for programs, a page for people."""

import os
import time
from collections import Counter
from typing import Any

from tests.chaos.evidence import Evidence
from tests.chaos.invariants import INVARIANTS, violations
from tests.chaos.invariants.exposure import exposures, percentile, undisturbed
from tests.chaos.page import page
from tests.chaos.running import Run

__all__ = ["page", "summary"]


def summary(run: Run) -> dict[str, Any]:
    """Everything the report shows, as JSON values."""
    found, wish = run.found, run.wish
    broken = violations(found)
    return {
        "seed": wish.seed,
        "arguments": list(wish.words),
        "kafka": wish.kafka,
        "mongo": wish.mongo if wish.mongo in ("embedded", "fast") else "elsewhere",
        "plant": wish.plant or None,
        "began": time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(run.began)),
        "seconds": round(time.time() - run.began, 1),
        "load_average": [round(one, 1) for one in os.getloadavg()],
        "moments": {name: round(at - run.began, 1) for name, at in run.moments.items()},
        "calm_limit": round(found.calm_limit, 2),
        "rest_seconds": round(run.rest_seconds, 1),
        "counts": _counts(run),
        "exposure": _exposure(found),
        "faults": [
            {
                "number": s.number,
                "kind": s.kind,
                "target": s.target,
                "at": round(s.at - run.began, 2),
                "until": round((s.until or s.at) - run.began, 2),
                "note": s.note,
            }
            for s in found.struck
        ],
        "invariants": {name: words for name, (words, _) in INVARIANTS.items()},
        "violations": {name: words for name, words in broken.items() if words},
        "violated": sum(map(len, broken.values())),
        "skipped": list(run.books.skipped) if run.books else [],
    }


def _counts(run: Run) -> dict[str, Any]:
    found = run.found
    canceled = [s for s in found.sales.values() if s.canceled_at is not None]
    return {
        "pieces": len(found.pieces),
        "sales": len(found.sales),
        "sales_by": dict(Counter(s.how for s in found.sales.values())),
        "canceled": len(canceled),
        "sold_twice": sum(piece.double for piece in found.pieces.values()),
        "commands_accepted": dict(Counter(a.how for a in found.accepted.values())),
        "faults": len(found.struck),
        "faults_by": dict(sorted(Counter(s.kind for s in found.struck).items())),
        "poison": len(found.poison),
        "dead_letters": sum(record.raw is not None for record in found.records),
        "records": len(found.records),
        "brokers": found.incarnations,
        "marketplace_calls": len(found.ledger.get("calls", ())),
        "webhooks": len(found.ledger.get("webhooks", ())),
        "process_ends": len(run.ends),
    }


def _exposure(found: Evidence) -> dict[str, Any]:
    all_ = exposures(found)
    result: dict[str, Any] = {}
    for phase in ("calm", "storm"):
        of = [e for e in all_ if e.sale.phase == phase and e.until is not None]
        raw = [e.until - e.sale.known_by for e in of if e.until is not None]
        net = [
            undisturbed(e.sale.known_by, e.until, found.disturbed)
            for e in of
            if e.until is not None
        ]
        result[phase] = {"sales": len(of), "wall": _figures(raw), "undisturbed": _figures(net)}
    return result


def _figures(values: list[float]) -> dict[str, float] | None:
    if not values:
        return None
    return {
        "p50": round(percentile(values, 50), 3),
        "p99": round(percentile(values, 99), 3),
        "most": round(max(values), 3),
    }
