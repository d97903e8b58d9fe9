"""How sure are we? Spread, intervals and comparisons of repeated runs.

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

    def verdict(self, above: float = 0.0) -> str:
        """Whether the quantity is above a value: "holds", "does not hold" or "undecided".

        It holds if the whole interval is above, does not hold if the whole interval is at or
        below, and is undecided in between.

        >>> Interval(0.03, 0.01, 0.05).verdict()
        'holds'
        >>> Interval(0.01, -0.01, 0.03).verdict()
        'undecided'
        """
        if self.low > above:
            return "holds"
        return "does not hold" if self.high <= above else "undecided"


class Spread(NamedTuple):
    """Standard deviations of nested scores; `mean` is of all scores.

    Attributes:
        between_bases: of the bases' true means: what another base model would change.
        within_base: of runs from one base: what another run from the same base would change.
    """

    mean: float
    between_bases: float
    within_base: float

    @property
    def between_fraction(self) -> float:
        """Part of the variance that lies between bases, 0 to 1 (the intraclass correlation)."""
        total = self.between_bases**2 + self.within_base**2
        return self.between_bases**2 / total if total else 0.0


def bootstrap_mean(scores, level: float = 0.95, n_resamples: int = 2000, seed: int = 0) -> Interval:
    """Interval for the mean of independent scores: SciPy's BCa bootstrap.

    Args:
        scores: (n,), two or more.
        seed: of the resampling.
    """
    from scipy import stats

    check_settings(level, n_resamples)
    scores = _scores(scores, 1)
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
        differences: (n,), two or more, such as arm minus control in each pair.

    Returns:
        The interval; without bounds if all differences are equal.

    >>> str(paired_t([0.01, 0.02, 0.03]))
    '+0.020 [-0.005, +0.045]'
    """
    from scipy import stats

    check_settings(level)
    differences = _scores(differences, 1)
    # a few equal values on a grid show no spread, not certainty; they may differ by rounding
    if np.ptp(differences) < ROUNDING:
        return Interval(float(differences[0]), -np.inf, np.inf, level)
    found = stats.ttest_1samp(differences, 0).confidence_interval(level)
    return Interval(float(differences.mean()), float(found.low), float(found.high), level)


def two_level_bootstrap(
    scores, level: float = 0.95, n_resamples: int = 2000, seed: int = 0
) -> Interval:
    """Interval for the mean of nested scores: resample bases first, then refits within each.

    Args:
        scores: (n_bases, n_refits), two bases or more; may be paired differences of two arms.
        seed: of the resampling.

    Raises:
        ValueError: for fewer than two bases: the spread between bases cannot be seen in one.

    Source: Davison & Hinkley 1997, section 3.8 (hierarchical data).
    """
    check_settings(level, n_resamples)
    scores = _scores(scores, 2)
    n_bases, n_refits = scores.shape
    rng = np.random.default_rng(seed)
    means = np.empty(n_resamples)
    for i in range(n_resamples):
        bases = rng.integers(n_bases, size=(n_bases, 1))
        refits = rng.integers(n_refits, size=(n_bases, n_refits))
        means[i] = scores[bases, refits].mean()
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(scores.mean()), float(low), float(high), level)


def spread(scores) -> Spread:
    """Split the spread of nested scores into between-base and within-base parts.

    Args:
        scores: (n_bases, n_refits), at least two of each.

    Source: analysis of variance, one random effect; a between part below zero is reported as 0.
    """
    scores = _scores(scores, 2)
    if scores.shape[1] < 2:
        raise ValueError("1 refit for each base: the within-base spread needs 2 or more.")
    within = scores.var(axis=1, ddof=1).mean()
    between = scores.mean(axis=1).var(ddof=1) - within / scores.shape[1]
    return Spread(float(scores.mean()), float(np.sqrt(max(between, 0))), float(np.sqrt(within)))


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


def probability_of_improvement(a, b) -> float:
    """P(A > B): how often a run of A beats a run of B, ties counted half; 0 to 1.

    Source: the Mann-Whitney statistic over the number of pairs.

    >>> probability_of_improvement([3, 4], [1, 2])
    1.0
    """
    from scipy import stats

    a, b = finite(a).ravel(), finite(b).ravel()
    return float(stats.mannwhitneyu(a, b).statistic / (len(a) * len(b)))


def interquartile_mean(scores) -> float:
    """Mean of the middle half of the scores: little moved by a few failed runs."""
    from scipy import stats

    return float(stats.trim_mean(finite(scores).ravel(), 0.25))


def tail_probability(scores, threshold: float, level: float = 0.95) -> Interval:
    """Part of independent runs (n,) below a threshold, with Wilson's interval for a proportion."""
    from statsmodels.stats.proportion import proportion_confint

    check_settings(level)
    scores, threshold = finite(scores), finite(threshold).item()
    if scores.ndim != 1:
        raise ValueError(f"scores of shape {scores.shape}: give (n,), one run a base.")
    n_below = int((scores < threshold).sum())
    low, high = proportion_confint(n_below, len(scores), alpha=1 - level, method="wilson")
    return Interval(n_below / len(scores), float(low), float(high), level)


def permutation_p(a, b, n_resamples: int = 9999, seed: int = 0) -> float:
    """Two-sided p of a difference in means of independent runs, by permutation (SciPy)."""
    from scipy import stats

    return float(
        stats.permutation_test(
            (finite(a).ravel(), finite(b).ravel()),
            lambda a, b, axis: a.mean(axis=axis) - b.mean(axis=axis),
            n_resamples=n_resamples,
            vectorized=True,
            rng=np.random.default_rng(seed),
        ).pvalue
    )


def nested_p(differences) -> float:
    """Two-sided p that a mean paired difference is zero, one value a base (Student's t).

    It is 1 where all are equal: as in `paired_t` they show no spread.

    Args:
        differences: (n_bases, n_refits), arm minus arm with the same base and seed.
    """
    from scipy import stats

    means = _scores(differences, 2).mean(axis=1)
    if np.ptp(means) < ROUNDING:
        return 1.0
    return float(stats.ttest_1samp(means, 0).pvalue)


def holm(p_values) -> np.ndarray:
    """Holm's adjustment of the p values of all comparisons that were declared beforehand.

    >>> holm([0.01, 0.04, 0.03]).round(2).tolist()
    [0.03, 0.06, 0.06]
    """
    from statsmodels.stats.multitest import multipletests

    p_values = finite(p_values)
    if p_values.ndim != 1 or (p_values < 0).any() or (p_values > 1).any():
        raise ValueError(f"p values {p_values.tolist()}: give a list of numbers from 0 to 1.")
    return multipletests(p_values, method="holm")[1]


def check_settings(level: float = 0.95, n_resamples: int = 1) -> None:
    """Raise one clear error for a level or a number of resamples that makes no interval.

    Raises:
        ValueError: for a level that is not between 0 and 1, or fewer than 1 resample.
    """
    if not 0 < level < 1:
        raise ValueError(f"level={level}: choose a coverage between 0 and 1, such as 0.95.")
    if isinstance(n_resamples, bool) or n_resamples != int(n_resamples) or n_resamples < 1:
        raise ValueError(f"n_resamples={n_resamples}: choose 1 or more, such as 2000.")


def _scores(scores, n_axes: int) -> np.ndarray:
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
