"""Differences with one value per task pair: their mean, and from where on they are above zero.

What sweeps over training rows and relatedness are read with.  Lesson 11.
"""

from dataclasses import dataclass

import numpy as np

from ..checks import numbers, shown
from .comparisons import nested_p
from .intervals import Interval, check_settings, paired_t
from .nested import resampled_means

FEWEST_TO_RESAMPLE = 10  # task pairs; resampled means of fewer vary too little


def mean_difference(differences) -> Interval:
    """Mean of one difference per task pair, with Student's t interval; no bounds for one pair.

    Args:
        differences: (n_pairs,), such as arm minus control.

    Raises:
        ValueError: for differences of another shape, or NaN.
    """
    differences = numbers("differences", differences, ("n_pairs",))
    if len(differences) < 2:
        return Interval(float(differences[0]), -np.inf, np.inf)
    return paired_t(differences)


def paired_p(differences) -> float:
    """Two-sided p that the mean difference is zero; 1 where `mean_difference` has no bounds.

    Args:
        differences: (n_pairs,), as there.

    Raises:
        ValueError: for differences of another shape, or NaN.
    """
    differences = numbers("differences", differences, ("n_pairs",))
    return 1.0 if len(differences) < 2 else nested_p(differences[:, None])


@dataclass(frozen=True)
class Crossing:
    """From where on a difference is above zero, up to the end of what was swept.

    Attributes:
        estimate, low, high: in the unit of the sweep. -inf: it is above zero everywhere; inf: not
            even at the end.
        lowest, highest: the ends of the sweep.
        n_pairs: task pairs; with fewer than ten, low and high are not known: -inf and inf.
    """

    estimate: float
    low: float
    high: float
    lowest: float
    highest: float
    n_pairs: int

    def __str__(self) -> str:
        def words(x):
            if np.isfinite(x):
                return f"{x:.0f}" if abs(x) >= 10 else f"{x:.2f}"
            return f"below {self.lowest:g}" if x < 0 else f"above {self.highest:g}"

        if self.n_pairs < FEWEST_TO_RESAMPLE:
            return f"{words(self.estimate)} [interval not known: {self.n_pairs} pairs]"
        return f"{words(self.estimate)} [{words(self.low)}, {words(self.high)}]"


def crossing(x, differences, level: float = 0.95, n_resamples: int = 2000, seed: int = 0):
    """Find from where on the mean difference stays above zero, by drawing straight lines.

    The interval resamples whole task pairs and finds the point anew in each resample
    (percentiles). A resample without a crossing counts as beyond the sweep, it is not left out.

    Args:
        x: (n_points,), what is swept, increasing, two points or more.
        differences: (n_pairs, n_points), two pairs or more.
        level: of the interval.
        n_resamples, seed: of the resampling.

    Returns:
        `Crossing`.

    Raises:
        ValueError: for arrays of other shapes, x that does not increase, or NaN.

    >>> crossing([0, 1, 2], [[-1, -1, 3], [-1, -1, 3]]).estimate
    1.25
    """
    check_settings(level, n_resamples, seed)
    x = numbers("x", x, ("n_points",))
    differences = numbers("differences", differences, ("n_pairs", "n_points"))
    if len(x) < 2 or (np.diff(x) <= 0).any():
        raise ValueError(f"x={shown(x.tolist())}: give two points or more, in increasing order.")
    if differences.shape[1] != len(x) or len(differences) < 2:
        raise ValueError(
            f"differences of shape {differences.shape} over {len(x)} points of x: give "
            f"(n_pairs, {len(x)}), 2 pairs or more."
        )
    estimate = _last_rise(x, differences.mean(axis=0, keepdims=True))[0]
    low, high = -np.inf, np.inf
    if len(differences) >= FEWEST_TO_RESAMPLE:
        found = _last_rise(x, resampled_means(differences, n_resamples, seed))
        # resamples at either side, not between them: some are infinite
        low = np.quantile(found, (1 - level) / 2, method="lower")
        high = np.quantile(found, (1 + level) / 2, method="higher")
    ends = float(x[0]), float(x[-1])
    return Crossing(float(estimate), float(low), float(high), *ends, len(differences))


def _last_rise(x, means):
    """Of each row of (m, n_points): where it rises above zero for the last time."""
    above = means > 0
    found = np.full(len(means), np.inf)
    found[above.all(axis=1)] = -np.inf
    rows = np.flatnonzero(above[:, -1] & ~above.all(axis=1))
    j = len(x) - 2 - above[rows, -2::-1].argmin(axis=1)  # the last point at or below zero
    left, right = means[rows, j], means[rows, j + 1]
    found[rows] = x[j] - left * (x[j + 1] - x[j]) / (right - left)
    return found
