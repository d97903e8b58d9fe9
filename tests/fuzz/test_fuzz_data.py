"""Hostile arguments for the public functions of `data`."""

import numpy as np
import pytest
from fuzz_harness import case, fuzz_tests, of_type

from lib import data
from lib.data import cifar10


@pytest.fixture(autouse=True)
def digits(monkeypatch):
    """No file and no network: the stand-in, announced already."""
    monkeypatch.setenv("CIFAR10_PATH", "digits")
    monkeypatch.setattr(cifar10, "_announced", {"CIFAR10_PATH=digits asks for it."})


def task(one):
    """A task whose parts are what they say: the record itself checks shapes and labels."""
    assert isinstance(one, data.Task)
    for part in one.parts:
        x, y = getattr(one, f"x_{part}"), getattr(one, f"y_{part}")
        assert len(x) == len(y) > 0 and np.isfinite(x).all()
        assert y.dtype.kind in "iu" and 0 <= y.min() <= y.max() < one.n_classes


def tasks(two):
    """A source and a target task."""
    for one in two:
        task(one)


def photographs(one):
    """Photographs with labels from 0 to 9."""
    assert one.x_train.dtype == "uint8" and set(one.y_train) <= set(range(10))


def classes(split):
    """Classes from 0 to 9, none twice."""
    both = [*split.source, *split.target]
    assert set(both) <= set(range(10)) and len(set(both)) == len(both)


def splits(found):
    """Rows of the sentences, none in two parts of a split."""
    for one in found:
        parts = [part.ravel() for part in (one.train, one.validation, one.test)]
        rows = np.concatenate(parts)
        assert len(set(rows)) == len(rows) and rows.min() >= 0 and rows.max() < 40


def shares(found):
    """Parts from 0 to 1."""
    assert ((found.data >= 0) & (found.data <= 1)).all()


def same_shape(found):
    """Photographs, as those that came in."""
    assert found.ndim == 4 and found.size and found.dtype == "uint8"


PHOTOGRAPHS = np.arange(2 * 4 * 4 * 3, dtype="uint8").reshape(2, 4, 4, 3)
X, Y = np.arange(12.0).reshape(6, 2).astype("float32"), np.arange(6) % 3
SENTENCES = data.Sentences(
    words=tuple(tuple(f"w{i + k}" for k in range(5)) for i in range(40)),
    y=np.arange(40) % 2,
    modules=tuple(f"m{i // 2}" for i in range(40)),
    class_names=("a", "b"),
    data="made here",
)
PLAIN = "one two three four five".split()

CASES = {
    "Task": case(
        task, name="t", x_train=X, y_train=Y, x_validation=X, y_validation=Y, x_test=X, y_test=Y,
        class_names=("a", "b", "c"), data="made here",
    ),
    "Sentences": case(
        of_type(data.Sentences), words=(("a", "b"), ("c",)), y=np.array([0, 1]),
        modules=("m", "n"), class_names=("a", "b"), data="made here",
    ),
    "blobs": case(task, seed=1, cluster_std=2.0, n_classes=3, n_train=20, n_validation=6),
    "related_blobs": case(
        tasks, relatedness=0.5, seed=1, cluster_std=2.0, n_classes=3, n_train=20, n_validation=6
    ),
    "load_photos": case(photographs, classes=(0, 1)),
    "photos": case(task, classes=(0, 1), n_train=4, n_validation=2, n_test=4, seed=0),
    "photos_at_most": case(
        task, classes=(0, 1), n_train=4, n_validation=2, n_test=4, seed=0
    ),
    "grey": case(same_shape, photos=PHOTOGRAPHS),
    "mosaic": case(same_shape, photos=PHOTOGRAPHS, size=2),
    "cover_middle": case(same_shape, photos=PHOTOGRAPHS, size=2),
    "shuffle_blocks": case(same_shape, photos=PHOTOGRAPHS, size=2, seed=0),
    "class_split": case(classes, name="random", seed=1).says(name="split"),
    "drawn_photos": case(task, classes=(0, 1), n_train=2, draw=0, n_validation=2, n_test=2).says(
        n_train="rows per class", n_validation="rows per class", n_test="rows per class"
    ),
    "drawn_digits": case(task, n_train=2, draw=0, n_validation=2, n_test=2).says(
        n_train="rows per class", n_validation="rows per class", n_test="rows per class"
    ),
    "drawn_surfaces": case(task, n_train=2, draw=0, n_validation=2, n_test=2, split="by block"),
    "first_per_class": case(task, task=data.blobs(1, n_train=30), n=2, n_validation=2),
    "text_splits": case(
        splits, sentences=SENTENCES, n_splits=4, by="sentence", n_labelled=1, n_validation=1,
        n_test=1, seed=0,
    ).says(n_splits="of split", n_labelled="train rows, sentences", n_validation="validation rows",
           n_test="test rows"),
    "docstring_sentences": case(of_type(data.Sentences), packages=("tomllib",)),
    "overlaps": case(shares, sentences=[PLAIN, PLAIN[1:]], others=[PLAIN], least=0.5),
}  # fmt: skip
EXEMPT = {"DataError": "an exception"}

test_names, test_valid, test_hostile, test_two_hostile = fuzz_tests(data, CASES, EXEMPT)
