"""How sure are we? Intervals of repeated runs.

Scores are arrays: `(n,)` for independent runs, `(n_bases, n_refits)` where every row shares one
base model. Runs from one base resemble each other, so bases, not runs, are what an interval counts.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ..checks import LARGEST, check_number, check_whole, flags, is_within, numbers, shown
from .rounding import ROUNDING, is_above, is_below

LEVELS = 0.5, 0.9999  # of intervals: with a lower one they say less than a coin
MOST_RESAMPLES = 100_000


@dataclass(frozen=True)
class Interval:
    """An estimate with its interval.

    Attributes:
        estimate, low, high: in the unit of the scores; low and high may be infinite, where there
            are no bounds.
        level: coverage that the interval aims at, such as 0.95.

    Raises:
        ValueError: for what is no number, an estimate outside its bounds, or a level that is none.
    """

    estimate: float
    low: float
    high: float
    level: float = 0.95

    def __post_init__(self):
        check_number("estimate", self.estimate)
        for name, end, open_end in (("low", self.low, -np.inf), ("high", self.high, np.inf)):
            if isinstance(end, float | np.floating) and end == open_end:
                continue
            if not is_within(end, -LARGEST, LARGEST):
                raise ValueError(
                    f"{name}={shown(end)}: give a number, or {open_end} where there is no bound."
                )
        check_settings(self.level)
        if is_above(self.low, self.high):
            raise ValueError(
                f"an interval from low={self.low} to high={self.high}: low must not exceed high."
            )
        if is_below(self.estimate, self.low) or is_above(self.estimate, self.high):
            raise ValueError(
                f"an estimate of {self.estimate} outside its interval, low={self.low} to "
                f"high={self.high}: give three numbers that belong together."
            )

    @classmethod
    def around(cls, estimate, low, high, level: float = 0.95) -> "Interval":
        """An interval of resamples, widened to its estimate where all of it lies to one side."""
        estimate = float(estimate)
        return cls(estimate, min(float(low), estimate), max(float(high), estimate), level)

    def __str__(self) -> str:
        return format(self, "+.3f")

    def __format__(self, how: str) -> str:
        """The three numbers in one format, such as ".3f" for an accuracy; signed if none is given.

        >>> f"{Interval(0.66, 0.63, 0.69):.2f}"
        '0.66 [0.63, 0.69]'
        """
        how = how or "+.3f"
        return f"{self.estimate:{how}} [{self.low:{how}}, {self.high:{how}}]"

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
            ValueError: for a value that is no number, or a margin that is not above 0.

        >>> Interval(0.03, 0.01, 0.05).verdict()
        'holds'
        >>> Interval(0.002, -0.003, 0.007).verdict()
        'undecided'
        >>> Interval(0.002, -0.003, 0.007).verdict(margin=0.01)
        'practically equal'
        """
        check_number("above", above)
        if margin is not None:
            if not is_within(margin, 0, LARGEST) or margin == 0:
                raise ValueError(
                    f"margin={shown(margin)}: choose a number above 0 before you look at the "
                    "data, such as 0.01 for one point of accuracy, or leave it out."
                )
            if is_above(self.low, above - margin) and is_below(self.high, above + margin):
                return "practically equal"
        if is_above(self.low, above):
            return "holds"
        return "undecided" if is_above(self.high, above) else "does not hold"


def bootstrap_mean(scores, level: float = 0.95, n_resamples: int = 2000, seed: int = 0) -> Interval:
    """Interval for the mean of independent scores: SciPy's BCa bootstrap.

    Args:
        scores: (n,), two or more.
        level: of the interval.
        n_resamples: so many that some lie beyond each end: 40 or more at level 0.95.
        seed: of the resampling.

    Raises:
        ValueError: for scores of another shape, one score, NaN, or settings that make no interval.
    """
    from scipy import stats

    check_settings(level, n_resamples, seed)
    scores = checked_scores(scores, 1)
    if np.ptp(scores) < ROUNDING * max(np.abs(scores).max(), ROUNDING):
        return Interval(float(scores[0]), float(scores[0]), float(scores[0]), level)
    found = stats.bootstrap(
        (scores,),
        np.mean,
        confidence_level=level,
        n_resamples=n_resamples,
        rng=np.random.default_rng(seed),
    ).confidence_interval
    return Interval.around(scores.mean(), found.low, found.high, level)


def paired_t(differences, level: float = 0.95) -> Interval:
    """Interval for the mean of a few independent differences: Student's t.

    The bootstrap needs more than a handful; with two or three, only an assumption on the shape
    (here the normal distribution) gives an interval, and it is wide.

    Args:
        differences: (n,), two or more, paired: such as arm minus control in each run pair.

    Returns:
        The interval; without bounds if all differences are equal.

    Raises:
        ValueError: for differences of another shape, one difference, or NaN.

    >>> str(paired_t([0.01, 0.02, 0.03]))
    '+0.020 [-0.005, +0.045]'
    """
    from scipy import stats

    check_settings(level)
    differences = checked_scores(differences, 1, "differences")
    # a few equal values on a grid show no spread, not certainty; they may differ by rounding
    if np.ptp(differences) < ROUNDING:
        return Interval(float(differences[0]), -np.inf, np.inf, level)
    centre, n = float(differences.mean()), len(differences)
    margin = float(stats.t.ppf((1 + level) / 2, n - 1) * differences.std(ddof=1) / np.sqrt(n))
    return Interval(centre, centre - margin, centre + margin, level)


