"""Target tasks for pre-trained networks: photographs in disjoint draws, digits, surfaces.

Lesson 12.

A draw has training, validation and test photographs of its own, so that an interval over draws
counts the luck of all three.
"""

from dataclasses import replace

import numpy as np

from ..checks import check_choice, check_whole, shown
from . import cifar10
from .task import Task

N_VALIDATION, N_TEST = 20, 100  # per class
ORDER = 20_261_125  # of the photographs from which the draws are cut, one for all
BLOCK = 32  # pixels of a side
MOST_BLOCKS = 10_000  # per class; a region has fewer places
# surface: which of scikit-learn's two photographs; first and last row and column of a region
SURFACES = {
    "building": ("china.jpg", (130, 340, 95, 325)),
    "foliage": ("china.jpg", (305, 427, 380, 570)),
    "sky": ("china.jpg", (0, 190, 340, 640)),
    "petals": ("flower.jpg", (100, 340, 190, 430)),
    "leaf out of focus": ("flower.jpg", (60, 330, 0, 150)),
}


def drawn_photos(
    classes, n_train: int, draw: int = 0, n_validation: int = N_VALIDATION, n_test: int = N_TEST
) -> Task:
    """Photographs of some classes of CIFAR-10; no two draws of the same sizes share one.

    Args:
        classes: different numbers from 0 to 9; they become labels 0, 1, ... in this order.
        n_train, n_validation, n_test: photographs per class, each 1 or more.
        draw: 0 or more.

    Returns:
        A task of uint8 photographs (n_rows, 32, 32, 3); the classes take turns in every part, so
        that its first rows are a smaller sample with equal shares.

    Raises:
        ValueError: for impossible classes, or more photographs than there are.
        DataError: if a copy of CIFAR-10 is there but cannot be used.
    """
    check_whole("draw", draw, 0)
    for name, n in (("n_train", n_train), ("n_validation", n_validation), ("n_test", n_test)):
        check_whole(name, n, 1)
    classes = cifar10.check_classes(classes)
    found = cifar10.load_photos(classes)
    names = tuple(found.class_names[c] for c in classes)
    fit = _places(found.y_train, classes, draw, n_train + n_validation, "train", found.data)
    test = _places(found.y_test, classes, draw, n_test, "test", found.data)
    parts = {
        "train": (found.x_train, fit[:n_train]),
        "validation": (found.x_train, fit[n_train:]),
        "test": (found.x_test, test),
    }
    return _task(", ".join(names), names, found.data, parts)


def drawn_digits(
    n_train: int, draw: int = 0, n_validation: int = N_VALIDATION, n_test: int = 50
) -> Task:
    """scikit-learn's 1,797 handwritten digits as pictures of 32 x 32 pixels.

    There are about 178 of each, so draws share digits: an interval over them is too narrow.

    Args:
        n_train, n_validation, n_test: digits per class, each 1 or more.
        draw: 0 or more.

    Raises:
        ValueError: if more digits are asked for than there are.
    """
    from sklearn.datasets import load_digits

    check_whole("draw", draw, 0)
    for name, n in (("n_train", n_train), ("n_validation", n_validation), ("n_test", n_test)):
        check_whole(name, n, 1)
    x, y = load_digits(return_X_y=True)
    pictures = np.rint(x.reshape(-1, 8, 8, 1) * (255 / 16)).astype(np.uint8)
    pictures = pictures.repeat(4, axis=1).repeat(4, axis=2).repeat(3, axis=3)
    n = n_train + n_validation + n_test
    rng = np.random.default_rng([ORDER, draw])
    order = rng.permutation(len(y))
    places = order[_places(y[order], range(10), 0, n, "in all", "digits", shuffle=False)]
    cuts = np.split(places, [n_train, n_train + n_validation])
    names = "train", "validation", "test"
    parts = {name: (pictures, cut) for name, cut in zip(names, cuts, strict=True)}
    names = tuple(f"digit {c}" for c in range(10))
    return _task("digits", names, "scikit-learn's digits", parts)


