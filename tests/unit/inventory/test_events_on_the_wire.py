"""Every event inventory reads, as it comes: what it makes of the item and of its listing."""

from datetime import timedelta
from typing import Any

import pytest

from brocante.contracts.inventory import (
    ItemAcceptDrift,
    ItemCreate,
    ItemDeactivate,
    ItemDelete,
    ItemHold,
    ItemLink,
    ItemRelease,
    ItemRestore,
    ItemUpdate,
)
from brocante.contracts.listings import (
    ListingDeactivated,
    ListingDeferred,
    ListingHeld,
    ListingObserved,
    ListingOperationFailed,
    ListingUpdated,
    ListingValidationFailed,
)
from brocante.contracts.marketplace import ListingActivate, ListingDeactivate
from brocante.contracts.sales import SaleMerged, SaleSplitOff
from brocante.contracts.values import Issue
from inventory.domain.listing import Listing
from tests.support.tables import START, Driven
from tests.unit.inventory.wire import ACTIVATE, CREATE, canceled, code, snapshot, sold

ISSUE = Issue(
    marketplace="ebay", code="broken", category="system", message="Broken.", action="Wait."
)


def listing(driven: Driven, marketplace: str = "ebay") -> Listing:
    found = driven.state("main/lamp").listings[marketplace]
    assert isinstance(found, Listing)
    return found


def about(driven: Driven, **more: Any) -> dict[str, Any]:
    return {
        "item_id": "lamp",
        "marketplace": "ebay",
        "intent": listing(driven).intent,
        **more,
    }


def shown(driven: Driven, observed: str, **more: Any) -> dict[str, Any]:
    seen = {
        "observed": observed,
        "observed_at": driven.now + timedelta(seconds=1),
        "source": "call",
        "verified": True,
    }
    return about(driven, **{**seen, **more})


def test_a_failure_is_shown_with_its_issues_and_attempts(on_sale: Driven) -> None:
    on_sale.take(ItemDeactivate(item_id="lamp", marketplaces=["ebay"]))
    event = about(on_sale, operation="deactivate", issues=[ISSUE], attempts=3, gives_up=False)
    one = snapshot(on_sale.take(ListingOperationFailed(**event))).listings["ebay"]
    assert (one.operation, one.attempts, one.issues) == ("retrying", 3, [ISSUE])
    event = about(on_sale, operation="deactivate", issues=[ISSUE], attempts=9, gives_up=True)
    one = snapshot(on_sale.take(ListingOperationFailed(**event))).listings["ebay"]
    assert (one.operation, one.attempts) == ("blocked", 9)


@pytest.mark.parametrize(
    ("why", "operation"), [("rate_limited", "retrying"), ("waiting_for_person", "needs_person")]
)
def test_a_deferral_is_shown_with_the_next_attempt(
    on_sale: Driven, why: Any, operation: str
) -> None:
    on_sale.take(ItemDeactivate(item_id="lamp", marketplaces=["ebay"]))
    event = about(on_sale, operation="deactivate", why=why, next_attempt_at=START)
    one = snapshot(on_sale.take(ListingDeferred(**event))).listings["ebay"]
    assert (one.operation, one.next_attempt_at) == (operation, START)


def test_what_happened_to_an_older_target_is_not_shown(on_sale: Driven) -> None:
    on_sale.take(ItemDeactivate(item_id="lamp", marketplaces=["ebay"]))
    old = about(on_sale) | {"intent": 0}
    failed = old | {"operation": "activate", "issues": [ISSUE], "attempts": 1, "gives_up": True}
    deferred = old | {"operation": "activate", "why": "paused"}
    invalid = old | {"operation": "activate", "issues": [ISSUE]}
    for event in (
        ListingOperationFailed(**failed),
        ListingDeferred(**deferred),
        ListingValidationFailed(**invalid),
    ):
        assert on_sale.take(event).types == []
        assert listing(on_sale).operation == "queued"


def test_a_hold_that_shows_as_something_else_is_settled(on_sale: Driven) -> None:
    on_sale.take(ItemHold(item_id="lamp", marketplaces=["ebay"]))
    on_sale.take(ListingHeld(**shown(on_sale, "inactive")))
    assert (listing(on_sale).held_as, listing(on_sale).settled) == ("inactive", True)


