"""What comes next for a listing (reconcile rules 1 to 5, rules R9 and R10)."""

from typing import Any

import pytest
from msgspec.structs import replace

from marketplace_sync.domain.listing import Cause, Linked, Listing, Seen, Trouble
from marketplace_sync.domain.steps import Step, fingerprint_of, next_step
from tests.support.worker_listings import CONTENT, HOLDS, OTHER, listed, waiting, wanted

SKU_ONLY = Linked("91.10")
HALF_WAY = Linked("91.10", steps={"offer": "o1"})
LOOKED = Trouble(looked=True)


def step(listing: Listing) -> Step:
    return next_step(listing, HOLDS)


def test_nothing_is_done_without_a_target() -> None:
    assert step(Listing("lamp", link=SKU_ONLY)) == "nothing"


def test_nothing_is_done_for_a_target_that_has_its_outcome() -> None:
    assert step(listed(open=False)) == "nothing"


def test_an_activation_first_chooses_the_sku_that_it_keeps() -> None:
    assert step(waiting()) == "choose_sku"


def test_an_activation_checks_the_content_before_the_first_call() -> None:
    assert step(waiting(link=SKU_ONLY)) == "check_content"


def test_an_activation_looks_first_for_what_an_earlier_attempt_left() -> None:
    assert step(waiting(link=SKU_ONLY, tried=True)) == "find"


def test_an_activation_in_several_calls_goes_on_from_its_last_step() -> None:
    assert step(waiting(link=HALF_WAY, tried=True)) == "check_content"


def test_a_listing_on_sale_that_shows_the_content_needs_no_call() -> None:
    assert step(listed()) == "settle"


@pytest.mark.parametrize(
    "change",
    [{"content": OTHER}, {"quantity": 2}],
    ids=["content", "quantity"],
)
def test_a_listing_on_sale_that_shows_something_else_is_updated(change: dict[str, Any]) -> None:
    assert step(listed(wanted=wanted(**change))) == "update"


def test_a_listing_off_sale_is_activated_again_through_the_content_check() -> None:
    assert step(listed(observed="ended")) == "check_content"


def test_after_a_canceled_sale_the_marketplace_is_asked_what_it_did_by_itself() -> None:
    canceled = wanted(reason="sale_canceled")
    assert step(listed(observed="sold", wanted=canceled)) == "read"
    assert step(listed(observed="sold", wanted=canceled, trouble=LOOKED)) == "check_content"


@pytest.mark.parametrize(
    ("desired", "call"),
    [("inactive", "deactivate"), ("draft", "deactivate"), ("on_hold", "hold")],
)
def test_what_is_on_sale_is_taken_off_without_looking_first(desired: str, call: Step) -> None:
    assert step(listed(desired)) == call


@pytest.mark.parametrize("observed", ["active", "ended", "sold", "unknown"])
def test_where_it_was_sold_it_is_read_first_and_called_only_if_still_active(observed: str) -> None:
    assert step(listed("sold", observed)) == "read"
    after = "settle" if observed in ("ended", "sold") else "deactivate"
    assert step(listed("sold", observed, trouble=LOOKED)) == after


def test_a_failed_read_does_not_count_as_having_looked() -> None:
    assert step(listed("sold", "ended", trouble=Trouble(attempts=2))) == "read"


@pytest.mark.parametrize("desired", ["inactive", "draft", "on_hold"])
def test_what_was_seen_before_the_target_is_no_proof_that_it_is_off_sale(desired: str) -> None:
    # An activation may have taken effect just before a crash: nothing recorded it.
    assert step(listed(desired, "inactive")) == "read"
    assert step(listed(desired, "inactive", trouble=LOOKED)) == "settle"


def test_a_half_made_activation_is_read_before_it_counts_as_off_sale() -> None:
    assert step(listed("inactive", "none", link=HALF_WAY)) == "read"


def test_what_was_never_tried_is_off_sale_without_a_call() -> None:
    assert step(waiting("inactive")) == "settle"


def test_what_an_activation_may_have_left_is_looked_for_before_it_counts_as_off_sale() -> None:
    assert step(waiting("sold", link=SKU_ONLY, tried=True)) == "find"


@pytest.mark.parametrize("desired", ["active", "inactive", "sold", "on_hold"])
def test_an_unknown_outcome_is_read_back_before_anything_else(desired: str) -> None:
    assert step(listed(desired, "unknown", trouble=Trouble(doubt=0))) == "read"


def test_a_creation_of_unknown_outcome_is_looked_for_by_its_sku() -> None:
    assert step(waiting(link=SKU_ONLY, tried=True, trouble=Trouble(doubt=0))) == "find"


def test_a_check_reads_even_when_there_is_no_target() -> None:
    asked = replace(listed(open=False), checks=(Cause("c9"),))
    assert step(asked) == "read"


def test_on_hold_is_whatever_the_marketplace_offers_for_it() -> None:
    held = listed("on_hold", "ended", trouble=LOOKED)
    assert next_step(held, frozenset({"ended"})) == "settle"
    assert next_step(held, frozenset({"on_hold"})) == "hold"


@pytest.mark.parametrize("desired", ["active", "inactive", "sold", "draft", "on_hold"])
def test_unknown_never_satisfies(desired: str) -> None:
    assert not listed(desired, seen=Seen("unknown")).satisfied(HOLDS)


def test_a_fingerprint_does_not_depend_on_the_order_of_fields() -> None:
    turned = dict(reversed(CONTENT.items()))
    assert fingerprint_of(CONTENT, 1) == fingerprint_of(turned, 1)


def test_a_sold_item_on_sale_where_it_was_sold_has_its_order_read_before_it_is_taken_down() -> None:
    sold = wanted("sold", external_order_id="o1")
    assert step(listed("sold", wanted=sold)) == "read"
    assert step(listed("sold", wanted=sold, trouble=LOOKED)) == "read_order"
    read = replace(LOOKED, order_read=True)
    assert step(listed("sold", wanted=sold, trouble=read)) == "deactivate"


def test_elsewhere_a_sold_item_is_taken_down_without_reading_any_order() -> None:
    assert step(listed("inactive", wanted=wanted("inactive", reason="sold"))) == "deactivate"
