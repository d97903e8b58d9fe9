"""Tasks: data to train on and data to test on, in one small record."""

from dataclasses import dataclass

import numpy as np

from . import cifar10

N_BLOBS = 1000  # rows drawn for one blobs problem; the first half trains, the second half tests


@dataclass(frozen=True)
class Task:
    """One classification task.

    Attributes:
        name: what plots call it.
        x_train, x_test: float32 (n_rows, n_features), or photographs, uint8 (n_rows, 32, 32, 3).
        y_train, y_test: whole-number labels 0 .. n_classes - 1, (n_rows,).
        class_names: one name a class.
        data: which data this is, in words; lessons print it.
        x_validation, y_validation: rows to make choices with, apart from both; None if there are
            none.

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
    x_validation: np.ndarray | None = None
    y_validation: np.ndarray | None = None

    def __post_init__(self):
        for part in self.parts:
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
            pieces = np.array_split(x, len(x) // 1000 + 1) if x.dtype.kind == "f" else ()
            if not all(np.isfinite(piece).all() for piece in pieces):
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
    def parts(self) -> tuple[str, ...]:
        """The parts that it has: "train", "test", and "validation" if there is one."""
        return ("train", "test") + (() if self.x_validation is None else ("validation",))

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


def photos(
    classes,
    n_train: int | None = None,
    n_validation: int = 0,
    n_test: int | None = None,
    seed: int = 0,
) -> Task:
    """Make a task of some classes of CIFAR-10, or of the digits stand-in where there is no copy.

    Rows to train on are drawn at random, as many of each class, and a smaller `n_train` draws a
    part of what a larger one draws; the validation rows are the same for all. To test, the first
    rows of each class are taken.

    Args:
        classes: different numbers from 0 to 9; they become labels 0, 1, ... in this order.
        n_train, n_test: rows in all, an equal share of each class; None takes all there are (in
            the stand-in not quite as many of each class), less what validation takes.
        n_validation: rows in all, taken from the training rows.
        seed: 0 or more; decides which rows are drawn.

    Returns:
        A task of photographs, uint8 (n_rows, 32, 32, 3), 0 to 255.

    Raises:
        ValueError: for impossible classes, or more rows than there are.
        lib.cifar10.DataError: if a copy of CIFAR-10 is there but cannot be used.
    """
    classes = tuple(classes)
    found = cifar10.load(classes)
    x, y, n = found.x_train, found.y_train, len(classes)
    rows = [np.flatnonzero(y == c) for c in classes]
    rows = [
        np.random.default_rng([seed, c]).permutation(r) for c, r in zip(classes, rows, strict=True)
    ]
    most = min(map(len, rows)) * n
    _check_rows("n_validation", n_validation, n, most - n, zero=True)
    _check_rows("n_train", n_train, n, most - n_validation)
    m = n_validation // n
    train = [r[: n_train // n] if n_train else r[: len(r) - m] for r in rows]
    validation = [r[len(r) - m :] for r in rows]
    test = [np.flatnonzero(found.y_test == c) for c in classes]
    _check_rows("n_test", n_test, n, min(map(len, test)) * n)
    test = [r[: n_test // n] if n_test else r for r in test]

    def part(x, y, chosen):
        chosen = np.random.default_rng(seed).permutation(np.concatenate(chosen))
        label = np.zeros(10, "int64")
        label[list(classes)] = range(n)
        return x[chosen], label[y[chosen]]

    names = tuple(found.class_names[c] for c in classes)
    return Task(
        ", ".join(names),
        *part(x, y, train),
        *part(found.x_test, found.y_test, test),
        names,
        found.data,
        *(part(x, y, validation) if m else (None, None)),
    )


def _check_rows(name, value, n_classes, most, zero=False):
    """Raise one clear error unless the value is an equal share of each class."""
    if value is None or (zero and value == 0):
        return
    whole = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    if not whole or value % n_classes or not 0 < value <= most:
        raise ValueError(
            f"{name}={value!r}: choose a multiple of the {n_classes} classes, from {n_classes} to "
            f"{most // n_classes * n_classes}."
        )


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
