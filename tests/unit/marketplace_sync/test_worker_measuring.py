"""Exposure: how long a sold item stayed on sale on another marketplace (R9)."""

from datetime import timedelta
from typing import Any

import pytest
from prometheus_client import REGISTRY

from brocante.contracts.marketplace import ListingDeactivate, Target
from marketplace_sync.documents import kinds
from marketplace_sync.domain.facts import After, Reached
from marketplace_sync.domain.listing import Listing, Seen
from marketplace_sync.handlers import table
from marketplace_sync.reconcile import measuring
from tests.support.tables import Driven, finds_nothing
from tests.support.worker_listings import NOW, listed, wanted

SOLD_AT = NOW - timedelta(seconds=20)
TOLD_AT = NOW - timedelta(seconds=2)
SOLD = wanted("inactive", reason="sold", sold_at=SOLD_AT, told_at=TOLD_AT)


def off_sale(before: Listing) -> After:
    return After(listed("inactive", "inactive", wanted=before.wanted))


def on_sale(**changes: Any) -> Listing:
    return listed("inactive", "active", **{"wanted": SOLD, **changes})


def test_exposure_counts_from_the_sale_and_not_from_the_command() -> None:
    assert measuring.exposure(SOLD, on_sale(), off_sale(on_sale())) == pytest.approx(20.0)


def test_exposure_counts_from_the_command_where_nothing_says_when_the_sale_was() -> None:
    unknown = wanted("inactive", reason="sold", told_at=TOLD_AT)
    before = on_sale(wanted=unknown)
    assert measuring.exposure(unknown, before, off_sale(before)) == pytest.approx(2.0)


def test_what_was_off_sale_before_it_was_sold_was_not_exposed() -> None:
    before = on_sale(seen=Seen("ended", SOLD_AT - timedelta(days=1)))
    assert measuring.exposure(SOLD, before, off_sale(before)) == 0.0


def test_what_was_never_seen_there_is_not_measured() -> None:
    never = on_sale(seen=Seen())
    assert measuring.exposure(SOLD, never, After(never)) is None


def test_each_sold_item_taken_off_sale_is_measured_once() -> None:
    def measured() -> tuple[float, float]:
        labels = {"marketplace": "measured"}
        name = "brocante_sale_exposure_seconds"
        found = (REGISTRY.get_sample_value(f"{name}_{part}", labels) for part in ("count", "sum"))
        count, total = (value or 0.0 for value in found)
        return count, total

    after = off_sale(on_sale())
    measuring.note("measured", on_sale(), After(after.listing, (Reached(SOLD, verified=True),)))
    measuring.note("measured", on_sale(), after)
    assert measured() == (1.0, 20.0)


@pytest.mark.parametrize(
    ("before", "now", "desired", "counts"),
    [
        (Seen("active", NOW), Seen("ended", NOW), "active", True),
        (Seen("inactive", NOW), Seen("active", NOW), "inactive", True),
        (Seen("active", NOW), Seen("sold", NOW), "active", False),
        (Seen("active", NOW), Seen("sold", NOW, changed_by="dealer"), "active", True),
        (Seen("ended", NOW), Seen("inactive", NOW), "inactive", False),
        (Seen("active", NOW), Seen("unknown", NOW), "active", False),
        (Seen(), Seen("ended", NOW), "active", False),
    ],
)
def test_drift_is_what_someone_changed_to_what_is_not_wanted(
    before: Seen, now: Seen, desired: str, counts: bool
) -> None:
    after = listed(desired, seen=now, open=False)
    assert measuring.drifted(before, after) is counts


def test_a_target_carries_when_the_sale_was() -> None:
    driven = Driven(table("ebay", kinds("ebay"), finds_nothing))
    command = ListingDeactivate(
        item_id="lamp",
        marketplace="ebay",
        intent=1,
        reason="sold",
        target=Target(desired="inactive", quantity=0),
        sale_id="s1",
        sold_at=SOLD_AT,
    )
    driven.take(command)
    assert driven.state("main/lamp").wanted.sold_at == SOLD_AT
