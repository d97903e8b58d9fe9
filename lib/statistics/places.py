"""Is my number normal?  Where a learner's or a published number stands among recorded runs.

Lesson 04.  A number of its own can differ from the recorded ones because of another refit, another
base, or another test set; what none of them explains is likely to be a fault.

    value     the number in question, accuracy 0 to 1
    scores    recorded accuracies (n_bases, n_refits)
    n_test    rows that the number was measured on
    typical   the median over bases of the mean of a base's refits
    near      two refits of one base differ by so much at most, in 95 % of the recorded pairs
"""

from dataclasses import dataclass

import numpy as np

from ..checks import check_whole, is_within, shown
from .nested import spread
from .rounding import ROUNDING, has_reached, is_above, is_below, part_below

MOST_ROWS = 10**9
CENTRAL = 0.95  # a number within the central part of a distribution is usual
REFIT, BASE, TEST, FAULT = "another refit", "another base", "another test set", "a likely fault"


@dataclass(frozen=True)
class Place:
    """Where a number stands.

    Attributes:
        value: the number.
        below: part of the recorded runs below it, ties counted half, 0 to 1.
        low, high: the central 95 % of the recorded runs.
        cause: the smallest cause that explains the number: one of "another refit", "another base",
            "another test set", "a likely fault".
        typical: what the typical base reaches: the median over bases.
        near: how far from it another refit explains a number: two refits of one base differ by
            so much at most, in 95 % of the pairs.
        n_bases, n_refits: recorded.
    """

    value: float
    below: float
    low: float
    high: float
    cause: str
    typical: float
    near: float
    n_bases: int
    n_refits: int

    def __str__(self) -> str:
        runs = f"{self.n_bases} bases x {self.n_refits} refits"
        outside = is_below(self.value, self.low) or is_above(self.value, self.high)
        rare = self.cause in (REFIT, BASE) and outside
        return (
            f"{self.value:.3f} is above {100 * self.below:.0f} % of the recorded runs ({runs}); "
            f"central 95 %: {self.low:.3f} to {self.high:.3f}. It lies "
            f"{abs(self.value - self.typical):.3f} from the typical base ({self.typical:.3f}); two "
            f"refits of one base differ by up to {self.near:.3f} (95 % of pairs). "
            + (f"Rare, but recorded: {self.cause} goes as far." if rare else _WORDS[self.cause])
        )


_WORDS = {
    REFIT: "Normal: another refit differs as much.",
    BASE: "Normal: another base differs as much, another refit rarely does.",
    TEST: "Unusual: no recorded run lies there, but on another test set one of them could.",
    FAULT: "Neither another base nor another test set explains it: look for a fault.",
}


def place(value: float, scores, n_test: int = 500) -> Place:
    """Put a number into the distribution of recorded runs, and say what would explain it.

    The first of these that is true names the cause:

    - *another refit*: within the range of the recorded runs, and as near to the typical base as two
      refits of one base are to each other in 95 % of the pairs (or bases do not differ more than
      refits do, F test at 5 %: as where no base is loaded);
    - *another base*: within the range of the recorded runs;
    - *another test set*: a recorded run could lie there on other test rows;
    - *a likely fault*: none of these.

    Args:
        value: accuracy, 0 to 1, of one run.
        scores: recorded accuracies (n_bases, n_refits), two bases and two refits or more.
        n_test: test rows that the number was measured on, 1 or more; their sampling error is
            binomial.

    Raises:
        ValueError: for a number that is no accuracy, or too few recorded runs.

    >>> rng = np.random.default_rng(0)
    >>> scores = rng.normal(0.8, 0.05, (100, 1)) + rng.normal(0, 0.005, (100, 2))
    >>> place(0.75, scores).cause, place(0.3, scores).cause
    ('another base', 'a likely fault')
    """
    if not is_within(value, 0, 1):
        raise ValueError(f"value={shown(value)}: an accuracy is a fraction, 0 to 1.")
    check_whole("n_test", n_test, 1, MOST_ROWS)
    parts = spread(scores)  # one clear error for too few runs
    scores = np.asarray(scores, "float64")
    if scores.min() < 0 or scores.max() > 1:
        raise ValueError(
            f"scores from {scores.min():g} to {scores.max():g}: accuracies are fractions, 0 to 1."
        )
    runs, tail = scores.ravel(), (1 - CENTRAL) / 2
    low, high = np.quantile(runs, [tail, 1 - tail])
    # of pairs, not from a standard deviation, which a few wild bases inflate for all others
    one, other = np.triu_indices(scores.shape[1], 1)
    near = float(np.quantile(abs(scores[:, one] - scores[:, other]), CENTRAL))
    typical = float(np.median(scores.mean(axis=1)))
    error = np.sqrt(runs * (1 - runs) / n_test)  # of each run on another test set
    if has_reached(value, runs.min()) and not is_above(value, runs.max()):
        is_near = abs(value - typical) <= near + ROUNDING
        cause = REFIT if is_near or not _bases_differ(parts, *scores.shape) else BASE
    elif (runs - 1.96 * error).min() <= value <= (runs + 1.96 * error).max():
        cause = TEST
    else:
        cause = FAULT
    below = float(part_below(value, runs))
    ends = float(low), float(high)
    return Place(float(value), below, *ends, cause, typical, near, *scores.shape)


def _bases_differ(parts, n_bases, n_refits) -> bool:
    """Whether bases differ more than their refits let expect: F test at 5 %."""
    from scipy import stats

    limit = stats.f.ppf(0.95, n_bases - 1, n_bases * (n_refits - 1))
    return n_refits * parts.between_bases**2 > (limit - 1) * parts.within_base**2