@pytest.mark.parametrize("kind", [ListingUpdated, ListingDeactivated])
def test_only_a_hold_says_how_a_marketplace_shows_holds(on_sale: Driven, kind: Any) -> None:
    on_sale.take(ItemHold(item_id="lamp", marketplaces=["ebay"]))
    on_sale.take(kind(**shown(on_sale, "inactive")))
    assert listing(on_sale).held_as is None


def test_a_deactivation_is_shown_with_where_and_how_it_was_seen(on_sale: Driven) -> None:
    on_sale.take(ItemDeactivate(item_id="lamp", marketplaces=["ebay"]))
    at = on_sale.now + timedelta(seconds=1)
    event = shown(on_sale, "ended", external_id="e-9", url="https://shop/e-9", source="read_back")
    one = snapshot(on_sale.take(ListingDeactivated(**event))).listings["ebay"]
    assert (one.observed, one.observed_at, one.source) == ("ended", at, "read_back")
    assert (one.external_id, one.url, one.operation) == ("e-9", "https://shop/e-9", "idle")


@pytest.fixture
def drifted(on_sale: Driven) -> Driven:
    return on_sale.take(ListingObserved(**shown(on_sale, "ended", changed_by="dealer")))


def test_drift_is_shown_with_who_and_undone_on_its_marketplace(drifted: Driven) -> None:
    drift = snapshot(drifted).listings["ebay"].drift
    assert drift
    assert (drift.observed, drift.changed_by) == ("ended", "dealer")
    drifted.take(ItemRestore(item_id="lamp", marketplace="ebay"))
    assert [m.marketplace for m in drifted.said(ListingActivate)] == ["ebay"]


def test_drift_is_accepted_on_its_marketplace_only(drifted: Driven) -> None:
    on_sale = drifted.take(ItemAcceptDrift(item_id="lamp", marketplace="ebay"))
    assert snapshot(on_sale).listings["ebay"].desired == "inactive"
    assert snapshot(on_sale).listings["ebay"].drift is None
    assert snapshot(on_sale).listings["etsy"].desired == "active"


def test_deactivating_one_marketplace_leaves_the_others(on_sale: Driven) -> None:
    on_sale.take(ItemDeactivate(item_id="lamp", marketplaces=["ebay"]))
    assert [m.marketplace for m in on_sale.said(ListingDeactivate)] == ["ebay"]
    assert listing(on_sale, "etsy").desired == "active"


def test_deleting_takes_every_listing_off_sale(on_sale: Driven) -> None:
    shown_now = snapshot(on_sale.take(ItemDelete(item_id="lamp")))
    assert shown_now.status == "deleted"
    assert {m: one.desired for m, one in shown_now.listings.items()} == {
        "ebay": "inactive",
        "etsy": "inactive",
    }


def test_a_hold_is_shown_with_who_why_and_until_when(on_sale: Driven) -> None:
    end = on_sale.now + timedelta(hours=1)
    on_sale.take(
        ItemHold(item_id="lamp", marketplaces=["ebay"], until=end, holder="Ann", reason="viewing")
    )
    hold = snapshot(on_sale).listings["ebay"].hold
    assert hold
    assert (hold.until, hold.holder, hold.reason, hold.before) == (end, "Ann", "viewing", "active")


def test_a_hold_that_ends_in_the_past_is_refused(on_sale: Driven) -> None:
    on_sale.take(ItemHold(item_id="lamp", marketplaces=["ebay"], until=START))
    assert code(on_sale)[1] == "/until"


def test_a_timer_ends_only_the_hold_it_was_set_for(on_sale: Driven) -> None:
    end = on_sale.now + timedelta(hours=1)
    on_sale.take(ItemHold(item_id="lamp", marketplaces=["ebay"], until=end))
    other = ItemRelease(item_id="lamp", marketplaces=["ebay"], hold_ended=START)
    assert listing(on_sale.take(other)).desired == "on_hold"
    on_sale.now = end
    mine = ItemRelease(item_id="lamp", marketplaces=["ebay"], hold_ended=end)
    assert listing(on_sale.take(mine)).desired == "active"


