"""A task: rows to train on, to choose with and to test on, in one small record."""

from dataclasses import dataclass

import numpy as np

from ..checks import check_names, check_text, shown

LARGEST = float(np.finfo("float32").max)  # networks calculate with float32


def _usable(x):
    """Which numbers are finite, also as float32."""
    return np.isfinite(x) if x.dtype.itemsize <= 4 else np.abs(x) <= LARGEST


@dataclass(frozen=True, kw_only=True)
class Task:
    """One classification task.

    Attributes:
        name: what plots call it.
        x_train, x_validation, x_test: rows to fit, to make choices with, and to measure the result
            on, none in two parts; float32 (n_rows, n_features), or photographs, uint8 (n_rows, 32,
            32, 3).
        y_train, y_validation, y_test: whole-number labels 0 .. n_classes - 1, (n_rows,).
        class_names: one name per class.
        data: which data this is, in words; lessons print it.

    `x_validation` and `y_validation` are None in a task without validation rows.

    Raises:
        ValueError: at once for what is no array of numbers, NaN, unequal lengths, or labels that do
            not fit the class names.
    """

    name: str
    x_train: np.ndarray
    y_train: np.ndarray
    x_validation: np.ndarray | None = None
    y_validation: np.ndarray | None = None
    x_test: np.ndarray
    y_test: np.ndarray
    class_names: tuple[str, ...]
    data: str

    def __post_init__(self):
        check_text("name", self.name)
        check_text("data", self.data)
        check_names("class_names", self.class_names)
        if (self.x_validation is None) != (self.y_validation is None):
            there, gone = ("y", "x") if self.x_validation is None else ("x", "y")
            raise ValueError(
                f"{self.name}: {there}_validation without {gone}_validation: give both, or none."
            )
        for part in self.parts:
            x, y = getattr(self, f"x_{part}"), getattr(self, f"y_{part}")
            for name, array, kinds in ((f"x_{part}", x, "uif"), (f"y_{part}", y, "uif")):
                if type(array) is not np.ndarray or array.dtype.kind not in kinds:
                    raise ValueError(
                        f"{self.name}: {name}={shown(array)}: give a NumPy array of numbers."
                    )
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
            if not all(_usable(piece).all() for piece in pieces):
                bad = int((~_usable(x)).any(axis=tuple(range(1, x.ndim))).sum())
                raise ValueError(
                    f"{self.name}: {bad} of {len(x)} rows in x_{part} hold NaN or infinity, or "
                    "numbers beyond float32: remove or fill them first."
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
