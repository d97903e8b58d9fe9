"""Compare arms: how often one beats the other, p values, Holm, and how many bases it takes."""

import numpy as np

from ..checks import check_rate, check_whole, is_within, numbers, shown
from .intervals import MOST_RESAMPLES, check_settings, checked_scores
from .rounding import ROUNDING, part_below

MOST_BASES = 1_000_000  # nobody trains more
MOST_POWER = 0.9999
LARGEST_EFFECT = 100.0  # difference over its standard deviation; beyond, two bases show it
RUNS = ("n",), ("n_bases", "n_refits")  # shapes of scores where every run counts as one


def probability_of_improvement(a, b) -> float:
    """P(A > B): how often a run of A beats a run of B, ties counted half; 0 to 1.

    Runs that rounding alone parts are ties.

    Args:
        a, b: scores (n,) or (n_bases, n_refits), of any lengths; every run counts as one, since
            nothing is said of how sure the number is.

    Raises:
        ValueError: for scores of another shape, or NaN.

    Source: the Mann-Whitney statistic over the number of ways to take one run of each.

    >>> probability_of_improvement([3, 4], [1, 2])
    1.0
    """
    a, b = numbers("a", a, *RUNS).ravel(), numbers("b", b, *RUNS).ravel()
    return float(part_below(a, b).mean())


def interquartile_mean(scores) -> float:
    """Mean of the middle half of the scores: little moved by a few failed runs.

    Args:
        scores: (n,) or (n_bases, n_refits); every run counts as one.

    Raises:
        ValueError: for scores of another shape, or NaN.
    """
    from scipy import stats

    return float(stats.trim_mean(numbers("scores", scores, *RUNS).ravel(), 0.25))


def permutation_p(a, b, n_resamples: int = 9999, seed: int = 0) -> float:
    """Two-sided p of a difference in means of independent runs, by permutation (SciPy).

    Refits of one base are not independent: give one number per base, such as the mean of its
    refits, or take `nested_p` for paired arms.

    Args:
        a, b: scores (n,) and (m,), one independent run each, 2 or more.
        n_resamples: permutations; all of them where there are no more.
        seed: of the permutations.

    Returns:
        0 to 1. Means that rounding alone parts count as equal.

    Raises:
        ValueError: for nested scores, one run, or NaN.
    """
    from math import comb

    from scipy import stats

    check_whole("n_resamples", n_resamples, 1, MOST_RESAMPLES)
    check_whole("seed", seed, 0)
    a, b = checked_scores(a, 1, "a"), checked_scores(b, 1, "b")
    n = len(a) + len(b)
    found = stats.permutation_test(
        (a, b),
        lambda a, b, axis: a.mean(axis=axis) - b.mean(axis=axis),
        n_resamples=n_resamples,
        vectorized=True,
        batch=max(1, 1_000_000 // n),
        rng=np.random.default_rng(seed),
    )
    null, seen = found.null_distribution, found.statistic
    slack = ROUNDING * min(1.0, np.abs(np.concatenate([a, b])).max())
    own = int(len(null) < comb(n, len(a)))  # of random permutations, what was seen is one more
    sides = [(null <= seen + slack).sum(), (null >= seen - slack).sum()]
    return float(min(1.0, 2 * (min(sides) + own) / (len(null) + own)))


def nested_p(differences) -> float:
    """Two-sided p that a mean paired difference is zero, one value per base (Student's t).

    It is 1 where all are equal: as in `paired_t` they show no spread.

    Args:
        differences: (n_bases, n_refits), arm minus arm with the same base and seed.

    Raises:
        ValueError: for differences of another shape, one base, or NaN.
    """
    from scipy import stats

    means = checked_scores(differences, 2, "differences").mean(axis=1)
    if np.ptp(means) < ROUNDING:
        return 1.0
    error = means.std(ddof=1) / np.sqrt(len(means))
    return float(2 * stats.t.sf(abs(means.mean()) / error, len(means) - 1))


def holm(p_values) -> np.ndarray:
    """Holm's adjustment of the p values of all comparisons that were declared beforehand.

    Args:
        p_values: (n,), 0 to 1.

    Raises:
        ValueError: for anything else.

    >>> holm([0.01, 0.04, 0.03]).round(2).tolist()
    [0.03, 0.06, 0.06]
    """
    from statsmodels.stats.multitest import multipletests

    p_values = numbers("p_values", p_values, ("n",))
    if (p_values < 0).any() or (p_values > 1).any():
        raise ValueError(f"p values {shown(p_values.tolist())}: give numbers from 0 to 1.")
    return multipletests(p_values, method="holm")[1]


def n_bases_needed(difference: float, sd: float, power: float = 0.8, level: float = 0.95) -> int:
    """How many bases show a difference of two arms, if it is there.

    Args:
        difference: that must not be missed, above 0.
        sd: standard deviation of one base's paired difference (the mean over its refits), above 0.
        power: probability that the interval excludes 0 if the difference is there.
        level: of the interval.

    Returns:
        The smallest number, at least 2, for a two-sided t test on one difference per base.

    Raises:
        ValueError: for a number outside its range, or if a million bases do not do.

    >>> n_bases_needed(difference=0.01, sd=0.02)
    34
    """
    from scipy import stats
    from statsmodels.stats.power import TTestPower

    _check_power(power, level, difference=difference, sd=sd)
    effect, alpha, model = difference / sd, 1 - level, TTestPower()
    # for many bases the t distribution is the normal one
    roughly = ((stats.norm.ppf(1 - alpha / 2) + stats.norm.ppf(power)) / effect) ** 2
    if roughly > MOST_BASES:
        raise ValueError(
            f"difference={difference:g} beside sd={sd:g} takes about {roughly:.1g} bases: give a "
            "larger difference, one that matters."
        )
    effect = min(effect, LARGEST_EFFECT)
    for n in range(2, 20):  # by hand, since the root finder fails for answers near 2
        reached = model.power(effect, n, alpha)  # NaN for some effects above 10: then 3 will do
        if reached >= power or (n > 2 and np.isnan(reached)):
            return n
    found = model.solve_power(effect_size=effect, alpha=alpha, power=power)
    return int(np.ceil(np.asarray(found).item() - 1e-6))


def smallest_difference(n_bases: int, sd: float, power: float = 0.8, level: float = 0.95) -> float:
    """The smallest difference of two arms that so many bases show: what a design can decide.

    Args:
        n_bases: 3 or more.
        sd, power, level: as in `n_bases_needed`, whose inverse this is.

    Raises:
        ValueError: for a number outside its range.

    >>> round(smallest_difference(n_bases=34, sd=0.02), 4)
    0.0099
    """
    from statsmodels.stats.power import TTestPower

    check_whole("n_bases", n_bases, 3, MOST_BASES)
    _check_power(power, level, sd=sd)
    found = TTestPower().solve_power(nobs=n_bases, alpha=1 - level, power=power)
    return float(np.asarray(found).item() * sd)


def _check_power(power, level, **above_zero):
    """Raise one clear error for numbers that make no calculation of power."""
    check_settings(level)
    for name, value in above_zero.items():
        check_rate(name, value)
    if not is_within(power, 1 - level, MOST_POWER) or power == 1 - level:
        raise ValueError(
            f"power={shown(power)}: choose one above {1 - level:.3g}, {MOST_POWER} at most."
        )
