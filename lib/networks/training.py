"""One training run in plain Keras, with its history and its seconds."""

import time
from dataclasses import dataclass, replace

import numpy as np

from ..checks import check_choice, check_function, check_whole, shown
from ..data.task import Task
from .checks import (
    MOST_EPOCHS,
    check_batch_size,
    check_classifier,
    check_epochs,
    check_finite_weights,
    check_model,
    check_positive,
    check_task,
)

NOTHING_YET = {"epoch": 0, "seconds": 0.0, "cpu_seconds": 0.0}
LARGEST_HALF = float(np.finfo("float16").max)
MEASURED_AT_ONCE = 200  # photographs; with 500 the peak of memory is 190 MB higher


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
        ValueError: if the model's shape or its loss does not fit the task, if there are fewer rows
            than a batch, or if the network runs away to infinity.
    """
    _check(model, task, n_epochs, batch_size)
    from ..backend import keras

    begin = time.perf_counter()
    stop = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, row: _check_kept(model, epoch + 1, row)
    )
    kept = model.fit(
        task.x_train,
        task.y_train,
        validation_data=(task.x_test, task.y_test),
        epochs=n_epochs,
        batch_size=batch_size,
        callbacks=[stop],
        verbose=0,
    ).history
    return History(
        *(np.array(kept[key]) for key in ("loss", "accuracy", "val_loss", "val_accuracy")),
        seconds=time.perf_counter() - begin,
    )


def fit_epochs(
    model,
    task: Task,
    n_epochs: int,
    seed: int,
    batch_size: int = 128,
    first_epoch: int = 0,
    after_epoch=None,
    on_divergence: str = "raise",
):
    """Train a compiled Keras model on photographs or features, and measure it after every epoch.

    The order of the rows in each epoch depends on `seed` and the epoch alone, so that two arms with
    the same seed see the same batches.

    Args:
        model: compiled for integer labels, with the metric "accuracy".
        task: training rows to fit; the other parts are measured after every epoch, never fitted.
        seed: 0 or more.
        first_epoch: epochs that the model has behind it; from 0, it is measured before training.
        after_epoch: called after every epoch with its row (a dictionary), the model, and a function
            from a part's name to the labels, (n_rows,), that the model now predicts for it. What it
            returns ends the run if it is true.
        on_divergence: what a network whose weights grow beyond all bounds makes of the call:
            "raise" an error, or "nan" for its losses and accuracies, in the last row (to try
            rates).

    Returns:
        A `pandas.DataFrame`, one row per epoch: `epoch`; `train_loss` and `train_accuracy`, means
        over the updates of the epoch; loss and accuracy after it on `validation` and `test`;
        `seconds` and `cpu_seconds` (of all threads) that the updates took, without measuring.
        Those of the first epoch of a call include TensorFlow's compilation.

    Raises:
        ValueError: if the model's shape or its loss does not fit the task, if there are fewer rows
            than a batch, or if the network runs away to infinity.
    """
    import pandas as pd

    _check(model, task, n_epochs, batch_size)
    check_whole("first_epoch", first_epoch, 0, MOST_EPOCHS)
    check_how(seed, after_epoch, on_divergence)
    held = {part: _in_memory(task, part) for part in task.parts}
    rows = [] if first_epoch else [NOTHING_YET | _measure(model, held)]
    for epoch in range(first_epoch + 1, first_epoch + n_epochs + 1):
        order = np.random.default_rng([seed, epoch]).permutation(len(task.y_train))
        begin = time.perf_counter(), time.process_time()
        batches = _batches(*held["train"], order, batch_size)
        kept = model.fit(batches, shuffle=False, verbose=0).history
        row = {
            "epoch": epoch,
            "train_loss": kept["loss"][0],
            "train_accuracy": kept["accuracy"][0],
            "seconds": time.perf_counter() - begin[0],
            "cpu_seconds": time.process_time() - begin[1],
        }
        rows.append(row | _measure(model, held))
        try:
            _check_kept(model, epoch, rows[-1])
        except ValueError:
            if on_divergence == "raise":
                raise
            measured = [name for name in rows[-1] if name.endswith(("loss", "accuracy"))]
            rows[-1] |= dict.fromkeys(measured, np.nan)
            break
        if after_epoch and after_epoch(rows[-1], model, lambda p: _predicted(model, *held[p])):
            break
    return pd.DataFrame(rows)


def check_how(seed, after_epoch=None, on_divergence="raise") -> None:
    """Raise one clear error unless `fit_epochs` takes these."""
    check_whole("seed", seed, 0)
    if after_epoch is not None:
        check_function("after_epoch", after_epoch, "print")
    check_choice("on_divergence", on_divergence, ("raise", "nan"))


def features_once(features, task: Task, batch_size: int = MEASURED_AT_ONCE) -> Task:
    """Compute the features of every photograph, once for all epochs.

    Args:
        features: a Keras model from photographs to features, such as `convnet.split_at_dropout`
            gives.
        batch_size: photographs at a time, 1 or more.

    Returns:
        A task of the same labels, its rows being float16 features.

    Raises:
        ValueError: if the model does not take such photographs, or gives NaN or numbers that are
            too large for float16.
    """
    check_positive("batch_size", batch_size)
    check_task(task)
    check_model(features, "features")
    _check_rows(features, task)
    parts = {}
    for part in task.parts:
        x = getattr(task, f"x_{part}")
        kept = _aligned((len(x), *features.output_shape[1:]), "float16")
        for begin in range(0, len(x), batch_size):
            rows = slice(begin, begin + batch_size)
            found = features.predict_on_batch(x[rows])
            if not np.abs(found).max() <= LARGEST_HALF:  # NaN is no smaller, either
                raise ValueError(
                    f"the features of x_{part} hold NaN or numbers above {LARGEST_HALF:g}: train "
                    "the base model again, with a smaller learning rate."
                )
            kept[rows] = found
        parts[f"x_{part}"] = kept
    return replace(task, **parts)


def _aligned(shape, dtype):
    """An empty array that begins where TensorFlow can use it in place: a multiple of 64 bytes."""
    n_bytes = int(np.prod(shape)) * np.dtype(dtype).itemsize
    room = np.empty(n_bytes + 64, "uint8")
    begin = -room.ctypes.data % 64
    return room[begin : begin + n_bytes].view(dtype).reshape(shape)


def _in_memory(task, part):
    """Rows and labels as tensors, so that no batch is copied from Python.

    `tf.constant` would hold two more copies of the rows: 1.2 GB for features at full size.
    """
    from ..backend import tf

    x = getattr(task, f"x_{part}")
    if x.ctypes.data % 64 or not x.flags.c_contiguous or not x.flags.writeable:
        x, original = _aligned(x.shape, x.dtype), x
        x[...] = original
    if x.dtype == "float16":
        x = x.view("uint16")  # held as bits: TensorFlow complains on stderr of 16-bit constants
    held = tf.experimental.dlpack.from_dlpack(x.__dlpack__())
    return held, tf.constant(getattr(task, f"y_{part}"))


def _batches(x, y, order, batch_size):
    """Rows in the given order, batch by batch, as float32."""
    from ..backend import tf

    def take(chosen):
        rows = tf.gather(x, chosen)
        rows = tf.bitcast(rows, "float16") if x.dtype == "uint16" else rows
        return tf.cast(rows, "float32"), tf.gather(y, chosen)

    return tf.data.Dataset.from_tensor_slices(order).batch(batch_size).map(take).prefetch(2)


def _measure(model, held):
    """Loss and accuracy on every part that is not fitted."""
    found = {}
    for part, (x, y) in held.items():
        if part != "train":
            loss, accuracy = model.evaluate(
                _batches(x, y, np.arange(len(y)), MEASURED_AT_ONCE), verbose=0
            )
            found |= {f"{part}_loss": loss, f"{part}_accuracy": accuracy}
    return found


def _predicted(model, x, y):
    """The label that the model finds likeliest for each row, (n_rows,)."""
    rows = _batches(x, y, np.arange(len(y)), MEASURED_AT_ONCE)
    return model.predict(rows, verbose=0).argmax(axis=1)


def _check(model, task, n_epochs, batch_size):
    """Raise one clear error unless the model can be trained on the task."""
    check_model(model)
    check_task(task)
    check_epochs(n_epochs)
    check_batch_size(batch_size, task)
    _check_rows(model, task)
    tells = model.output_shape[-1]
    if tells != task.n_classes:
        raise ValueError(
            f"the model takes rows of shape {tuple(model.input_shape[1:])} and tells {tells} "
            f"classes, but {task.name} has {task.x_train.shape[1:]} and {task.n_classes}: give "
            "another model, or another task."
        )
    check_classifier(model)
    check_finite_weights(model)
    told = np.asarray(model(task.x_train[:1].astype("float32"), training=False))
    logits = getattr(model.loss, "from_logits", False)
    if not logits and not (told.min() >= 0 and abs(told.sum() - 1) < 0.01):
        raise ValueError(
            f"the model gives {shown(told[0].tolist())} for the first row of {task.name}, which "
            "are no probabilities: end it with a softmax layer."
        )


def _check_rows(model, task):
    """Raise one clear error unless the model takes the task's rows."""
    takes, rows = getattr(model, "input_shape", None), task.x_train.shape[1:]
    fits = isinstance(takes, tuple) and len(takes) == len(rows) + 1
    if not fits or any(n not in (None, m) for n, m in zip(takes[1:], rows, strict=True)):
        takes = tuple(takes[1:]) if isinstance(takes, tuple) else takes
        raise ValueError(
            f"the model takes rows of shape {takes}, but {task.name} has {rows}: give another "
            "model, or another task."
        )


def _check_kept(model, epoch, row):
    """Raise one clear error if a network ran away in this epoch."""
    lost = not all(np.isfinite(value) for value in row.values())
    try:
        check_finite_weights(model)
    except ValueError:
        lost = True
    if lost:
        rate = getattr(model.optimizer, "learning_rate", None)
        named = f"learning_rate={float(rate):g}: " if rate is not None else ""
        raise ValueError(
            f"{named}in epoch {epoch} the network's weights grew beyond all bounds: choose a "
            "smaller learning rate."
        )
