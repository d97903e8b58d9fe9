"""Splits of sentences: whole modules held out, or sentences at random.  Lesson 13."""

from typing import NamedTuple

import numpy as np

from ..checks import check_choice, check_whole, shown
from .text import Sentences

MOST_SPLITS = 1000
FOLDS_TO_CHOOSE = 2  # validation sentences come from two folds, since one may be too small


class TextSplit(NamedTuple):
    """Rows of `Sentences`, none in two of test, validation and the rest.

    Attributes:
        train: labelled rows, (n_classes, n_labelled); the first n of each class are a smaller set.
        validation: labelled rows to make choices with, (n_classes, n_validation).
        test: labelled rows to measure on, (n_classes, n_test).
        unlabelled: all rows that are neither in the test fold nor in the validation folds, in
            random order, (n,); those of `train` are among them, without their labels.
    """

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray
    unlabelled: np.ndarray


def text_splits(
    sentences: Sentences,
    n_splits: int = 12,
    *,
    by: str = "module",
    n_labelled: int = 200,
    n_validation: int = 200,
    n_test: int = 100,
    seed: int = 0,
) -> list[TextSplit]:
    """Split sentences several times; no sentence is in the test rows of two splits.

    The sentences are dealt into `n_splits` folds. Split k tests on fold k, chooses on the next two,
    and takes labelled and unlabelled sentences from the others.

    Args:
        sentences: of several classes.
        n_splits: 4 or more.
        by: "module", so that all sentences of a source file are in one fold, or "sentence", each
            dealt by itself.
        n_labelled: sentences per class to train on.
        n_validation: sentences per class to choose with.
        n_test: sentences per class to test on.
        seed: decides what is dealt where, and what is drawn.

    Raises:
        ValueError: if a class has fewer sentences than asked for, or for another `by`.
    """
    if not isinstance(sentences, Sentences):
        raise ValueError(f"sentences={shown(sentences)}: give what `docstring_sentences` makes.")
    check_whole("n_splits", n_splits, FOLDS_TO_CHOOSE + 2, MOST_SPLITS)
    check_whole("n_labelled", n_labelled, 1)
    check_whole("n_validation", n_validation, 1)
    check_whole("n_test", n_test, 1)
    check_whole("seed", seed, 0)
    check_choice("by", by, ("module", "sentence"))
    groups = np.arange(len(sentences))
    if by == "module":
        _, groups = np.unique(sentences.modules, return_inverse=True)
    fold = _dealt(groups, sentences.y, n_splits, np.random.default_rng([seed, 0]))
    wanted = {"test": n_test, "validation": n_validation, "train": n_labelled}
    return [
        _split(sentences, fold, k, n_splits, wanted, np.random.default_rng([seed, 1, k]))
        for k in range(n_splits)
    ]


def _dealt(groups, y, n_folds, rng):
    """The fold of each row: as many of each class in each fold as can be; groups stay whole."""
    fold = np.empty(len(y), "int64")
    for label in np.unique(y):
        rows = np.flatnonzero(y == label)
        _, group, counts = np.unique(groups[rows], return_inverse=True, return_counts=True)
        order = rng.permutation(len(counts))
        order = order[np.argsort(-counts[order], kind="stable")]  # large ones first
        filled, of_group = np.zeros(n_folds, "int64"), np.empty(len(counts), "int64")
        places = rng.permutation(n_folds)
        for one in order:
            of_group[one] = k = places[filled[places].argmin()]
            filled[k] += counts[one]
        fold[rows] = of_group[group]
    return fold


def _split(sentences, fold, k, n_folds, wanted, rng):
    """One split; fold k tests."""
    choosing = [(k + 1 + i) % n_folds for i in range(FOLDS_TO_CHOOSE)]
    parts = {"test": fold == k, "validation": np.isin(fold, choosing)}
    parts["train"] = ~(parts["test"] | parts["validation"])
    drawn = {}
    for part, among in parts.items():
        of_class = [
            rng.permutation(np.flatnonzero(among & (sentences.y == label)))[: wanted[part]]
            for label in range(len(sentences.class_names))
        ]
        for name, rows in zip(sentences.class_names, of_class, strict=True):
            if len(rows) < wanted[part]:
                raise ValueError(
                    f"{name} has {len(rows)} sentences for the {part} rows of split {k}, but "
                    f"{wanted[part]} per class were asked for: choose {len(rows)} or fewer."
                )
        drawn[part] = np.stack(of_class)
    return TextSplit(**drawn, unlabelled=rng.permutation(np.flatnonzero(parts["train"])))
