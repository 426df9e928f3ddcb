"""What is said beside a plan: the choice a reason leads to (rule R4), and honest warnings."""

from collections.abc import Mapping

NONE_REASONS = frozenset({"sold_elsewhere", "not_as_described", "damaged", "missing"})
UNAVAILABLE_REASONS = frozenset({"damaged", "missing"})


def resolved_relist(reason: str | None, relist: str | None) -> str:
    """What was chosen, else what the reason decides."""
    return relist or ("none" if reason in NONE_REASONS else "origin")


def warnings_of(
    place: str, listings: Mapping[str, str], reason: str | None, relist: str | None
) -> list[str]:
    """Sentences that must be read before canceling."""
    found = [f"This does not cancel or refund the order on {place}."]
    if place not in listings:
        found.append(f"{place} is not connected: nothing is put back on sale there.")
    if relist is None and reason in UNAVAILABLE_REASONS:
        found.append("The item will be unavailable until you make it available again.")
    return found