def drawn_surfaces(
    n_train: int,
    draw: int = 0,
    n_validation: int = N_VALIDATION,
    n_test: int = N_TEST,
    split: str = "by block",
) -> Task:
    """Grey blocks of 32 x 32 pixels of five surfaces in scikit-learn's two photographs.

    Each block has the same mean and spread, so that only its texture is left. There is one
    photograph of each surface, so draws share it: an interval over them is too narrow.

    Args:
        n_train, n_validation, n_test: blocks per class, each 1 or more.
        draw: 0 or more; decides the places of the blocks.
        split: "by block" takes training rows from the upper left of a region, validation rows from
            its lower left, test rows from its right, none with a pixel of another part. "at random"
            takes all from everywhere, so that test blocks overlap training blocks.

    Raises:
        ValueError: for another split, or a number that is none.
    """
    from sklearn.datasets import load_sample_image

    check_whole("draw", draw, 0)
    sizes = {"train": n_train, "validation": n_validation, "test": n_test}
    for part, n in sizes.items():
        check_whole(f"n_{part}", n, 1, MOST_BLOCKS)
    check_choice("split", split, ("by block", "at random"))
    rng = np.random.default_rng([ORDER, draw])
    parts = {part: [] for part in sizes}
    for file, region in SURFACES.values():
        grey = load_sample_image(file).mean(axis=2)
        for part, n in sizes.items():
            top, bottom, left, right = _part_of(region, part if split == "by block" else "all")
            rows = rng.integers(top, bottom - BLOCK + 1, n)
            columns = rng.integers(left, right - BLOCK + 1, n)
            parts[part].append([_block(grey, *place) for place in zip(rows, columns, strict=True)])
    stacked = {part: np.stack(blocks, axis=1) for part, blocks in parts.items()}
    flat = {part: x.reshape(-1, *x.shape[2:]) for part, x in stacked.items()}
    data = "surfaces in scikit-learn's two photographs"
    whole = {part: (x, np.arange(len(x)).reshape(-1, len(SURFACES))) for part, x in flat.items()}
    return _task(f"surfaces, split {split}", tuple(SURFACES), data, whole)


def _part_of(region, part):
    """The rows and columns of a region that a part may use."""
    top, bottom, left, right = region
    middle, low = (left + right) // 2, top + round(0.65 * (bottom - top))
    return {
        "all": region,
        "train": (top, low, left, middle),
        "validation": (low, bottom, left, middle),
        "test": (top, bottom, middle, right),
    }[part]


def _block(grey, row, column):
    """A block with mean 128 and spread 40, three equal channels."""
    block = grey[row : row + BLOCK, column : column + BLOCK]
    block = (block - block.mean()) / max(block.std(), 1.0)
    block = np.clip(np.rint(128 + 40 * block), 0, 255).astype(np.uint8)
    return np.repeat(block[..., None], 3, axis=2)


def first_per_class(task: Task, n: int, n_validation: int | None = None) -> Task:
    """The same task with the first `n` training rows of each class.

    Args:
        n_validation: the first so many validation rows of each class stay; None keeps all.

    Raises:
        ValueError: if a class has fewer.
    """
    if not isinstance(task, Task):
        raise ValueError(f"task={shown(task)}: give a `Task`, such as `drawn_photos` makes.")
    check_whole("n", n, 1)
    keep = _first(task, "train", "n", n)
    parts = {"x_train": task.x_train[keep], "y_train": task.y_train[keep]}
    if n_validation is not None:
        check_whole("n_validation", n_validation, 1)
        if task.x_validation is None:
            raise ValueError(
                f"n_validation={n_validation}, but {task.name} has no validation rows: leave it "
                "out, or give a task that has some."
            )
        keep = _first(task, "validation", "n_validation", n_validation)
        parts["x_validation"] = task.x_validation[keep]
        parts["y_validation"] = task.y_validation[keep]
    return replace(task, **parts)


def _first(task, part, argument, n):
    """Which rows of a part are among the first `n` of their class."""
    y = getattr(task, f"y_{part}")
    counts = np.bincount(y, minlength=task.n_classes)
    if counts.min() < n:
        short = int(counts.argmin())
        raise ValueError(
            f"{argument}={shown(n)}, but the task has {counts[short]} {part} rows of "
            f"{task.class_names[short]}: choose {counts[short]} or fewer."
        )
    rank = np.zeros(len(y), int)
    for label in range(task.n_classes):
        rows = np.flatnonzero(y == label)
        rank[rows] = np.arange(len(rows))
    return rank < n


def _places(y, classes, draw, n, part, data, shuffle=True):
    """Places of a draw's rows, (n, n_classes): row i has the i-th of each class."""
    columns = []
    for c in classes:
        rows = np.flatnonzero(y == c)
        if shuffle:
            rows = np.random.default_rng([ORDER, c, len(y)]).permutation(rows)
        mine = rows[draw * n : (draw + 1) * n]
        if len(mine) < n:
            raise ValueError(
                f"draw {draw} of {n} rows per class ({part}): {data} has {len(rows)}, which is "
                f"enough for {len(rows) // n} such draws: choose a smaller number."
            )
        columns.append(mine)
    return np.stack(columns, axis=1)


def _task(name, names, data, parts):
    """A task whose classes take turns."""
    arrays = {}
    for part, (x, places) in parts.items():
        arrays[f"x_{part}"] = x[places.ravel()]
        arrays[f"y_{part}"] = np.tile(np.arange(len(names)), len(places))
    return Task(name=name, class_names=names, data=data, **arrays)
