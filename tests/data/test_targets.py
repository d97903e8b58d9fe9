"""Target tasks of lesson 12: draws that share nothing, digits, surfaces."""

from dataclasses import replace

import numpy as np
import pytest
from small_cifar10 import draw as small_photos

from lib.data import targets


def rows_of(task):
    return {row.tobytes() for part in task.parts for row in getattr(task, f"x_{part}")}


def test_drawn_photos_of_two_draws_share_no_photograph(own):
    own(small_photos())
    one, other = (targets.drawn_photos(range(5, 10), 1, k, 1, 1) for k in (0, 1))
    assert len(rows_of(one)) == len(rows_of(other)) == 15
    assert not rows_of(one) & rows_of(other)
    assert rows_of(one) == rows_of(targets.drawn_photos(range(5, 10), 1, 0, 1, 1))


def test_drawn_photos_takes_classes_in_turn_with_their_labels(own):
    photos = small_photos()
    own(photos)
    task = targets.drawn_photos((7, 2), 3, 0, 1, 1)
    assert task.y_train.tolist() == [0, 1] * 3 and task.y_test.tolist() == [0, 1]
    assert task.class_names == ("horse", "bird")
    for row, label in zip(task.x_train, task.y_train, strict=True):
        [place] = np.flatnonzero((photos["x_train"] == row).all(axis=(1, 2, 3)))
        assert photos["y_train"][place] == (7, 2)[label]


def test_drawn_photos_refuses_more_than_there_are(own):
    own(small_photos())
    with pytest.raises(ValueError, match=r"draw 2 of 2 rows per class \(train\).* has 5,"):
        targets.drawn_photos(range(5), 1, 2, 1, 1)
    with pytest.raises(ValueError, match=r"\(test\).* has 2, which is enough for 0 such draws"):
        targets.drawn_photos(range(5), 1, 0, 1, 3)
    for wrong in ({"n_train": 0}, {"n_train": 1, "draw": -1}, {"n_train": 1, "n_test": 1.5}):
        with pytest.raises(ValueError, match="choose a whole number"):
            targets.drawn_photos(range(5), **wrong)


def test_first_per_class_keeps_the_first_of_each():
    task = targets.drawn_digits(4)
    few = targets.first_per_class(task, 2)
    assert np.bincount(few.y_train).tolist() == [2] * 10
    np.testing.assert_array_equal(few.x_train, task.x_train[:20])
    np.testing.assert_array_equal(few.x_test, task.x_test)


def test_first_per_class_says_which_class_has_fewer():
    task = targets.drawn_digits(4)
    with pytest.raises(ValueError, match="n=5, but the task has 4 train rows of digit 0: choose 4"):
        targets.first_per_class(task, 5)


def test_drawn_digits_are_digits_and_parts_are_apart():
    from sklearn.datasets import load_digits

    task = targets.drawn_digits(5, draw=3)
    assert task.x_train.shape == (50, 32, 32, 3) and task.x_test.shape == (500, 32, 32, 3)
    x, y = load_digits(return_X_y=True)
    small = task.x_train[:, ::4, ::4, 0].reshape(50, 64)
    for row, label in zip(small, task.y_train, strict=True):
        places = np.flatnonzero((np.rint(x * 255 / 16).astype("uint8") == row).all(axis=1))
        assert label in y[places]
    assert not np.array_equal(task.x_train, targets.drawn_digits(5, draw=4).x_train)


def test_drawn_surfaces_by_block_share_no_pixel_between_parts(monkeypatch):
    """Each pixel gets a number of its own; the parts' numbers must not meet."""
    monkeypatch.setattr(
        targets, "_block", lambda grey, i, j: np.full((2, 2, 3), [i, j, 0], "int64")
    )
    task = targets.drawn_surfaces(40, n_validation=20, n_test=40)

    def covered(part, label):
        places = getattr(task, f"x_{part}")[getattr(task, f"y_{part}") == label][:, 0, 0, :2]
        size = range(targets.BLOCK)
        return {(i + a, j + b) for i, j in places.tolist() for a in size for b in size}

    for label, (_, (top, bottom, left, right)) in enumerate(targets.SURFACES.values()):
        parts = [covered(part, label) for part in task.parts]
        assert not parts[0] & parts[1] and not parts[0] & parts[2] and not parts[1] & parts[2]
        rows, columns = zip(*set.union(*parts), strict=True)
        assert top <= min(rows) and max(rows) < bottom
        assert left <= min(columns) and max(columns) < right


