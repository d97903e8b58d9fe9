"""Is my number normal?  Where a learner's or a published number stands among recorded runs.

Lesson 04.  A number of its own can differ from the recorded ones because of another refit, another
base, or another test set; what none of them explains is likely to be a fault.

    value     the number in question, accuracy 0 to 1
    scores    recorded accuracies (n_bases, n_refits)
    n_test    rows that the number was measured on
"""

from dataclasses import dataclass

import numpy as np

from .nested import spread

CENTRAL = 0.95  # a number within the central part of a distribution needs no further cause
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
        n_bases, n_refits: recorded.
    """

    value: float
    below: float
    low: float
    high: float
    cause: str
    n_bases: int
    n_refits: int

    def __str__(self) -> str:
        runs = f"{self.n_bases} bases x {self.n_refits} refits"
        place = f"{self.value:.3f} is above {100 * self.below:.0f} % of the recorded runs ({runs})"
        return f"{place}; central 95 %: {self.low:.3f} to {self.high:.3f}. {_WORDS[self.cause]}"


_WORDS = {
    REFIT: "Normal: another refit of a typical base differs as much.",
    BASE: "Normal: another base differs as much, another refit does not.",
    TEST: "Unusual, but another base measured on another test set can differ as much.",
    FAULT: "Neither another base nor another test set explains it: look for a fault.",
}


def place(value: float, scores, n_test: int = 500) -> Place:
    """Put a number into the distribution of recorded runs, and say what would explain it.

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
    if not 0 <= value <= 1:
        raise ValueError(f"value={value}: an accuracy is a fraction, 0 to 1.")
    if isinstance(n_test, bool) or n_test != int(n_test) or n_test < 1:
        raise ValueError(f"n_test={n_test}: give the number of test rows, 1 or more.")
    scores = np.asarray(scores, "float64")
    parts = spread(scores)  # one clear error for too few runs
    runs, tail = scores.ravel(), (1 - CENTRAL) / 2
    low, high = np.quantile(runs, [tail, 1 - tail])
    # two refits of one base differ by sqrt(2) within-base deviations
    near = 1.96 * np.sqrt(2) * parts.within_base
    error = np.sqrt(runs * (1 - runs) / n_test)  # of each run on another test set
    is_near = abs(value - np.median(scores.mean(axis=1))) <= near
    if low <= value <= high:  # within a base the spread may be skewed: near alone is not enough
        cause = REFIT if is_near or not parts.between_bases else BASE
    elif (runs - 1.96 * error).min() <= value <= (runs + 1.96 * error).max():
        cause = TEST
    else:
        cause = FAULT
    below = float((runs < value).mean() + (runs == value).mean() / 2)
    return Place(float(value), below, float(low), float(high), cause, *scores.shape)
