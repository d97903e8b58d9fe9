"""Sweeps over target rows and relatedness, and the point where the sign changes."""

import re

import numpy as np
import pytest
from scipy import stats

from lib import datasets, experiments, sweeps
from lib.statistics import Interval, paired_t

SMALL = {"n_rounds": 2, "n_bases": 2}


# Rounds


@pytest.mark.parametrize(
    ("n_rows", "times", "n_updates"), [(8, 63, 16), (128, 4, 16), (500, 1, 16)]
)
def test_in_rounds_repeats_each_row_as_often(n_rows, times, n_updates):
    _, task = datasets.related_blobs(0.5, 3, n_train=n_rows)
    found = sweeps.in_rounds(task)
    x, counts = np.unique(found.x_train, axis=0, return_counts=True)
    np.testing.assert_array_equal(x, np.unique(task.x_train, axis=0))
    assert set(counts) == {times}
    assert -(-len(found.y_train) // 32) == n_updates
    label = {tuple(row): y for row, y in zip(task.x_train, task.y_train, strict=True)}
    assert [label[tuple(row)] for row in found.x_train] == found.y_train.tolist()
    np.testing.assert_array_equal(found.x_test, task.x_test)


def test_in_rounds_takes_photographs(monkeypatch):
    monkeypatch.setenv("CIFAR10_PATH", "digits")
    task = datasets.photos(range(5), n_train=10, n_test=5)
    assert sweeps.in_rounds(task, 25).x_train.shape == (30, 32, 32, 3)


def test_in_rounds_rejects_more_rows_than_a_round():
    task = datasets.blobs(2, n_train=64)
    with pytest.raises(ValueError, match="64 training rows, but a round has 32: choose 64 or more"):
        sweeps.in_rounds(task, 32)


# Runs


def test_run_pair_is_run_arms_on_the_pairs_own_bases():
    source, target = datasets.related_blobs(0.8, 7, n_train=32)
    bases = experiments.train_bases(source, 2, 100, first_seed=70).weights
    expected = experiments.run_arms(
        experiments.PUBLISHED_ARMS, sweeps.in_rounds(target), bases, 1, 2, first_seed=100_070
    )
    found = sweeps.run_pair(0.8, 32, 7, **SMALL)
    assert list(found) == list(expected)
    for label, curve in found.items():
        np.testing.assert_allclose(curve, expected[label].mean(axis=(0, 1)), rtol=1e-6)


def test_run_grid_puts_every_cell_in_its_place():
    levels, rows, seeds = (-1.0, 0.5), (32, 8), (7, 3)
    seen = []
    grid = sweeps.run_grid(
        levels, rows, seeds, **SMALL, progress=lambda runs: (seen.append(1) or run for run in runs)
    )
    assert len(seen) == 8
    for label, accuracy in grid.items():
        assert accuracy.shape == (2, 2, 2, 3)
        for (i, level), (j, n), (k, seed) in (
            ((0, -1.0), (0, 32), (1, 3)),
            ((1, 0.5), (1, 8), (0, 7)),
        ):
            np.testing.assert_array_equal(
                accuracy[i, j, k], sweeps.run_pair(level, n, seed, **SMALL)[label]
            )


def test_explore_is_one_cell_of_the_grid():
    grid = sweeps.run_grid((0.5,), (8,), (3, 4), n_rounds=2)
    found = sweeps.explore(0.5, 8, n_pairs=2, n_rounds=2, seed=3)
    for label, accuracy in found.items():
        np.testing.assert_array_equal(accuracy, grid[label][0, 0])


def test_from_scratch_does_not_depend_on_the_bases():
    one = sweeps.run_pair(0.5, 32, 7, n_rounds=2, n_bases=1)
    bases = experiments.train_bases(datasets.blobs(5), 1, 1, 9).weights
    _, target = datasets.related_blobs(0.5, 7, n_train=32)
    other = experiments.run_arms(
        [experiments.SCRATCH], sweeps.in_rounds(target), bases, 1, 2, first_seed=100_070
    )
    np.testing.assert_array_equal(one["from scratch"], other["from scratch"][0, 0])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: sweeps.bases_of(10_000), "seed=10000 of a pair: choose 0 to 9999."),
        (lambda: sweeps.bases_of(-1), "seed=-1 of a pair: choose 0 to 9999."),
        (lambda: sweeps.bases_of(1, 11), "n_bases=11: choose 1 to 10."),
        (lambda: sweeps.bases_of(1, 0), "n_bases=0: choose 1 to 10."),
        (lambda: sweeps.run_pair(2.0, 32, 1), "relatedness=2.0 is not a correlation"),
        (lambda: sweeps.run_pair(0.0, 501, 1), "n_train=501: choose a whole number from 1 to 500."),
        (lambda: sweeps.run_grid((), (32,), (1,)), "nothing to run"),
        (lambda: sweeps.explore(0.0, 32, n_pairs=1), "n_pairs=1: one pair shows no spread"),
    ],
)
def test_runs_reject_bad_settings(call, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        call()


# Differences


def test_mean_difference_is_students_t_over_pairs():
    values = [0.01, 0.03, 0.02, 0.06]
    assert sweeps.mean_difference(values) == paired_t(values)


def test_mean_difference_of_one_pair_has_no_bounds():
    assert sweeps.mean_difference([0.04]) == Interval(0.04, -np.inf, np.inf)
    assert sweeps.mean_difference([0.04]).verdict() == "undecided"


def test_p_value_is_that_of_students_t_and_1_where_there_is_none():
    values = [0.01, 0.03, 0.02, 0.06]
    assert sweeps.p_value(values) == pytest.approx(stats.ttest_1samp(values, 0).pvalue)
    assert sweeps.p_value([0.5]) == sweeps.p_value([0.5, 0.5]) == 1


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
    assert sweeps.crossing([0, 1, 2], pairs).estimate == expected


def test_crossing_interval_agrees_with_scipys_bootstrap():
    rng = np.random.default_rng(1)
    x = np.linspace(-1, 1, 5)
    pairs = x - 0.2 + rng.normal(0, 0.5, (40, 1))  # every pair crosses once, at its own place
    found = sweeps.crossing(x, pairs, n_resamples=9999)
    expected = stats.bootstrap(
        (-(pairs - x)[:, 0],), np.mean, method="percentile", rng=np.random.default_rng(0)
    ).confidence_interval
    assert found.estimate == pytest.approx(-(pairs - x)[:, 0].mean())
    assert (found.low, found.high) == pytest.approx(tuple(expected), abs=0.02)


def test_crossing_interval_covers_the_truth_at_its_level():
    rng, x, hits = np.random.default_rng(5), np.array([0.0, 0.5, 1.0]), 0
    for i in range(300):
        pairs = x - 0.6 + rng.normal(0, 0.4, (30, 1)) + rng.normal(0, 0.2, (30, 3))
        found = sweeps.crossing(x, pairs, n_resamples=300, seed=i)
        hits += found.low <= 0.6 <= found.high
    assert stats.binomtest(hits, 300, 0.94).pvalue > 0.001  # percentiles of 30: a little narrow


def test_crossing_counts_resamples_without_one_as_beyond_the_sweep():
    pairs = np.tile([-1.0, -0.02], (20, 1)) + np.linspace(-0.2, 0.2, 20)[:, None]
    found = sweeps.crossing([0, 1], pairs)
    assert found.estimate == found.high == np.inf and 0.9 < found.low < 1
    assert str(found) == f"above 1 [{found.low:.2f}, above 1]"


def test_crossing_of_few_pairs_has_no_interval():
    found = sweeps.crossing([0, 20], [[-1, 1], [-1, 1]])
    assert (found.low, found.high) == (-np.inf, np.inf)
    assert str(found) == "10 [interval not known: 2 pairs]"


def test_crossing_says_below_where_it_is_positive_everywhere():
    assert str(sweeps.crossing([0, 1], np.ones((12, 2)))) == "below 0 [below 0, below 0]"


@pytest.mark.parametrize(
    ("x", "pairs", "message"),
    [
        ([0, 0], np.ones((3, 2)), "x=[0.0, 0.0]: give two points or more, in increasing order."),
        ([0], np.ones((3, 1)), "give two points or more"),
        (
            [0, 1],
            np.ones((3, 3)),
            "differences of shape (3, 3): give (n_pairs, 2), 2 pairs or more",
        ),
        (
            [0, 1],
            np.ones((1, 2)),
            "differences of shape (1, 2): give (n_pairs, 2), 2 pairs or more",
        ),
        ([0, 1], [[0, np.nan], [0, 1]], "1 of 4 scores are NaN"),
    ],
)
def test_crossing_rejects_what_it_cannot_read(x, pairs, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        sweeps.crossing(x, pairs)


def test_differences_are_one_a_pair():
    for quantity in (sweeps.mean_difference, sweeps.p_value):
        with pytest.raises(ValueError, match=r"differences of shape \(2, 2\): give \(n_pairs,\)"):
            quantity([[1, 2], [3, 4]])


def test_p_value_of_differences_that_are_equal_but_for_rounding_is_1():
    assert sweeps.p_value([0.1, 0.1, 0.1 + 1e-12]) == 1
