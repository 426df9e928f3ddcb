"""The snapshot: everything an item is, field by field, and what differs from the one before."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from brocante.contracts import snapshot as wire
from brocante.contracts.inventory import ListingDetails
from brocante.contracts.values import Money as WireMoney
from inventory.domain.item import Content, Item
from inventory.domain.listing import Details, Drift, Hold, Issue, Listing, Money, Wanted
from inventory.domain.sales import OpenSale
from inventory.snapshot import changed_fields, snapshot
from tests.unit.inventory.wire import WIRE_ISSUE

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
SOON = NOW + timedelta(hours=1)
LATE = NOW + timedelta(hours=2)
HOLD = Hold(SOON, "Ann", "viewing", "draft")
SHOWN_HOLD = wire.Hold(until=SOON, holder="Ann", reason="viewing", before="draft")
OWN = Details("T", "D", Money("9.00", "USD"), "C", "mint", ("i9",), {"a": 9})
LISTING = Listing(
    desired="on_hold",
    intent=7,
    observed="active",
    observed_at=NOW,
    source="sweep",
    operation="retrying",
    issues=(Issue("code", "system", "What.", "Do.", "ebay", "/f", "warning", True, "m-1"),),
    attempts=3,
    next_attempt_at=LATE,
    external_id="e-1",
    url="https://shop/e-1",
    details=OWN,
    hold=HOLD,
    drift=Drift("ended", SOON, "dealer"),
)
LAMP = Item(
    "lamp",
    Content("91.10", "Lamp", "Brass", Money("10.00", "EUR"), "light", "used", ("i1",), {"k": 1}),
    quantity=2,
    revision=5,
    listings={"ebay": LISTING, "etsy": Listing(desired="active")},
    sales={"s1": OpenSale("s1", 4, "ebay", 2, NOW, "o-1")},
    before={"ebay": Wanted("on_hold", HOLD), "etsy": Wanted("active")},
    sale_versions={"s1": 4, "s0": 2},
)


def test_a_snapshot_shows_everything_of_a_listing() -> None:
    details = ListingDetails(
        title="T",
        description="D",
        price=WireMoney(amount="9.00", currency="USD"),
        category="C",
        condition="mint",
        images=["i9"],
        attributes={"a": 9},
    )
    assert snapshot(LAMP, NOW).listings["ebay"] == wire.Listing(
        desired="on_hold",
        intent=7,
        observed="active",
        observed_at=NOW,
        source="sweep",
        operation="retrying",
        issues=[WIRE_ISSUE],
        attempts=3,
        next_attempt_at=LATE,
        external_id="e-1",
        url="https://shop/e-1",
        details=details,
        hold=SHOWN_HOLD,
        drift=wire.Drift(observed="ended", changed_by="dealer", since=SOON),
    )


def test_a_snapshot_shows_everything_of_an_item() -> None:
    sale = wire.OpenSale(
        sale_id="s1",
        sale_version=4,
        marketplace="ebay",
        quantity=2,
        sold_at=NOW,
        external_order_id="o-1",
        plans={
            "origin": {"ebay": "active", "etsy": "inactive"},
            "as_before": {"ebay": "on_hold", "etsy": "active"},
            "none": {"ebay": "inactive", "etsy": "inactive"},
        },
    )
    shown = snapshot(LAMP, NOW).listings
    assert snapshot(LAMP, NOW) == wire.ItemChanged(
        item_id="lamp",
        sku="91.10",
        title="Lamp",
        description="Brass",
        price=WireMoney(amount="10.00", currency="EUR"),
        quantity=2,
        category="light",
        condition="used",
        images=["i1"],
        attributes={"k": 1},
        revision=5,
        status="sold",
        on_hand=0,
        open_sales=[sale],
        before={
            "ebay": wire.Before(desired="on_hold", hold=SHOWN_HOLD),
            "etsy": wire.Before(desired="active"),
        },
        listings={"ebay": shown["ebay"], "etsy": wire.Listing(desired="active", intent=0)},
        settled=False,
        changed=changed_fields(None, LAMP),
        sale_versions={"s1": 4, "s0": 2},
    )


def test_a_plan_counts_holds_that_end_before_the_moment_of_the_snapshot() -> None:
    (sale,) = snapshot(LAMP, LATE).open_sales
    assert sale.plans["as_before"] == {"ebay": "draft", "etsy": "active"}


def test_an_item_just_created_has_changed_in_all_it_has() -> None:
    assert changed_fields(None, LAMP) == [
        *["sku", "title", "description", "price", "category", "condition", "images", "attributes"],
        *["quantity", "status", "on_hand", "open_sales", "before", "listings", "settled"],
        "sale_versions",
    ]
    assert changed_fields(replace(LAMP, known=False), LAMP) == changed_fields(None, LAMP)


def test_a_restatement_has_changed_in_nothing() -> None:
    assert snapshot(LAMP, NOW, LAMP).changed == []


def test_of_a_change_only_what_differs_is_named() -> None:
    edited = replace(LAMP, content=replace(LAMP.content, price=None), quantity=3)
    assert changed_fields(LAMP, edited) == ["price", "quantity", "status", "on_hand"]
    assert snapshot(edited, NOW, LAMP).changed == ["price", "quantity", "status", "on_hand"]
    assert snapshot(edited, NOW).price is None


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"sales": {}}, ["status", "on_hand", "open_sales"]),
        ({"before": {}}, ["before"]),
        ({"listings": {}}, ["listings", "settled"]),
        ({"sale_versions": {}}, ["sale_versions"]),
        ({"revision": 6}, []),
    ],
)
def test_each_field_is_named_for_itself(change: dict[str, object], named: list[str]) -> None:
    assert changed_fields(LAMP, replace(LAMP, **change)) == named
