"""Tasks of photographs, by class, and the splits of the ten classes into source and target.

Lessons 07, 08 and 11.
"""

from typing import NamedTuple

import numpy as np

from ..checks import check_text, check_whole, is_whole, shown
from . import cifar10
from .task import Task


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
        DataError: if a copy of CIFAR-10 is there but cannot be used.
    """
    check_whole("seed", seed, 0)
    classes = cifar10.check_classes(classes)
    return _drawn(cifar10.load_photos(classes), classes, n_train, n_validation, n_test, seed)


def photos_at_most(classes, n_train: int, n_validation: int, n_test: int, seed: int = 0) -> Task:
    """The same, by numbers *per class*, which are lowered to what the data at hand have.

    For lessons, whose sizes come from a profile: the stand-in has fewer rows than CIFAR-10.

    Args:
        classes, seed: as in `photos`.
        n_train, n_validation, n_test: photographs per class, 1 or more. Where there are too few,
            validation takes at most a fifth of them, and training what is left.

    Raises:
        ValueError, DataError: as `photos`; ValueError for a number that is none.
    """
    check_whole("seed", seed, 0)
    for name, n in (("n_train", n_train), ("n_validation", n_validation), ("n_test", n_test)):
        check_whole(name, n, 1)
    classes = cifar10.check_classes(classes)
    found = cifar10.load_photos(classes)
    most, most_test = (
        min(int((y == c).sum()) for c in classes) for y in (found.y_train, found.y_test)
    )
    n_validation = min(n_validation, most // 5)
    n_train, n_test = min(n_train, most - n_validation), min(n_test, most_test)
    sizes = (len(classes) * n for n in (n_train, n_validation, n_test))
    return _drawn(found, classes, *sizes, seed)


def _drawn(found, classes, n_train, n_validation, n_test, seed) -> Task:
    """Draw a task from the photographs of its classes; sizes in all, as in `photos`."""
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
    names = tuple(found.class_names[c] for c in classes)
    arrays = {}
    for part, rows, labels, chosen in (
        ("train", x, y, train),
        ("validation", x, y, validation if m else None),
        ("test", found.x_test, found.y_test, test),
    ):
        if chosen:
            chosen = np.random.default_rng(seed).permutation(np.concatenate(chosen))
            arrays[f"x_{part}"] = rows[chosen]
            arrays[f"y_{part}"] = _relabel(labels[chosen], classes)
    return Task(name=", ".join(names), class_names=names, data=found.data, **arrays)


def _relabel(y, classes):
    """Labels 0, 1, ... in the order of the classes."""
    label = np.zeros(10, "int64")
    label[classes] = range(len(classes))
    return label[y]


def _check_rows(name, value, n_classes, most, zero=False):
    """Raise one clear error unless the value is an equal share of each class."""
    if (value is None and not zero) or (zero and is_whole(value) and value == 0):
        return
    if not is_whole(value) or value % n_classes or not 0 < value <= most:
        raise ValueError(
            f"{name}={shown(value)}: choose a multiple of the {n_classes} classes, from "
            f"{n_classes} to {most // n_classes * n_classes}."
        )


ANIMALS, VEHICLES = (2, 3, 4, 5, 6, 7), (0, 1, 8, 9)


class ClassSplit(NamedTuple):
    """Two groups of classes, none in both."""

    source: tuple[int, ...]
    target: tuple[int, ...]


def class_split(name: str, seed: int = 0) -> ClassSplit:
    """Split the ten classes into a source and a target group.

    Args:
        name: "halves" (0-4, 5-9), "random" (five and five, drawn by the seed), "animals" (the six
            animals, then the four vehicles); with "-reverse" at the end, source and target swap.
        seed: 0 or more.

    Raises:
        ValueError: for another name or seed.

    >>> class_split("halves-reverse")
    ClassSplit(source=(5, 6, 7, 8, 9), target=(0, 1, 2, 3, 4))
    """
    check_whole("seed", seed, 0)
    check_text("split", name)
    base, _, reverse = name.partition("-")
    drawn = np.random.default_rng(seed).permutation(10).tolist()
    splits = {
        "halves": ClassSplit(tuple(range(5)), tuple(range(5, 10))),
        "random": ClassSplit(tuple(sorted(drawn[:5])), tuple(sorted(drawn[5:]))),
        "animals": ClassSplit(ANIMALS, VEHICLES),
    }
    if base not in splits or reverse not in ("", "reverse"):
        raise ValueError(
            f"split {shown(name)} is unknown: choose {', '.join(splits)}, or one of them with "
            "-reverse."
        )
    return ClassSplit(*reversed(splits[base])) if reverse else splits[base]
