"""Comparing accuracies: that one is in single precision and another is not makes no difference.

Accuracies come as float32, thresholds as Python's floats, and the float32 next to 0.7 is below
0.7. Whatever compares scores does it here.
"""

import numpy as np

from ..checks import numbers

ROUNDING = 1e-6  # accuracies are single precision, counts over at most 10,000 rows


def is_below(values, limit) -> np.ndarray:
    """Whether values are below a limit by more than rounding.

    Args:
        values: numbers of any shape; they may be infinite.
        limit: one number in their unit.

    Returns:
        True or False for each value.

    Raises:
        ValueError: for NaN, or what is no number.

    >>> is_below(np.float32([0.5, 0.7]), 0.7).tolist()
    [True, False]
    """
    values, limit = numbers("values", values, infinite=True), _one(limit)
    return values < limit - _slack(values, limit)


def has_reached(values, limit) -> np.ndarray:
    """Whether values are at a limit, as far as rounding lets see, or above it.

    Args:
        values, limit: as in `is_below`, whose opposite this is.

    >>> has_reached(np.float32([0.5, 0.7]), 0.7).tolist()
    [False, True]
    """
    return ~is_below(values, limit)


def is_above(values, limit) -> np.ndarray:
    """Whether values are above a limit by more than rounding."""
    values, limit = numbers("values", values, infinite=True), _one(limit)
    return values > limit + _slack(values, limit)


def part_below(values, others) -> np.ndarray:
    """Of each value, the part of the others that is below it, ties counted half; 0 to 1.

    Args:
        values, others: (n,) and (m,).

    >>> part_below([0.7], np.float32([0.6, 0.7, 0.8, 0.9])).tolist()
    [0.375]
    """
    values, others = np.asarray(values, "float64"), np.sort(np.asarray(others, "float64"))
    slack = _slack(values, others)
    below = np.searchsorted(others, values - slack, "left")
    not_above = np.searchsorted(others, values + slack, "right")
    return (below + not_above) / 2 / len(others)


def _one(limit):
    """The limit as Python's number."""
    return numbers("limit", limit, (), infinite=True).item()


def _slack(values, others):
    """What rounding can make of each value: less where all are small, such as gains per epoch."""
    size, other = (np.where(np.isfinite(one), np.abs(one), 0) for one in (values, others))
    largest = max(size.max(initial=0), other.max(initial=0))
    return ROUNDING * np.maximum(size, min(largest, 1.0))
