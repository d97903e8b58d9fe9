"""Tasks of photographs: labels, shares of each class, nested draws; splits of the classes."""

import numpy as np
import pytest
from small_cifar10 import draw

from lib.data import cifar10, class_split, photos, photos_at_most

ROWS = {"train": 300, "test": 100}  # 30 and 10 of each class


@pytest.fixture
def drawn(own, monkeypatch):
    """A small CIFAR-10 that is its own copy."""
    monkeypatch.setattr(cifar10, "N_ROWS", ROWS)
    arrays = draw(rows=ROWS)
    own(arrays)
    return arrays


def places(x, among):
    """Where each photograph stands among others; all of these differ."""
    known = {photo.tobytes(): i for i, photo in enumerate(among)}
    return [known[photo.tobytes()] for photo in x]


def test_photos_labels_follow_the_order_of_the_classes(drawn):
    task = photos((7, 2), n_validation=10)
    assert (task.name, task.class_names) == ("horse, bird", ("horse", "bird"))
    assert task.parts == ("train", "test", "validation")
    for part, among in (("train", "train"), ("validation", "train"), ("test", "test")):
        rows = places(getattr(task, f"x_{part}"), drawn[f"x_{among}"])
        original = drawn[f"y_{among}"][rows]
        np.testing.assert_array_equal(getattr(task, f"y_{part}"), np.where(original == 7, 0, 1))


def test_photos_parts_share_no_row_and_hold_as_many_of_each_class(drawn):
    task = photos(range(5), n_train=50, n_validation=25, n_test=20, seed=3)
    train, validation = (places(x, drawn["x_train"]) for x in (task.x_train, task.x_validation))
    assert not {*train} & {*validation}
    counts = [np.bincount(getattr(task, f"y_{part}")).tolist() for part in task.parts]
    assert counts == [[10] * 5, [4] * 5, [5] * 5]


def test_photos_smaller_training_sets_are_nested_and_leave_the_other_parts_alone(drawn):
    small, large = (photos(range(5), n, n_validation=25, n_test=20) for n in (20, 100))
    assert {*places(small.x_train, drawn["x_train"])} < {*places(large.x_train, drawn["x_train"])}
    np.testing.assert_array_equal(small.x_validation, large.x_validation)
    np.testing.assert_array_equal(small.x_test, large.x_test)


def test_photos_without_numbers_are_all_there_are(drawn):
    task = photos((0, 9))
    assert (len(task.y_train), len(task.y_test), task.parts) == (60, 20, ("train", "test"))
    assert len(photos((0, 9), n_validation=10).y_train) == 50


def test_photos_seed_decides_the_draw(drawn):
    one, again, other = (photos((0, 9), 20, seed=seed).x_train for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, again)
    assert not np.array_equal(one, other)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_train": 7}, "n_train=7: choose a multiple of the 5 classes, from 5 to 150."),
        ({"n_train": 155}, "n_train=155: choose a multiple of the 5 classes, from 5 to 150."),
        ({"n_train": 130, "n_validation": 25}, "n_train=130: .* from 5 to 125."),
        ({"n_train": 10.0}, "n_train=10.0"),
        ({"n_train": True}, "n_train=True"),
        ({"n_validation": 150}, "n_validation=150: .* from 5 to 145."),
        ({"n_validation": -5}, "n_validation=-5"),
        ({"n_validation": False}, "n_validation=False"),
        ({"n_test": 55}, "n_test=55: choose a multiple of the 5 classes, from 5 to 50."),
        ({"seed": -1}, "seed=-1: choose a whole number from 0 up."),
        ({"seed": 1.5}, "seed=1.5"),
        ({"classes": 3}, "classes=3: choose one or more numbers 0 to 9, none twice."),
        ({"classes": (1, 1)}, "none twice"),
    ],
)
def test_photos_say_what_cannot_be_drawn(drawn, options, message):
    with pytest.raises(ValueError, match=message):
        photos(**{"classes": range(5), **options})


def test_class_split_halves_random_and_animals():
    for name in ("halves", "random", "animals"):
        source, target = class_split(name, 3)
        assert sorted(source + target) == list(range(10))
        assert class_split(f"{name}-reverse", 3) == (target, source)
    assert class_split("random", 3) != class_split("random", 4)
    assert class_split("animals").target == (0, 1, 8, 9)


def test_class_split_says_what_it_knows():
    with pytest.raises(ValueError, match="split 'thirds' is unknown: choose halves, random"):
        class_split("thirds")
    with pytest.raises(ValueError, match="seed=-1: choose a whole number from 0 up"):
        class_split("random", -1)


def test_photos_at_most_draws_what_photos_draws_where_there_is_enough(drawn):
    task, same = photos_at_most(range(5), 10, 5, 4, seed=3), photos(range(5), 50, 25, 20, seed=3)
    for part in task.parts:
        np.testing.assert_array_equal(getattr(task, f"x_{part}"), getattr(same, f"x_{part}"))
        np.testing.assert_array_equal(getattr(task, f"y_{part}"), getattr(same, f"y_{part}"))


def test_photos_at_most_lowers_numbers_to_what_there_is(drawn):
    task = photos_at_most((1, 3), 1000, 100, 200)
    counts = {part: np.bincount(getattr(task, f"y_{part}")).tolist() for part in task.parts}
    assert counts == {"train": [24, 24], "test": [10, 10], "validation": [6, 6]}


@pytest.mark.parametrize("sizes", [(0, 5, 4), (10, 0, 4), (10, 5, 0)])
def test_photos_at_most_refuses_a_number_that_is_none(drawn, sizes):
    with pytest.raises(ValueError, match="=0: choose a whole number from 1 up"):
        photos_at_most((1, 3), *sizes)
