"""How long to wait (reconcile rules 5 and 6), and the external SKU."""

from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from marketplace_sync.domain.backoff import delay, read_back
from marketplace_sync.domain.sku import LONGEST, external_sku


def test_backoff_doubles_from_1_second_to_5_minutes() -> None:
    waits = [delay(n, off_sale=False, draw=1.0) for n in range(1, 12)]
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]


def test_backoff_off_sale_stops_at_10_seconds() -> None:
    assert [delay(n, off_sale=True, draw=1.0) for n in (1, 4, 5, 99)] == [1, 8, 10, 10]


@given(st.integers(0, 10_000), st.booleans(), st.floats(0, 1, exclude_max=True))
def test_backoff_is_full_jitter_and_never_a_busy_loop(n: int, off_sale: bool, draw: float) -> None:
    longest = delay(n, off_sale=off_sale, draw=1.0)
    assert 0.05 <= delay(n, off_sale=off_sale, draw=draw) <= longest


def test_read_backs_come_1_10_and_60_seconds_after_the_call() -> None:
    assert list(accumulate(read_back(n) for n in range(4))) == [1.0, 10.0, 60.0, 120.0]


def test_the_items_own_sku_is_used_when_it_is_free() -> None:
    assert external_sku(" 91.10 ", "lamp", taken=False) == "91.10"


def test_the_items_id_stands_in_for_a_sku_that_is_taken_or_blank() -> None:
    assert external_sku("91.10", "lamp", taken=True) == "lamp"
    assert external_sku("  ", "lamp", taken=False) == "lamp"


def test_long_skus_are_cut_to_50_characters_and_stay_different() -> None:
    one, other = ("x" * 60 + end for end in "ab")
    cut = [external_sku(long, "lamp", taken=False) for long in (one, other)]
    assert [len(sku) for sku in cut] == [LONGEST, LONGEST]
    assert cut[0] != cut[1]
    assert external_sku("y" * 50, "lamp", taken=False) == "y" * 50