def test_a_merged_sale_no_longer_counts_until_it_is_split_off(inventory: Driven) -> None:
    inventory.take(CREATE.model_copy(update={"quantity": 5}))
    inventory.take(sold("s1")).take(sold("s2", "etsy"))
    common: Any = {"sale_id": "s1", "item_id": "lamp", "into": "s2"}
    merged = snapshot(inventory.take(SaleMerged(sale_version=2, **common)))
    assert ([s.sale_id for s in merged.open_sales], merged.on_hand) == (["s2"], 4)
    split = snapshot(inventory.take(SaleSplitOff(sale_version=3, **common)))
    assert sorted(s.sale_id for s in split.open_sales) == ["s1", "s2"]
    assert (split.on_hand, split.sale_versions) == (3, {"s1": 3, "s2": 1})


@pytest.mark.parametrize(
    "event",
    [
        sold(),
        canceled(),
        SaleMerged(sale_id="s1", sale_version=2, item_id="lamp", into="s2"),
        SaleSplitOff(sale_id="s1", sale_version=2, item_id="lamp", into="s2"),
    ],
    ids=["recorded", "canceled", "merged", "split off"],
)
def test_what_sales_says_of_an_item_not_created_yet_waits_for_it(
    inventory: Driven, event: Any
) -> None:
    inventory.take(event)
    item = inventory.state("main/lamp")
    assert (item.item_id, item.known, len(item.waiting)) == ("lamp", False, 1)
    assert snapshot(inventory.take(CREATE)).sale_versions == {"s1": event.sale_version}


def test_holds_remembered_from_before_the_sale_have_ended_when_it_is_canceled_later(
    on_sale: Driven,
) -> None:
    end = on_sale.now + timedelta(hours=1)
    on_sale.take(ItemHold(item_id="lamp", marketplaces=["etsy"], until=end)).take(sold())
    on_sale.now = end
    shown_now = snapshot(on_sale.take(canceled(relist="as_before")))
    assert shown_now.listings["etsy"].desired == "active"


def test_a_hold_a_refusal_goes_back_to_stays_without_an_end_that_has_passed(
    on_sale: Driven,
) -> None:
    end = on_sale.now + timedelta(hours=1)
    on_sale.take(ItemHold(item_id="lamp", marketplaces=["ebay"], until=end))
    on_sale.take(ListingHeld(**shown(on_sale, "on_hold"))).take(ACTIVATE)
    on_sale.now = end
    event = about(on_sale, operation="activate", issues=[ISSUE])
    one = snapshot(on_sale.take(ListingValidationFailed(**event))).listings["ebay"]
    assert one.hold
    assert (one.desired, one.hold.until) == ("on_hold", None)


@pytest.mark.parametrize(
    ("message", "field"),
    [
        (
            CREATE.model_copy(update={"listings": {"amazon": CREATE.listings["etsy"]}}),
            "/listings/amazon",
        ),
        (ItemUpdate(item_id="lamp", changes={"listings": {"amazon": {}}}), None),
        (ItemLink(item_id="lamp", marketplace="amazon", external_id="1"), "/marketplace"),
    ],
)
def test_a_marketplace_that_is_not_set_up_is_refused_by_its_field(
    inventory: Driven, message: Any, field: str | None
) -> None:
    if not isinstance(message, ItemCreate):
        inventory.take(CREATE)
    assert code(inventory.take(message)) == (
        "unknown_marketplace",
        field or "/changes/listings/amazon",
    )


def test_the_plan_in_an_answer_counts_holds_that_have_ended_by_then(on_sale: Driven) -> None:
    end = on_sale.now + timedelta(hours=1)
    on_sale.take(ItemHold(item_id="lamp", marketplaces=["etsy"], until=end)).take(sold())
    on_sale.now = end
    (sale,) = snapshot(on_sale.take(ItemUpdate(item_id="lamp", changes={}))).open_sales
    assert sale.plans["as_before"] == {"ebay": "active", "etsy": "active"}
