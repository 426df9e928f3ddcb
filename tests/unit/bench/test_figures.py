import pytest

from tests.bench.figures import percentile, ratio, spread


def test_a_spread_has_the_median_and_both_ends() -> None:
    found = spread([3.0, 1.0, 100.0])
    assert (found.median, found.smallest, found.largest, found.samples) == (3.0, 1.0, 100.0, 3)


@pytest.mark.parametrize(("percent", "expected"), [(50, 5), (90, 9), (99, 10), (100, 10), (1, 1)])
def test_a_percentile_is_a_sample_that_so_many_do_not_exceed(percent: int, expected: int) -> None:
    assert percentile([float(n) for n in range(10, 0, -1)], percent) == expected


def test_a_ratio_compares_neighbours_in_time_not_medians() -> None:
    # The machine got ten times slower halfway: each round still shows twice as fast.
    ours, theirs = [200.0, 200.0, 20.0], [100.0, 100.0, 10.0]
    assert ratio(ours, theirs) == 2.0
    assert ratio([200.0, 20.0, 20.0], [100.0, 100.0, 10.0]) == 2.0


def test_nothing_cannot_be_summed_up() -> None:
    with pytest.raises(ValueError, match="no samples"):
        percentile([], 50)
    with pytest.raises(ValueError, match="nothing to compare"):
        ratio([], [1.0])
