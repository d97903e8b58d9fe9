"""Blobs problems: Gaussian clouds in the plane, alone or in related task pairs.

Lessons 02 to 06 and 11.

    centres  float64 (n_classes, 2), where the clouds lie
    x, y     points float64 (n_rows, 2) and their labels (n_rows,), as drawn
"""

import numpy as np

from ..checks import check_rate, check_whole, is_finite, shown
from .task import Task

N_BLOBS = 1000  # rows drawn for one blobs problem; the first half trains, the second half tests
MOST_VALIDATION = 1_000_000
# the streams of validation points: none is ever another's, or one that draws anything else
VALIDATION, (ALONE, SOURCE, TARGET) = 7, (1, 2, 3)


def blobs(
    seed: int,
    cluster_std: float = 2.0,
    n_classes: int = 3,
    n_train: int = 500,
    n_validation: int = 500,
) -> Task:
    """Draw a blobs problem: one Gaussian cloud of points in the plane for each class.

    `blobs(1)` and `blobs(2)` are Problem 1 and Problem 2 of the published tutorial. It has no
    validation points; these come from the same clouds, drawn by a stream of their own, so that the
    points to train and to test on are the published ones.

    Args:
        seed: 0 or more; decides where the centres are, and the points.
        cluster_std: standard deviation of a cloud, above 0, in the units of the axes; the
            centres lie in a square from -10 to 10.
        n_classes: 2 or more.
        n_train: the first `n_train` of the 500 training rows are used: 1 to 500.
        n_validation: rows to make choices with, an equal share of each class as far as the number
            allows; 0 for none.

    Returns:
        A task with `n_train` rows to train on, `n_validation` to choose with and 500 to test on,
        two features.

    Raises:
        ValueError: for a value outside these ranges.

    >>> task = blobs(2, n_train=64)
    >>> task.x_train.shape, task.x_validation.shape, task.x_test.shape
    ((64, 2), (500, 2), (500, 2))
    """
    from sklearn.datasets import make_blobs

    _check_blobs(seed, cluster_std, n_classes, n_train, n_validation)
    x, y, centres = make_blobs(
        n_samples=N_BLOBS,
        centers=n_classes,
        n_features=2,
        cluster_std=cluster_std,
        random_state=seed,
        return_centers=True,
    )
    return _blobs_task(
        f"Problem {seed}",
        x,
        y,
        _draw(centres, cluster_std, n_validation, seed, ALONE),
        n_train,
        f"blobs, seed {seed}, spread {cluster_std:g}",
    )


def related_blobs(
    relatedness: float,
    seed: int,
    cluster_std: float = 2.0,
    n_classes: int = 3,
    n_train: int = 500,
    n_validation: int = 500,
) -> tuple[Task, Task]:
    """Draw a source and a target task whose class centres are related to a chosen degree.

    Each task has centres of the same scale. The target's centres are a mixture of the source's
    (shared structure) and new ones (independent structure):
    `centre_target = relatedness * centre_source + sqrt(1 - relatedness**2) * centre_new`.
    Relatedness is thus the correlation of the two tasks' centres: 1 gives the same classes, with
    new points; 0 gives tasks that share their scale only; -1 mirrors every centre.

    Args:
        relatedness: -1 to 1.
        seed: 0 or more.
        cluster_std, n_classes, n_validation: as in `blobs`, for both tasks.
        n_train: as in `blobs`, for the target only.

    Returns:
        (source task, target task).

    Raises:
        ValueError: for a value outside these ranges.
    """
    from sklearn.datasets import make_blobs

    if not is_finite(relatedness) or not -1 <= relatedness <= 1:
        raise ValueError(f"relatedness={shown(relatedness)} is no correlation: choose -1 to 1.")
    _check_blobs(seed, cluster_std, n_classes, n_train, n_validation)
    rng = np.random.default_rng(seed)
    scale = 10 / np.sqrt(3)  # the standard deviation of centres drawn evenly from -10 to 10
    shared, new = rng.normal(0, scale, size=(2, n_classes, 2))
    mixed = relatedness * shared + np.sqrt(1 - relatedness**2) * new
    tasks = []
    for role, centres, rows in ((SOURCE, shared, N_BLOBS // 2), (TARGET, mixed, n_train)):
        x, y = make_blobs(
            n_samples=N_BLOBS,
            centers=centres,
            cluster_std=cluster_std,
            random_state=int(rng.integers(2**31)),
        )
        name = "Source task" if role == SOURCE else "Target task"
        data = f"related blobs, relatedness {relatedness:g}, seed {seed}, spread {cluster_std:g}"
        validation = _draw(centres, cluster_std, n_validation, seed, role)
        tasks.append(_blobs_task(name, x, y, validation, rows, data))
    return tuple(tasks)


def _draw(centres, cluster_std, n, seed, role):
    """Draw `n` points and labels around the centres, as many of each class; None if n is 0."""
    if not n:
        return None
    rng = np.random.default_rng([VALIDATION, seed, role])
    y = rng.permutation(np.arange(n) % len(centres))
    return rng.normal(centres[y], cluster_std), y


def _blobs_task(name, x, y, validation, n_train, data) -> Task:
    """Split drawn points as the tutorial does: the first half trains, the second half tests."""
    half = N_BLOBS // 2
    x_validation, y_validation = validation or (None, None)
    return Task(
        name=name,
        x_train=x[:n_train].astype("float32"),
        y_train=y[:n_train],
        x_validation=None if x_validation is None else x_validation.astype("float32"),
        y_validation=y_validation,
        x_test=x[half:].astype("float32"),
        y_test=y[half:],
        class_names=tuple(f"class {c}" for c in range(y.max() + 1)),
        data=data,
    )


def _check_blobs(seed, cluster_std, n_classes, n_train, n_validation):
    """Raise one clear error for a blobs problem that cannot be drawn."""
    check_whole("seed", seed, 0, 2**32 - 1)
    check_whole("n_classes", n_classes, 2, N_BLOBS // 4)
    check_whole("n_train", n_train, 1, N_BLOBS // 2)
    check_whole("n_validation", n_validation, 0, MOST_VALIDATION)
    check_rate("cluster_std", cluster_std)
