"""Each invariant is silent on a story that went well, and speaks when it is violated."""

from dataclasses import replace
from typing import Any

import pytest

from tests.chaos.books import Accepted, Piece, Struck
from tests.chaos.evidence import Evidence
from tests.chaos.invariants import INVARIANTS, violations
from tests.unit.chaos.evidence_by_hand import item, listing, record, sale, snapshot, sold

HEADERS = (("ce_type", b"sale.record"),)
POISON = {
    "topic": "sales.commands",
    "kind": "garbage",
    "key": b"k",
    "value": b"\xff",
    "headers": list(HEADERS),
    "incarnation": 1,
    "sure": True,
}


def letter(value: bytes, *more: tuple[str, bytes]) -> Any:
    return record("", topic="dead-letters", raw=(b"k", value, (*HEADERS, *more)))


def told(name: str, evidence: Evidence) -> str:
    return "; ".join(violations(evidence)[name])


def test_a_story_that_went_well_violates_nothing() -> None:
    assert {name: found for name, found in violations(sold()).items() if found} == {}
    assert set(INVARIANTS) == {f"I{n}" for n in range(1, 12)}


def test_i1_names_a_command_that_was_accepted_and_never_answered() -> None:
    lost = {"c9": Accepted("c9", "item.hold", "http", 1.0, "piece-0")}
    assert "item.hold c9" in told("I1", replace(sold(), accepted=lost))
    assert not told("I1", replace(sold(), accepted=lost, commands={"c9": "rejected"}))


def test_i1_names_an_order_that_became_no_sale() -> None:
    lost = replace(sold(), sales_shown={})
    assert "sale ebay:1 of piece-0 on ebay is lost" in told("I1", lost)
    assert "order 1 on ebay is no sale" in told("I1", lost)


def test_i1_names_a_cancellation_that_was_lost() -> None:
    canceled = {"ebay:1": sale(canceled_at=120.0)}
    assert "is open, it should be canceled" in told("I1", replace(sold(), sales=canceled))
    resurrected = replace(sold(), sales_shown={"ebay:1": {"status": "canceled"}})
    assert "is canceled, it should be open" in told("I1", resurrected)


def test_i2_names_a_command_that_changed_an_item_twice() -> None:
    twice = [snapshot(3, causation="c1"), snapshot(4, causation="c1")]
    assert "c1 changed item piece-0 (main) in revisions [3, 4]" in told("I2", sold(records=twice))


def test_i2_says_nothing_of_an_answer_given_twice() -> None:
    again = [snapshot(3, causation="c1"), snapshot(4, causation="c1", changed=[])]
    assert not told("I2", sold(records=again))


def test_i2_names_a_version_of_a_sale_said_in_two_ways() -> None:
    recorded = record("sale.recorded", "r1", sale_id="s", sale_version=1, digest="a")
    other = record("sale.canceled", "r2", sale_id="s", sale_version=1, digest="b")
    assert "version 1 of sale s (main)" in told("I2", sold(records=[recorded, other]))


def test_i2_names_a_cancellation_applied_twice() -> None:
    canceled = [record("sale.canceled", f"e{n}", sale_id="s", sale_version=n) for n in (2, 3)]
    assert "was canceled in versions [2, 3]" in told("I2", sold(records=canceled))


def test_i2_names_stock_that_was_taken_twice() -> None:
    assert "-1 on hand with 1 open sales" in told("I2", sold(items={"piece-0": item(on_hand=-1)}))


def test_i3_names_a_revision_with_two_states() -> None:
    forked = [snapshot(2, digest="a"), snapshot(2, digest="b")]
    assert "revision 2 of item piece-0 (main) has 2" in told("I3", sold(records=forked))


def test_i3_names_a_hole_unless_a_broker_was_lost() -> None:
    hole = [record("sale.canceled", sale_id="s", sale_version=3)]
    assert "sale s (main) has versions [3]" in told("I3", sold(records=hole))
    assert not told("I3", sold(records=hole, incarnations=2))


def test_i3_names_a_view_that_stayed_behind() -> None:
    assert "shown at revision 2, 5 was said" in told("I3", sold(records=[snapshot(5)]))


def test_i4_names_an_id_with_two_contents() -> None:
    said = [record("listing.sold", "x", digest="a"), record("listing.sold", "x", digest="b")]
    assert "listing.sold x" in told("I4", sold(records=[*sold().records, *said]))


def test_i4_names_a_change_said_under_two_ids() -> None:
    again = [*sold().records, snapshot(2, id_="another")]
    assert "revision 2 of piece-0 (main) was said under 2" in told("I4", sold(records=again))
    target = {"intent": 4, "marketplace": "etsy", "source": "brocante/inventory"}
    targets = [record("listing.deactivate", id_, **target) for id_ in ("x", "y")]
    assert "intent 4 on etsy of piece-0" in told("I4", sold(records=targets))


