"""Bases and refits: the mixed model, resampled curves, how many bases, how long to a threshold."""

import warnings
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from . import statistics
from .statistics import Interval, Spread, check_settings

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

    A check of `statistics.spread` and of the two-level bootstrap by another way. The model is
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

    anova = statistics.spread(scores)
    check_settings(level)
    scores = np.asarray(scores, "float64")
    n_bases, mean = len(scores), float(scores.mean())
    if np.ptp(scores) < statistics.ROUNDING:
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


def n_bases_needed(difference: float, sd: float, power: float = 0.8, level: float = 0.95) -> int:
    """How many bases show a difference of two arms, if it is there.

    Args:
        difference: that must not be missed, above 0.
        sd: standard deviation of one base's paired difference (the mean over its refits), above 0.
        power: probability that the interval excludes 0 if the difference is there.
        level: of the interval.

    Returns:
        The smallest number, at least 2, for a two-sided t test on one difference a base.

    Raises:
        ValueError: for a number outside its range.

    >>> n_bases_needed(difference=0.01, sd=0.02)
    34
    """
    from statsmodels.stats.power import TTestPower

    check_settings(level)
    for name, value in (("difference", difference), ("sd", sd)):
        if not 0 < value < np.inf:
            raise ValueError(f"{name}={value}: give a number above 0, such as 0.01.")
    if not 1 - level < power < 1:
        raise ValueError(f"power={power}: choose one above {1 - level:.3g} and below 1.")
    effect, alpha, model = difference / sd, 1 - level, TTestPower()
    for n in range(2, 20):  # by hand, since the root finder fails for answers near 2
        reached = model.power(effect, n, alpha)  # NaN for some effects above 10: then 3 will do
        if reached >= power or (n > 2 and np.isnan(reached)):
            return n
    found = model.solve_power(effect_size=effect, alpha=alpha, power=power)
    return int(np.ceil(np.asarray(found).item() - 1e-6))


def resampled_means(curves, n_resamples: int = 2000, seed: int = 0, refits: bool = True):
    """Mean curves of bootstrap samples of whole runs: bases first, then refits within each.

    A run stays whole, so that what links its epochs stays. The draws depend on the seed and the
    design alone: two arms of one shape with one seed are resampled in pairs.

    Args:
        curves: (n_bases, n_refits, T); or (n_runs, T), where every run is a base of its own.
        n_resamples: 1 or more.
        seed: of the resampling.
        refits: whether refits are drawn anew within each drawn base. If not, a drawn base keeps
            its refits; the spread of their mean is then counted once, between bases, not twice.

    Returns:
        (n_resamples, T), float64.

    Source: Davison & Hinkley 1997, section 3.8, both of its strategies. Counts of draws times the
    curves: how often each run is drawn is multinomial.
    """
    curves = nested_curves(curves)
    check_settings(n_resamples=n_resamples)
    n_bases, n_refits, n_points = curves.shape
    rng = np.random.default_rng(seed)
    counts = rng.multinomial(n_bases, np.full(n_bases, 1 / n_bases), n_resamples)
    if not refits:
        return counts @ curves.mean(axis=1) / n_bases
    counts = rng.multinomial(counts * n_refits, np.full(n_refits, 1 / n_refits))
    counts = counts.reshape(n_resamples, -1)  # (n_resamples, n_bases * n_refits)
    return counts @ curves.reshape(-1, n_points) / counts.shape[1]


@dataclass(frozen=True)
class MedianTime:
    """Median time to a threshold, with its interval; infinite where it lies beyond the horizon.

    Attributes:
        median, low, high: in epochs; infinite if not reached by the horizon.
        n_reached, n: runs that reached the threshold, and all.
        horizon: the last epoch that was trained.
        level: coverage that the interval aims at.
    """

    median: float
    low: float
    high: float
    n_reached: int
    n: int
    horizon: float
    level: float

    def __str__(self) -> str:
        def words(epoch):
            return f"{epoch:g}" if np.isfinite(epoch) else f"not reached by epoch {self.horizon:g}"

        return (
            f"{words(self.median)} [{words(self.low)}, {words(self.high)}], "
            f"{self.n_reached} of {self.n} runs reached it"
        )


def median_time(times, horizon: float, level: float = 0.95) -> MedianTime:
    """Median time to a threshold of runs, some of which never reach it.

    Those are right-censored: all that is known is that they take longer than the horizon.

    Args:
        times: (n,), epochs, of independent runs; infinite for a run that did not reach the
            threshold. Enough runs for an interval of about that level: 6 for 0.95.
        horizon: the last epoch that was trained; no finite time may exceed it.

    Returns:
        `MedianTime`; the first epoch by which more than half of the runs are there.

    Source: Kaplan & Meier 1958; interval by Brookmeyer & Crowley 1982 on the log(-log) scale, as
    `statsmodels.duration.survfunc.SurvfuncRight` does it.

    >>> str(median_time([3, 4, 5, 6, 7, 8, 9], horizon=20))
    '6 [3, 8], 7 of 7 runs reached it'
    >>> str(median_time([3, 4, 5, *[np.inf] * 5], horizon=20))
    'not reached by epoch 20 [3, not reached by epoch 20], 3 of 8 runs reached it'
    """
    from statsmodels.duration.survfunc import SurvfuncRight

    check_settings(level)
    times = np.asarray(times, "float64")
    if times.ndim != 1:
        raise ValueError(f"times of shape {times.shape}: give (n,), one run a base.")
    if np.isnan(times).any() or (times < 0).any():
        n_bad = int((np.isnan(times) | (times < 0)).sum())
        raise ValueError(f"{n_bad} of {times.size} times are NaN or negative: look at those runs.")
    if not 0 < horizon < np.inf:
        raise ValueError(f"horizon={horizon}: give the last epoch that was trained.")
    reached = np.isfinite(times)
    if (times[reached] > horizon).any():
        raise ValueError(
            f"a time of {times[reached].max():g} is beyond horizon={horizon:g}: give the last "
            "epoch that was trained."
        )
    n_needed = int(np.ceil(np.log2(2 / (1 - level)) - 1e-9))  # 2 (1/2)^n must not exceed 1 - level
    if times.size < n_needed:
        raise ValueError(
            f"{times.size} runs: an interval for a median at level {level} needs {n_needed} or "
            "more."
        )
    survival = SurvfuncRight(np.where(reached, times, horizon), reached.astype(int))
    with np.errstate(divide="ignore", invalid="ignore"):  # a survival of 0 has no log(-log)
        low, high = survival.quantile_ci(0.5, alpha=1 - level)
    median = survival.quantile(0.5)
    median = np.inf if np.isnan(median) else float(median)
    if np.isnan(low):  # the survival curve jumps over every value that would be plausible
        low = high = median
    n_reached = int(reached.sum())
    return MedianTime(median, float(low), float(high), n_reached, times.size, horizon, level)


def nested_curves(curves) -> np.ndarray:
    """Curves as (n_bases, n_refits, T), finite; one clear error if they cannot be that."""
    curves = np.asarray(curves, "float64")
    if curves.ndim == 2:
        curves = curves[:, None]
    if curves.ndim != 3:
        raise ValueError(
            f"curves of shape {curves.shape}: give (n_bases, n_refits, T) or (n_runs, T)."
        )
    statistics.finite(curves)
    if len(curves) < 2:
        raise ValueError("1 base: an interval needs 2 or more, since one shows no spread.")
    return curves
