"""Exposure: how long a sold piece was still on sale elsewhere (rule R9). Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Any

ON_SALE = frozenset({"active", "pending_review", "unknown"})


@dataclass(frozen=True, slots=True)
class Exposure:
    """Of the sales looked at, on one marketplace: seconds from sold to seen off sale."""

    sales: int
    median_seconds: float | None
    longest_seconds: float | None
    still: int


def exposures(sold: Iterable[tuple[Mapping[str, Any], Mapping[str, Any]]]) -> dict[str, Exposure]:
    """By marketplace, from pairs of an open sale and its item's snapshot.

    A listing that was off sale before the sale was never exposed; the place of sale itself is not
    either. Of a sale recorded by hand, time counts from when it was recorded.
    """
    seconds: dict[str, list[float]] = defaultdict(list)
    still: dict[str, int] = defaultdict(int)
    for sale, item in sold:
        by_hand = not sale.get("external_order_id")
        began = datetime.fromisoformat(str(sale["recorded_at" if by_hand else "sold_at"]))
        for marketplace, listing in item["listings"].items():
            if marketplace == sale["marketplace"] or not listing.get("observed_at"):
                continue
            seen = datetime.fromisoformat(str(listing["observed_at"]))
            if listing["observed"] in ON_SALE:
                still[marketplace] += 1
            elif seen >= began:
                seconds[marketplace].append((seen - began).total_seconds())
    return {
        marketplace: Exposure(
            len(seconds[marketplace]) + still[marketplace],
            median(seconds[marketplace]) if seconds[marketplace] else None,
            max(seconds[marketplace], default=None),
            still[marketplace],
        )
        for marketplace in sorted({*seconds, *still})
    }
