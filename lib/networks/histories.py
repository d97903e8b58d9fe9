"""What Keras' own training kept, under the names of the course.  Lesson 07."""


def curve_of(history):
    """The table of what Keras' own `model.fit` returns, with the course's names.

    Args:
        history: a `keras.callbacks.History`, of a fit with the metric "accuracy".

    Returns:
        A `pandas.DataFrame`, one row per epoch, the first being epoch 1 (the index, `epoch`):
        `train_loss` and `train_accuracy`, means over the updates of the epoch, and, with validation
        data, `validation_loss` and `validation_accuracy` after it.

    Raises:
        ValueError: if the history is empty, or has no accuracy.
    """
    import pandas as pd

    kept = getattr(history, "history", None)
    if not kept or "accuracy" not in kept:
        raise ValueError(
            f"a history with {', '.join(kept or {}) or 'nothing in it'}: give what model.fit "
            'returned, of a model compiled with metrics=["accuracy"].'
        )
    names = {
        "loss": "train_loss",
        "accuracy": "train_accuracy",
        "val_loss": "validation_loss",
        "val_accuracy": "validation_accuracy",
    }
    columns = {new: kept[old] for old, new in names.items() if old in kept}
    epochs = pd.RangeIndex(1, len(kept["accuracy"]) + 1, name="epoch")
    return pd.DataFrame(columns, index=epochs)
