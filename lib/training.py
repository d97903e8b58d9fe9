"""One training run in plain Keras, with its history and its seconds."""

import time
from dataclasses import dataclass

import numpy as np

from .datasets import Task
from .models import check_batch_size, check_positive


@dataclass(frozen=True)
class History:
    """What one run showed.

    Attributes:
        train_loss, train_accuracy: during each epoch, averaged over its updates, (n_epochs,).
        test_loss, test_accuracy: after each epoch, (n_epochs,).
        seconds: of the whole run, the compilation in the first epoch included.
    """

    train_loss: np.ndarray
    train_accuracy: np.ndarray
    test_loss: np.ndarray
    test_accuracy: np.ndarray
    seconds: float


def fit(model, task: Task, n_epochs: int = 100, batch_size: int = 32) -> History:
    """Train a compiled Keras model on a task and keep loss and accuracy of every epoch.

    Args:
        model: compiled for integer labels, with the metric "accuracy".
        task: training rows to fit; test rows to measure after every epoch, never to fit.

    Raises:
        ValueError: if the model's shape does not fit the task, or there are fewer rows than a
            batch.
    """
    check_positive("n_epochs", n_epochs)
    check_batch_size(batch_size, task)
    if model.output_shape[-1] != task.n_classes or model.input_shape[-1] != task.n_features:
        raise ValueError(
            f"the model takes {model.input_shape[-1]} features and tells "
            f"{model.output_shape[-1]} classes, but {task.name} has {task.n_features} and "
            f"{task.n_classes}."
        )
    begin = time.perf_counter()
    kept = model.fit(
        task.x_train,
        task.y_train,
        validation_data=(task.x_test, task.y_test),
        epochs=n_epochs,
        batch_size=batch_size,
        verbose=0,
    ).history
    return History(
        *(np.array(kept[key]) for key in ("loss", "accuracy", "val_loss", "val_accuracy")),
        seconds=time.perf_counter() - begin,
    )
