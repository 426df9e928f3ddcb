"""What is said beside a plan: the choice a reason leads to (rule R4), and honest warnings."""

from collections.abc import Mapping

NONE_REASONS = frozenset({"sold_elsewhere", "not_as_described", "damaged", "missing"})
UNAVAILABLE_REASONS = frozenset({"damaged", "missing"})


def resolved_relist(reason: str | None, relist: str | None) -> str:
    """What was chosen, else what the reason decides."""
    return relist or ("none" if reason in NONE_REASONS else "origin")


UNTIL_AVAILABLE = "The item will be unavailable until you make it available again."


def no_refund(place: str) -> str:
    """What canceling here does not do."""
    return f"This does not cancel or refund the order on {place}."


def not_connected(place: str) -> str:
    """What becomes of a place of sale where the item has no listing (rule R3)."""
    return f"{place} is not connected: nothing is put back on sale there."


def makes_unavailable(reason: str | None, relist: str | None) -> bool:
    """Whether the item is unavailable afterwards: an explicit choice to relist always wins."""
    return relist is None and reason in UNAVAILABLE_REASONS


def warnings_of(
    place: str, listings: Mapping[str, str], reason: str | None, relist: str | None
) -> list[str]:
    """Sentences that must be read before canceling."""
    found = [no_refund(place)]
    if place not in listings:
        found.append(not_connected(place))
    if makes_unavailable(reason, relist):
        found.append(UNTIL_AVAILABLE)
    return found
