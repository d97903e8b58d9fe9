"""What Keras' own training kept, under the names of the course.  Lesson 07."""

from collections.abc import Mapping

from ..checks import numbers


def curve_of(history):
    """The table of what Keras' own `model.fit` returns, with the course's names.

    Args:
        history: a `keras.callbacks.History`, of a fit with the metric "accuracy".

    Returns:
        A `pandas.DataFrame`, one row per epoch, the first being epoch 1 (the index, `epoch`):
        `train_loss` and `train_accuracy`, means over the updates of the epoch, and, with validation
        data, `validation_loss` and `validation_accuracy` after it.

    Raises:
        ValueError: if the history is empty, has no loss or no accuracy, or holds NaN.
    """
    import pandas as pd

    kept = getattr(history, "history", None)
    kept = kept if isinstance(kept, Mapping) else {}
    if not {"loss", "accuracy"} <= {*kept}:
        raise ValueError(
            f"a history with {', '.join(map(str, kept)) or 'nothing in it'}: give what model.fit "
            'returned, of a model compiled with metrics=["accuracy"].'
        )
    names = {
        "loss": "train_loss",
        "accuracy": "train_accuracy",
        "val_loss": "validation_loss",
        "val_accuracy": "validation_accuracy",
    }
    columns = {
        new: numbers(f"history: {old}", kept[old], ("n_epochs",))
        for old, new in names.items()
        if old in kept
    }
    if len(lengths := {len(column) for column in columns.values()}) > 1:
        raise ValueError(
            f"history with {' and '.join(map(str, sorted(lengths)))} epochs: give as many of each."
        )
    epochs = pd.RangeIndex(1, max(lengths) + 1, name="epoch")
    return pd.DataFrame(columns, index=epochs)
