"""Checks that every way of training shares: one clear error each."""

from ..data.checks import check_whole, is_whole
from ..data.task import Task


def check_n_frozen(n_frozen: int, n_layers: int) -> None:
    """Raise one clear error unless n_frozen is a whole number from 0 to n_layers."""
    if not is_whole(n_frozen) or not 0 <= n_frozen <= n_layers:
        raise ValueError(
            f"n_frozen={n_frozen!r}, but this model has {n_layers} layers with weights: "
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
