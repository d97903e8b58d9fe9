"""Compare arms: how often one beats the other, p values, Holm, and how many bases it takes."""

import numpy as np

from .intervals import ROUNDING, check_settings, checked_scores, finite


def probability_of_improvement(a, b) -> float:
    """P(A > B): how often a run of A beats a run of B, ties counted half; 0 to 1.

    Source: the Mann-Whitney statistic over the number of ways to take one run of each.

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
    """Two-sided p that a mean paired difference is zero, one value per base (Student's t).

    It is 1 where all are equal: as in `paired_t` they show no spread.

    Args:
        differences: (n_bases, n_refits), arm minus arm with the same base and seed.
    """
    from scipy import stats

    means = checked_scores(differences, 2).mean(axis=1)
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
        ValueError: for a number outside its range.

    >>> n_bases_needed(difference=0.01, sd=0.02)
    34
    """
    from statsmodels.stats.power import TTestPower

    _check_power(power, level, difference=difference, sd=sd)
    effect, alpha, model = difference / sd, 1 - level, TTestPower()
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

    if isinstance(n_bases, bool) or n_bases != int(n_bases) or n_bases < 3:
        raise ValueError(f"n_bases={n_bases}: so few show nothing, so give a whole number from 3.")
    _check_power(power, level, sd=sd)
    found = TTestPower().solve_power(nobs=n_bases, alpha=1 - level, power=power)
    return float(np.asarray(found).item() * sd)


def _check_power(power, level, **above_zero):
    """Raise one clear error for numbers that make no calculation of power."""
    check_settings(level)
    for name, value in above_zero.items():
        if not 0 < value < np.inf:
            raise ValueError(f"{name}={value}: give a number above 0, such as 0.01.")
    if not 1 - level < power < 1:
        raise ValueError(f"power={power}: choose one above {1 - level:.3g} and below 1.")
