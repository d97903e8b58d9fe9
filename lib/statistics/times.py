"""How long to a threshold, when some runs never reach it."""

from dataclasses import dataclass

import numpy as np

from ..checks import check_rate, numbers
from .intervals import check_settings
from .rounding import ROUNDING, is_above


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
        level: of the interval.

    Returns:
        `MedianTime`; the first epoch by which half of the runs or more are there.

    Raises:
        ValueError: for times of another shape, NaN, negative or beyond the horizon, or too few.

    Source: Kaplan & Meier 1958; interval by Brookmeyer & Crowley 1982 on the log(-log) scale, as
    `statsmodels.duration.survfunc.SurvfuncRight` does it.

    >>> str(median_time([3, 4, 5, 6, 7, 8, 9], horizon=20))
    '6 [3, 8], 7 of 7 runs reached it'
    >>> str(median_time([3, 4, 5, *[np.inf] * 5], horizon=20))
    'not reached by epoch 20 [3, not reached by epoch 20], 3 of 8 runs reached it'
    """
    from statsmodels.duration.survfunc import SurvfuncRight

    check_settings(level)
    times = numbers("times", times, ("n",), infinite=True)
    if (times < 0).any():
        n_bad = int((times < 0).sum())
        raise ValueError(f"{n_bad} of {times.size} times are negative: look at those runs.")
    check_rate("horizon", horizon)
    reached = np.isfinite(times)
    if is_above(np.where(reached, times, 0), horizon).any():
        raise ValueError(
            f"a time of {times[reached].max():g} is beyond horizon={horizon:g}: give the last "
            "epoch that was trained."
        )
    n_needed = int(np.ceil(np.log2(2 / (1 - level)) - 1e-9))  # 2 (1/2)^n must not exceed 1 - level
    if times.size < n_needed:
        raise ValueError(
            f"times of {times.size} runs: an interval for a median at level {level:g} needs "
            f"{n_needed} or more."
        )
    survival = SurvfuncRight(np.where(reached, times, horizon), reached.astype(int))
    with np.errstate(divide="ignore", invalid="ignore"):  # a survival of 0 has no log(-log)
        low, high = survival.quantile_ci(0.5, alpha=1 - level)
    half = survival.surv_times[survival.surv_prob <= 0.5 + ROUNDING]  # a product, so it rounds
    median = float(half[0]) if half.size else np.inf
    if np.isnan(low):  # the survival curve jumps over every value that would be plausible
        low = high = median
    n_reached = int(reached.sum())
    return MedianTime(median, float(low), float(high), n_reached, times.size, horizon, level)
