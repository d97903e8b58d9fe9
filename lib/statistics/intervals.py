"""How sure are we? Intervals of repeated runs.

Scores are arrays: `(n,)` for independent runs, `(n_bases, n_refits)` where every row shares one
base model. Runs from one base resemble each other, so bases, not runs, are what an interval counts.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

ROUNDING = 1e-6  # accuracies are single precision, counts over at most 10,000 rows


@dataclass(frozen=True)
class Interval:
    """An estimate with its interval.

    Attributes:
        estimate, low, high: in the unit of the scores.
        level: coverage that the interval aims at, such as 0.95.
    """

    estimate: float
    low: float
    high: float
    level: float = 0.95

    def __post_init__(self):
        if not np.isfinite(self.estimate):
            raise ValueError(f"an estimate of {self.estimate}: it must be a number.")
        if not self.low <= self.high:
            raise ValueError(
                f"an interval from {self.low} to {self.high}: low must not exceed high."
            )

    def __str__(self) -> str:
        return f"{self.estimate:+.3f} [{self.low:+.3f}, {self.high:+.3f}]"

    def verdict(self, above: float = 0.0, margin: float | None = None) -> str:
        """Whether the quantity is above a value, in two words at most.

        It is "practically equal" if a margin was declared and the whole interval is inside it: what
        the difference may be is then too small to matter, whichever its sign. Else it "holds" if
        the whole interval is above, "does not hold" if the whole interval is at or below (the
        opposite is shown), and is "undecided" in between.

        Args:
            above: the value to compare with.
            margin: the largest difference from `above` that does not matter, declared before
                looking at the data, such as 0.01 for one point of accuracy; None for none.

        Raises:
            ValueError: for a margin that is not above 0.

        >>> Interval(0.03, 0.01, 0.05).verdict()
        'holds'
        >>> Interval(0.002, -0.003, 0.007).verdict()
        'undecided'
        >>> Interval(0.002, -0.003, 0.007).verdict(margin=0.01)
        'practically equal'
        """
        if margin is not None:
            if not 0 < margin < np.inf:
                raise ValueError(
                    f"margin={margin}: choose a number above 0 before you look at the data, such "
                    "as 0.01 for one point of accuracy, or leave it out."
                )
            if above - margin < self.low and self.high < above + margin:
                return "practically equal"
        if self.low > above:
            return "holds"
        return "does not hold" if self.high <= above else "undecided"


def bootstrap_mean(scores, level: float = 0.95, n_resamples: int = 2000, seed: int = 0) -> Interval:
    """Interval for the mean of independent scores: SciPy's BCa bootstrap.

    Args:
        scores: (n,), two or more.
        seed: of the resampling.
    """
    from scipy import stats

    check_settings(level, n_resamples)
    scores = checked_scores(scores, 1)
    if np.ptp(scores) == 0:
        return Interval(float(scores[0]), float(scores[0]), float(scores[0]), level)
    found = stats.bootstrap(
        (scores,),
        np.mean,
        confidence_level=level,
        n_resamples=n_resamples,
        rng=np.random.default_rng(seed),
    ).confidence_interval
    return Interval(float(scores.mean()), float(found.low), float(found.high), level)


def paired_t(differences, level: float = 0.95) -> Interval:
    """Interval for the mean of a few independent differences: Student's t.

    The bootstrap needs more than a handful; with two or three, only an assumption on the shape
    (here the normal distribution) gives an interval, and it is wide.

    Args:
        differences: (n,), two or more, paired: such as arm minus control in each run pair.

    Returns:
        The interval; without bounds if all differences are equal.

    >>> str(paired_t([0.01, 0.02, 0.03]))
    '+0.020 [-0.005, +0.045]'
    """
    from scipy import stats

    check_settings(level)
    differences = checked_scores(differences, 1)
    # a few equal values on a grid show no spread, not certainty; they may differ by rounding
    if np.ptp(differences) < ROUNDING:
        return Interval(float(differences[0]), -np.inf, np.inf, level)
    found = stats.ttest_1samp(differences, 0).confidence_interval(level)
    return Interval(float(differences.mean()), float(found.low), float(found.high), level)


class CurveSummary(NamedTuple):
    """A mean curve with its pointwise interval; arrays (n_epochs + 1,).

    Attributes:
        centre, low, high: in the unit of the curves.
        n: independent units that the interval counts.
    """

    centre: np.ndarray
    low: np.ndarray
    high: np.ndarray
    n: int


def summarise_curves(curves, level: float = 0.95) -> CurveSummary:
    """Mean over runs at every epoch, with Student's t interval over independent units.

    Args:
        curves: (n_runs, n_epochs + 1), or (n_bases, n_refits, n_epochs + 1): then each base counts
            once, with the mean of its refits.
    """
    from scipy import stats

    check_settings(level)
    curves = finite(curves)
    if curves.ndim == 3:
        curves = curves.mean(axis=1)
    if curves.ndim != 2 or len(curves) < 2:
        raise ValueError(
            f"curves of shape {curves.shape}: give (n_runs, n_epochs + 1) with 2 or more runs, or "
            "(n_bases, n_refits, n_epochs + 1) with 2 or more bases."
        )
    n, centre = len(curves), curves.mean(axis=0)
    margin = stats.t.ppf((1 + level) / 2, n - 1) * curves.std(axis=0, ddof=1) / np.sqrt(n)
    return CurveSummary(centre, centre - margin, centre + margin, n)


def tail_probability(scores, threshold: float, level: float = 0.95) -> Interval:
    """Part of independent runs (n,) below a threshold, with Wilson's interval for a proportion."""
    scores, threshold = finite(scores), finite(threshold).item()
    if scores.ndim != 1:
        raise ValueError(f"scores of shape {scores.shape}: give (n,), one run a base.")
    return proportion(scores < threshold, level)


