"""Nested designs: bases, and refits from each.  Spread, bootstrap, resampled curves."""

from typing import NamedTuple

import numpy as np

from ..checks import check_flag, check_whole, numbers
from .intervals import MOST_RESAMPLES, Interval, check_settings, checked_scores

FEWEST_BASES = 30  # of a two-level bootstrap; see there


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


def two_level_bootstrap(
    scores, level: float = 0.95, n_resamples: int = 2000, seed: int = 0
) -> Interval:
    """Interval for the mean of nested scores: resample bases first, then refits within each.

    Resampled means of few bases vary too little. In simulations where most of the variance lies
    between bases, nominal 95 % intervals held the truth in 79 to 85 % of the studies with 5 bases,
    88 to 92 % with 10, 90 to 94 % with 20, and 92 to 95 % with 30. So fewer than 30 are refused:
    there `paired_t` of the bases' means is right.

    Args:
        scores: (n_bases, n_refits), 30 bases or more; may be paired differences of two arms.
        level: of the interval.
        n_resamples, seed: of the resampling.

    Raises:
        ValueError: for fewer than 30 bases, scores of another shape, or NaN.

    Source: Davison & Hinkley 1997, section 3.8 (hierarchical data).
    """
    check_settings(level, n_resamples, seed)
    scores = checked_scores(scores, 2)
    if len(scores) < FEWEST_BASES:
        raise ValueError(
            f"scores of {len(scores)} bases: a two-level bootstrap takes {FEWEST_BASES} or more, "
            "since means of fewer vary too little; take paired_t(scores.mean(axis=1))."
        )
    means = resampled_means(scores[..., None], n_resamples, seed)[:, 0]
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return Interval.around(scores.mean(), low, high, level)


def spread(scores) -> Spread:
    """Split the spread of nested scores into between-base and within-base parts.

    Args:
        scores: (n_bases, n_refits), at least two of each.

    Raises:
        ValueError: for scores of another shape, one base, one refit, or NaN.

    Source: analysis of variance, one random effect; a between part below zero is reported as 0.
    """
    scores = checked_scores(scores, 2)
    if scores.shape[1] < 2:
        raise ValueError("scores of 1 refit for each base: the within-base spread needs 2 or more.")
    within = scores.var(axis=1, ddof=1).mean()
    between = scores.mean(axis=1).var(ddof=1) - within / scores.shape[1]
    return Spread(float(scores.mean()), float(np.sqrt(max(between, 0))), float(np.sqrt(within)))


def resampled_means(curves, n_resamples: int = 2000, seed: int = 0, refits: bool = True):
    """Mean curves of bootstrap samples of whole runs: bases first, then refits within each.

    A run stays whole, so that what links its epochs stays. The draws depend on the seed and the
    design alone: two arms of one shape with one seed are resampled alike, run pair by run pair.

    Args:
        curves: (n_bases, n_refits, T); or (n_runs, T), where every run is a base of its own.
        n_resamples: 1 or more.
        seed: of the resampling.
        refits: whether refits are drawn anew within each drawn base. If not, a drawn base keeps
            its refits; the spread of their mean is then counted once, between bases, not twice.

    Returns:
        (n_resamples, T), float64.

    Raises:
        ValueError: for curves of another shape, one base, NaN, or no resample.

    Source: Davison & Hinkley 1997, section 3.8, both of its strategies.
    """
    curves = nested_curves(curves)
    check_whole("n_resamples", n_resamples, 1, MOST_RESAMPLES)
    check_whole("seed", seed, 0)
    check_flag("refits", refits)
    if not refits:
        curves = curves.mean(axis=1, keepdims=True)
    n_bases, n_refits, n_points = curves.shape
    runs = curves.reshape(-1, n_points)
    means, rng = np.empty((n_resamples, n_points)), np.random.default_rng(seed)
    for mean in means:
        bases = rng.integers(n_bases, size=(n_bases, 1))
        drawn = bases * n_refits + rng.integers(n_refits, size=(n_bases, n_refits))
        mean[:] = np.bincount(drawn.ravel(), minlength=len(runs)) @ runs / len(runs)
    return means


def nested_curves(curves) -> np.ndarray:
    """Curves as (n_bases, n_refits, T), finite; one clear error if they cannot be that."""
    curves = numbers("curves", curves, ("n_bases", "n_refits", "T"), ("n_runs", "T"))
    if curves.ndim == 2:
        curves = curves[:, None]
    if len(curves) < 2:
        raise ValueError(
            "curves of 1 base: an interval needs 2 or more, since one shows no spread."
        )
    return curves