def test_i4_names_a_last_state_that_was_never_said() -> None:
    assert "revision 2 of piece-0 was never said" in told("I4", sold(records=[snapshot(1)]))


def test_i5_names_a_sold_item_wanted_on_sale() -> None:
    wanted = snapshot(2, on_hand=0, status="sold", desired={"etsy": "active"})
    assert "wanted active on etsy" in told("I5", sold(records=[wanted]))


def test_i5_names_a_sold_piece_that_can_still_be_bought() -> None:
    shown = {("etsy", "piece-0"): "active"}
    found = told("I5", sold(shown=shown))
    assert "piece-0 is sold and can still be bought on etsy" in found
    assert "piece-0 is active on etsy, it should be off" in found


def test_i5_names_a_piece_that_did_not_come_back() -> None:
    back = sold(
        sales={"ebay:1": sale(canceled_at=120.0)},
        pieces={"piece-0": Piece("piece-0", ["ebay:1"], {"ebay": "active", "etsy": "off"})},
    )
    assert "piece-0 is off on ebay, it should be active" in told("I5", back)
    unsure = replace(back, pieces={"piece-0": Piece("piece-0", ["ebay:1"], None)})
    assert not told("I5", unsure)


@pytest.mark.parametrize(("limit", "violated"), [(1.0, True), (3.0, False)])
def test_i6_holds_calm_sales_to_a_limit(limit: float, violated: bool) -> None:
    state = {"marketplace": "etsy", "sku": "piece-0", "state": "active"}
    spell = {**state, "since": "1970-01-01T00:01:00Z", "until": "1970-01-01T00:01:42Z"}
    calm = sold(sales={"ebay:1": sale(phase="calm")}, ledger={"states": [spell]}, calm_limit=limit)
    assert bool(told("I6", calm)) is violated


def test_i6_counts_only_undisturbed_time_after_faults() -> None:
    state = {"marketplace": "etsy", "sku": "piece-0", "state": "active"}
    spell = {**state, "since": "1970-01-01T00:01:00Z", "until": "1970-01-01T00:03:20Z"}
    exposed = sold(ledger={"states": [spell]}, storm_limit=30.0)
    assert "for 100.0 undisturbed seconds" in told("I6", exposed)
    assert not told("I6", replace(exposed, disturbed=[(90.0, 160.0), (150.0, 175.0)]))


def test_i7_names_lag_what_is_unsent_and_who_is_not_ready() -> None:
    found = told("I7", sold(lag={"sales.1": 3}, unsent={"items": 2}, not_ready=["gateway"]))
    assert found == "sales.1 lags by 3; 2 documents of items are unsent; gateway is not ready"


def test_i7_names_a_listing_at_work_and_one_believed_to_be_what_it_is_not() -> None:
    queued = item(listings={"etsy": listing(operation="queued")})
    assert "piece-0 on etsy is queued" in told("I7", sold(items={"piece-0": queued}))
    believed = item(listings={"etsy": listing(observed="active")})
    assert "is believed to be active and is inactive" in told(
        "I7", sold(items={"piece-0": believed})
    )


def test_i8_names_a_marketplace_that_refused_for_its_window() -> None:
    call = {"at": "1970-01-01T00:00:01Z", "marketplace": "etsy", "account": "main"}
    refused = [{**call, "status": 429, "fault": None}]
    assert "etsy refused 1 calls" in told("I8", sold(ledger={"calls": refused}))
    asked_for = [{**call, "status": 429, "fault": "rate_limited"}]
    assert not told("I8", sold(ledger={"calls": asked_for}))


def test_i8_counts_calls_in_one_second() -> None:
    call = {"at": "1970-01-01T00:00:01.5Z", "marketplace": "etsy", "status": 200, "fault": None}
    busy = sold(ledger={"calls": [call, call, call]}, etsy_per_second=2)
    assert "etsy was called 3 times in one second" in told("I8", busy)


def test_i9_knows_poison_byte_for_byte() -> None:
    dead = letter(b"\xff", ("x-service", b"sales"))
    assert not told("I9", sold(records=[*sold().records, dead], poison=[POISON]))
    other = letter(b"\xfe", ("x-service", b"sales"), ("x-error-code", b"bug"))
    assert "nobody put in: sales bug" in told("I9", sold(records=[other], poison=[POISON]))


def test_i9_misses_poison_that_no_broker_took_away() -> None:
    assert "garbage on sales.commands is no dead letter" in told("I9", sold(poison=[POISON]))
    assert not told("I9", sold(poison=[POISON], incarnations=2))
    assert not told("I9", sold(poison=[{**POISON, "sure": False}]))


def test_i10_names_another_dealers_piece_or_sale() -> None:
    mixed = sold(
        records=[snapshot(1, dealer="second")],
        items={"piece-0": item(title="Second dealer's piece 0")},
        sales_shown={"ebay:1": {"status": "open"}, "second-sale-0": {"status": "open"}},
    )
    found = told("I10", mixed)
    assert "item piece-0 of second is called" in found
    assert "the first dealer is shown piece-0" in found
    assert "the first dealer is shown sale second-sale-0" in found


