"""Which word vectors tell sentences apart, with how few labels?  Lesson 13.

Every source of vectors goes the same way: the mean of a sentence's word vectors, weighted by idf,
then ridge regression on the classes. A bag of words is the same mean, with a direction of its own
for each word.

    weights     what each word counts in each sentence, sparse (n_sentences, n_words)
    vectors     one row per word, (n_words, dimension); None for a bag of words
    per_class   labelled sentences per class to train on; as many choose the penalty, if the split
                has them
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from ..checks import check_function, check_names, check_whole, is_whole, shown
from ..data.held_out import TextSplit
from ..data.text import Sentences
from ..networks.sentences import inverse_frequencies, sentence_weights
from ..networks.words import WordVectors

PENALTIES = tuple(10.0**power for power in range(-2, 4))
RATES = (0.003, 0.03, 0.1)  # of the vectors' steps, in units of their spread
N_STEPS, EVERY = 60, 5  # steps of fine-tuning, and how often they are judged
TUNED = ", fine-tuned"  # at the end of a label: the vectors moved, too


class Ridge(NamedTuple):
    """A linear classifier.

    Attributes:
        kernel: (n_features, n_classes).
        bias: (n_classes,).
        penalty: the one that was best on the validation rows.
    """

    kernel: np.ndarray
    bias: np.ndarray
    penalty: float

    def accuracy(self, x, y) -> float:
        """The part of the rows that get their own class, 0 to 1."""
        return float(((x @ self.kernel + self.bias).argmax(axis=1) == y).mean())


def ridge(x, y, x_validation, y_validation, n_classes: int, penalties=PENALTIES) -> Ridge:
    """Fit ridge regression on the classes; the penalty is chosen on the validation rows.

    Args:
        x, x_validation: features, (n_rows, n_features), arrays or sparse ones.
        y, y_validation: labels from 0 up, (n_rows,).
        penalties: in units of the features' mean square, so that scale does not matter; of equally
            good ones the largest is taken.
    """
    from sklearn import linear_model

    x, target = x.astype("float64"), np.eye(n_classes)[y]
    centre = np.asarray(x.mean(axis=0)).ravel()
    unit = ((x * x).sum() - len(y) * (centre**2).sum()) / x.shape[1] or 1.0
    best = None
    for penalty in sorted(penalties, reverse=True):
        model = linear_model.Ridge(penalty * unit).fit(x, target)
        found = Ridge(model.coef_.T, model.intercept_, penalty)
        accuracy = found.accuracy(x_validation, y_validation)
        if best is None or accuracy > best[0]:
            best = accuracy, found
    return best[1]


class Rows(NamedTuple):
    """Sentences of one part: what each word counts, (n_rows, n_words), and the labels (n_rows,)."""

    weights: object
    y: np.ndarray


def frozen(vectors, train: Rows, validation: Rows, test: Rows, n_classes: int) -> float:
    """Test accuracy with vectors that stay as they are.

    Args:
        vectors: (n_words, dimension), or None for a bag of words.
    """
    parts = [
        (part.weights if vectors is None else part.weights @ vectors, part.y)
        for part in (train, validation, test)
    ]
    return ridge(*parts[0], *parts[1], n_classes).accuracy(*parts[2])


def fine_tuned(vectors, train: Rows, validation: Rows, test: Rows, n_classes: int) -> float:
    """Test accuracy after the vectors of the training sentences' words have moved, too.

    Begins at the frozen solution and takes gradient steps (Adam) on the same squared error for the
    vectors and the classifier; words that no training sentence has stay where they are. Rate and
    number of steps are chosen on the validation rows; no step at all is allowed.
    """
    used = np.unique(train.weights.indices)
    start = vectors[used]
    a, target = train.weights[:, used], np.eye(n_classes, dtype="float32")[train.y]
    # what the other words, which stay, bring to the mean of a sentence
    seen = {name: part.weights[:, used] for name, part in (("v", validation), ("t", test))}
    stays = {
        name: part.weights @ vectors - seen[name] @ start
        for name, part in (("v", validation), ("t", test))
    }

    def judged(classifier, moved, name, y):
        return classifier.accuracy(stays[name] + seen[name] @ moved, y)

    first = ridge(a @ start, train.y, stays["v"] + seen["v"] @ start, validation.y, n_classes)
    kept = judged(first, start, "v", validation.y), first, start
    for rate in RATES:
        moved, kernel, bias = start, first.kernel.astype("float32"), first.bias.astype("float32")
        sizes = vectors.std(), np.abs(kernel).mean(), 1 / n_classes
        steps = [_Adam(rate * size) for size in sizes]
        for step in range(1, N_STEPS + 1):
            x = a @ moved
            error = (x @ kernel + bias - target) / len(target)
            slopes = a.T @ (error @ kernel.T), x.T @ error, error.sum(axis=0)
            moved, kernel, bias = (
                one - adam(slope)
                for one, adam, slope in zip((moved, kernel, bias), steps, slopes, strict=True)
            )
            if step % EVERY == 0:
                now = Ridge(kernel, bias, first.penalty)
                accuracy = judged(now, moved, "v", validation.y)
                if accuracy > kept[0]:
                    kept = accuracy, now, moved
    return judged(kept[1], kept[2], "t", test.y)


class _Adam:
    """Steps of Adam for one array, with its usual constants."""

    def __init__(self, rate):
        self.rate, self.n, self.mean, self.square = np.float32(rate), 0, 0, 0

    def __call__(self, slope):
        self.n += 1
        self.mean = 0.9 * self.mean + 0.1 * slope
        self.square = 0.999 * self.square + 0.001 * slope**2
        mean, square = self.mean / (1 - 0.9**self.n), self.square / (1 - 0.999**self.n)
        return self.rate * mean / (np.sqrt(square) + 1e-8)


def run_sources(
    sources: Mapping,
    sentences: Sentences,
    splits,
    per_class,
    *,
    tuned=(),
    progress=iter,
) -> dict[str, np.ndarray]:
    """Measure sources of word vectors on the same splits.

    Args:
        sources: label (text, or a whole number) -> `WordVectors`; or a function that makes them
            from the unlabelled sentences of a split, a list of tuples of words; or None for a bag
            of words.
        sentences: what the rows of the splits refer to.
        splits: `TextSplit` records.
        per_class: labelled sentences per class to train on, several numbers; as many of the
            validation sentences choose, or all if there are fewer.
        tuned: labels of sources to fine-tune as well; they come as the label with `TUNED`.
        progress: wraps the results as they come, such as `tqdm.tqdm`.

    Returns:
        Label -> test accuracy, (n_splits, n_sizes). Words without vector count nothing; a sentence
        without any word that has one counts as a row of zeros.

    Raises:
        ValueError: for more labelled sentences than the splits have, a source that knows no word of
            theirs, a label in `tuned` that is no source, or a bag of words to be fine-tuned.
    """
    from joblib import Parallel, delayed

    check_sources(sources, sentences)
    splits, per_class = check_splits(splits, sentences), _listed("per_class", per_class)
    if not splits or not per_class:
        raise ValueError(
            "nothing to run: give one or more in splits, and in per_class, of sentences."
        )
    for n in per_class:
        check_whole("per_class", n, 1, min(split.train.shape[1] for split in splits))
    check_function("progress", progress, "tqdm.tqdm")
    tuned = _listed("tuned", tuned)
    check_names("tuned", tuned, 0)
    for label in tuned:
        if sources.get(label) is None:
            names = ", ".join(str(name) for name, one in sources.items() if one is not None)
            raise ValueError(
                f"tuned: {label!r} has no vectors to fine-tune: choose from {names or 'none'}, the "
                "sources that have some."
            )
    # processes, since threads of Python wait for each other here
    runs = Parallel(n_jobs=min(2, len(splits)), return_as="generator")(
        delayed(_run_split)(sentences, split, sources, per_class, tuned) for split in splits
    )
    found = list(progress(runs))
    return {label: np.array([one[label] for one in found]) for label in found[0]}


def _listed(name, values) -> list:
    """The values as a list, or one clear error unless they are several."""
    try:
        return [*(None if isinstance(values, str | bytes) else values)]
    except TypeError:
        raise ValueError(f"{name}={shown(values)}: give them in a list or a tuple.") from None


def check_sources(sources, sentences) -> None:
    """Raise one clear error unless these are sources of vectors, and sentences to tell apart."""
    if not isinstance(sources, Mapping) or not sources:
        raise ValueError(
            f"nothing to run: sources={shown(sources)}: give a dict from labels to vectors."
        )
    check_names("labels of sources", [label for label in sources if not is_whole(label)], 0)
    for label, source in sources.items():
        if source is not None and not isinstance(source, WordVectors) and not callable(source):
            raise ValueError(
                f"sources: {label} has {shown(source)}: give `WordVectors`, a function that makes "
                "them, or None."
            )
    if not isinstance(sentences, Sentences):
        raise ValueError(f"sentences={shown(sentences)}: give what `docstring_sentences` makes.")


def check_splits(splits, sentences) -> list:
    """The splits as a list, or one clear error unless their rows are rows of the sentences."""
    splits = _listed("splits", splits)
    for split in splits:
        if not isinstance(split, TextSplit):
            raise ValueError(f"splits: {shown(split)} is none: give what `text_splits` makes.")
        for name, rows in split._asdict().items():
            n_axes = 1 if name == "unlabelled" else 2
            whole = type(rows) is np.ndarray and rows.dtype.kind in "iu" and rows.size > 0
            fits = whole and rows.ndim == n_axes and 0 <= rows.min() <= rows.max() < len(sentences)
            if not fits or (n_axes == 2 and len(rows) != len(sentences.class_names)):
                raise ValueError(
                    f"splits: {name}={shown(rows)}: give rows of the sentences, 0 to "
                    f"{len(sentences) - 1}, class by class, as `text_splits` makes them."
                )
    return splits


def _run_split(sentences, split, sources, per_class, tuned):
    """Accuracies of all sources on one split: label -> one for each number of sentences."""
    from threadpoolctl import threadpool_limits

    # small matrices: several threads of BLAS would wait for each other
    with threadpool_limits(1):
        return _measure_split(sentences, split, sources, per_class, tuned)


def _measure_split(sentences, split, sources, per_class, tuned):
    """The same, with as many threads as there are."""
    text = sentences.some(split.unlabelled)
    idf, n_classes, found = inverse_frequencies(text), len(sentences.class_names), {}
    used = {"train": max(per_class), "validation": max(per_class), "test": split.test.shape[1]}
    rows = {name: getattr(split, name)[:, :most] for name, most in used.items()}
    parts = {name: sentences.some(some) for name, some in rows.items()}
    words = list(dict.fromkeys([*idf, *(w for part in parts.values() for s in part for w in s)]))
    weights = {name: sentence_weights(part, words, idf) for name, part in parts.items()}
    for label, source in sources.items():
        made = source(text) if callable(source) else source
        known = [i for i, word in enumerate(words) if word in (idf if made is None else made)]
        if not known:
            raise ValueError(f"{label!r} knows no word of these sentences: is it another language?")
        vectors = None if made is None else made.vectors[[made.rows[words[i]] for i in known]]
        means = {name: _means(part[:, known]) for name, part in weights.items()}
        for n in per_class:
            most = {"train": n, "validation": n, "test": used["test"]}
            few = [_first(means[name], rows[name], most[name]) for name in most]
            found.setdefault(label, []).append(frozen(vectors, *few, n_classes))
            if label in tuned:
                accuracy = fine_tuned(vectors, *few, n_classes)
                found.setdefault(label + TUNED, []).append(accuracy)
    return found


def _means(weights):
    """Rows that add up to 1; a row of zeros stays."""
    from scipy import sparse

    total = np.asarray(weights.sum(axis=1)).ravel()
    return (sparse.diags_array(1 / np.where(total, total, 1)) @ weights).tocsr()


def _first(weights, rows, n):
    """The first n sentences of each class, or all, of weights that go class by class."""
    n_classes, of_class = rows.shape
    n = min(n, of_class)
    places = (np.arange(n_classes)[:, None] * of_class + np.arange(n)).ravel()
    return Rows(weights[places], np.repeat(np.arange(n_classes), n))
