"""Train many small multilayer perceptrons at once, as one compiled program.

One MLP of 2-5-5-3 units is far too small for a modern processor: in a plain Keras loop nearly all
the time goes into starting operations, not into arithmetic. So networks are trained side by side,
and one instruction calculates the same number of many of them:

    one network:  h = relu(x @ w + b)             x (B, i)       w (i, o)       h (B, o)
    R networks:   h_r = relu(x_r @ w_r + b_r)     x (B, i, R)    w (i, o, R)    h (B, o, R)

Each replicate has its own start, its own order of the data, its own number of frozen layers and its
own learning rate; nothing passes from one to another. A replicate gives the same bits alone as in
any company, and on every processor. `plain` shows the calculation, `lanes` packs the networks,
`kernels` has the compiled programs.

Everywhere in the course the replicate axis comes first, `(R, ...)`; only inside it is last.
"""

from dataclasses import dataclass

import numpy as np

from ..checks import check_choice, check_flag, shown
from ..data.task import Task
from . import plain
from .checks import (
    check_batch_size,
    check_epochs,
    check_learning_rate,
    check_n_frozen,
    check_seeds,
    check_task,
    check_weights,
    is_finite_array,
)
from .lanes import train_networks
from .weights import Weights, check_chain


@dataclass(frozen=True)
class Runs:
    """What R training runs gave.

    Attributes:
        accuracy: test accuracy, float32 (R, n_epochs + 1); column 0 is before training.
        weights: after the last epoch.
        validation_accuracy: the same on the validation rows, or None if it was not measured.
    """

    accuracy: np.ndarray
    weights: Weights
    validation_accuracy: np.ndarray | None = None

    @property
    def final(self) -> np.ndarray:
        """Test accuracy after the last epoch, (R,)."""
        return self.accuracy[:, -1]


def train(
    task: Task,
    start: Weights,
    seeds,
    n_epochs: int = 100,
    n_frozen=0,
    learning_rate=0.01,
    batch_size: int = 32,
    measure_validation: bool = False,
    on_divergence: str = "raise",
) -> Runs:
    """Train one network for each seed by stochastic gradient descent on the cross-entropy.

    Args:
        task: the data; all replicates train on the same rows, each in its own order.
        start: weights to start from, R networks.
        seeds: R whole numbers, 0 up to 2 ** 63 - 1, which decide the data orders.
        n_epochs: passes over the training rows, 1 or more.
        n_frozen: number of first layers whose weights stay as they are: one for all, or R of them.
        learning_rate: above 0: one for all, or R of them.
        batch_size: rows in an update; the last update of an epoch takes what is left.
        measure_validation: whether accuracy is measured on the task's validation rows, too.
        on_divergence: what a network whose weights grow beyond all bounds makes of the call:
            "raise" an error, or "nan" for its accuracy after training began (to try rates).

    Returns:
        Accuracy before training and after every epoch, and the final weights.

    Raises:
        ValueError: for arguments that do not fit together, or if a network runs away to infinity.
    """
    check_choice("on_divergence", on_divergence, ("raise", "nan"))
    check_flag("measure_validation", measure_validation)
    seeds = check_seeds(seeds)
    _check(task, start, seeds, n_epochs, n_frozen, learning_rate, batch_size)
    if measure_validation and task.x_validation is None:
        raise ValueError(
            f"measure_validation=True, but {task.name} has no validation rows: split some off "
            "its training rows, or leave measure_validation out."
        )
    n_frozen, rates = (np.broadcast_to(one, (len(seeds),)) for one in (n_frozen, learning_rate))
    accuracy, validation_accuracy, weights = train_networks(
        task, start, seeds, n_epochs, n_frozen, rates, batch_size, measure_validation
    )
    lost = _lost(weights)
    if lost.any() and on_divergence == "raise":
        named = ", ".join(f"{rate}" for rate in np.unique(rates[lost])[:5].tolist())
        raise ValueError(
            f"learning_rate={named}: the weights of {np.count_nonzero(lost)} of {len(lost)} "
            "networks grew beyond all bounds: choose a smaller learning rate."
        )
    for found in (accuracy, validation_accuracy):
        if found is not None:
            found[lost, 1:] = np.nan
    return Runs(accuracy, weights, validation_accuracy)


def accuracy(task: Task, weights: Weights) -> np.ndarray:
    """Measure networks on the test rows of any task of their shape, such as the source task.

    Args:
        task: its test rows are told.
        weights: R networks, such as `Runs.weights`.

    Returns:
        Share of the rows whose class has the highest score, the first of equal ones: float32 (R,).
        On the task that they were trained on it is the last column of `Runs.accuracy`, to the bit.

    Raises:
        ValueError: for weights that are no networks for this task.
    """
    check_task(task)
    check_weights("weights", weights)
    _check_start(task, weights, len(weights[0][0]))
    inside = [(np.moveaxis(kernel, 0, -1), bias.T) for kernel, bias in weights]
    return plain.accuracy(inside, task.x_test, task.y_test.astype("float32"))


def _check(task, start, seeds, n_epochs, n_frozen, learning_rate, batch_size):
    """Raise one clear error for arguments that do not fit together."""
    check_task(task)
    if not seeds:
        raise ValueError("seeds=[]: give one whole number from 0 up for each replicate.")
    _check_start(task, start, len(seeds))
    check_epochs(n_epochs)
    _check_one_or_each("learning_rate", learning_rate, len(seeds))
    _check_rates(learning_rate)
    check_batch_size(batch_size, task)
    if len(task.x_train) > np.iinfo("uint16").max:
        raise ValueError(f"{len(task.x_train)} training rows: this trainer takes up to 65,535.")
    _check_one_or_each("n_frozen", n_frozen, len(seeds))
    for n in np.ravel(n_frozen).tolist():
        check_n_frozen(n, len(start))


def _check_one_or_each(name, value, n_networks):
    try:
        np.shape(value)
    except ValueError:
        raise ValueError(f"{name}={shown(value)}: give one number for all, or one each.") from None
    if np.ndim(value) and np.shape(value) != (n_networks,):
        raise ValueError(
            f"{name} of shape {np.shape(value)} for {n_networks} networks: give one number "
            "for all, or one each."
        )


def _check_rates(learning_rate):
    """Raise one clear error unless every learning rate is a number above 0, in float32, too."""
    for rate in np.ravel(np.asarray(learning_rate, object)).tolist():
        check_learning_rate(rate)


def _check_start(task, start, n_networks):
    """Raise one clear error unless these weights are networks for this task, one a seed."""
    if isinstance(start, tuple | list) and not start:
        raise ValueError("no layers to start from: `initial_weights` draws some.")
    check_weights("start", start)
    for kernel, bias in start:
        if len(kernel) != n_networks or len(bias) != n_networks:
            raise ValueError(
                f"{len(kernel)} networks to start from, but {n_networks} seeds: give one each."
            )
        if not (is_finite_array(kernel) and is_finite_array(bias)):
            raise ValueError(
                "the weights to start from hold NaN or infinity: train the base again."
            )
    check_chain(start)
    if start[0][0].shape[1] != task.n_features or start[-1][0].shape[2] != task.n_classes:
        raise ValueError(
            f"the networks take {start[0][0].shape[1]} features and tell {start[-1][0].shape[2]} "
            f"classes, but {task.name} has {task.n_features} and {task.n_classes}."
        )


def _lost(weights):
    """Which networks ran away to infinity, (R,)."""
    finite = [
        np.isfinite(array).all(axis=tuple(range(1, array.ndim)))
        for layer in weights
        for array in layer
    ]
    return ~np.all(finite, axis=0)
