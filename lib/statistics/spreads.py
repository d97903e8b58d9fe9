"""Which of two arms is more stable?  The ratio of two spreads, with an interval over bases."""

import numpy as np

from ..checks import numbers
from .intervals import Interval, check_settings
from .nested import spread

FEWEST_BASES = 20


def ratio_of_spreads(a, b, level: float = 0.95, n_resamples: int = 2000, seed: int = 0) -> Interval:
    """Standard deviation of arm A over that of arm B, over all runs: below 1, A is more stable.

    Both sides are the same statistic of nested scores: the deviation of one run from a new base,
    which counts the spread between bases and within them. Bases are resampled, in both arms the
    same ones (SciPy's BCa bootstrap).

    Args:
        a, b: scores (n_bases, n_refits) of the same bases and seeds; 20 bases or more, since fewer
            say too little of a spread.
        level: of the interval.
        n_resamples, seed: of the resampling.

    Returns:
        An interval for the ratio; ask `.verdict(1.0)`: "does not hold" means at or below 1.

    Raises:
        ValueError: for too few bases, arms that are not paired, or an arm without spread.

    >>> rng = np.random.default_rng(0)
    >>> narrow, wide = rng.normal(0.8, 0.01, (40, 2)), rng.normal(0.8, 0.03, (40, 2))
    >>> ratio_of_spreads(narrow, wide).high < 1
    True
    """
    from scipy import stats

    check_settings(level, n_resamples, seed)
    a, b = (numbers("scores", arm, ("n_bases", "n_refits")) for arm in (a, b))
    if a.shape != b.shape:
        raise ValueError(f"scores of shape {a.shape} and {b.shape}: give the same bases of both.")
    for scores in (a, b):
        if spread(scores)[1:] == (0.0, 0.0):
            raise ValueError(
                "scores of an arm whose runs are all equal: it has no spread to compare."
            )
    if len(a) < FEWEST_BASES:
        raise ValueError(
            f"scores of {len(a)} bases: a ratio of spreads needs {FEWEST_BASES} or more."
        )

    def log_ratio(chosen):
        return np.log(a[chosen].std() / b[chosen].std())

    found = stats.bootstrap(
        (np.arange(len(a)),),
        log_ratio,
        vectorized=False,
        n_resamples=n_resamples,
        confidence_level=level,
        rng=np.random.default_rng(seed),
    ).confidence_interval
    estimate, low, high = np.exp([log_ratio(np.arange(len(a))), found.low, found.high])
    return Interval.around(estimate, low, high, level)
