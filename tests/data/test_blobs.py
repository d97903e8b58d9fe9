"""Blobs: the published draw, fresh validation points, the relatedness knob, bad input."""

import time

import numpy as np
import pytest
from sklearn.datasets import make_blobs

from lib.data import blobs, related_blobs


@pytest.mark.parametrize("seed", [1, 2])
def test_blobs_are_the_published_problems(seed):
    x, y = make_blobs(n_samples=1000, centers=3, n_features=2, cluster_std=2, random_state=seed)
    task = blobs(seed)
    np.testing.assert_allclose(np.concatenate([task.x_train, task.x_test]), x, rtol=1e-6)
    np.testing.assert_array_equal(np.concatenate([task.y_train, task.y_test]), y)
    assert (len(task.x_train), len(task.x_test), task.n_classes) == (500, 500, 3)


def test_blobs_smaller_training_sets_are_nested_and_leave_the_test_set_alone():
    small, large = blobs(3, n_train=40), blobs(3, n_train=200)
    np.testing.assert_array_equal(small.x_train, large.x_train[:40])
    np.testing.assert_array_equal(small.x_test, large.x_test)


def test_related_blobs_fewer_rows_are_the_targets_only():
    source, target = related_blobs(0.5, 0, n_train=40)
    assert (len(source.x_train), len(target.x_train)) == (500, 40)


def centres(task):
    return np.array([task.x_test[task.y_test == c].mean(axis=0) for c in range(task.n_classes)])


@pytest.mark.parametrize("relatedness", [-1.0, 0.0, 0.6, 1.0])
def test_related_blobs_centres_have_the_stated_correlation(relatedness):
    pairs = [related_blobs(relatedness, seed, cluster_std=0.1) for seed in range(300)]
    source, target = (np.ravel([centres(pair[i]) for pair in pairs]) for i in (0, 1))
    assert np.corrcoef(source, target)[0, 1] == pytest.approx(relatedness, abs=0.06)
    assert target.std() == pytest.approx(source.std(), rel=0.1)


def test_related_blobs_of_relatedness_1_are_new_points_of_the_same_classes():
    source, target = related_blobs(1.0, 0)
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
        ({"n_train": True}, "n_train=True: choose a whole number from 1 to 500"),
        ({"seed": 2**32}, "seed=4294967296: choose a whole number from 0 to 4294967295."),
        ({"seed": "1"}, "seed='1'"),
        ({"cluster_std": "2"}, "cluster_std='2': choose a number above 0"),
        ({"cluster_std": float("inf")}, "cluster_std=inf"),
        ({"n_validation": -1}, "n_validation=-1: choose a whole number from 0 to 1000000"),
        ({"n_validation": 0.5}, "n_validation=0.5"),
    ],
)
def test_blobs_say_what_cannot_be_drawn(options, message):
    with pytest.raises(ValueError, match=message):
        blobs(**{"seed": 1, **options})
    with pytest.raises(ValueError, match=message):
        related_blobs(**{"relatedness": 0.5, "seed": 1, **options})


@pytest.mark.parametrize("relatedness", [1.5, float("nan"), "one", None])
def test_related_blobs_want_a_correlation(relatedness):
    with pytest.raises(ValueError, match="relatedness=.* is no correlation: choose -1 to 1"):
        related_blobs(relatedness, 0)


# Published points


@pytest.mark.parametrize("options", [{}, {"n_validation": 0}, {"n_validation": 7}])
def test_blobs_training_and_test_points_are_the_published_to_the_bit(options):
    x, y = make_blobs(n_samples=1000, centers=3, n_features=2, cluster_std=2, random_state=2)
    task = blobs(2, n_train=100, **options)
    for part, rows in (("train", slice(0, 100)), ("test", slice(500, 1000))):
        found = getattr(task, f"x_{part}")
        assert found.dtype == "float32" and found.tobytes() == x[rows].astype("float32").tobytes()
        np.testing.assert_array_equal(getattr(task, f"y_{part}"), y[rows])


def test_related_blobs_points_do_not_depend_on_the_validation_points():
    for some, none in zip(
        related_blobs(0.5, 3, n_validation=50), related_blobs(0.5, 3, n_validation=0), strict=True
    ):
        for name in ("x_train", "y_train", "x_test", "y_test"):
            np.testing.assert_array_equal(getattr(some, name), getattr(none, name))
        assert (some.parts, none.parts) == (("train", "test", "validation"), ("train", "test"))


# Validation points


def tasks(seed, **options):
    return [blobs(seed, **options), *related_blobs(0.6, seed, **options)]


