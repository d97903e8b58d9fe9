"""Two arms on shared test photographs: an interval that counts run pairs *and* photographs.

A run pair is a base, a start and training data, drawn together; both arms are trained in it. Other
run pairs would give another difference, and so would other test photographs. Lessons 08 and 11.

    a, b   right answers of two arms, 0 or 1, (n_pairs, n_photographs)
    d      a - b: -1, 0 or 1
    MS     mean squares of d: by pair, by photograph, and of what is left

Which design needs which interval stands in `crossed`; `planning` says how much of each it takes.
"""

from dataclasses import dataclass

import numpy as np

from ..checks import check_whole
from .intervals import Interval, check_settings

FEWEST_PAIRS = 3  # with two there is one degree of freedom, and the interval says nothing
MOST_PHOTOGRAPHS = 10**9
FEWEST_PHOTOGRAPHS = 30  # of fewer, means of 0 and 1 are too coarse for Student's t


@dataclass(frozen=True)
class Components:
    """Where differences between two arms come from; standard deviations, in accuracy.

    Attributes:
        pairs: of run pairs' true means: what another base, start and training data would change.
        photographs: of photographs' true means: which arm a photograph suits, in all run pairs.
        rest: of one run pair on one photograph, beyond both.
    """

    pairs: float
    photographs: float
    rest: float

    def variance(self, n_pairs: int, n_photographs: int, shared: bool = True) -> float:
        """Variance of the mean difference in a design.

        Args:
            n_pairs: run pairs.
            n_photographs: test photographs: all of them if shared, else those of one run pair.
            shared: whether run pairs share their test photographs, or have disjoint ones.
        """
        n = n_pairs * n_photographs
        drawn = n_photographs if shared else n
        return self.pairs**2 / n_pairs + self.photographs**2 / drawn + self.rest**2 / n


@dataclass(frozen=True)
class Crossed:
    """A mean difference of two arms over run pairs and shared test photographs.

    Attributes:
        interval: arm minus arm, in accuracy.
        components: of its spread.
        degrees_of_freedom: of the interval (Satterthwaite).
        n_pairs, n_photographs: counted.
    """

    interval: Interval
    components: Components
    degrees_of_freedom: float
    n_pairs: int
    n_photographs: int

    @property
    def photograph_fraction(self) -> float:
        """Part of the variance of the mean that is due to the choice of photographs, 0 to 1.

        What a t interval over run pairs that share their photographs leaves out.
        """
        whole = self.components.variance(self.n_pairs, self.n_photographs)
        return self.components.photographs**2 / self.n_photographs / whole if whole else 0.0

    def __str__(self) -> str:
        return f"{self.interval} ({self.n_pairs} run pairs x {self.n_photographs:,} photographs)"


def crossed(a, b, n_photographs: int | None = None, level: float = 0.95) -> Crossed:
    """Interval for the mean difference of two arms whose run pairs share their test photographs.

    Which interval a design needs:

    - Each run pair has test photographs of its own (disjoint): one difference per run pair, and
      `paired_t`. The run pairs are then independent, photographs and all, and a plain t counts
      every source of error.
    - Run pairs share test photographs: this one. A plain t over run pairs leaves out that other
      photographs would give another mean; photographs are then often the larger source of error.

    Run pairs are counted as a sample of bases, starts and training data, photographs as a sample
    of what may come. What *all* run pairs share besides (a source set, a training set), the
    interval takes as given.

    It is Student's t with the variance of the mean from two-way crossed random effects,
    (MS_pairs + MS_photographs - MS_rest) / n, no less than what either source gives alone, and
    Satterthwaite's degrees of freedom. The variance counts one photograph more in favour of each
    arm: then a difference of a few photographs is no finding, just as in an exact sign test.

    Args:
        a, b: right answers of the two arms, 0 or 1 (or False and True), (n_pairs, n_photographs):
            at least 3 run pairs and 30 photographs. Paired: the same place is the same run pair,
            and the same photograph. With `n_photographs`: the same packed by `numpy.packbits`
            along the last axis, uint8 (n_pairs, ceil(n_photographs / 8)).
        n_photographs: of packed answers; None if they are not packed.
        level: of the interval.

    Returns:
        `Crossed`.

    Raises:
        ValueError: for arms of different shape, too few run pairs or photographs, missing cells,
            values besides 0 and 1, identical networks.

    Source: Searle, Casella and McCulloch 1992, chapter 4 (two-way crossed random effects);
    Satterthwaite 1946; Agresti and Min 2005 (one photograph more for each arm).

    >>> a = [[1, 1, 0, 1] * 20, [1, 0, 1, 1] * 20, [1, 1, 1, 0] * 20]
    >>> b = [[1, 0, 0, 1] * 20, [1, 0, 1, 0] * 20, [0, 1, 1, 0] * 20]
    >>> print(crossed(a, b))
    +0.250 [+0.195, +0.305] (3 run pairs x 80 photographs)
    """
    from scipy import stats

    check_settings(level)
    difference = _checked(a, b, n_photographs)
    by_pair, by_photograph, rest = squares = mean_squares(difference)
    n_pairs, n = difference.shape
    freedom = n_pairs - 1, n - 1, (n_pairs - 1) * (n - 1)
    # a component that comes out below zero is none
    total = max(by_pair + by_photograph - rest, by_pair, by_photograph)
    variance = total / difference.size + 2 / n**2
    df = satterthwaite(squares, freedom)
    margin = stats.t.ppf((1 + level) / 2, df) * np.sqrt(variance)
    mean = difference.mean()
    interval = Interval(*map(float, (mean, mean - margin, mean + margin)), level)
    components = Components(
        pairs=float(np.sqrt(max(by_pair - rest, 0) / n)),
        photographs=float(np.sqrt(max(by_photograph - rest, 0) / n_pairs)),
        rest=float(np.sqrt(rest)),
    )
    return Crossed(interval, components, float(df), n_pairs, n)


