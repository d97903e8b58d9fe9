"""Small tasks made of whole numbers only, so that every platform has the very same points."""

import numpy as np

from lib.data import Task


def points(n, n_features, n_classes, first=0):
    """Rows and labels: a cloud for each class, from a few multiplications of whole numbers."""
    number = np.arange(first, first + n)[:, None] * 7 + np.arange(n_features) * 131
    labels = (np.arange(first, first + n) * 5 + 3) % n_classes
    noise = (number * 7919 + number**2 * 31) % 2003 - 1001
    centre = (labels[:, None] * 37 + np.arange(n_features) * 53) % 11 - 5
    return ((noise + 300 * centre) / 512).astype("float32"), labels


def task(n=96, n_features=2, n_classes=3, n_test=50, n_validation=40):
    x_train, y_train = points(n, n_features, n_classes)
    x_test, y_test = points(n_test, n_features, n_classes, first=1000)
    x_validation, y_validation = points(n_validation, n_features, n_classes, first=2000)
    return Task(
        name="whole numbers",
        x_train=x_train,
        y_train=y_train,
        x_test=x_test,
        y_test=y_test,
        x_validation=x_validation,
        y_validation=y_validation,
        class_names=tuple(f"class {k}" for k in range(n_classes)),
        data="made here",
    )