def proportion(chosen, level: float = 0.95) -> Interval:
    """Part of independent runs of which something is true, with Wilson's interval.

    Args:
        chosen: (n,) of True and False.

    >>> str(proportion([True, True, True, False]))
    '+0.750 [+0.301, +0.954]'
    """
    from statsmodels.stats.proportion import proportion_confint

    check_settings(level)
    chosen = np.asarray(chosen)
    if chosen.dtype != bool or chosen.ndim != 1 or not len(chosen):
        raise ValueError(
            f"chosen of shape {chosen.shape} and type {chosen.dtype}: give True or False for each "
            "run, one at least."
        )
    n_chosen = int(chosen.sum())
    low, high = proportion_confint(n_chosen, len(chosen), alpha=1 - level, method="wilson")
    return Interval(n_chosen / len(chosen), float(low), float(high), level)


def check_settings(level: float = 0.95, n_resamples: int = 1) -> None:
    """Raise one clear error for a level or a number of resamples that makes no interval.

    Raises:
        ValueError: for a level that is not between 0 and 1, or fewer than 1 resample.
    """
    if not 0 < level < 1:
        raise ValueError(f"level={level}: choose a coverage between 0 and 1, such as 0.95.")
    if isinstance(n_resamples, bool) or n_resamples != int(n_resamples) or n_resamples < 1:
        raise ValueError(f"n_resamples={n_resamples}: choose 1 or more, such as 2000.")


def checked_scores(scores, n_axes: int) -> np.ndarray:
    """The scores as a float array; one clear error if no interval can come of them."""
    scores = np.asarray(scores, "float64")
    shape = {1: "(n,)", 2: "(n_bases, n_refits)"}[n_axes]
    if scores.ndim != n_axes:
        raise ValueError(f"scores of shape {scores.shape}: give an array {shape}.")
    finite(scores)
    if len(scores) < 2:
        unit = "run" if n_axes == 1 else "base"
        raise ValueError(f"1 {unit}: an interval needs 2 or more, since one shows no spread.")
    return scores


def finite(scores) -> np.ndarray:
    """The scores as a float array; one clear error if there are none, or some are no numbers.

    Raises:
        ValueError: says how many are NaN or infinite.
    """
    scores = np.asarray(scores, "float64")
    if not scores.size:
        raise ValueError("no scores: give at least one run.")
    n_bad = int((~np.isfinite(scores)).sum())
    if n_bad:
        raise ValueError(
            f"{n_bad} of {scores.size} scores are NaN or infinite: look at those runs."
        )
    return scores
