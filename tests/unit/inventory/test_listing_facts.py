"""Three facts about a listing: which observed state satisfies which desired one."""

import pytest

from inventory.domain.listing import Desired, Listing, Observed

SATISFIES: dict[Desired, set[Observed]] = {
    "active": {"active"},
    "on_hold": {"on_hold"},
    "inactive": {"inactive", "ended", "draft", "sold", "none"},
    "sold": {"sold", "ended", "inactive", "none"},
    "draft": {"draft", "none"},
}
EVERY: tuple[Observed, ...] = (
    "none",
    "draft",
    "pending_review",
    "active",
    "on_hold",
    "inactive",
    "sold",
    "ended",
    "unknown",
)


@pytest.mark.parametrize("desired", SATISFIES)
@pytest.mark.parametrize("observed", EVERY)
def test_observed_satisfies_desired_as_the_design_has_it(
    desired: Desired, observed: Observed
) -> None:
    listing = Listing(desired=desired, observed=observed)
    assert listing.satisfied == (observed in SATISFIES[desired])


def test_a_listing_is_settled_when_satisfied_and_idle() -> None:
    assert Listing("inactive", operation="idle").settled
    assert not Listing("inactive", operation="queued").settled
    assert not Listing("active", operation="idle").settled


def test_a_marketplace_without_holds_satisfies_one_with_what_it_shows_instead() -> None:
    assert Listing("on_hold", observed="inactive", held_as="inactive").satisfied
    assert not Listing("on_hold", observed="active", held_as="inactive").satisfied
