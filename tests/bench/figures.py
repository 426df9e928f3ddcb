"""Figures out of samples: medians with their spread, percentiles, ratios. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Spread:
    """A median with the smallest and the largest sample: the machine is noisy."""

    median: float
    smallest: float
    largest: float
    samples: int


def spread(samples: Sequence[float]) -> Spread:
    """The spread of at least one sample."""
    return Spread(median(samples), min(samples), max(samples), len(samples))


def percentile(samples: Sequence[float], percent: float) -> float:
    """The smallest sample that is not below `percent` of all (nearest rank)."""
    if not samples:
        raise ValueError("no samples")
    rank = max(1, math.ceil(len(samples) * percent / 100))
    return sorted(samples)[rank - 1]


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """The median of the ratios of samples taken one after the other.

    Neighbours in time saw the same noise, so their ratio says more than that of two medians.
    """
    pairs = list(zip(ours, theirs, strict=False))
    if not pairs:
        raise ValueError("nothing to compare")
    return median(mine / other for mine, other in pairs)
