"""Checks that every way of training shares: one clear error each."""

import numpy as np

from ..checks import check_whole, is_finite, is_whole, shown
from ..data.task import Task

SMALLEST, LARGEST = 1e-37, 1e38  # as float32, which networks calculate with
MOST_EPOCHS, MOST_UNITS = 1_000_000, 100_000
LOSS = "sparse_categorical_crossentropy"  # cross-entropy for whole-number labels


def check_n_frozen(n_frozen: int, n_layers: int, name: str = "n_frozen") -> None:
    """Raise one clear error unless n_frozen is a whole number from 0 to n_layers."""
    if not is_whole(n_frozen) or not 0 <= n_frozen <= n_layers:
        raise ValueError(
            f"{name}={n_frozen!r}, but this model has {n_layers} layers with weights: "
            f"choose 0 to {n_layers}."
        )


def check_epochs(n_epochs) -> None:
    """Raise one clear error unless this is a number of epochs."""
    check_whole("n_epochs", n_epochs, 1, MOST_EPOCHS)


def check_sizes(sizes, name: str = "layer sizes") -> None:
    """Raise one clear error unless these are units of layers, input first."""
    fits = isinstance(sizes, tuple | list) and len(sizes) >= 2
    if not fits or not all(is_whole(n) and 1 <= n <= MOST_UNITS for n in sizes):
        raise ValueError(
            f"{name} {shown(sizes)}: give two or more whole numbers from 1 to {MOST_UNITS}."
        )


def check_seeds(seeds) -> list:
    """The seeds as a list, or one clear error unless each is a whole number below 2 ** 63."""
    try:
        seeds = list(seeds)
    except TypeError:
        raise ValueError(f"seeds={shown(seeds)}: give a list of whole numbers.") from None
    wrong = [seed for seed in seeds if not is_whole(seed) or not 0 <= seed < 2**63]
    if wrong:
        raise ValueError(f"seeds={shown(wrong[:5])}: give whole numbers from 0 up, below 2 ** 63.")
    return seeds


def is_finite_array(array) -> bool:
    """Whether all numbers are finite, also as float32."""
    with np.errstate(over="ignore"):
        return bool(np.isfinite(array.astype("float32", copy=False)).all())


def check_weights(name: str, weights, finite: bool = False) -> None:
    """Raise one clear error unless these are weights of networks, as `initial_weights` makes them.

    Args:
        name: of the argument, for the message.
        finite: whether NaN and infinity are refused, too.
    """
    what = f"{name}={shown(weights)}" if not isinstance(weights, tuple | list) else name
    give = "give a kernel (R, i, o) and a bias (R, o) for each layer, as `initial_weights` does."
    fits = isinstance(weights, tuple | list) and len(weights) > 0
    for layer in weights if fits else ():
        if not isinstance(layer, tuple | list) or len(layer) != 2:
            raise ValueError(f"{what}: {shown(layer)} is no layer: {give}")
        for array, n_axes in zip(layer, (3, 2), strict=True):
            usual = isinstance(array, np.ndarray) and array.dtype.kind == "f"
            if not usual or array.ndim != n_axes or np.ma.isMaskedArray(array):
                raise ValueError(f"{what}: {shown(array)} in a layer: {give}")
        kernel, bias = layer
        if kernel.shape[::2] != bias.shape:
            raise ValueError(f"{what}: kernel {kernel.shape} and bias {bias.shape}: {give}")
        if finite and not (is_finite_array(kernel) and is_finite_array(bias)):
            raise ValueError(f"{what} hold NaN or infinity: train the base again.")
    if not fits:
        raise ValueError(f"{what}: {give}")


def check_positive(name: str, value) -> None:
    """Raise one clear error unless the value is a whole number from 1 up."""
    check_whole(name, value, 1)


def check_batch_size(batch_size: int, task: Task) -> None:
    """Raise one clear error unless the task's training rows fill at least one batch."""
    check_whole("batch_size", batch_size, 1)
    if batch_size > len(task.x_train):
        raise ValueError(
            f"batch_size={batch_size}, but {task.name} has {len(task.x_train)} rows to train on: "
            f"choose 1 to {len(task.x_train)}."
        )


def check_task(task, name: str = "task") -> None:
    """Raise one clear error unless this is a task."""
    if not isinstance(task, Task):
        raise ValueError(
            f"{name}={shown(task)}: give a `Task`, such as `data.blobs(1)` or `data.photos` makes."
        )


def check_learning_rate(rate, name: str = "learning_rate") -> None:
    """Raise one clear error unless this is a rate above 0, also as float32."""
    plain = rate.item() if isinstance(rate, np.generic) else rate  # float16 has not our ends
    if not is_finite(rate) or not SMALLEST <= plain <= LARGEST:
        raise ValueError(
            f"{name}={shown(rate)}: choose a number above 0, such as 0.01 ({SMALLEST:g} to "
            f"{LARGEST:g})."
        )


def check_model(model, name: str = "model") -> None:
    """Raise one clear error unless this is a Keras model."""
    from ..backend import keras

    if not isinstance(model, keras.Model):
        raise ValueError(
            f"{name} is of type {type(model).__name__}, not a Keras model: build one, for example "
            "with `networks.mlp.build` or `networks.convnet.build`."
        )


def check_classifier(model) -> None:
    """Raise one clear error unless a model was compiled for whole-number labels, with accuracy."""
    settings = model.get_compile_config() or {}
    compile_it = "compile it with `networks.mlp.compile_sgd` or `networks.convnet.compile_adam`."
    if not settings.get("loss"):
        raise ValueError(f"{model.name} was never compiled, so it has no loss: {compile_it}")
    loss = _name_of(settings["loss"])
    if loss != LOSS:
        raise ValueError(
            f"{model.name} was compiled with the loss {loss!r}, where labels are whole numbers and "
            f"{LOSS!r} is needed: {compile_it}"
        )
    metrics = settings.get("metrics") or ()
    if "accuracy" not in map(_name_of, metrics if isinstance(metrics, (list, tuple)) else ()):
        raise ValueError(f"{model.name} was compiled without the metric 'accuracy': {compile_it}")


def _name_of(one):
    """The name of a loss or a metric, as Keras describes it."""
    config = one.get("config") if isinstance(one, dict) else one
    return config.get("name", config) if isinstance(config, dict) else config


def check_finite_weights(model) -> None:
    """Raise one clear error if a weight of a model is NaN or infinite."""
    for layer in model.layers:
        for weight in layer.weights:  # of a model in the model, too
            array = np.asarray(weight.numpy())
            if array.dtype.kind == "f" and not np.isfinite(array).all():
                raise ValueError(
                    f"the weights of {layer.name} hold NaN or infinity: build and train the "
                    "network again, with a smaller learning rate."
                )
