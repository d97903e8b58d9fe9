"""Train many small multilayer perceptrons at once, as one compiled program.

One MLP of 2-5-5-3 units is far too small for a modern processor: in a plain Keras loop nearly all
the time goes into starting operations, not into arithmetic. So every array gets one more axis, the
replicate axis R, and one operation works on all networks:

    one network:  h = relu(x @ w + b)             x (B, i)       w (i, o)       h (B, o)
    R networks:   h_r = relu(x_r @ w_r + b_r)     x (B, i, R)    w (i, o, R)    h (B, o, R)

Each replicate has its own start, its own order of the data and its own number of frozen layers;
nothing passes from one to another. Networks go through the program (`lib.lanes`) `LANES` at a time,
with empty lanes at the end, so that a replicate gives the same numbers alone as in any company.

Everywhere in the course the replicate axis comes first, `(R, ...)`; only in the program it is last.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from .datasets import Task
from .lanes import LANES, program, train_lanes
from .models import check_batch_size, check_n_frozen, check_positive

Weights = list[tuple[np.ndarray, np.ndarray]]  # per layer: kernel (R, i, o), bias (R, o); float32


@dataclass(frozen=True)
class Runs:
    """What R training runs gave.

    Attributes:
        accuracy: test accuracy, float32 (R, n_epochs + 1); column 0 is before training.
        weights: after the last epoch.
    """

    accuracy: np.ndarray
    weights: Weights

    @property
    def final(self) -> np.ndarray:
        """Test accuracy after the last epoch, (R,)."""
        return self.accuracy[:, -1]


def initial_weights(sizes: tuple[int, ...], seeds) -> Weights:
    """Draw the start of one network for each seed.

    As in the tutorial: `he_uniform` for hidden layers, Keras' default `glorot_uniform` for the
    output layer, biases zero.

    Args:
        sizes: units of each layer, input first, such as (2, 5, 5, 3).
        seeds: whole numbers from 0 up, one a replicate.

    >>> [kernel.shape for kernel, bias in initial_weights((2, 5, 5, 3), range(30))]
    [(30, 2, 5), (30, 5, 5), (30, 5, 3)]
    """
    layers = list(zip(sizes[:-1], sizes[1:], strict=True))
    limits = [np.sqrt(6 / fan_in) for fan_in, _ in layers]
    limits[-1] = np.sqrt(6 / sum(layers[-1]))
    kernels = [[] for _ in layers]
    for rng in _generators("start", seeds):
        for kernel, limit, shape in zip(kernels, limits, layers, strict=True):
            kernel.append(rng.uniform(-limit, limit, shape))
    biases = [np.zeros((len(kernels[0]), n_out), "float32") for _, n_out in layers]
    return [(np.array(k, "float32"), b) for k, b in zip(kernels, biases, strict=True)]


def data_orders(n_rows: int, n_epochs: int, seeds) -> np.ndarray:
    """Draw the order in which each replicate sees the rows, anew for every epoch.

    Returns:
        Row numbers, uint16 (R, n_epochs, n_rows).
    """
    rows = np.broadcast_to(np.arange(n_rows), (n_epochs, n_rows))  # NumPy shuffles int64 fastest
    return np.array(
        [rng.permuted(rows, axis=1).astype("uint16") for rng in _generators("order", seeds)]
    )


def train(
    task: Task,
    start: Weights,
    seeds,
    n_epochs: int = 100,
    n_frozen=0,
    learning_rate: float = 0.01,
    batch_size: int = 32,
) -> Runs:
    """Train one network for each seed by stochastic gradient descent on the cross-entropy.

    Args:
        task: the data; all replicates train on the same rows, each in its own order.
        start: weights to start from, R networks.
        seeds: R whole numbers from 0 up, which decide the data orders.
        n_epochs: passes over the training rows, 1 or more.
        n_frozen: number of first layers whose weights stay as they are: one for all, or R of them.
        learning_rate: above 0.
        batch_size: rows in an update; the last update of an epoch takes what is left.

    Returns:
        Test accuracy before training and after every epoch, and the final weights.

    Raises:
        ValueError: for arguments that do not fit together.
    """
    seeds = list(seeds)
    _check(task, start, seeds, n_epochs, n_frozen, learning_rate, batch_size)
    n_frozen = np.broadcast_to(n_frozen, (len(seeds),))
    program(batch_size)  # written once, before the threads ask for it

    def train_chunk(i):
        chunk = slice(i, i + LANES)
        weights = [(kernel[chunk], bias[chunk]) for kernel, bias in start]
        orders = data_orders(len(task.x_train), n_epochs, seeds[chunk])
        return train_lanes(task, weights, orders, n_frozen[chunk], learning_rate, batch_size)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        parts = list(pool.map(train_chunk, range(0, len(seeds), LANES)))
    accuracies, weights = zip(*parts, strict=True)
    runs = Runs(np.concatenate(accuracies), _join(weights))
    _check_finite(runs, learning_rate)
    return runs


def repeat(weights: Weights, n: int) -> Weights:
    """Each network `n` times in a row: R networks become R * n."""
    return [(np.repeat(kernel, n, axis=0), np.repeat(bias, n, axis=0)) for kernel, bias in weights]


def graft(base: Weights, fresh: Weights, n_copied: int) -> Weights:
    """The first `n_copied` layers of `base` below the remaining layers of `fresh`.

    Raises:
        ValueError: if the layers do not fit on each other.
    """
    if not 0 <= n_copied <= len(base):
        raise ValueError(
            f"n_copied={n_copied}, but the base has {len(base)} layers: choose 0 to {len(base)}."
        )
    grafted = [*base[:n_copied], *fresh[n_copied:]]
    _check_chain(grafted)
    return grafted


def from_keras(models) -> Weights:
    """Take the weights of Keras models with the same layers, one a replicate."""
    arrays = [[np.array(a) for a in model.get_weights()] for model in models]
    stacked = [np.stack(parts) for parts in zip(*arrays, strict=True)]
    return list(zip(stacked[0::2], stacked[1::2], strict=True))


def to_keras(weights: Weights, replicate: int, model):
    """Put the weights of one replicate into a Keras model with the same layers; return it."""
    model.set_weights([array[replicate] for layer in weights for array in layer])
    return model


def _generators(purpose: str, seeds):
    """One random generator a seed; a start and a data order never share their numbers."""
    key = {"start": 1, "order": 2}[purpose]
    for seed in seeds:
        yield np.random.default_rng([key, int(seed)])


def _join(parts) -> Weights:
    """Networks of several parts, one after the other."""
    return [
        tuple(np.concatenate(arrays) for arrays in zip(*layers, strict=True))
        for layers in zip(*parts, strict=True)
    ]


def _check(task, start, seeds, n_epochs, n_frozen, learning_rate, batch_size):
    """Raise one clear error for arguments that do not fit together."""
    whole = all(isinstance(seed, (int, np.integer)) for seed in seeds)
    if not seeds or not whole or min(seeds) < 0:
        raise ValueError(f"seeds={seeds[:5]}: give one whole number from 0 up for each replicate.")
    _check_start(task, start, len(seeds))
    check_positive("n_epochs", n_epochs)
    if not 0 < learning_rate < np.inf:
        raise ValueError(f"learning_rate={learning_rate}: choose a number above 0, such as 0.01.")
    check_batch_size(batch_size, task)
    if len(task.x_train) > np.iinfo("uint16").max:
        raise ValueError(f"{len(task.x_train)} training rows: this trainer takes up to 65,535.")
    if np.ndim(n_frozen) and np.shape(n_frozen) != (len(seeds),):
        raise ValueError(
            f"n_frozen of shape {np.shape(n_frozen)} for {len(seeds)} networks: give one number "
            "for all, or one each."
        )
    for n in np.ravel(n_frozen).tolist():
        check_n_frozen(n, len(start))


def _check_start(task, start, n_networks):
    """Raise one clear error unless these weights are networks for this task, one a seed."""
    if not start:
        raise ValueError("no layers to start from: `initial_weights` draws some.")
    for kernel, bias in start:
        if len(kernel) != n_networks or len(bias) != n_networks:
            raise ValueError(
                f"{len(kernel)} networks to start from, but {n_networks} seeds: give one each."
            )
        if not (np.isfinite(kernel).all() and np.isfinite(bias).all()):
            raise ValueError(
                "the weights to start from hold NaN or infinity: train the base again."
            )
    _check_chain(start)
    if start[0][0].shape[1] != task.n_features or start[-1][0].shape[2] != task.n_classes:
        raise ValueError(
            f"the networks take {start[0][0].shape[1]} features and tell {start[-1][0].shape[2]} "
            f"classes, but {task.name} has {task.n_features} and {task.n_classes}."
        )


def _check_chain(layers):
    """Raise one clear error unless each layer fits on the one below."""
    for (lower, _), (upper, _) in zip(layers[:-1], layers[1:], strict=True):
        if lower.shape[0] != upper.shape[0] or lower.shape[2] != upper.shape[1]:
            raise ValueError(
                f"layers of shape {lower.shape} and {upper.shape} do not fit on each other: base "
                "and fresh need the same number of networks, and as many units where they meet."
            )


def _check_finite(runs, learning_rate):
    """Raise one clear error if the training of a network ran away to infinity."""
    lost = sum(
        ~np.isfinite(array).all(axis=tuple(range(1, array.ndim)))
        for layer in runs.weights
        for array in layer
    )
    if np.any(lost):
        raise ValueError(
            f"learning_rate={learning_rate}: the weights of {np.count_nonzero(lost)} of "
            f"{len(lost)} networks grew beyond all bounds: choose a smaller learning rate."
        )