def mean_squares(difference) -> tuple[float, float, float]:
    """Mean squares by pair, by photograph and of the rest, of differences (n_pairs, n_photographs).

    Source: the two-way analysis of variance with one value per cell.
    """
    n_pairs, n = difference.shape
    mean = difference.mean()
    pairs = difference.mean(axis=1) - mean
    photographs = difference.mean(axis=0) - mean
    whole = ((difference - mean) ** 2).sum()
    by_pair, by_photograph = n * pairs @ pairs, n_pairs * photographs @ photographs
    rest = max(whole - by_pair - by_photograph, 0.0)
    return (
        float(by_pair / (n_pairs - 1)),
        float(by_photograph / (n - 1)),
        float(rest / ((n_pairs - 1) * (n - 1))),
    )


def satterthwaite(squares, freedom) -> float:
    """Degrees of freedom of MS_pairs + MS_photographs - MS_rest; no fewer than its pairs have.

    Args:
        squares: the three mean squares.
        freedom: degrees of freedom of each.

    Source: Satterthwaite 1946; Gaylor and Hopper 1969 (where one is subtracted).
    """
    by_pair, by_photograph, rest = squares
    total = max(by_pair + by_photograph - rest, by_pair, by_photograph)
    spread = sum(one**2 / df for one, df in zip(squares, freedom, strict=True))
    return float(max(total**2 / spread, min(freedom))) if spread else float(min(freedom))


def _checked(a, b, n_photographs):
    """a - b, float64 (n_pairs, n_photographs); one clear error if no interval can come of them."""
    a, b = (_answers(name, one, n_photographs) for name, one in (("a", a), ("b", b)))
    if a.shape != b.shape:
        raise ValueError(
            f"a has shape {a.shape}, b {b.shape}: give both arms the same run pairs and the same "
            "photographs, in the same order."
        )
    n_pairs, n = a.shape
    if n_pairs < FEWEST_PAIRS:
        raise ValueError(
            f"{n_pairs} run pair{'s' * (n_pairs != 1)}: an interval needs {FEWEST_PAIRS} or more, "
            "each with a base and a start of its own."
        )
    if n < FEWEST_PHOTOGRAPHS:
        raise ValueError(
            f"{n} test photograph{'s' * (n != 1)}: an interval over photographs needs "
            f"{FEWEST_PHOTOGRAPHS} or more."
        )
    if (a == b).all():
        raise ValueError(
            "identical networks: both arms answer alike on every photograph of every run pair, so "
            "there is no difference to put an interval around. Compare arms that differ."
        )
    twins = _twins(np.hstack([a, b]))
    if twins:
        raise ValueError(
            f"identical networks: run pairs {twins[0]} and {twins[1]} answer alike on every "
            "photograph in both arms, so they are one run pair counted twice. Give each run pair a "
            "base and a start of its own."
        )
    return a - b


def _answers(name, values, n_photographs):
    """Right answers of one arm as float64; one clear error if they are none."""
    shape = "(n_pairs, n_photographs)"
    if n_photographs is not None:
        values = _unpacked(name, values, n_photographs)
    try:
        missing = np.ma.getmaskarray(values) if np.ma.isMaskedArray(values) else False
        values = np.asarray(values)
        if values.dtype.kind not in "biuf":
            raise ValueError
        values = values.astype("float64")
    except (TypeError, ValueError):
        raise ValueError(
            f"{name} is no table of numbers: give {shape}, with every run pair measured on every "
            "photograph."
        ) from None
    if values.ndim != 2 or not values.size:
        raise ValueError(f"{name} of shape {values.shape}: give {shape}, of 0 and 1.")
    missing = np.isnan(values) | missing
    if missing.any():
        rows = np.flatnonzero(missing.any(axis=1)).tolist()
        raise ValueError(
            f"{missing.sum()} of {missing.size} cells of {name} are missing, in run pairs "
            f"{', '.join(map(str, rows[:5]))}{', ...' * (len(rows) > 5)}: finish those runs, or "
            "leave these run pairs out of both arms."
        )
    wrong = values[(values != 0) & (values != 1)]
    if wrong.size:
        raise ValueError(
            f"{name} holds {wrong[0]:g}: give 1 for a right answer and 0 for a wrong one; packed "
            "answers need n_photographs."
        )
    return values


def _unpacked(name, values, n_photographs):
    """Packed answers, unpacked; one clear error if they are not packed, or not so many."""
    check_whole("n_photographs", n_photographs, 1, MOST_PHOTOGRAPHS)
    values = values if isinstance(values, np.ndarray) else np.empty((), object)
    width = -(-int(n_photographs) // 8)
    if values.dtype != np.uint8 or values.ndim != 2 or values.shape[1] != width:
        raise ValueError(
            f"{name} of shape {values.shape} and type {values.dtype}: {n_photographs} packed "
            f"answers are uint8 (n_pairs, {width}), from numpy.packbits(answers, axis=1)."
        )
    return np.unpackbits(values, axis=1, count=int(n_photographs))


def _twins(answers):
    """The first two rows that are equal, or None; rows of all 0 or all 1 say nothing."""
    seen = {}
    for i, row in enumerate(answers):
        if row.min() < row.max() and (first := seen.setdefault(row.tobytes(), i)) != i:
            return first, i
    return None
