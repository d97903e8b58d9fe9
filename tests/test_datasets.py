"""Tasks: the published draw, the relatedness knob, and bad input."""

import dataclasses

import numpy as np
import pytest
from sklearn.datasets import make_blobs

from lib import datasets


@pytest.mark.parametrize("seed", [1, 2])
def test_blobs_are_the_published_problems(seed):
    x, y = make_blobs(n_samples=1000, centers=3, n_features=2, cluster_std=2, random_state=seed)
    task = datasets.blobs(seed)
    np.testing.assert_allclose(np.concatenate([task.x_train, task.x_test]), x, rtol=1e-6)
    np.testing.assert_array_equal(np.concatenate([task.y_train, task.y_test]), y)
    assert (len(task.x_train), len(task.x_test), task.n_classes) == (500, 500, 3)


def test_blobs_smaller_training_sets_are_nested_and_leave_the_test_set_alone():
    small, large = datasets.blobs(3, n_train=40), datasets.blobs(3, n_train=200)
    np.testing.assert_array_equal(small.x_train, large.x_train[:40])
    np.testing.assert_array_equal(small.x_test, large.x_test)


def test_related_blobs_fewer_rows_are_the_targets_only():
    source, target = datasets.related_blobs(0.5, 0, n_train=40)
    assert (len(source.x_train), len(target.x_train)) == (500, 40)


def centres(task):
    return np.array([task.x_test[task.y_test == c].mean(axis=0) for c in range(task.n_classes)])


@pytest.mark.parametrize("relatedness", [-1.0, 0.0, 0.6, 1.0])
def test_related_blobs_centres_have_the_stated_correlation(relatedness):
    pairs = [datasets.related_blobs(relatedness, seed, cluster_std=0.1) for seed in range(300)]
    source, target = (np.ravel([centres(pair[i]) for pair in pairs]) for i in (0, 1))
    assert np.corrcoef(source, target)[0, 1] == pytest.approx(relatedness, abs=0.06)
    assert target.std() == pytest.approx(source.std(), rel=0.1)


def test_related_blobs_of_relatedness_1_are_new_points_of_the_same_classes():
    source, target = datasets.related_blobs(1.0, 0)
    np.testing.assert_allclose(centres(source), centres(target), atol=0.8)
    assert not np.array_equal(source.x_train, target.x_train)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"seed": -1}, "seed=-1"),
        ({"seed": 1.5}, "seed=1.5"),
        ({"cluster_std": 0}, "cluster_std=0"),
        ({"cluster_std": float("nan")}, "cluster_std=nan"),
        ({"n_classes": 1}, "n_classes=1: choose a whole number from 2 to 250"),
        ({"n_train": 501}, "n_train=501"),
        ({"n_train": 0}, "n_train=0"),
        ({"n_train": 10.5}, "n_train=10.5"),
        ({"n_classes": 2.5}, "n_classes=2.5"),
    ],
)
def test_blobs_say_what_cannot_be_drawn(options, message):
    with pytest.raises(ValueError, match=message):
        datasets.blobs(**{"seed": 1, **options})


def test_related_blobs_want_a_correlation():
    with pytest.raises(ValueError, match="relatedness=1.5 is not a correlation"):
        datasets.related_blobs(1.5, 0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"x_train": np.full((500, 2), np.nan, "float32")}, "500 of 500 rows in x_train hold NaN"),
        ({"y_test": np.full(500, 3)}, "labels 3 to 3 in y_test, but 3 class names"),
        ({"y_test": np.full(500, -1)}, "labels -1 to -1 in y_test"),
        ({"y_train": np.zeros(7, int)}, "500 rows in x_train but 7 in y_train"),
        ({"y_train": np.full(500, 0.5)}, "y_train of shape \\(500,\\) and type float64"),
        ({"y_test": np.zeros((500, 3), int)}, "y_test of shape \\(500, 3\\)"),
        ({"x_test": np.zeros((500, 3))}, "x_test of shape \\(500, 3\\), x_train of shape"),
        ({"x_train": np.zeros(500)}, "give rows of the same features"),
        ({"x_test": np.zeros((0, 2)), "y_test": np.zeros(0, int)}, "no rows in x_test"),
    ],
)
def test_task_refuses_data_that_do_not_fit(change, message):
    with pytest.raises(ValueError, match=message):
        dataclasses.replace(datasets.blobs(1), **change)
