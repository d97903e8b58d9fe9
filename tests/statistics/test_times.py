"""Median times to a threshold against the sample median, the interval's formula and known truth."""

import numpy as np
import pytest

from lib.statistics.times import median_time


def test_median_time_without_censoring_is_the_sample_median():
    found = median_time(np.arange(1, 22), horizon=50)
    assert (found.median, found.n_reached, found.n) == (11, 21, 21)
    # Brookmeyer and Crowley: the epochs at which the log(-log) interval of the survival has 0.5
    survival = 1 - np.arange(1, 21) / 21
    error = np.sqrt((1 - survival) / (21 * survival))  # Greenwood, over the survival
    z = (np.log(-np.log(survival)) - np.log(np.log(2))) * np.log(survival) / error
    plausible = np.flatnonzero(np.abs(z) <= 1.959964) + 1
    assert (found.low, found.high) == (plausible[0], plausible[-1] + 1)


@pytest.mark.parametrize("n", range(6, 201, 2))
def test_median_time_of_an_even_number_is_when_half_are_there(n):
    """However the product of the survival rounds: it is 0.5 in theory at this epoch."""
    assert median_time(np.arange(1, n + 1), horizon=300).median == n // 2


def test_median_time_does_not_depend_on_when_censored_runs_would_have_arrived():
    times = np.array([3, 4, 5, 6, 7, 8, 9, 30, 40.0])
    censored = np.where(times > 10, np.inf, times)
    full, cut = median_time(times, 50), median_time(censored, 10)
    assert full.median == cut.median == 7
    assert cut.low == full.low and cut.n_reached == 7


def test_median_time_covers_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(0)
    hits = 0
    for _ in range(400):
        times = rng.exponential(10, 60)
        found = median_time(np.where(times > 12, np.inf, times), 12)
        hits += found.low <= 10 * np.log(2) <= found.high
    assert 0.92 < hits / 400 < 0.98


def test_median_time_says_not_reached():
    found = median_time([2, 3, *[np.inf] * 8], horizon=20)
    assert found.median == found.high == np.inf
    assert "not reached by epoch 20" in str(found) and "2 of 10 runs" in str(found)
    none = median_time([np.inf] * 8, horizon=20)
    assert (none.median, none.low, none.high, none.n_reached) == (np.inf, np.inf, np.inf, 0)


def test_median_time_of_equal_times_is_that_time():
    found = median_time([5] * 8, horizon=20)
    assert (found.median, found.low, found.high) == (5, 5, 5)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: median_time([1, 2, np.nan], 9), "times: 1 of 3 values are NaN"),
        (lambda: median_time([-1, 2, 3], 9), "1 of 3 times are negative"),
        (lambda: median_time([1, 2, 30], 9), "30 is beyond horizon=9"),
        (lambda: median_time([1, 2, 3, 4, 5], 9), "5 runs: an interval .* needs 6"),
        (lambda: median_time([], 9), "times of shape \\(0,\\): no values"),
        (lambda: median_time([1] * 8, np.inf), "horizon=inf: choose a number above 0"),
        (lambda: median_time([1] * 8, 9, level=0), "level=0: choose a coverage"),
    ],
)
def test_median_time_names_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_median_time_refuses_refits_of_a_base():
    with pytest.raises(ValueError, match=r"times of shape \(3, 10\): give an array \(n,\)"):
        median_time(np.ones((3, 10)), 20)


def test_median_time_takes_any_horizon_above_zero():
    found = median_time([0.25] * 2 + [np.inf] * 6, horizon=0.5)
    assert (found.n_reached, found.horizon, found.median) == (2, 0.5, np.inf)


def test_median_time_says_how_many_times_are_negative():
    with pytest.raises(ValueError, match="1 of 8 times are negative"):
        median_time([0, 0, -1, 1, 2, 3, 4, 5], horizon=9)


def test_median_time_says_in_words_what_was_not_reached():
    found = median_time([3, 4, 5, *[np.inf] * 5], horizon=20)
    late = "not reached by epoch 20"
    assert str(found) == f"{late} [3, {late}], 3 of 8 runs reached it"
