"""The convolutional network of the CIFAR-10 tutorial: feature layers, classification layers."""

import hashlib
from pathlib import Path

import numpy as np

from . import models

N_FILTERS, N_UNITS = 64, 128  # of each convolution, of the hidden dense layer
LEARNING_RATE, BATCH_SIZE = 1e-3, 128  # as published, with Adam
STEPS_PER_CALL = 16  # updates in one call of TensorFlow: a small head trains twice as fast
N_CONVOLUTIONS = 2  # the feature layers with weights
IMAGE_SHAPE = (32, 32, 3)
MODELS = Path(__file__).resolve().parents[1] / "data" / "models"


def feature_layers(seed=None, precision: str = "float32") -> list:
    """Make the layers that turn a photograph into 14 x 14 x 64 features.

    Pixels of 0 to 255 are divided by 255 by the first layer, so that the data can stay uint8.

    Args:
        seed: start of the weights and of Dropout; None draws from Keras' global generator.
        precision: Keras dtype policy. "mixed_bfloat16" keeps float32 weights and computes with
            16 bits: 2.5 times faster on processors that can (AVX512-BF16).
    """
    from .backend import keras

    first, second, drop = _seeds(seed, "features", 3)
    kind = {"dtype": precision}
    return [
        keras.layers.Rescaling(1 / 255, **kind),
        keras.layers.Conv2D(N_FILTERS, 3, kernel_initializer=_start(first), **kind),
        keras.layers.Activation("relu", **kind),
        keras.layers.Conv2D(N_FILTERS, 3, kernel_initializer=_start(second), **kind),
        keras.layers.Activation("relu", **kind),
        keras.layers.MaxPooling2D(2, **kind),
        keras.layers.Dropout(0.25, seed=drop, **kind),
        keras.layers.Flatten(**kind),
    ]


def classification_layers(n_classes: int = 5, seed=None, precision: str = "float32") -> list:
    """Make the layers that turn features into class probabilities: the head.

    Args:
        n_classes: 2 or more.
        seed, precision: as in `feature_layers`.
    """
    from .backend import keras

    if n_classes < 2:
        raise ValueError(f"n_classes={n_classes}: a classifier needs 2 or more.")
    first, drop, last = _seeds(seed, "head", 3)
    kind = {"dtype": precision}
    return [
        keras.layers.Dense(N_UNITS, kernel_initializer=_start(first), **kind),
        keras.layers.Activation("relu", **kind),
        keras.layers.Dropout(0.25, seed=drop, **kind),
        keras.layers.Dense(n_classes, kernel_initializer=_start(last), **kind),
        keras.layers.Activation("softmax", dtype="float32"),
    ]


def convnet(n_classes: int = 5, seed=None, precision: str = "float32"):
    """Build and compile the tutorial's network: feature layers, then classification layers.

    Returns:
        A `keras.Sequential` for photographs (batch, 32, 32, 3) of 0 to 255 and integer labels.
    """
    features = feature_layers(seed, precision)
    return stack(features, classification_layers(n_classes, seed, precision))


def stack(features: list, head: list, learning_rate: float = LEARNING_RATE):
    """Put a head on feature layers and compile; the layers are used, not copied."""
    from .backend import keras

    model = keras.Sequential([keras.Input(IMAGE_SHAPE), *features, *head])
    return compile_model(model, learning_rate)


def compile_model(model, learning_rate: float = LEARNING_RATE):
    """Compile with Adam for integer labels; do it again after every freeze or unfreeze."""
    from .backend import keras

    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
        steps_per_execution=STEPS_PER_CALL,
    )
    return model


def freeze(model, n_frozen: int, learning_rate: float = LEARNING_RATE):
    """Freeze the first `n_frozen` layers with weights, unfreeze the others, compile again.

    Args:
        n_frozen: 0 to 4; 1 and 2 are the convolutions.
    """
    models.set_frozen(model, n_frozen)
    return compile_model(model, learning_rate)


def split_at_dropout(model):
    """Cut a network in two that share its layers: the features, and what comes after them.

    Dropout stays with the second part, because it draws anew at every update, also when the
    convolutions are frozen. What comes before it is the same at every update, so it can be computed
    once (`lib.training.features_once`).

    Returns:
        (model from photographs to features (batch, 14, 14, 64), compiled model from these features
        to class probabilities).
    """
    from .backend import keras

    cut = [isinstance(layer, keras.layers.Dropout) for layer in model.layers].index(True)
    features = keras.Sequential([keras.Input(IMAGE_SHAPE), *model.layers[:cut]])
    head = keras.Sequential([keras.Input(features.output_shape[1:]), *model.layers[cut:]])
    return features, compile_model(head, float(model.optimizer.learning_rate.numpy()))


def get_weights(model) -> list:
    """The weights of each layer that has any: kernel and bias, first layer first."""
    return [tuple(layer.get_weights()) for layer in model.layers if layer.weights]


def copy_weights(model, weights, n_copied: int) -> None:
    """Give the first `n_copied` layers with weights these weights.

    Args:
        weights: as `get_weights` gives them; may hold more layers than are copied.

    Raises:
        ValueError: if there are too few, or the shapes differ.
    """
    layers = [layer for layer in model.layers if layer.weights]
    models.check_n_frozen(n_copied, len(layers))
    if len(weights) < n_copied:
        raise ValueError(
            f"n_copied={n_copied}, but the base model gives {len(weights)} layers: copy 0 to "
            f"{len(weights)}, or train a base model that keeps its head."
        )
    for layer, (kernel, bias) in zip(layers[:n_copied], weights[:n_copied], strict=True):
        if kernel.shape != layer.kernel.shape:
            raise ValueError(
                f"{layer.name} has a kernel of shape {tuple(layer.kernel.shape)}, the base model "
                f"{kernel.shape}: take a base model with as many classes, or copy fewer layers."
            )
        layer.set_weights([kernel, bias])


def save_features(weights, path) -> Path:
    """Write trained convolutions to a `.keras` file without head; float32, whole or not at all."""
    from .backend import keras

    model = keras.Sequential([keras.Input(IMAGE_SHAPE), *feature_layers(0)])
    copy_weights(model, weights, N_CONVOLUTIONS)
    return models.save_model(model, path)


def load_features(name: str, folder=MODELS):
    """Read feature layers that the course brings, after a look at their checksum, in safe mode.

    Args:
        name: such as "halves_0"; `data/README.md` lists them.

    Returns:
        A `keras.Sequential` of feature layers.

    Raises:
        lib.models.ModelFileError: if the file is missing, or differs from its checksum.
    """
    path = Path(folder, f"{name}.keras")
    sums = {}
    for line in Path(folder, "SHA256SUMS").read_text().splitlines():
        digest, file = line.split()
        sums[file] = digest
    if path.name not in sums:
        known = ", ".join(sorted(Path(file).stem for file in sums))
        raise models.ModelFileError(f"{name!r} is no model of the course: choose one of {known}.")
    if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != sums[path.name]:
        raise models.ModelFileError(
            f"{path.name} is missing or differs from its checksum, so it is not loaded: get the "
            "file anew with `git checkout data/models`."
        )
    return models.load_model(path)


def _start(seed):
    from .backend import keras

    return keras.initializers.GlorotUniform(seed=seed)


def _seeds(seed, part: str, n: int) -> list:
    """Seeds of a part's layers, so that the head starts alike whatever the features start from."""
    if seed is None:
        return [None] * n
    parts = ("features", "head")
    state = np.random.SeedSequence([seed, parts.index(part)]).generate_state(n)
    return [int(one) for one in state]