def test_drawn_surfaces_at_random_overlap():
    task = targets.drawn_surfaces(40, split="at random")
    assert task.name == "surfaces, split at random" and task.n_classes == 5
    assert task.x_test.dtype == np.uint8 and task.x_test.shape == (500, 32, 32, 3)


def test_drawn_surfaces_have_equal_mean_so_that_only_texture_is_left():
    task = targets.drawn_surfaces(20)
    means = task.x_train.mean(axis=(1, 2, 3))
    assert np.abs(means - 128).max() < 3


def test_drawn_surfaces_refuses_another_split():
    with pytest.raises(ValueError, match="split='by colour': choose one of by block, at random"):
        targets.drawn_surfaces(5, split="by colour")


def test_drawn_photos_are_draw_0_unless_told(own):
    own(small_photos())
    task, first = (
        targets.drawn_photos((2, 7), 1, *k, n_validation=1, n_test=1) for k in ((), (0,))
    )
    assert rows_of(task) == rows_of(first)


def test_drawn_photos_are_in_another_order_than_the_file(own):
    photos = small_photos()
    own(photos)
    task = targets.drawn_photos(range(10), 4, 0, 1, 2)
    drawn = np.concatenate([task.x_train, task.x_validation])
    labels = np.concatenate([task.y_train, task.y_validation])
    in_order = [
        np.array_equal(drawn[labels == c], photos["x_train"][photos["y_train"].ravel() == c])
        for c in range(10)
    ]
    assert sum(in_order) <= 1  # of each, one order in 120 is the file's


def test_drawn_digits_are_draw_0_unless_told_and_the_same_again():
    task, again, first = (
        targets.drawn_digits(5),
        targets.drawn_digits(5),
        targets.drawn_digits(5, 0),
    )
    for part in task.parts:
        for other in (again, first):
            np.testing.assert_array_equal(getattr(task, f"x_{part}"), getattr(other, f"x_{part}"))
    assert task.name == "digits" and task.x_train.dtype == np.uint8


def test_drawn_surfaces_are_draw_0_unless_told():
    task, first = targets.drawn_surfaces(5), targets.drawn_surfaces(5, 0)
    np.testing.assert_array_equal(task.x_train, first.x_train)


def test_block_keeps_bright_bright_and_has_the_stated_mean_and_spread():
    stripes = np.tile([100.0, 104.0], (40, 20))  # mean 102, spread 2
    block = targets._block(stripes, 3, 4)
    assert block.shape == (32, 32, 3) and block.dtype == np.uint8
    np.testing.assert_array_equal(block[..., 0], np.tile([88, 168], (32, 16)))
    np.testing.assert_array_equal(targets._block(stripes / 2, 3, 4), block)  # spread 1
    weak = targets._block(stripes / 8, 3, 4)  # spread 1/4: noise is not blown up beyond spread 1
    np.testing.assert_array_equal(weak[..., 0], np.tile([118, 138], (32, 16)))
    spot = np.zeros((32, 32))
    spot[5, 6] = -1000
    assert targets._block(spot, 0, 0)[5, 6].tolist() == [0, 0, 0]
    assert targets._block(-spot, 0, 0)[5, 6].tolist() == [255, 255, 255]


def test_first_per_class_takes_all_that_there_are_and_cuts_validation_rows_if_told():
    task = targets.drawn_digits(4, n_validation=3, n_test=2)
    np.testing.assert_array_equal(targets.first_per_class(task, 4).x_train, task.x_train)
    few = targets.first_per_class(task, 2, n_validation=1)
    np.testing.assert_array_equal(few.x_validation, task.x_validation[:10])
    np.testing.assert_array_equal(few.y_validation, task.y_validation[:10])
    assert len(few.x_train) == 20 and len(targets.first_per_class(task, 2).x_validation) == 30
    with pytest.raises(ValueError, match="n_validation=4, but the task has 3 validation rows of"):
        targets.first_per_class(task, 2, n_validation=4)
    with pytest.raises(ValueError, match="n_validation=0: choose a whole number from 1"):
        targets.first_per_class(task, 2, n_validation=0)
    without = replace(task, x_validation=None, y_validation=None)
    with pytest.raises(ValueError, match="digits has no validation rows: leave it out"):
        targets.first_per_class(without, 2, n_validation=1)
