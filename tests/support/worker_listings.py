"""Listings as a worker knows them, for tests of its rules."""

from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec.structs import replace

from brocante.contracts.values import Issue, IssueCategory
from marketplace_sync.domain.facts import At
from marketplace_sync.domain.listing import Cause, Linked, Listing, Operation, Seen, Wanted
from marketplace_sync.domain.steps import fingerprint_of

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
CONTENT: dict[str, Any] = {"sku": "91.10", "title": "Brass lamp"}
OTHER: dict[str, Any] = {"sku": "91.10", "title": "Brass lamp, rewired"}
HOLDS = frozenset({"on_hold", "inactive"})
LINK = Linked("91.10", "x1")
OPERATIONS: dict[str, Operation] = {"active": "activate", "on_hold": "hold"}


def at(seconds: float = 0.0, *, draw: float = 0.5, idempotent: bool = True) -> At:
    """The circumstances some seconds after NOW."""
    return At(NOW + timedelta(seconds=seconds), draw, HOLDS, idempotent)


def wanted(desired: str = "active", intent: int = 1, **changes: Any) -> Wanted:
    """A target, caused by the command `c<intent>`."""
    target = Wanted(
        intent=intent,
        operation=OPERATIONS.get(desired, "deactivate"),
        desired=desired,
        quantity=1,
        reason="sold" if desired == "sold" else "requested",
        cause=Cause(f"c{intent}"),
        content=CONTENT if desired == "active" else None,
    )
    return replace(target, **changes)


def waiting(desired: str = "active", **changes: Any) -> Listing:
    """A listing whose target waits and that the marketplace has never seen."""
    target = wanted(desired)
    listing = Listing("lamp", intent=target.intent, wanted=target, open=True, due_at=NOW)
    return replace(listing, **changes)


def listed(desired: str = "active", observed: str = "active", **changes: Any) -> Listing:
    """A listing that is on the marketplace, with a target that waits."""
    known: dict[str, Any] = {
        "link": LINK,
        "tried": True,
        "seen": Seen(observed, NOW),
        "shown_content": fingerprint_of(CONTENT, 1),
    }
    return waiting(desired, **{**known, **changes})


def shows(observed: str) -> Seen:
    """What a call or a read has just shown."""
    return Seen(observed, NOW, "read_back")


def issue(category: IssueCategory = "marketplace", code: str = "25001", **changes: Any) -> Issue:
    """An issue that stops an operation."""
    sentence = {"message": "It was refused.", "action": "Try again."}
    fields = {"marketplace": "fake", "code": code, "category": category, **sentence, **changes}
    return Issue.model_validate(fields)
