"""What sweeps are read with: the mean over task pairs, and the point where the sign changes."""

import re

import numpy as np
import pytest
from scipy import stats

from lib.statistics import crossings, intervals, nested

# Differences


def test_mean_difference_is_students_t_over_pairs():
    values = [0.01, 0.03, 0.02, 0.06]
    assert crossings.mean_difference(values) == intervals.paired_t(values)


def test_mean_difference_of_one_pair_has_no_bounds():
    assert crossings.mean_difference([0.04]) == intervals.Interval(0.04, -np.inf, np.inf)
    assert crossings.mean_difference([0.04]).verdict() == "undecided"


def test_paired_p_is_that_of_students_t_and_1_where_there_is_none():
    values = [0.01, 0.03, 0.02, 0.06]
    assert crossings.paired_p(values) == pytest.approx(stats.ttest_1samp(values, 0).pvalue)
    assert crossings.paired_p([0.5]) == crossings.paired_p([0.5, 0.5]) == 1


def test_paired_p_of_differences_that_are_equal_but_for_rounding_is_1():
    assert crossings.paired_p([0.1, 0.1, 0.1 + 1e-12]) == 1


def test_differences_are_one_a_pair():
    for quantity in (crossings.mean_difference, crossings.paired_p):
        with pytest.raises(
            ValueError, match=r"differences of shape \(2, 2\): give an array \(n_pairs,\)"
        ):
            quantity([[1, 2], [3, 4]])


# The point where the sign changes


@pytest.mark.parametrize(
    ("means", "expected"),
    [
        ([-1, -1, 1], 1.5),
        ([-3, 1, 2], 0.75),
        ([1, -1, 3], 1.25),  # from the last rise on, whatever came before
        ([-1, 0, 1], 1.0),  # zero is not above zero
        ([1, 1, 1], -np.inf),
        ([1, 2, -1], np.inf),
        ([-1, -1, 0], np.inf),
    ],
)
def test_crossing_is_where_the_mean_rises_above_zero_for_the_last_time(means, expected):
    pairs = np.add(means, np.multiply([[0.5], [-0.5]], [1, 1, 1]))
    assert crossings.crossing([0, 1, 2], pairs).estimate == expected


def test_crossing_interval_agrees_with_scipys_bootstrap():
    rng = np.random.default_rng(1)
    x = np.linspace(-1, 1, 5)
    pairs = x - 0.2 + rng.normal(0, 0.5, (40, 1))  # every pair crosses once, at its own place
    found = crossings.crossing(x, pairs, n_resamples=9999)
    expected = stats.bootstrap(
        (-(pairs - x)[:, 0],), np.mean, method="percentile", rng=np.random.default_rng(0)
    ).confidence_interval
    assert found.estimate == pytest.approx(-(pairs - x)[:, 0].mean())
    assert (found.low, found.high) == pytest.approx(tuple(expected), abs=0.02)


def test_crossing_interval_covers_the_truth_at_its_level():
    rng, x, hits = np.random.default_rng(5), np.array([0.0, 0.5, 1.0]), 0
    for i in range(300):
        pairs = x - 0.6 + rng.normal(0, 0.4, (30, 1)) + rng.normal(0, 0.2, (30, 3))
        found = crossings.crossing(x, pairs, n_resamples=300, seed=i)
        hits += found.low <= 0.6 <= found.high
    assert stats.binomtest(hits, 300, 0.94).pvalue > 0.001  # percentiles of 30: a little narrow


def test_crossing_counts_resamples_without_one_as_beyond_the_sweep():
    pairs = np.tile([-1.0, -0.02], (20, 1)) + np.linspace(-0.2, 0.2, 20)[:, None]
    found = crossings.crossing([0, 1], pairs)
    assert found.estimate == found.high == np.inf and 0.9 < found.low < 1
    assert str(found) == f"above 1 [{found.low:.2f}, above 1]"


def test_crossing_of_few_pairs_has_no_interval():
    found = crossings.crossing([0, 20], [[-1, 1], [-1, 1]])
    assert (found.low, found.high) == (-np.inf, np.inf)
    assert str(found) == "10 [interval not known: 2 pairs]"


def test_crossing_says_below_where_it_is_positive_everywhere():
    assert str(crossings.crossing([0, 1], np.ones((12, 2)))) == "below 0 [below 0, below 0]"


@pytest.mark.parametrize(
    ("x", "pairs", "message"),
    [
        ([0, 0], np.ones((3, 2)), "x=[0.0, 0.0]: give two points or more, in increasing order."),
        ([0], np.ones((3, 1)), "give two points or more"),
        (
            [0, 1],
            np.ones((3, 3)),
            "differences of shape (3, 3) over 2 points of x: give (n_pairs, 2), 2 pairs or more",
        ),
        (
            [0, 1],
            np.ones((1, 2)),
            "differences of shape (1, 2) over 2 points of x: give (n_pairs, 2), 2 pairs or more",
        ),
        ([0, 1], [[0, np.nan], [0, 1]], "1 of 4 values are NaN"),
    ],
)
def test_crossing_rejects_what_it_cannot_read(x, pairs, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        crossings.crossing(x, pairs)


@pytest.mark.parametrize("level", [0.9, 0.95])
def test_crossing_interval_ends_at_resamples_and_not_between_them(level):
    pairs = np.random.default_rng(2).normal([-1, 0.1], 0.6, (12, 2))
    found = crossings.crossing([0, 1], pairs, level, n_resamples=150)
    left, right = nested.resampled_means(pairs, 150).T
    drawn = np.sort(np.where(right > 0, left / (left - right), np.inf))
    outside = int((1 - level) / 2 * 149)
    assert (left < 0).all() and np.isinf(drawn).any()
    assert (found.low, found.high) == pytest.approx((drawn[outside], drawn[149 - outside]))


def test_paired_p_of_two_pairs_is_that_of_students_t():
    # by hand: mean 0.02, standard error 0.01; with one degree of freedom p = 1 - 2 atan(2) / pi
    assert crossings.paired_p([0.01, 0.03]) == pytest.approx(1 - 2 * np.arctan(2) / np.pi)


def test_crossing_says_where_the_sweep_ends():
    found = crossings.crossing([1, 2, 5], [[-1, -1, 3]] * 2)
    assert (found.lowest, found.highest) == (1, 5)


def test_crossing_of_ten_pairs_shows_its_interval():
    assert str(crossings.crossing([0, 1, 2], [[-1, -1, 3]] * 10)) == "1.25 [1.25, 1.25]"
    assert "not known: 9 pairs" in str(crossings.crossing([0, 1, 2], [[-1, -1, 3]] * 9))


def test_crossing_takes_one_sweep():
    with pytest.raises(ValueError, match=r"x of shape \(2, 2\): give an array \(n_points,\)"):
        crossings.crossing([[0, 1], [2, 3]], np.zeros((2, 2)))
