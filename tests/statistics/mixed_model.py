"""A mixed model of nested scores, by statsmodels: an oracle for the analysis of variance."""

import warnings
from typing import NamedTuple

import numpy as np

from lib.statistics.intervals import ROUNDING, Interval, check_settings
from lib.statistics.nested import Spread, spread

POINTS = 100  # accuracy is modelled in points: the optimiser works best on numbers near 1


class Mixed(NamedTuple):
    """What a mixed model says of nested scores.

    Attributes:
        spread: mean, and standard deviations between bases and within a base.
        interval: for the mean over all bases that might have been trained.
        at_boundary: whether the estimate between bases is 0, its smallest possible value.
    """

    spread: Spread
    interval: Interval
    at_boundary: bool


def mixed_model(scores, level: float = 0.95) -> Mixed:
    """Mean and spread of nested scores by restricted maximum likelihood: a random base effect.

    A check of `spread` and of intervals over bases by another way. The model is
    `statsmodels`' MixedLM, its standard error goes with Student's t of n_bases - 1 degrees of
    freedom. Where base means differ no more than refits alone would make them, the likelihood is
    largest at a between-base spread of 0. MixedLM fails there; what is left then is the model
    without the base effect (OLS), and `at_boundary` says so.

    Args:
        scores: (n_bases, n_refits), at least two of each.

    Returns:
        `Mixed`, in the unit of the scores; an interval without bounds if all scores are equal.

    Raises:
        ValueError: for fewer than two bases or refits.
        RuntimeError: if no optimiser of statsmodels converges.

    >>> found = mixed_model([[0.0, 0.2], [0.4, 0.6]])
    >>> f"{found.spread.between_bases:.4f} {found.spread.within_base:.4f}"
    '0.2646 0.1414'
    """
    from scipy import stats
    from statsmodels.regression.linear_model import OLS

    anova = spread(scores)
    check_settings(level)
    scores = np.asarray(scores, "float64")
    n_bases, mean = len(scores), float(scores.mean())
    if np.ptp(scores) < ROUNDING:
        return Mixed(Spread(mean, 0.0, 0.0), Interval(mean, -np.inf, np.inf, level), True)
    at_boundary = anova.between_bases == 0
    values, ones = POINTS * (scores - mean).ravel(), np.ones((scores.size, 1))
    if at_boundary:
        fitted = OLS(values, ones).fit()
        error, found = fitted.bse[0], (0.0, np.sqrt(fitted.scale))
    else:
        fitted = _fit_mixed(values, ones, np.repeat(np.arange(n_bases), scores.shape[1]))
        error, found = fitted.bse_fe[0], np.sqrt([fitted.cov_re[0, 0], fitted.scale])
    margin = float(stats.t.ppf((1 + level) / 2, n_bases - 1) * error) / POINTS
    between, within = (float(one) / POINTS for one in found)
    interval = Interval(mean, mean - margin, mean + margin, level)
    return Mixed(Spread(mean, between, within), interval, bool(at_boundary))


def _fit_mixed(values, ones, groups):
    """Fit a random intercept with statsmodels, from the library's own starting point."""
    from statsmodels.regression.mixed_linear_model import MixedLM

    for method in ("nm", "powell"):  # gradient methods often stop far from the optimum here
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # `converged` says it, and the next one is tried
            fitted = MixedLM(values, ones, groups).fit(reml=True, method=[method])
        if fitted.converged and np.isfinite(fitted.bse_fe).all():
            return fitted
    raise RuntimeError("the mixed model did not converge: look at the scores for outliers.")
