"""Hostile arguments for the public functions of `networks` that need no Keras model.

Those that take one are in `test_fuzz_keras.py`.
"""

import numpy as np
import pytest
from fuzz_harness import case, fuzz_tests, sound

from lib import networks
from lib.data import blobs
from lib.networks import mlp, replicates, streams

TASK = blobs(1, n_train=20, n_validation=6)
SIZES = 2, 3, 3
START = streams.initial_weights(SIZES, [1, 2])
SENTENCES = [tuple("the cat sat on the mat".split()), tuple("the dog sat on the cat".split())]
VECTORS = networks.WordVectors(
    tuple("the cat sat dog mat".split()), np.eye(5, 3, dtype="float32") + 0.5, "made here", "none"
)


def weights(layers):
    """Kernels (R, i, o) and biases (R, o) that fit on each other, finite."""
    for kernel, bias in layers:
        assert kernel.ndim == 3 and bias.shape == (kernel.shape[0], kernel.shape[2])
        assert np.isfinite(kernel).all() and np.isfinite(bias).all()


def runs(found):
    """Accuracies from 0 to 1."""
    assert found.accuracy.ndim == 2 and len(found.accuracy)
    shares(found.accuracy)
    weights(found.weights)


def shares(found):
    """Numbers from 0 to 1."""
    assert np.isfinite(found).all() and (found >= 0).all() and (found <= 1).all()


def orders(found):
    """Every row once in every epoch."""
    n_rows = found.shape[2]
    assert (np.sort(found, axis=2) == np.arange(n_rows)).all()


def sizes(found):
    """Whole numbers from 1 up."""
    assert all(isinstance(n, int | np.integer) and n >= 1 for n in found)


def frequencies(found):
    """A weight of 1 or more per word."""
    assert all(isinstance(w, str) and 1 <= v < 100 for w, v in found.items())


def rows_of_weights(found):
    """Rows that add up to 1 or 0."""
    total = np.asarray(found.sum(axis=1)).ravel()
    assert np.all(np.isclose(total, 1, atol=1e-5) | (total == 0))


def vectors(one):
    """Finite vectors, one per word."""
    assert isinstance(one, networks.WordVectors) and np.isfinite(one.vectors).all()


def map_of_classes(one):
    """A finite grid with classes."""
    assert np.isfinite(one.xx0).all() and np.isfinite(one.xx1).all() and (one.response >= 0).all()
    assert (np.diff(one.xx0[0]) > 0).all()


IDF = networks.inverse_frequencies(SENTENCES)
CASES = {
    "layer_sizes": case(sizes, n_features=2, n_classes=3, hidden=(5, 5)).says(
        n_features="layer sizes", hidden="layer sizes", n_classes="layer sizes"
    ),
    "initial_weights": case(weights, sizes=SIZES, seeds=[1, 2]),
    "data_orders": case(orders, n_rows=6, n_epochs=2, seeds=[1, 2]),
    "repeat": case(weights, weights=START, n=2),
    "graft": case(weights, base=START, fresh=streams.initial_weights(SIZES, [3, 4]), n_copied=1,
                  new_layers=(0,)).says(base="weights, layers", fresh="weights, layers"),
    "matched": case(weights, bases=START, seeds=[1, 2]).says(bases="weights"),
    "replicates.train": case(
        runs, task=TASK, start=START, seeds=[1, 2], n_epochs=1, n_frozen=0, learning_rate=0.01,
        batch_size=10, measure_validation=True, on_divergence="raise",
    ).on(lambda: replicates.train).says(start="weights, networks, layers"),
    "replicates.accuracy": case(shares, task=TASK, weights=START).on(
        lambda: replicates.accuracy
    ).says(weights="networks, layers"),
    "class_map": case(
        map_of_classes, predict=lambda x: x, points=np.array([[0.0, 0.0], [4.0, 4.0]]), n=3,
        margin=1.0,
    ),
    "inverse_frequencies": case(frequencies, sentences=SENTENCES),
    "sentence_weights": case(
        rows_of_weights, sentences=SENTENCES, words=("the", "cat", "sat"), idf=IDF
    ),
    "sentence_features": case(sound, sentences=SENTENCES, vectors=VECTORS, idf=IDF).says(
        vectors="sentences"
    ),
    "WordVectors": case(
        vectors, words=("a", "b"), vectors=np.ones((2, 3), "float32"), source="here",
        licence="none",
    ),
    "WordVectors.nearest": case(sound, query="cat", n=2, without=()).on(lambda: VECTORS.nearest)
    .says(query="vector, words"),
    "WordVectors.some": case(vectors, words=("cat", "dog")).on(lambda: VECTORS.some),
    "learn_vectors": case(
        vectors, sentences=SENTENCES * 3, dimension=2, window=2, fewest=1, smoothing=0.75,
        source="here",
    ).says(fewest="occur", sentences="words"),
    "random_vectors": case(vectors, words=("a", "b"), dimension=3, seed=0),
}  # fmt: skip
KERAS = "uses Keras, or files of models or vectors: test_fuzz_keras.py has it"
EXEMPT = dict.fromkeys(
    ("ModelFileError", "VectorFileError"), "an exception, which the others raise"
)
EXEMPT |= dict.fromkeys(
    (
        "count_weights", "curve_of", "features_of", "features_once", "fit", "fit_epochs", "freeze",
        "from_keras", "glove_vectors", "load_features", "load_model", "load_vectors", "pretrained",
        "read_vectors", "save_model", "save_vectors", "to_keras",
    ),
    KERAS,
)  # fmt: skip

test_names, test_valid, test_hostile, test_two_hostile = fuzz_tests(networks, CASES, EXEMPT)


@pytest.mark.parametrize("name", ["mlp.build"])
def test_settings_of_a_network_are_checked_before_keras_is_needed(name):
    with pytest.raises(ValueError, match="layer sizes"):
        mlp.build(hidden=("a",))