def one_more(scores, level: float = 0.95) -> Interval:
    """Where one more run of the same kind would fall: wider than the interval of the mean.

    Args:
        scores: (n,), two or more independent runs.

    Raises:
        ValueError: for fewer runs, or runs that are all equal: they show no spread.

    Source: the prediction interval of a normal sample, mean +- t s sqrt(1 + 1/n).

    >>> print(one_more([0.75, 0.76, 0.77]))
    +0.760 [+0.710, +0.810]
    """
    from scipy import stats

    check_settings(level)
    scores = checked_scores(scores, 1)
    if np.ptp(scores) < ROUNDING:
        raise ValueError(
            f"{len(scores)} equal runs show no spread: look whether they are the same."
        )
    n, centre = len(scores), float(scores.mean())
    margin = stats.t.ppf((1 + level) / 2, n - 1) * scores.std(ddof=1) * np.sqrt(1 + 1 / n)
    return Interval(centre, float(centre - margin), float(centre + margin), level)


class CurveSummary(NamedTuple):
    """A mean curve with its pointwise interval; arrays (n_epochs + 1,).

    Attributes:
        centre, low, high: in the unit of the curves.
        n: independent units that the interval counts.
        level: of the interval.
    """

    centre: np.ndarray
    low: np.ndarray
    high: np.ndarray
    n: int
    level: float = 0.95


def summarise_curves(curves, level: float = 0.95) -> CurveSummary:
    """Mean over runs at every epoch, with Student's t interval over independent units.

    Args:
        curves: (n_runs, n_epochs + 1), or (n_bases, n_refits, n_epochs + 1): then each base counts
            once, with the mean of its refits.

    Raises:
        ValueError: for curves of another shape, one run or base, or NaN.
    """
    from scipy import stats

    check_settings(level)
    axes = ("n_runs", "n_epochs + 1"), ("n_bases", "n_refits", "n_epochs + 1")
    curves = numbers("curves", curves, *axes)
    if curves.ndim == 3:
        curves = curves.mean(axis=1)
    if len(curves) < 2:
        raise ValueError(
            f"curves of shape {curves.shape}: give (n_runs, n_epochs + 1) with 2 or more runs, or "
            "(n_bases, n_refits, n_epochs + 1) with 2 or more bases."
        )
    n, centre = len(curves), curves.mean(axis=0)
    margin = stats.t.ppf((1 + level) / 2, n - 1) * curves.std(axis=0, ddof=1) / np.sqrt(n)
    return CurveSummary(centre, centre - margin, centre + margin, n, level)


def tail_probability(scores, threshold: float, level: float = 0.95) -> Interval:
    """Part of independent runs below a threshold, with Wilson's interval for a proportion.

    A run that is at the threshold, as far as single precision lets see, is not below it.

    Args:
        scores: (n,), one run a base.
        threshold: in the unit of the scores.

    Raises:
        ValueError: for scores of another shape, or NaN.

    >>> str(tail_probability(np.float32([0.5, 0.7, 0.9]), 0.7))
    '+0.333 [+0.061, +0.792]'
    """
    check_number("threshold", threshold)
    return proportion(is_below(numbers("scores", scores, ("n",)), threshold), level)


def proportion(chosen, level: float = 0.95) -> Interval:
    """Part of independent runs of which something is true, with Wilson's interval.

    Args:
        chosen: (n,) of True and False.

    Raises:
        ValueError: for anything else.

    >>> str(proportion([True, True, True, False]))
    '+0.750 [+0.301, +0.954]'
    """
    from statsmodels.stats.proportion import proportion_confint

    check_settings(level)
    chosen = flags("chosen", chosen)
    n_chosen = int(chosen.sum())
    low, high = proportion_confint(n_chosen, len(chosen), alpha=1 - level, method="wilson")
    return Interval.around(n_chosen / len(chosen), low, high, level)


def check_settings(level: float = 0.95, n_resamples: int = 2000, seed: int = 0) -> None:
    """Raise one clear error for a level or a way of resampling that makes no interval.

    Args:
        level: 0.5 to 0.9999.
        n_resamples: so many that one at least is expected beyond each end of the interval.
        seed: a whole number, 0 or more.

    Raises:
        ValueError: which names the value and what is allowed.
    """
    low, high = LEVELS
    if not is_within(level, low, high):
        raise ValueError(
            f"level={shown(level)}: choose a coverage from {low} to {high}, such as 0.95."
        )
    check_whole("n_resamples", n_resamples, 1, MOST_RESAMPLES)
    fewest = int(np.ceil(2 / (1 - level) - 1e-6))
    if n_resamples < fewest:
        raise ValueError(
            f"n_resamples={n_resamples}: an interval of level {level:g} needs {fewest} or more, "
            "such as 2000."
        )
    check_whole("seed", seed, 0)


def checked_scores(scores, n_axes: int, name: str = "scores") -> np.ndarray:
    """The scores as a float array; one clear error if no interval can come of them."""
    axes = {1: ("n",), 2: ("n_bases", "n_refits")}[n_axes]
    scores = numbers(name, scores, axes)
    if len(scores) < 2:
        unit = "run" if n_axes == 1 else "base"
        raise ValueError(
            f"{name} of 1 {unit}: an interval needs 2 or more, since one shows no spread."
        )
    return scores
