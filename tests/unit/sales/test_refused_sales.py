"""What sales refuses: the sale stays as it is, and the answer says what is at fault and where."""

from datetime import UTC, datetime, timedelta

import pytest

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
    first_told,
    merge,
    record,
    split,
)

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
LINE = Line("lamp", "ebay", 1, NOW, Price("10.00", "EUR"), "o-1", "by phone")
OPEN = Sale("s1", 1, "open", LINE, NOW)
CANCELED = Sale("s1", 2, "canceled", LINE, NOW, Cancellation("unpaid"), LATER)
MERGED = Sale("s1", 2, "merged", LINE, NOW, into="s2")
EXPECTED = Sale("s1", cancellation=Cancellation(), unanswered=("c0",))
UNKNOWN = Refused("unknown_sale", "There is no sale s1.", "/sale_id")


def asked(sale: Sale | None, *, by_marketplace: bool = False, forwarded: bool = False) -> Change:
    change = Cancellation("damaged")
    return cancel(
        sale, "s1", change, "c1", LATER, by_marketplace=by_marketplace, forwarded=forwarded
    )


@pytest.mark.parametrize("sale", [None, EXPECTED], ids=["unknown", "expected"])
def test_a_sale_nobody_recorded_is_named(sale: Sale | None) -> None:
    refused = Change(sale, (UNKNOWN,))
    assert asked(sale) == refused
    assert merge(sale, "s1", "s2") == refused
    assert merge(sale, "s1", "s1") == refused
    assert split(sale, "s1") == refused


def test_a_sale_canceled_already_is_not_canceled_or_merged_again() -> None:
    refused = Refused("sale_already_canceled", "Sale s1 is canceled already.")
    assert asked(CANCELED) == Change(CANCELED, (refused,))
    assert merge(CANCELED, "s1", "s2") == Change(CANCELED, (refused,))


def test_a_marketplace_that_says_it_again_is_told_what_is() -> None:
    present = Change(CANCELED, (Happened("canceled", CANCELED),))
    assert asked(CANCELED, by_marketplace=True) == present


@pytest.mark.parametrize("sale", [OPEN, CANCELED, MERGED], ids=["open", "canceled", "merged"])
def test_a_sale_is_not_merged_into_itself(sale: Sale) -> None:
    text = "A sale cannot be merged into itself."
    assert merge(sale, "s1", "s1") == Change(sale, (Refused("invalid", text, "/into"),))


def test_a_merged_sale_is_not_merged_into_another() -> None:
    text = "Sale s1 is merged into s2; split it first."
    assert merge(MERGED, "s1", "s3") == Change(MERGED, (Refused("invalid", text, "/into"),))
    assert merge(MERGED, "s1", "s2") == Change(MERGED, (Happened("merged", MERGED),))


def test_a_cancellation_is_passed_on_once_only() -> None:
    text = "Sale s1 is itself merged into s2; split one of them first."
    refused = Refused("invalid", text, "/sale_id")
    assert asked(MERGED, forwarded=True) == Change(MERGED, (refused,))


@pytest.mark.parametrize(
    ("other", "field", "known"),
    [
        (Line("chair", "ebay", 1, NOW), "item_id", "lamp"),
        (Line("lamp", "etsy", 1, NOW), "marketplace", "ebay"),
        (Line("lamp", "ebay", 2, NOW), "quantity", "1"),
    ],
)
def test_another_sale_under_the_same_id_is_refused(other: Line, field: str, known: str) -> None:
    text = f"Sale s1 has another {field}: {known}."
    refused = Refused("sale_id_taken", text, f"/{field}")
    assert record(OPEN, "s1", other, LATER) == Change(OPEN, (refused,))


@pytest.mark.parametrize("status", ["open", "canceled", "merged"])
def test_only_what_is_missing_is_filled_in(status: str) -> None:
    bare = Sale("s1", 3, status, Line("lamp", "ebay", 1, NOW), NOW)  # type: ignore[arg-type]
    change = record(bare, "s1", LINE, LATER)
    assert change.sale is not None
    assert change.sale.line == LINE
    assert change.sale.version == (4 if status == "open" else 3)
    other = Line("lamp", "ebay", 1, LATER, Price("9.00", "EUR"), "o-2", "by mail")
    assert record(change.sale, "s1", other, LATER).sale == change.sale


def test_whoever_never_heard_of_a_sale_is_told_of_its_recording() -> None:
    first = Sale("s1", 1, "open", LINE, NOW)
    assert first_told(CANCELED, LINE) == Happened("recorded", first)


def test_a_canceled_sale_keeps_when_and_why() -> None:
    change = asked(OPEN)
    expected = Sale("s1", 2, "canceled", LINE, NOW, Cancellation("damaged"), LATER)
    assert change == Change(expected, (Happened("canceled", expected),))


def test_a_split_sale_is_open_and_says_what_it_was_merged_into() -> None:
    alone = Sale("s1", 3, "open", LINE, NOW, split_from="s2")
    assert split(MERGED, "s1") == Change(alone, (Happened("split_off", alone),))
    assert split(OPEN, "s1") == Change(OPEN, (Happened("recorded", OPEN),))


def test_a_cancellation_of_a_merged_sale_goes_to_the_other_unless_it_came_from_there() -> None:
    change = cancel(MERGED, "s1", Cancellation(), "c1", LATER, by_marketplace=False)
    assert change == Change(MERGED, (Forwarded("s2"),))