@pytest.mark.parametrize("i", range(3))
def test_blobs_validation_points_are_new(i):
    for seed in range(5):
        task = tasks(seed)[i]
        assert task.x_validation.shape == (500, 2) and task.x_validation.dtype == "float32"
        train, validation, test = (
            {*map(tuple, x)} for x in (task.x_train, task.x_validation, task.x_test)
        )
        assert len(train | validation | test) == 1500


def test_blobs_streams_of_validation_points_differ():
    drawn = [task.x_validation - means(task, "validation") for s in (0, 1, 7) for task in tasks(s)]
    for i, one in enumerate(drawn):
        for other in drawn[:i]:
            assert abs(np.corrcoef(one.ravel(), other.ravel())[0, 1]) < 0.15  # 1000 numbers


def means(task, part):
    """The mean of each point's class, (n_rows, 2)."""
    x, y = getattr(task, f"x_{part}"), getattr(task, f"y_{part}")
    return np.array([x[y == c].mean(axis=0) for c in range(task.n_classes)])[y]


@pytest.mark.parametrize("i", range(3))
@pytest.mark.parametrize("cluster_std", [0.5, 2.0])
def test_blobs_validation_points_follow_the_law_of_the_others(i, cluster_std):
    """Means and spreads of each class, over 40 seeds; 333 test and 333 validation points each."""
    shifts, spreads = [], []
    for seed in range(40):
        task = tasks(seed, cluster_std=cluster_std)[i]
        for c in range(3):
            mine = task.x_validation[task.y_validation == c]
            rest = np.concatenate([task.x_train[task.y_train == c], task.x_test[task.y_test == c]])
            error = cluster_std * np.sqrt(1 / len(mine) + 1 / len(rest))
            shifts.append((mine.mean(axis=0) - rest.mean(axis=0)) / error)
            spreads.append(mine.std(axis=0, ddof=1) / cluster_std)
    assert np.mean(np.square(shifts)) == pytest.approx(1, abs=0.4)  # 240 squares: error 0.09
    assert np.mean(spreads) == pytest.approx(1, abs=0.012)  # error 0.0035
    assert np.mean(shifts) == pytest.approx(0, abs=0.25)  # error 0.065


@pytest.mark.parametrize(("n", "n_classes"), [(500, 3), (10, 4), (2, 3), (6, 3)])
def test_blobs_validation_points_are_shared_out_among_the_classes(n, n_classes):
    for task in tasks(4, n_validation=n, n_classes=n_classes):
        counts = np.bincount(task.y_validation, minlength=n_classes)
        assert counts.sum() == n and counts.max() - counts.min() <= 1


def test_blobs_validation_labels_are_in_no_order():
    y = blobs(1).y_validation
    assert abs(np.corrcoef(y[:-1], y[1:])[0, 1]) < 0.2


def test_related_blobs_source_is_the_same_at_every_relatedness():
    one, other = (related_blobs(r, 3)[0] for r in (-1, 0.4))
    for part in one.parts:
        np.testing.assert_array_equal(getattr(one, f"x_{part}"), getattr(other, f"x_{part}"))


def quickest(call):
    seconds = []
    for _ in range(30):
        begin = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - begin)
    return min(seconds)


def test_blobs_take_little_longer_than_the_published_draw():
    """Explorers draw them at every move: 1 ms, of which the draw takes a third."""
    drawn = quickest(lambda: make_blobs(1000, centers=3, cluster_std=2, random_state=2))
    assert quickest(lambda: blobs(2)) < 4 * drawn


def test_related_blobs_centres_have_the_scale_of_blobs():
    """They lie around 0, with the standard deviation of numbers drawn evenly from -10 to 10."""
    for relatedness in (0.0, 0.6):
        pairs = [related_blobs(relatedness, seed, cluster_std=0.1) for seed in range(200)]
        for found in (np.ravel([centres(pair[i]) for pair in pairs]) for i in (0, 1)):
            assert found.mean() == pytest.approx(0, abs=0.7)  # 1,200 numbers: error 0.17
            assert found.std() == pytest.approx(10 / np.sqrt(3), rel=0.1)  # error 0.02


def test_related_blobs_have_the_spread_of_blobs_unless_told():
    named = related_blobs(0.5, 3, cluster_std=2.0, n_classes=3, n_train=500, n_validation=500)
    for task, same in zip(related_blobs(0.5, 3), named, strict=True):
        for part in task.parts:
            np.testing.assert_array_equal(getattr(task, f"x_{part}"), getattr(same, f"x_{part}"))
            np.testing.assert_array_equal(getattr(task, f"y_{part}"), getattr(same, f"y_{part}"))


def test_related_blobs_are_named_by_their_roles():
    assert [task.name for task in related_blobs(0.5, 0)] == ["Source task", "Target task"]
