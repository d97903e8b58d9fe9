"""Read CIFAR-10 from a copy on this machine."""

import os
from dataclasses import dataclass

import numpy as np

CLASS_NAMES = tuple("airplane automobile bird cat deer dog frog horse ship truck".split())


class DataError(Exception):
    """A copy of CIFAR-10 that is there but cannot be used."""


@dataclass(frozen=True)
class Photos:
    """Rows of some classes."""

    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    class_names: tuple[str, ...]
    data: str


def load(classes) -> Photos:
    """Read the rows of some classes from the file that CIFAR10_PATH names."""
    parts = []
    with np.load(os.environ["CIFAR10_PATH"], allow_pickle=False) as file:
        for part in ("train", "test"):
            y = file[f"y_{part}"].reshape(-1)
            keep = np.isin(y, list(classes))
            parts += [file[f"x_{part}"][keep], y[keep]]
    return Photos(*parts, CLASS_NAMES, "CIFAR-10 (JPEG copy)")
