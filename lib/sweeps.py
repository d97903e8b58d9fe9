"""Where does transfer help? Sweeps over target rows and relatedness, and what is read from them.

The unit that every interval counts is the pair: a source and a target, with base models of its own.
Base models of one blobs pair are averaged before anything is compared.
"""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from . import datasets, experiments
from .datasets import Task
from .nested import resampled_means
from .statistics import Interval, check_settings, finite, nested_p, paired_t

ROUND = 500  # row presentations in a round: 16 updates of 32 rows, whatever the number of rows
SCRATCH = experiments.SCRATCH.label
SEEDS_A_PAIR = 10  # networks of one pair have seeds of their own
FEWEST_TO_RESAMPLE = 10  # pairs; resampled means of fewer vary too little


def in_rounds(task: Task, n: int = ROUND) -> Task:
    """The same training rows, each repeated as often, until there are `n` or a few more.

    An epoch over the result is a round. It takes as many updates for every number of rows, so that
    training sets of different size get equal training.

    Args:
        task: its training rows are repeated, its other rows stay.
        n: rows in a round, as many as the task has or more.

    Raises:
        ValueError: if the task has more rows than a round.

    >>> len(in_rounds(datasets.blobs(2, n_train=64)).y_train)
    512
    """
    n_rows = len(task.y_train)
    if n_rows > n:
        raise ValueError(f"{n_rows} training rows, but a round has {n}: choose {n_rows} or more.")
    times = -(-n // n_rows)
    x = np.tile(task.x_train, (times,) + (1,) * (task.x_train.ndim - 1))
    return replace(task, x_train=x, y_train=np.tile(task.y_train, times))


@lru_cache(maxsize=1024)
def bases_of(seed: int, n_bases: int = 8):
    """Base models of a related pair; its source is the same at every relatedness.

    Args:
        seed: of `datasets.related_blobs`, 0 to 9,999, so that no two pairs share a network's seed.
        n_bases: 1 to 10.

    Returns:
        Weights of `n_bases` networks after 100 epochs on the source.
    """
    if not 0 <= seed < experiments.FIRST_TARGET_SEED // SEEDS_A_PAIR:
        raise ValueError(f"seed={seed} of a pair: choose 0 to 9999.")
    if not 1 <= n_bases <= SEEDS_A_PAIR:
        raise ValueError(f"n_bases={n_bases}: choose 1 to {SEEDS_A_PAIR}.")
    source, _ = datasets.related_blobs(0.0, seed)
    return experiments.train_bases(source, n_bases, 100, SEEDS_A_PAIR * seed).weights


def run_pair(relatedness: float, n_rows: int, seed: int, n_rounds: int = 50, n_bases: int = 8):
    """Train the published arms on one related pair.

    Args:
        relatedness, seed: as in `datasets.related_blobs`.
        n_rows: target rows to train on, 1 to 500.
        n_rounds: each of 16 updates (`in_rounds`).
        n_bases: base models, one run from each; from scratch, as many starts.

    Returns:
        By label, "from scratch" first: test accuracy, mean over the bases, (n_rounds + 1,).
    """
    _, target = datasets.related_blobs(relatedness, seed, n_train=n_rows)
    bases = bases_of(seed, n_bases)
    first_seed = experiments.FIRST_TARGET_SEED + SEEDS_A_PAIR * seed
    found = experiments.run_arms(
        experiments.PUBLISHED_ARMS, in_rounds(target), bases, 1, n_rounds, first_seed
    )
    return {label: curves.mean(axis=(0, 1)) for label, curves in found.items()}


def run_grid(levels, rows, seeds, n_rounds: int = 50, n_bases: int = 8, progress=iter):
    """Train the published arms at every relatedness and number of rows, on the same pairs.

    Args:
        levels, rows, seeds: of `run_pair`, each a sequence.
        progress: wraps the results as they come, such as `tqdm.tqdm`.

    Returns:
        By label: accuracy, float32 (n_levels, n_rows, n_pairs, n_rounds + 1).
    """
    from joblib import Parallel, delayed

    levels, rows, seeds = tuple(levels), tuple(rows), tuple(seeds)
    if not (levels and rows and seeds):
        raise ValueError("nothing to run: give a relatedness, a number of rows and a pair or more.")
    side_by_side = Parallel(n_jobs=2, prefer="threads", return_as="generator")
    list(side_by_side(delayed(bases_of)(seed, n_bases) for seed in seeds))  # each trained once
    plan = [(level, n, seed) for level in levels for n in rows for seed in seeds]
    runs = side_by_side(delayed(run_pair)(*one, n_rounds, n_bases) for one in plan)
    found = list(progress(runs))
    shape = len(levels), len(rows), len(seeds), n_rounds + 1
    return {label: np.stack([one[label] for one in found]).reshape(shape) for label in found[0]}


@lru_cache(maxsize=64)
def explore(relatedness: float, n_rows: int, n_pairs: int = 8, n_rounds: int = 50, seed: int = 0):
    """One cell of the grid, kept: what a move of the live widget asks for.

    Args:
        relatedness, n_rows, n_rounds: as in `run_pair`.
        n_pairs: pairs `seed`, `seed + 1`, ...; two or more.

    Returns:
        By label: accuracy (n_pairs, n_rounds + 1).
    """
    if n_pairs < 2:
        raise ValueError(f"n_pairs={n_pairs}: one pair shows no spread, choose 2 or more.")
    grid = run_grid((relatedness,), (n_rows,), range(seed, seed + n_pairs), n_rounds)
    return {label: accuracy[0, 0] for label, accuracy in grid.items()}


# Differences


def mean_difference(differences) -> Interval:
    """Mean of one difference a pair, with Student's t interval; without bounds for one pair.

    Args:
        differences: (n_pairs,), such as arm minus control.
    """
    differences = _pairs(differences)
    if len(differences) < 2:
        return Interval(float(differences[0]), -np.inf, np.inf)
    return paired_t(differences)


def p_value(differences) -> float:
    """Two-sided p that the mean difference is zero; 1 where the pairs give no interval."""
    differences = _pairs(differences)
    return 1.0 if len(differences) < 2 else nested_p(differences[:, None])


def _pairs(differences):
    """One finite difference a pair; one clear error for runs that share a pair."""
    differences = finite(differences)
    if differences.ndim != 1:
        raise ValueError(f"differences of shape {differences.shape}: give (n_pairs,), one a pair.")
    return differences


@dataclass(frozen=True)
class Crossing:
    """From where on a difference is above zero, up to the end of what was swept.

    Attributes:
        estimate, low, high: in the unit of the sweep. -inf: it is above zero everywhere; inf: not
            even at the end.
        lowest, highest: the ends of the sweep.
        n_pairs: with fewer than ten, low and high are not known, which means -inf and inf.
    """

    estimate: float
    low: float
    high: float
    lowest: float
    highest: float
    n_pairs: int

    def __str__(self) -> str:
        def words(x):
            if np.isfinite(x):
                return f"{x:.0f}" if abs(x) >= 10 else f"{x:.2f}"
            return f"below {self.lowest:g}" if x < 0 else f"above {self.highest:g}"

        if self.n_pairs < FEWEST_TO_RESAMPLE:
            return f"{words(self.estimate)} [interval not known: {self.n_pairs} pairs]"
        return f"{words(self.estimate)} [{words(self.low)}, {words(self.high)}]"


def crossing(x, differences, level: float = 0.95, n_resamples: int = 2000, seed: int = 0):
    """Find from where on the mean difference stays above zero, by drawing straight lines.

    The interval resamples whole pairs and finds the point anew in each resample (percentiles). A
    resample without a crossing counts as beyond the sweep, it is not left out.

    Args:
        x: (n_points,), what is swept, increasing, two points or more.
        differences: (n_pairs, n_points), two pairs or more.

    Returns:
        `Crossing`.

    >>> crossing([0, 1, 2], [[-1, -1, 3], [-1, -1, 3]]).estimate
    1.25
    """
    check_settings(level, n_resamples)
    x, differences = finite(x), finite(differences)
    if x.ndim != 1 or len(x) < 2 or (np.diff(x) <= 0).any():
        raise ValueError(f"x={x.tolist()}: give two points or more, in increasing order.")
    if differences.ndim != 2 or differences.shape[1] != len(x) or len(differences) < 2:
        raise ValueError(
            f"differences of shape {differences.shape}: give (n_pairs, {len(x)}), 2 pairs or more."
        )
    estimate = _last_rise(x, differences.mean(axis=0, keepdims=True))[0]
    low, high = -np.inf, np.inf
    if len(differences) >= FEWEST_TO_RESAMPLE:
        found = np.sort(_last_rise(x, resampled_means(differences, n_resamples, seed)))
        tail = (1 - level) / 2 * (n_resamples - 1)
        low, high = found[int(np.floor(tail))], found[n_resamples - 1 - int(np.floor(tail))]
    ends = float(x[0]), float(x[-1])
    return Crossing(float(estimate), float(low), float(high), *ends, len(differences))


def _last_rise(x, means):
    """Of each row of (m, n_points): where it rises above zero for the last time."""
    above = means > 0
    found = np.full(len(means), np.inf)
    found[above.all(axis=1)] = -np.inf
    rows = np.flatnonzero(above[:, -1] & ~above.all(axis=1))
    j = len(x) - 2 - above[rows, -2::-1].argmin(axis=1)  # the last point at or below zero
    left, right = means[rows, j], means[rows, j + 1]
    found[rows] = x[j] - left * (x[j + 1] - x[j]) / (right - left)
    return found
