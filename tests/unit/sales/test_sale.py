"""What becomes of a sale: recorded, canceled, kept, merged, split."""

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from sales.domain.sale import (
    Cancellation,
    Change,
    Forwarded,
    Happened,
    Line,
    Price,
    Refused,
    Sale,
    cancel,
    merge,
    record,
    split,
)

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
LINE = Line("lamp", "ebay", 1, NOW)


def recorded() -> Sale:
    return sale_of(record(None, "s1", LINE, NOW))


def canceled(cancellation: Cancellation | None = None) -> Sale:
    return sale_of(ask(recorded(), cancellation))


def ask(
    sale: Sale | None,
    cancellation: Cancellation | None = None,
    *,
    by_marketplace: bool = False,
    forwarded: bool = False,
    command_id: str = "c1",
) -> Change:
    return cancel(
        sale,
        "s1",
        cancellation or Cancellation(),
        command_id,
        NOW,
        by_marketplace=by_marketplace,
        forwarded=forwarded,
    )


def sale_of(change: Change) -> Sale:
    assert change.sale is not None
    return change.sale


def events(change: Change) -> list[tuple[str, int]]:
    return [(f.event, f.sale.version) for f in change.facts if isinstance(f, Happened)]


def code(change: Change) -> str | None:
    return next((f.code for f in change.facts if isinstance(f, Refused)), None)


def test_a_sale_is_recorded_once_as_its_first_version() -> None:
    change = record(None, "s1", LINE, NOW)
    assert events(change) == [("recorded", 1)]
    assert sale_of(change).status == "open"


def test_the_same_sale_again_is_answered_and_changes_nothing() -> None:
    change = record(recorded(), "s1", LINE, NOW)
    assert events(change) == [("recorded", 1)]
    assert change.sale == recorded()


def test_missing_fields_are_filled_in_as_a_new_version() -> None:
    fuller = replace(LINE, price=Price("10.00", "EUR"), external_order_id="o-1")
    change = record(recorded(), "s1", fuller, NOW)
    assert events(change) == [("recorded", 2)]
    assert sale_of(change).line == fuller


def test_what_is_known_is_not_overwritten() -> None:
    known = sale_of(record(None, "s1", replace(LINE, external_order_id="o-1"), NOW))
    again = record(known, "s1", replace(LINE, external_order_id="o-2"), NOW)
    assert again.sale == known


@pytest.mark.parametrize(
    ("other", "field"),
    [
        (replace(LINE, item_id="vase"), "/item_id"),
        (replace(LINE, marketplace="etsy"), "/marketplace"),
        (replace(LINE, quantity=2), "/quantity"),
    ],
)
def test_another_item_marketplace_or_quantity_is_taken(other: Line, field: str) -> None:
    change = record(recorded(), "s1", other, NOW)
    assert change.facts == (Refused("sale_id_taken", change.facts[0].message, field),)  # type: ignore[union-attr]
    assert change.sale == recorded()


def test_an_open_sale_is_canceled_as_its_next_version() -> None:
    change = ask(recorded())
    assert events(change) == [("canceled", 2)]
    assert sale_of(change).canceled_at == NOW


def test_an_app_cannot_cancel_an_unknown_sale() -> None:
    change = ask(None)
    assert (code(change), change.sale) == ("unknown_sale", None)


def test_an_app_cannot_cancel_twice() -> None:
    change = ask(canceled())
    assert code(change) == "sale_already_canceled"
    assert change.sale == canceled()


def test_a_marketplace_that_repeats_its_cancellation_is_answered() -> None:
    change = ask(canceled(), by_marketplace=True)
    assert (code(change), events(change)) == (None, [("canceled", 2)])


def test_a_marketplaces_cancellation_before_its_sale_is_kept() -> None:
    change = ask(None, Cancellation("unpaid"), by_marketplace=True)
    assert (sale_of(change).status, change.facts) == ("expected", ())


def test_the_sale_when_it_comes_is_recorded_and_canceled_at_once() -> None:
    kept = ask(None, Cancellation("unpaid"), by_marketplace=True).sale
    change = record(kept, "s1", LINE, NOW)
    assert events(change) == [("recorded", 1), ("canceled", 2)]
    assert sale_of(change).status == "canceled"
    assert sale_of(change).cancellation == Cancellation("unpaid")


