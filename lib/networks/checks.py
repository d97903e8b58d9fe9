"""Checks that every way of training shares: one clear error each."""

import numpy as np

from ..checks import check_whole, is_whole, shown
from ..data.task import Task

LOSS = "sparse_categorical_crossentropy"  # cross-entropy for whole-number labels


def check_n_frozen(n_frozen: int, n_layers: int, name: str = "n_frozen") -> None:
    """Raise one clear error unless n_frozen is a whole number from 0 to n_layers."""
    if not is_whole(n_frozen) or not 0 <= n_frozen <= n_layers:
        raise ValueError(
            f"{name}={n_frozen!r}, but this model has {n_layers} layers with weights: "
            f"choose 0 to {n_layers}."
        )


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
