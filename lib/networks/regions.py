"""Which class does a model give to each point of the plane?  Lessons 02 and 03."""

from typing import NamedTuple

import numpy as np

from ..checks import check_rate, check_whole, numbers, shown

MOST_COLUMNS = 2000


class ClassMap(NamedTuple):
    """The class that a model gives to every point of a grid of n columns and n rows.

    scikit-learn's `DecisionBoundaryDisplay` takes these three arrays under these names.

    Attributes:
        xx0, xx1: float64 (n, n), where each point lies on the first and on the second axis.
        response: whole numbers (n, n), the class there.
    """

    xx0: np.ndarray
    xx1: np.ndarray
    response: np.ndarray


def class_map(predict, points, n: int = 150, margin: float = 1.0) -> ClassMap:
    """Ask a model for the class of every point of a grid that covers the given points.

    Args:
        predict: takes float32 (n_points, 2), gives class scores (n_points, n_classes), as a Keras
            model does.
        points: (n_points, 2).
        n: columns and rows of the grid, 2 or more.
        margin: how far the grid reaches beyond the points, in the units of the axes, above 0.

    Raises:
        ValueError: for points or numbers that are none, or scores of NaN.

    >>> class_map(lambda x: x, np.array([[0, 0], [4, 4]]), n=3).response
    array([[0, 0, 0],
           [1, 0, 0],
           [1, 1, 0]])
    """
    if not callable(predict):
        raise ValueError(f"predict={shown(predict)}: give a function, such as model.predict.")
    points = numbers("points", points, ("n_points", "2"))
    if points.shape[1] != 2:
        raise ValueError(f"points of shape {points.shape}: give two coordinates per point.")
    check_whole("n", n, 2, MOST_COLUMNS)
    check_rate("margin", margin)
    low, high = np.min(points, axis=0) - margin, np.max(points, axis=0) + margin
    xx0, xx1 = np.meshgrid(*np.linspace(low, high, n).T)
    grid = np.column_stack([xx0.ravel(), xx1.ravel()]).astype("float32")
    try:
        scores = numbers("scores", predict(grid), ("n_points", "n_classes"))
    except (TypeError, ValueError) as error:
        raise ValueError(f"predict does not give class scores ({error}): see its model.") from error
    if len(scores) != n * n:
        raise ValueError(f"predict gave {len(scores)} rows for {n * n} points: give one each.")
    response = scores.argmax(axis=1).reshape(n, n)
    return ClassMap(xx0, xx1, response)