def test_i11_wants_every_sale_but_one_oversold_and_told() -> None:
    double = sold(
        sales={"a": sale("a"), "b": sale("b", place="etsy")},
        pieces={"piece-0": Piece("piece-0", ["a", "b"], None, double=True)},
        items={"piece-0": item(on_hand=-1)},
        records=[record("item.oversold", sales=["a", "b"])],
    )
    assert not told("I11", double)
    assert "0 are oversold" in told("I11", replace(double, items={"piece-0": item(on_hand=0)}))
    assert "nobody was told" in told("I11", replace(double, records=[]))


def test_i2_names_deliveries_that_were_kept_more_often_than_they_were_sent() -> None:
    kept = [
        record("webhook.received", id_, subject=id_, marketplace="ebay") for id_ in ("a", "a:again")
    ]
    ledger = {"webhooks": [{"marketplace": "ebay", "id": "a"}]}
    found = told("I2", sold(records=kept, ledger=ledger))
    assert "2 deliveries from ebay were kept, 1 were sent" in found
    assert not told("I2", sold(records=[*sold().records, kept[0]], ledger=ledger))


def state(since: str, until: str | None = None, **changes: Any) -> dict[str, Any]:
    spell = {"marketplace": "etsy", "sku": "piece-0", "external_id": "1", "state": "active"}
    return {**spell, "since": since, "until": until, **changes}


def test_i5_names_a_piece_put_on_sale_long_after_it_was_sold() -> None:
    late = sold(ledger={"states": [state("1970-01-01T00:01:50Z", "1970-01-01T00:01:51Z")]})
    assert "put on sale on etsy 10.0 undisturbed seconds after" in told("I5", late)
    assert not told("I5", replace(late, disturbed=[(95.0, 108.0)]))
    again = {"ebay:1": sale(canceled_at=105.0)}
    assert "put on sale" not in told("I5", replace(late, sales=again))


def test_i5_names_a_piece_with_two_listings_on_one_marketplace() -> None:
    states = [state("1970-01-01T00:00:50Z", state="draft", external_id=one) for one in ("1", "2")]
    assert "piece-0 has 2 listings on etsy" in told("I5", sold(ledger={"states": states}))
    assert not told("I5", sold(ledger={"states": states[:1]}))


def test_i5_and_i6_let_a_lot_stay_on_sale_while_some_of_it_is_left() -> None:
    shown = {("etsy", "piece-0"): "active"}
    lot = Piece("piece-0", ["ebay:1"], {"etsy": "active"}, quantity=3)
    left = {"piece-0": item(quantity=3, on_hand=2)}
    spell = state("1970-01-01T00:01:00Z")
    some = sold(shown=shown, pieces={"piece-0": lot}, items=left, ledger={"states": [spell]})
    assert not told("I5", some)
    assert not told("I6", some)


def test_i6_names_a_sold_piece_that_waited_for_others_to_be_put_on_sale() -> None:
    told_at = replace(record("listing.deactivate", marketplace="etsy", intent=2), at=100.0)
    others = [
        state("1970-01-01T00:01:45Z", sku=f"other-{n}", external_id=str(n)) for n in range(26)
    ]
    waited = state("1970-01-01T00:01:00Z", "1970-01-01T00:01:50Z")
    calm = {"ebay:1": sale(phase="calm")}
    rush = sold(records=[told_at], sales=calm, ledger={"states": [waited, *others]}, calm_limit=99)
    assert "26 pieces were put on sale on etsy before piece-0" in told("I6", rush)
    assert not told("I6", replace(rush, ledger={"states": [waited, *others[1:]]}))


def test_i7_names_what_the_rig_waited_for_in_vain() -> None:
    assert "in vain for rest" in told("I7", sold(overdue=["waited 9 s in vain for rest"]))


def test_i8_names_a_call_that_came_before_the_time_given() -> None:
    call = {
        "marketplace": "etsy",
        "method": "PATCH",
        "path": "/listings/7",
        "fault": "rate_limited",
    }
    refused = {**call, "at": "1970-01-01T00:00:01Z", "status": 429}
    soon = {**call, "at": "1970-01-01T00:00:01.3Z", "status": 200}
    found = told("I8", sold(ledger={"calls": [refused, soon]}))
    assert "PATCH /listings/7 before the time it gave" in found
    later = {**soon, "at": "1970-01-01T00:00:02.1Z"}
    assert not told("I8", sold(ledger={"calls": [refused, later]}))
    asks = Struck(1, "rate_limited,retry_after_s", "etsy", 0.5, 9.0, retry_after=5.0)
    assert told("I8", sold(ledger={"calls": [refused, later]}, struck=[asks]))
