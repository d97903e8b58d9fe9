"""The multilayer perceptron of the blobs lessons in plain Keras."""

import numpy as np

from ..checks import check_whole, shown
from .checks import check_learning_rate, check_model, check_sizes

HIDDEN = (5, 5)  # units of the hidden layers in the published tutorial


def layer_sizes(n_features: int = 2, n_classes: int = 3, hidden: tuple[int, ...] = HIDDEN):
    """Units of every layer, input first.

    Raises:
        ValueError: for a network that cannot be.

    >>> layer_sizes()
    (2, 5, 5, 3)
    """
    if not isinstance(hidden, tuple | list):
        raise ValueError(f"hidden={shown(hidden)}: give the units of each hidden layer in a tuple.")
    sizes = (n_features, *hidden, n_classes)
    check_sizes(sizes)
    if n_classes < 2:
        raise ValueError(f"n_classes={n_classes}: a classifier needs 2 or more.")
    return sizes


def build(n_features: int = 2, n_classes: int = 3, hidden: tuple[int, ...] = HIDDEN, seed=None):
    """Build and compile the tutorial's multilayer perceptron.

    ReLU hidden layers that start from `he_uniform`, a softmax output layer, cross-entropy, plain
    stochastic gradient descent with learning rate 0.01.

    Args:
        n_features, n_classes: of the task.
        hidden: units of each hidden layer.
        seed: start of the weights, 0 or more; None draws from Keras' global generator.

    Returns:
        A compiled `keras.Sequential` for float32 (batch, n_features) and integer labels.

    Raises:
        ValueError: for sizes or a seed that are none.
    """
    from ..backend import keras

    *_, n_out = sizes = layer_sizes(n_features, n_classes, hidden)
    starts = [None] * len(sizes)
    if seed is not None:
        check_whole("seed", seed, 0)
        starts = [int(state) for state in np.random.SeedSequence(seed).generate_state(len(sizes))]
    model = keras.Sequential([keras.Input((int(n_features),))])
    for i, units in enumerate(hidden):
        start = keras.initializers.HeUniform(seed=starts[i])
        model.add(keras.layers.Dense(int(units), "relu", kernel_initializer=start))
    start = keras.initializers.GlorotUniform(seed=starts[-1])
    model.add(keras.layers.Dense(int(n_out), "softmax", kernel_initializer=start))
    return compile_sgd(model)


def compile_sgd(model, learning_rate: float = 0.01):
    """Compile for integer labels with plain SGD.

    Do it again after layers were frozen or unfrozen by hand; `networks.freeze` does so itself.

    Args:
        model: any Keras classifier.
        learning_rate: above 0.

    Returns:
        The same model.
    """
    from ..backend import keras

    check_model(model)
    check_learning_rate(learning_rate)
    model.compile(
        optimizer=keras.optimizers.SGD(float(learning_rate)),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    return model
