"""The multilayer perceptron in plain Keras: build, freeze, count, save and load."""

import os
import zipfile
from pathlib import Path
from typing import NamedTuple

import numpy as np

HIDDEN = (5, 5)  # units of the hidden layers in the published tutorial


class ModelFileError(Exception):
    """A saved model that is missing, damaged, or of another shape."""


class Counts(NamedTuple):
    """Numbers of weights in a model."""

    trainable: int
    frozen: int

    @property
    def total(self) -> int:
        return self.trainable + self.frozen


def layer_sizes(n_features: int = 2, n_classes: int = 3, hidden: tuple[int, ...] = HIDDEN):
    """Units of every layer, input first.

    >>> layer_sizes()
    (2, 5, 5, 3)
    """
    sizes = (n_features, *hidden, n_classes)
    if min(sizes) < 1:
        raise ValueError(f"layer sizes {sizes}: each must be 1 or more.")
    if n_classes < 2:
        raise ValueError(f"n_classes={n_classes}: a classifier needs 2 or more.")
    return sizes


def mlp(n_features: int = 2, n_classes: int = 3, hidden: tuple[int, ...] = HIDDEN, seed=None):
    """Build and compile the tutorial's multilayer perceptron.

    ReLU hidden layers that start from `he_uniform`, a softmax output layer, cross-entropy, plain
    stochastic gradient descent with learning rate 0.01.

    Args:
        n_features, n_classes: of the task.
        hidden: units of each hidden layer.
        seed: start of the weights; None draws from Keras' global generator.

    Returns:
        A compiled `keras.Sequential` for float32 (batch, n_features) and integer labels.
    """
    from .backend import keras

    *_, n_out = sizes = layer_sizes(n_features, n_classes, hidden)
    starts = [None] * len(sizes)
    if seed is not None:
        starts = [int(state) for state in np.random.SeedSequence(seed).generate_state(len(sizes))]
    model = keras.Sequential([keras.Input((n_features,))])
    for i, units in enumerate(hidden):
        start = keras.initializers.HeUniform(seed=starts[i])
        model.add(keras.layers.Dense(units, "relu", kernel_initializer=start))
    start = keras.initializers.GlorotUniform(seed=starts[-1])
    model.add(keras.layers.Dense(n_out, "softmax", kernel_initializer=start))
    return compile_model(model)


def compile_model(model, learning_rate: float = 0.01):
    """Compile for integer labels with plain SGD; do it again after every freeze or unfreeze."""
    from .backend import keras

    model.compile(
        optimizer=keras.optimizers.SGD(learning_rate),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    return model


def freeze(model, n_frozen: int, learning_rate: float = 0.01):
    """Freeze the first `n_frozen` layers with weights, unfreeze the others, compile again.

    Raises:
        ValueError: if the model has fewer layers with weights.
    """
    set_frozen(model, n_frozen)
    return compile_model(model, learning_rate)


def set_frozen(model, n_frozen: int) -> None:
    """Mark the first `n_frozen` layers with weights as frozen, the others as trainable.

    It takes effect when the model is compiled again.
    """
    layers = [layer for layer in model.layers if layer.weights]
    check_n_frozen(n_frozen, len(layers))
    for i, layer in enumerate(layers):
        layer.trainable = i >= n_frozen


def check_n_frozen(n_frozen: int, n_layers: int) -> None:
    """Raise one clear error unless n_frozen is a whole number from 0 to n_layers."""
    if not _is_whole(n_frozen) or not 0 <= n_frozen <= n_layers:
        raise ValueError(
            f"n_frozen={n_frozen!r}, but this model has {n_layers} layers with weights: "
            f"choose 0 to {n_layers}."
        )


def check_positive(name: str, value) -> None:
    """Raise one clear error unless the value is a whole number from 1 up."""
    if not _is_whole(value) or value < 1:
        raise ValueError(f"{name}={value!r}: choose a whole number from 1 up.")


def check_batch_size(batch_size: int, task) -> None:
    """Raise one clear error unless the task's training rows fill at least one batch."""
    check_positive("batch_size", batch_size)
    if batch_size > len(task.x_train):
        raise ValueError(
            f"batch_size={batch_size}, but {task.name} has {len(task.x_train)} rows to train on: "
            f"choose 1 to {len(task.x_train)}."
        )


def _is_whole(value) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


def count_weights(model) -> Counts:
    """Count trainable and frozen weights."""

    def total(weights):
        return sum(int(weight.numpy().size) for weight in weights)

    return Counts(total(model.trainable_weights), total(model.non_trainable_weights))


class ClassMap(NamedTuple):
    """The class that a model gives to every point of a grid.

    Attributes:
        x, y: positions of the columns and rows, (n_points,).
        classes: (n_points, n_points), row by row.
    """

    x: np.ndarray
    y: np.ndarray
    classes: np.ndarray


def class_map(predict, points, n_points: int = 150, margin: float = 1.0) -> ClassMap:
    """Ask a model for the class of every point of a grid that covers the given points.

    Args:
        predict: takes float32 (n, 2), gives class scores (n, n_classes), as a Keras model does.
        points: (n, 2).
        margin: how far the grid reaches beyond the points, in the units of the axes.
    """
    (low_x, low_y), (high_x, high_y) = points.min(axis=0) - margin, points.max(axis=0) + margin
    x, y = np.linspace(low_x, high_x, n_points), np.linspace(low_y, high_y, n_points)
    grid = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2).astype("float32")
    classes = np.asarray(predict(grid)).argmax(axis=1).reshape(n_points, n_points)
    return ClassMap(x, y, classes)


def save_model(model, path) -> Path:
    """Write the model to a `.keras` file, whole or not at all.

    Raises:
        ModelFileError: if the file cannot be written; an earlier file stays as it was.
    """
    path = Path(path)
    if path.suffix != ".keras":
        raise ModelFileError(f"{path.name}: give the file a name that ends in .keras.")
    partial = path.with_name(f".{path.stem}.{os.getpid()}.keras")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        model.save(partial)
        os.replace(partial, path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise ModelFileError(
            f"{path.name} could not be written ({reason}): free some space or choose another "
            "folder, then save again; the model is still in memory."
        ) from error
    finally:
        try:
            partial.unlink(missing_ok=True)
        except OSError:
            pass  # the folder itself is not there
    return path


def load_model(path, sizes: tuple[int, ...] | None = None):
    """Read a model from a `.keras` file in safe mode: no code from the file is run.

    Args:
        path: a file that `save_model` wrote.
        sizes: expected `layer_sizes`, input first; None accepts any.

    Raises:
        ModelFileError: if the file is missing, damaged, or holds a model of another shape.
    """
    from .backend import keras

    path = Path(path)
    if not path.is_file():
        raise ModelFileError(f"{path.name} is not there: run the lesson that saves it first.")
    damaged = f"{path.name} is damaged or not a .keras file: delete it and save the model again."
    if not zipfile.is_zipfile(path):
        raise ModelFileError(damaged)
    try:
        model = keras.models.load_model(path, safe_mode=True)
    except Exception as error:
        raise ModelFileError(f"{damaged} ({type(error).__name__})") from error
    if sizes is not None:
        found = _sizes_of(model)
        if found != tuple(sizes):
            raise ModelFileError(
                f"{path.name} holds a model with layers of {found} units, but {tuple(sizes)} "
                "were expected: load another file, or train this one again."
            )
    return model


def _sizes_of(model) -> tuple[int, ...]:
    kernels = [layer.kernel.shape for layer in model.layers if hasattr(layer, "kernel")]
    return (kernels[0][0], *(kernel[-1] for kernel in kernels)) if kernels else ()
