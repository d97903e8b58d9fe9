"""Sweeps over target rows and relatedness."""

import re

import numpy as np
import pytest

from lib.data import blobs, photos, related_blobs
from lib.experiments import arms, batches, sweeps

SMALL = {"n_rounds": 2, "n_bases": 2}


# Rounds


@pytest.mark.parametrize(
    ("n_rows", "times", "n_updates"), [(8, 63, 16), (128, 4, 16), (500, 1, 16)]
)
def test_in_rounds_repeats_each_row_as_often(n_rows, times, n_updates):
    _, task = related_blobs(0.5, 3, n_train=n_rows)
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
    task = photos(range(5), n_train=10, n_test=5)
    assert sweeps.in_rounds(task, 25).x_train.shape == (30, 32, 32, 3)


def test_in_rounds_rejects_more_rows_than_a_round():
    task = blobs(2, n_train=64)
    with pytest.raises(ValueError, match="64 training rows, but a round has 32: choose 64 or more"):
        sweeps.in_rounds(task, 32)


# Runs


def test_run_pair_is_run_arms_on_the_pairs_own_bases():
    source, target = related_blobs(0.8, 7, n_train=32)
    bases = batches.train_bases(source, 2, 100, first_seed=70).weights
    expected = batches.run_arms(
        arms.PUBLISHED_ARMS, sweeps.in_rounds(target), bases, 1, 2, first_seed=100_070
    )
    found = sweeps.run_pair(0.8, 32, 7, **SMALL)
    assert list(found) == list(expected)
    for label, curve in found.items():
        np.testing.assert_allclose(curve, expected[label].mean(axis=(0, 1)), rtol=1e-6)


def test_run_grid_puts_every_cell_in_its_place():
    degrees, rows, seeds = (-1.0, 0.5), (32, 8), (7, 3)
    seen = []
    grid = sweeps.run_grid(
        degrees, rows, seeds, **SMALL, progress=lambda runs: (seen.append(1) or run for run in runs)
    )
    assert len(seen) == 8
    for label, accuracy in grid.items():
        assert accuracy.shape == (2, 2, 2, 3)
        for (i, relatedness), (j, n), (k, seed) in (
            ((0, -1.0), (0, 32), (1, 3)),
            ((1, 0.5), (1, 8), (0, 7)),
        ):
            np.testing.assert_array_equal(
                accuracy[i, j, k], sweeps.run_pair(relatedness, n, seed, **SMALL)[label]
            )


def test_explore_is_one_cell_of_the_grid():
    grid = sweeps.run_grid((0.5,), (8,), (3, 4), n_rounds=2)
    found = sweeps.explore(0.5, 8, n_pairs=2, n_rounds=2, seed=3)
    for label, accuracy in found.items():
        np.testing.assert_array_equal(accuracy, grid[label][0, 0])


def test_from_scratch_does_not_depend_on_the_bases():
    one = sweeps.run_pair(0.5, 32, 7, n_rounds=2, n_bases=1)
    bases = batches.train_bases(blobs(5), 1, 1, 9).weights
    _, target = related_blobs(0.5, 7, n_train=32)
    other = batches.run_arms(
        [arms.SCRATCH], sweeps.in_rounds(target), bases, 1, 2, first_seed=100_070
    )
    np.testing.assert_array_equal(one["from scratch"], other["from scratch"][0, 0])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: sweeps.bases_of(10_000), "seed=10000 of a pair: choose 0 to 9999."),
        (lambda: sweeps.bases_of(-1), "seed=-1 of a pair: choose 0 to 9999."),
        (lambda: sweeps.bases_of(1, 11), "n_bases=11: choose 1 to 10."),
        (lambda: sweeps.bases_of(1, 0), "n_bases=0: choose 1 to 10."),
        (lambda: sweeps.run_pair(2.0, 32, 1), "relatedness=2.0 is no correlation: choose -1 to 1."),
        (lambda: sweeps.run_pair(0.0, 501, 1), "n_train=501: choose a whole number from 1 to 500."),
        (lambda: sweeps.run_grid((), (32,), (1,)), "nothing to run"),
        (lambda: sweeps.explore(0.0, 32, n_pairs=1), "n_pairs=1: one pair shows no spread"),
        (lambda: sweeps.explore(0.0, 32, n_pairs=2.5), "n_pairs=2.5: one pair shows no spread"),
        (lambda: sweeps.bases_of(1.5), "seed=1.5 of a pair: choose 0 to 9999."),
        (lambda: sweeps.bases_of(1, 2.5), "n_bases=2.5: choose 1 to 10."),
        (
            lambda: sweeps.in_rounds(blobs(2), 0.5),
            "n=0.5: choose a whole number from 1 to 1000000.",
        ),
    ],
)
def test_runs_reject_bad_settings(call, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        call()
