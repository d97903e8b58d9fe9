"""The convolutional network of the CIFAR-10 tutorial: feature layers, classification layers."""

import numpy as np

from ..checks import check_choice, check_whole, shown
from .checks import (
    check_classifier,
    check_learning_rate,
    check_model,
    check_n_frozen,
    is_finite_array,
)

N_FILTERS, N_UNITS = 64, 128  # of each convolution, of the hidden dense layer
LEARNING_RATE, BATCH_SIZE = 1e-3, 128  # as published, with Adam
STEPS_PER_CALL = 16  # updates in one call of TensorFlow: a small head trains twice as fast
N_CONVOLUTIONS = 2  # the feature layers with weights
N_LAYERS = 4  # with weights, in all
IMAGE_SHAPE = (32, 32, 3)
MOST_CLASSES = 10_000
PRECISIONS = "float32", "mixed_bfloat16", "mixed_float16"


def feature_layers(seed=None, precision: str = "float32") -> list:
    """Make the layers that turn a photograph into 14 x 14 x 64 features.

    Pixels of 0 to 255 are divided by 255 by the first layer, so that the data can stay uint8.

    Args:
        seed: start of the weights and of Dropout, 0 or more; None draws from Keras' global
            generator.
        precision: Keras dtype policy. "mixed_bfloat16" keeps float32 weights and computes with
            16 bits: 2.5 times faster on processors that can (AVX512-BF16).
    """
    from ..backend import keras

    check_choice("precision", precision, PRECISIONS)
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
    from ..backend import keras

    check_whole("n_classes", n_classes, 2, MOST_CLASSES)
    check_choice("precision", precision, PRECISIONS)
    first, drop, last = _seeds(seed, "head", 3)
    kind = {"dtype": precision}
    return [
        keras.layers.Dense(N_UNITS, kernel_initializer=_start(first), **kind),
        keras.layers.Activation("relu", **kind),
        keras.layers.Dropout(0.25, seed=drop, **kind),
        keras.layers.Dense(int(n_classes), kernel_initializer=_start(last), **kind),
        keras.layers.Activation("softmax", dtype="float32"),
    ]


def build(n_classes: int = 5, seed=None, precision: str = "float32"):
    """Build and compile the tutorial's network: feature layers, then classification layers.

    Returns:
        A `keras.Sequential` for photographs (batch, 32, 32, 3) of 0 to 255 and integer labels.
    """
    features = feature_layers(seed, precision)
    return stack(features, classification_layers(n_classes, seed, precision))


def stack(features: list, head: list, learning_rate: float = LEARNING_RATE):
    """Put a head on feature layers and compile; the layers are used, not copied.

    Raises:
        ValueError: for what are no layers, or no rate.
    """
    from ..backend import keras

    check_learning_rate(learning_rate)
    for name, layers in (("features", features), ("head", head)):
        fits = isinstance(layers, tuple | list) and len(layers) > 0
        if not fits or not all(isinstance(layer, keras.Layer) for layer in layers):
            raise ValueError(
                f"{name}={shown(layers)}: give Keras layers in a list, such as "
                "`convnet.feature_layers` and `convnet.classification_layers` make."
            )
    model = keras.Sequential([keras.Input(IMAGE_SHAPE), *features, *head])
    return compile_adam(model, learning_rate)


def compile_adam(model, learning_rate: float = LEARNING_RATE):
    """Compile for integer labels with Adam.

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
        optimizer=keras.optimizers.Adam(float(learning_rate)),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
        steps_per_execution=STEPS_PER_CALL,
    )
    return model


def split_at_dropout(model):
    """Cut a network in two that share its layers: the features, and what comes after them.

    Dropout stays with the second part, because it draws anew at every update, also when the
    convolutions are frozen. What comes before it is the same at every update, so it can be computed
    once (`features_once`).

    Returns:
        (model from photographs to features (batch, 14, 14, 64), compiled model from these features
        to class probabilities).
    """
    from ..backend import keras

    check_model(model)
    drops = [isinstance(layer, keras.layers.Dropout) for layer in model.layers]
    if True not in drops or tuple(model.input_shape[1:]) != IMAGE_SHAPE:
        raise ValueError(
            f"model: {model.name} has no Dropout layer to cut at, or takes no photographs of shape "
            f"{IMAGE_SHAPE}: give one that `convnet.build` makes."
        )
    check_classifier(model)
    cut = drops.index(True)
    features = keras.Sequential([keras.Input(IMAGE_SHAPE), *model.layers[:cut]])
    head = keras.Sequential([keras.Input(features.output_shape[1:]), *model.layers[cut:]])
    return features, compile_adam(head, float(model.optimizer.learning_rate.numpy()))


def get_weights(model) -> list:
    """The weights of each layer that has any: kernel and bias, first layer first."""
    check_model(model)
    return [tuple(layer.get_weights()) for layer in model.layers if layer.weights]


def copy_weights(model, weights, n_copied: int) -> None:
    """Give the first `n_copied` layers with weights these weights.

    Args:
        weights: as `get_weights` gives them; may hold more layers than are copied.

    Raises:
        ValueError: if there are too few, the shapes differ, or they hold NaN or infinity. The
            model then is as it was.
    """
    check_model(model)
    layers = [layer for layer in model.layers if layer.weights]
    check_n_frozen(n_copied, len(layers), "n_copied")
    copied = pairs(weights)[:n_copied]
    if len(copied) < n_copied:
        raise ValueError(
            f"n_copied={n_copied}, but the base model gives {len(weights)} layers: copy 0 to "
            f"{len(weights)}, or train a base model that keeps its head."
        )
    for layer, arrays in zip(layers[:n_copied], copied, strict=True):
        own = [tuple(weight.shape) for weight in layer.weights]
        if [array.shape for array in arrays] != own:
            found = " and ".join(str(array.shape) for array in arrays)
            raise ValueError(
                f"{layer.name} has weights of shape {' and '.join(map(str, own))}, the base model "
                f"{found}: take a base model with as many classes, or copy fewer layers."
            )
        if not all(array.dtype.kind in "fiu" and is_finite_array(array) for array in arrays):
            raise ValueError(
                f"the base model's weights for {layer.name} hold NaN or infinity: train the base "
                "again, with a smaller learning rate."
            )
    for layer, arrays in zip(layers[:n_copied], copied, strict=True):
        layer.set_weights(arrays)


def pairs(weights) -> list:
    """Kernel and bias of each layer as arrays, or one clear error."""
    try:
        return [(np.asarray(kernel), np.asarray(bias)) for kernel, bias in weights]
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"weights of type {type(weights).__name__}: give a kernel and a bias for each layer, "
            "as `convnet.get_weights` does."
        ) from error


def _start(seed):
    from ..backend import keras

    return keras.initializers.GlorotUniform(seed=seed)


def _seeds(seed, part: str, n: int) -> list:
    """Seeds of a part's layers, so that the head starts alike whatever the features start from."""
    if seed is None:
        return [None] * n
    check_whole("seed", seed, 0)
    parts = ("features", "head")
    state = np.random.SeedSequence([seed, parts.index(part)]).generate_state(n)
    return [int(one) for one in state]
