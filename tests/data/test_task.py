"""The record of a task: its parts, and data that do not fit."""

import dataclasses

import numpy as np
import pytest

from lib.data import Task, blobs


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
        ({"y_validation": np.zeros(9, int)}, "500 rows in x_validation but 9 in y_validation"),
        ({"x_validation": np.full((500, 2), np.inf)}, "500 of 500 rows in x_validation hold NaN"),
    ],
)
def test_task_refuses_data_that_do_not_fit(change, message):
    with pytest.raises(ValueError, match=message):
        dataclasses.replace(blobs(1), **change)


def test_task_has_the_parts_that_it_was_given():
    task = blobs(1)
    assert task.parts == ("train", "test", "validation")
    without = dataclasses.replace(task, x_validation=None, y_validation=None)
    assert without.parts == ("train", "test")


def test_task_is_built_by_keyword_only():
    x, y = np.zeros((3, 2)), np.zeros(3, int)
    with pytest.raises(TypeError, match="positional"):
        Task("Three points", x, y, x, y, ("one",), "made up")


@pytest.mark.parametrize("change", [{"name": 7}, {"name": None}])
def test_task_says_which_text_is_none(change):
    with pytest.raises(ValueError, match="^name="):
        dataclasses.replace(blobs(1), **change)
