"""Undo: what a command changed is again as it was before, or it cannot be undone."""

from typing import Any

import pytest

from gateway.console.taking_back import taking_back, wanted_before
from gateway.records.commands import Kept

ABOUT = {"item_id": "chair-1", "marketplaces": ["ebay", "etsy"]}
ACTIVE, INACTIVE, DRAFT = ({"desired": one} for one in ("active", "inactive", "draft"))
HELD = {"desired": "on_hold", "hold": {"holder": "Mrs. Aldous", "before": "active"}}


def kept(kind: str, payload: dict[str, Any]) -> Kept:
    return Kept("c1", "main", kind, payload, "done", "")


def undone(kind: str, before: dict[str, Any] | None, *marketplaces: str) -> dict[str, Any]:
    """What undoes a command, by marketplace: the type of what is asked there, and its hold."""
    named = list(marketplaces) or ABOUT["marketplaces"]
    asked = taking_back(kept(kind, {**ABOUT, "marketplaces": named}), before)
    wires = [(one.TYPE, one.wire()) for one in asked]
    assert all(wire["item_id"] == "chair-1" for _, wire in wires)
    return {
        slug: (kind, {n: wire[n] for n in ("holder", "until", "before") if n in wire})
        for kind, wire in wires
        for slug in wire["marketplaces"]
    }


@pytest.mark.parametrize(
    ("kind", "before", "opposite"),
    [
        ("item.activate", INACTIVE, "item.deactivate"),
        ("item.activate", DRAFT, "item.deactivate"),
        ("item.deactivate", ACTIVE, "item.activate"),
        ("item.hold", ACTIVE, "item.release"),
        ("item.hold", INACTIVE, "item.release"),
    ],
)
def test_a_change_is_taken_back_where_it_was_made(
    kind: str, before: dict[str, Any], opposite: str
) -> None:
    found = undone(kind, {"ebay": before, "etsy": before, "shopify": before})
    assert found == {"ebay": (opposite, {}), "etsy": (opposite, {})}


@pytest.mark.parametrize("kind", ["item.activate", "item.deactivate", "item.hold", "item.release"])
def test_what_was_on_hold_is_on_that_hold_again_whatever_was_done_to_it(kind: str) -> None:
    hold = {"holder": "Mrs. Aldous", "before": "active"}
    assert undone(kind, {"ebay": HELD}, "ebay") == {"ebay": ("item.hold", hold)}


def test_of_several_listings_each_is_put_back_to_what_it_was() -> None:
    before = {"ebay": HELD, "etsy": ACTIVE, "shopify": DRAFT}
    found = undone("item.deactivate", before, "*")
    assert {slug: kind for slug, (kind, _) in found.items()} == {
        "ebay": "item.hold",
        "etsy": "item.activate",
    }


@pytest.mark.parametrize(
    ("kind", "same"),
    [
        ("item.activate", ACTIVE),
        ("item.deactivate", INACTIVE),
        ("item.deactivate", DRAFT),
        ("item.release", ACTIVE),
    ],
)
def test_a_listing_that_the_command_did_not_change_stays_as_it_is(
    kind: str, same: dict[str, Any]
) -> None:
    assert undone(kind, {"ebay": same, "etsy": same}) == {}


def test_an_end_that_has_passed_is_no_end_of_the_hold_that_is_put_back() -> None:
    for end, kept_end in (("2020-01-01T00:00:00Z", None), ("2999-01-01T00:00:00Z",) * 2):
        before = {"ebay": {"desired": "on_hold", "hold": {"until": end, "before": "active"}}}
        _, hold = undone("item.release", before, "ebay")["ebay"]
        assert hold.get("until") == kept_end


def test_a_listing_that_was_nowhere_before_it_was_activated_comes_off_sale() -> None:
    assert undone("item.activate", {}, "ebay") == {"ebay": ("item.deactivate", {})}


def test_where_nobody_knows_what_was_before_the_opposite_is_done() -> None:
    found = undone("item.deactivate", None)
    assert found == {"ebay": ("item.activate", {}), "etsy": ("item.activate", {})}


def change(revision: int, cause: str, *changed: str, **wanted: Any) -> dict[str, Any]:
    what = {"revision": revision, "changed": list(changed), "wanted": wanted}
    return {"type": "item.changed", "cause": cause, "what": what}


def test_what_was_before_is_what_the_snapshot_before_the_answer_says() -> None:
    happened = [
        change(4, "later", "listings", ebay=ACTIVE),
        change(3, "c1", "listings", ebay=INACTIVE),
        {"type": "listing.held", "what": {}},
        change(2, "earlier", "listings", ebay=HELD),
        change(1, "first", "listings", ebay=ACTIVE),
    ]
    assert wanted_before(kept("item.deactivate", ABOUT), happened) == {"ebay": HELD}


def test_before_a_command_that_changed_nothing_there_is_nothing_to_put_back() -> None:
    happened = [change(2, "c1", ebay=ACTIVE), change(1, "first", "listings", ebay=INACTIVE)]
    asked = kept("item.activate", {**ABOUT, "marketplaces": ["ebay"]})
    assert taking_back(asked, wanted_before(asked, happened)) == []


def test_what_was_before_is_not_known_without_the_answer() -> None:
    assert wanted_before(kept("item.activate", ABOUT), [change(1, "first", "listings")]) is None


def test_a_sale_recorded_by_hand_is_canceled_with_every_listing_as_before() -> None:
    (message,) = taking_back(kept("sale.record", {"sale_id": "showroom:1"}))
    assert (message.TYPE, message.wire()["relist"]) == ("sale.cancel", "as_before")


def test_what_cannot_be_undone_says_so() -> None:
    assert taking_back(kept("item.delete", {"item_id": "chair-1"})) == []
    assert taking_back(kept("sale.cancel", {"sale_id": "ebay:1"})) == []
