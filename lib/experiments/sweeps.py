"""Where does transfer help?  Sweeps over target rows and relatedness.  Lesson 11.

The unit is the task pair: a source and a target task, with base models of its own.
"""

from dataclasses import replace
from functools import lru_cache

import numpy as np

from ..checks import check_function, check_number, check_whole, is_whole, shown
from ..data.blobs import related_blobs
from ..data.task import Task
from ..networks.checks import check_task
from .arms import PUBLISHED_ARMS
from .batches import FIRST_TARGET_SEED, run_arms, train_bases

ROUND = 500  # row presentations in a round: 16 updates of 32 rows, whatever the number of rows
MOST_ROUNDS = 10_000
SEEDS_PER_PAIR = 10  # networks of one task pair have seeds of their own


def in_rounds(task: Task, n: int = ROUND) -> Task:
    """The same training rows, each repeated as often, until there are `n` or a few more.

    An epoch over the result is a round. It takes as many updates for every number of rows, so that
    training sets of different size get equal training.

    Args:
        task: its training rows are repeated, its other rows stay.
        n: rows in a round, as many as the task has or more.

    Raises:
        ValueError: if the task has more rows than a round.

    >>> from lib.data import blobs
    >>> len(in_rounds(blobs(2, n_train=64)).y_train)
    512
    """
    check_task(task)
    check_whole("n", n, 1, 1_000_000)
    n_rows = len(task.y_train)
    if n_rows > n:
        raise ValueError(f"{n_rows} training rows, but a round has {n}: choose {n_rows} or more.")
    times = -(-n // n_rows)
    x = np.tile(task.x_train, (times,) + (1,) * (task.x_train.ndim - 1))
    return replace(task, x_train=x, y_train=np.tile(task.y_train, times))


@lru_cache(maxsize=1024)
def bases_of(seed: int, n_bases: int = 8):
    """Base models of a related task pair; its source is the same at every relatedness.

    Args:
        seed: of `related_blobs`, 0 to 9,999, so that no two task pairs share a network's seed.
        n_bases: 1 to 10.

    Returns:
        Weights of `n_bases` networks after 100 epochs on the source.

    Raises:
        ValueError: for a seed or a number outside these ranges.
    """
    _check_bases(seed, n_bases)
    source, _ = related_blobs(0.0, seed)
    return train_bases(source, n_bases, 100, SEEDS_PER_PAIR * seed).weights


def _check_bases(seed, n_bases, name="seed"):
    """Raise one clear error unless a task pair has such base models."""
    if not is_whole(seed) or not 0 <= seed < FIRST_TARGET_SEED // SEEDS_PER_PAIR:
        raise ValueError(f"{name}={shown(seed)} of a pair: choose 0 to 9999.")
    if not is_whole(n_bases) or not 1 <= n_bases <= SEEDS_PER_PAIR:
        raise ValueError(f"n_bases={shown(n_bases)}: choose 1 to {SEEDS_PER_PAIR}.")


def run_pair(relatedness: float, n_rows: int, seed: int, n_rounds: int = 50, n_bases: int = 8):
    """Train the published arms on one related task pair.

    Args:
        relatedness, seed: as in `related_blobs`.
        n_rows: target rows to train on, 1 to 500.
        n_rounds: each of 16 updates (`in_rounds`).
        n_bases: base models, one run from each; from scratch, as many starts.

    Returns:
        By label, "from scratch" first: test accuracy, mean over the bases, (n_rounds + 1,).
    """
    _, target = related_blobs(relatedness, seed, n_train=n_rows)
    bases = bases_of(seed, n_bases)
    first_seed = FIRST_TARGET_SEED + SEEDS_PER_PAIR * seed
    found = run_arms(PUBLISHED_ARMS, in_rounds(target), bases, 1, n_rounds, first_seed)
    return {label: curves.mean(axis=(0, 1)) for label, curves in found.items()}


def run_grid(relatedness, rows, seeds, n_rounds: int = 50, n_bases: int = 8, progress=iter):
    """Train the published arms at every relatedness and number of rows, on the same task pairs.

    Args:
        relatedness, rows, seeds: of `run_pair`, each a sequence.
        progress: wraps the results as they come, such as `tqdm.tqdm`.

    Returns:
        By label: accuracy, float32 (n_relatedness, n_rows, n_pairs, n_rounds + 1).

    Raises:
        ValueError: if one of the sequences is empty, or holds what `run_pair` refuses.
    """
    from joblib import Parallel, delayed

    relatedness = _several("relatedness", relatedness)
    rows, seeds = _several("rows", rows), _several("seeds", seeds)
    for degree in relatedness:
        check_number("relatedness", degree, -1, 1)
    for n in rows:
        check_whole("rows", n, 1, ROUND)
    for seed in seeds:
        _check_bases(seed, n_bases, "seeds")
    check_whole("n_rounds", n_rounds, 1, MOST_ROUNDS)
    check_function("progress", progress, "tqdm.tqdm")
    side_by_side = Parallel(n_jobs=2, prefer="threads", return_as="generator")
    list(side_by_side(delayed(bases_of)(seed, n_bases) for seed in seeds))  # each trained once
    plan = [(degree, n, seed) for degree in relatedness for n in rows for seed in seeds]
    runs = side_by_side(delayed(run_pair)(*one, n_rounds, n_bases) for one in plan)
    found = list(progress(runs))
    shape = len(relatedness), len(rows), len(seeds), n_rounds + 1
    return {label: np.stack([one[label] for one in found]).reshape(shape) for label in found[0]}


def _several(name, values) -> tuple:
    """The values as a tuple, or one clear error unless they are one or more."""
    try:
        values = () if isinstance(values, str | bytes) else tuple(values)
    except TypeError:
        values = ()
    if not values:
        raise ValueError(f"nothing to run: {name} holds no values, give one or more in a tuple.")
    return values


def explore(relatedness: float, n_rows: int, n_pairs: int = 8, n_rounds: int = 50, seed: int = 0):
    """One cell of the grid, kept: what a move of the live widget asks for.

    Args:
        relatedness, n_rows, n_rounds: as in `run_pair`.
        n_pairs: task pairs `seed`, `seed + 1`, ...; two or more.

    Returns:
        By label: accuracy (n_pairs, n_rounds + 1).

    Raises:
        ValueError: for one pair, or settings that `run_pair` refuses.
    """
    if not is_whole(n_pairs) or n_pairs < 2:
        raise ValueError(f"n_pairs={shown(n_pairs)}: one pair shows no spread, choose 2 or more.")
    check_number("relatedness", relatedness, -1, 1)
    check_whole("n_rows", n_rows, 1, ROUND)
    most = FIRST_TARGET_SEED // SEEDS_PER_PAIR
    check_whole("seed", seed, 0, most - 1)
    if seed + n_pairs > most:
        raise ValueError(f"n_pairs={n_pairs} from seed {seed} on: choose up to {most - seed}.")
    check_whole("n_rounds", n_rounds, 1, MOST_ROUNDS)
    found = _explored(float(relatedness), int(n_rows), int(n_pairs), int(n_rounds), int(seed))
    return dict(found)


@lru_cache(maxsize=64)
def _explored(relatedness, n_rows, n_pairs, n_rounds, seed):
    grid = run_grid((relatedness,), (n_rows,), range(seed, seed + n_pairs), n_rounds)
    return {label: accuracy[0, 0] for label, accuracy in grid.items()}
