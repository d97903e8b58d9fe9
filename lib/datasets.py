"""Tasks: data to train on and data to test on, in one small record."""

from dataclasses import dataclass

import numpy as np

N_BLOBS = 1000  # rows drawn for one blobs problem; the first half trains, the second half tests


@dataclass(frozen=True)
class Task:
    """One classification task.

    Attributes:
        name: what plots call it.
        x_train, x_test: float32, (n_rows, n_features).
        y_train, y_test: int64 labels 0 .. n_classes - 1, (n_rows,).
        class_names: one name a class.
        data: which data this is, in words; lessons print it.

    Raises:
        ValueError: at once for NaN, unequal lengths, or labels that do not fit the class names.
    """

    name: str
    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    class_names: tuple[str, ...]
    data: str

    def __post_init__(self):
        for part in ("train", "test"):
            x, y = getattr(self, f"x_{part}"), getattr(self, f"y_{part}")
            if x.shape[1:] != self.x_train.shape[1:] or x.ndim < 2:
                raise ValueError(
                    f"{self.name}: x_{part} of shape {x.shape}, x_train of shape "
                    f"{self.x_train.shape}: give rows of the same features."
                )
            if y.ndim != 1 or not np.issubdtype(y.dtype, np.integer):
                raise ValueError(
                    f"{self.name}: y_{part} of shape {y.shape} and type {y.dtype}: give one whole "
                    "number a row."
                )
            if len(x) != len(y):
                raise ValueError(
                    f"{self.name}: {len(x)} rows in x_{part} but {len(y)} in y_{part}: "
                    "give one label a row."
                )
            if not len(x):
                raise ValueError(f"{self.name}: no rows in x_{part}: give at least one.")
            if not np.isfinite(x).all():
                bad = int((~np.isfinite(x)).any(axis=tuple(range(1, x.ndim))).sum())
                raise ValueError(
                    f"{self.name}: {bad} of {len(x)} rows in x_{part} hold NaN or infinity: "
                    "remove or fill them first."
                )
            found = np.unique(y)
            if found[0] < 0 or found[-1] >= self.n_classes:
                raise ValueError(
                    f"{self.name}: labels {found[0]} to {found[-1]} in y_{part}, but "
                    f"{self.n_classes} class names: labels must be 0 to {self.n_classes - 1}."
                )

    @property
    def n_classes(self) -> int:
        return len(self.class_names)

    @property
    def n_features(self) -> int:
        return self.x_train.shape[1]


def blobs(seed: int, cluster_std: float = 2.0, n_classes: int = 3, n_train: int = 500) -> Task:
    """Draw a blobs problem: one Gaussian cloud of points in the plane for each class.

    `blobs(1)` and `blobs(2)` are Problem 1 and Problem 2 of the published tutorial.

    Args:
        seed: 0 or more; decides where the centres are, and the points.
        cluster_std: standard deviation of a cloud, above 0, in the units of the axes; the
            centres lie in a square from -10 to 10.
        n_classes: 2 or more.
        n_train: the first `n_train` of the 500 training rows are used: 1 to 500.

    Returns:
        A task with `n_train` rows to train on and 500 to test on, two features.

    Raises:
        ValueError: for a value outside these ranges.

    >>> blobs(2).x_train.shape, blobs(2, n_train=64).x_test.shape
    ((500, 2), (500, 2))
    """
    from sklearn.datasets import make_blobs

    _check_blobs(seed, cluster_std, n_classes, n_train)
    x, y = make_blobs(
        n_samples=N_BLOBS,
        centers=n_classes,
        n_features=2,
        cluster_std=cluster_std,
        random_state=seed,
    )
    return _blobs_task(
        f"Problem {seed}", x, y, n_train, f"blobs, seed {seed}, spread {cluster_std:g}"
    )


def related_blobs(
    relatedness: float,
    seed: int,
    cluster_std: float = 2.0,
    n_classes: int = 3,
    n_train: int = 500,
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
        cluster_std, n_classes, n_train: as in `blobs`; `n_train` holds for the target only.

    Returns:
        (source task, target task).

    Raises:
        ValueError: for a value outside these ranges.
    """
    from sklearn.datasets import make_blobs

    if not -1 <= relatedness <= 1:
        raise ValueError(f"relatedness={relatedness} is not a correlation: choose -1 to 1.")
    _check_blobs(seed, cluster_std, n_classes, n_train)
    rng = np.random.default_rng(seed)
    scale = 10 / np.sqrt(3)  # the standard deviation of centres drawn evenly from -10 to 10
    shared, new = rng.normal(0, scale, size=(2, n_classes, 2))
    target = relatedness * shared + np.sqrt(1 - relatedness**2) * new
    tasks = []
    for role, centres in (("source", shared), ("target", target)):
        x, y = make_blobs(
            n_samples=N_BLOBS,
            centers=centres,
            cluster_std=cluster_std,
            random_state=int(rng.integers(2**31)),
        )
        rows = n_train if role == "target" else N_BLOBS // 2
        data = f"related blobs, relatedness {relatedness:g}, seed {seed}, spread {cluster_std:g}"
        tasks.append(_blobs_task(f"{role.capitalize()} task", x, y, rows, data))
    return tuple(tasks)


def _blobs_task(name, x, y, n_train, data) -> Task:
    """Split drawn points as the tutorial does: the first half trains, the second half tests."""
    half = N_BLOBS // 2
    return Task(
        name=name,
        x_train=x[:n_train].astype("float32"),
        y_train=y[:n_train],
        x_test=x[half:].astype("float32"),
        y_test=y[half:],
        class_names=tuple(f"class {c}" for c in range(y.max() + 1)),
        data=data,
    )


def _check_blobs(seed, cluster_std, n_classes, n_train):
    """Raise one clear error for a blobs problem that cannot be drawn."""
    ranges = {"seed": (seed, 0, 2**32 - 1), "n_classes": (n_classes, 2, N_BLOBS // 4)}
    ranges["n_train"] = (n_train, 1, N_BLOBS // 2)
    for name, (value, low, high) in ranges.items():
        whole = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
        if not whole or not low <= value <= high:
            raise ValueError(f"{name}={value!r}: choose a whole number from {low} to {high}.")
    if not 0 < cluster_std < np.inf:
        raise ValueError(f"cluster_std={cluster_std}: choose a number above 0, such as 2.0.")