def test_every_command_that_was_kept_is_answered() -> None:
    kept = ask(None, by_marketplace=True, command_id="webhook").sale
    kept = ask(kept, by_marketplace=True, command_id="sweep").sale
    facts = record(kept, "s1", LINE, NOW).facts
    assert [f.answers for f in facts if isinstance(f, Happened)] == [None, "webhook", "sweep"]


def test_an_app_cannot_cancel_a_sale_of_which_only_the_cancellation_is_known() -> None:
    kept = ask(None, by_marketplace=True).sale
    assert code(ask(kept)) == "unknown_sale"


def test_recording_a_canceled_sale_again_does_not_open_it() -> None:
    change = record(canceled(), "s1", LINE, NOW)
    assert (events(change), sale_of(change).status) == ([("canceled", 2)], "canceled")


@pytest.mark.parametrize(
    ("reason", "relist", "availability"),
    [
        ("buyer_changed_mind", "origin", "available"),
        ("unpaid", "origin", "available"),
        ("returned", "origin", "available"),
        ("other", "origin", "available"),
        (None, "origin", "available"),
        ("sold_elsewhere", "none", "available"),
        ("not_as_described", "none", "available"),
        ("damaged", "none", "unavailable"),
        ("missing", "none", "unavailable"),
    ],
)
def test_r4_the_reason_decides_where_nothing_is_chosen(
    reason: str | None, relist: str, availability: str
) -> None:
    resolved = Cancellation(reason)
    assert (resolved.resolved_relist, resolved.availability) == (relist, availability)


@pytest.mark.parametrize("reason", ["damaged", "missing", "sold_elsewhere", None])
def test_r4_a_chosen_relist_always_wins_and_the_item_is_available(reason: str | None) -> None:
    resolved = Cancellation(reason, "as_before")
    assert (resolved.resolved_relist, resolved.availability) == ("as_before", "available")


def test_a_sale_is_merged_into_another() -> None:
    change = merge(recorded(), "s1", "s2")
    assert events(change) == [("merged", 2)]
    assert (sale_of(change).status, sale_of(change).into) == ("merged", "s2")


def test_merging_it_there_again_is_answered() -> None:
    merged = sale_of(merge(recorded(), "s1", "s2"))
    change = merge(merged, "s1", "s2")
    assert (events(change), change.sale) == ([("merged", 2)], merged)


def test_a_merged_sale_is_split_before_it_is_merged_elsewhere() -> None:
    assert code(merge(merge(recorded(), "s1", "s2").sale, "s1", "s3")) == "invalid"


def test_a_sale_is_not_merged_into_itself() -> None:
    assert code(merge(recorded(), "s1", "s1")) == "invalid"


def test_a_canceled_sale_is_not_merged() -> None:
    assert code(merge(canceled(), "s1", "s2")) == "sale_already_canceled"


def test_an_unknown_sale_is_neither_merged_nor_split() -> None:
    assert code(merge(None, "s1", "s2")) == "unknown_sale"
    assert code(split(None, "s1")) == "unknown_sale"


@pytest.mark.parametrize(("item", "refused"), [("", "unknown_sale"), ("sofa", "invalid")])
def test_a_sale_is_merged_only_into_a_recorded_one_of_the_same_item(
    item: str, refused: str
) -> None:
    change = merge(recorded(), "s1", "s2", item)
    assert (code(change), change.sale) == (refused, recorded())
    assert events(merge(recorded(), "s1", "s2", "lamp")) == [("merged", 2)]


def test_a_sale_that_is_only_expected_is_not_merged() -> None:
    assert code(merge(Sale("s1"), "s1", "s2")) == "unknown_sale"


def test_a_split_sale_is_open_again_as_its_next_version() -> None:
    change = split(merge(recorded(), "s1", "s2").sale, "s1")
    assert events(change) == [("split_off", 3)]
    assert (sale_of(change).status, sale_of(change).into) == ("open", None)


def test_splitting_what_is_not_merged_is_answered() -> None:
    change = split(recorded(), "s1")
    assert (events(change), change.sale) == ([("recorded", 1)], recorded())


def test_canceling_a_merged_sale_reaches_the_one_it_was_merged_into() -> None:
    merged = merge(recorded(), "s1", "s2").sale
    assert ask(merged).facts == (Forwarded("s2"),)


def test_a_cancel_is_not_passed_on_for_ever() -> None:
    merged = merge(recorded(), "s1", "s2").sale
    assert code(ask(merged, forwarded=True)) == "invalid"
