"""Train many small multilayer perceptrons at once, as one compiled program.

One MLP of 2-5-5-3 units is far too small for a modern processor: in a plain Keras loop nearly all
the time goes into starting operations, not into arithmetic. So every array gets one more axis, the
replicate axis R, and one operation works on all networks:

    one network:  h = relu(x @ w + b)             x (B, i)       w (i, o)       h (B, o)
    R networks:   h_r = relu(x_r @ w_r + b_r)     x (B, i, R)    w (i, o, R)    h (B, o, R)

Each replicate has its own start, its own order of the data and its own number of frozen layers;
nothing passes from one to another. Networks go through the program `LANES` at a time, with empty
lanes at the end, so that a replicate gives the same numbers alone as in any company.

In this file the replicate axis is last, because neighbouring numbers in memory are then handled by
one vector instruction. Everywhere else in the course it is first: `(R, ...)`.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache

import numpy as np

from .datasets import Task
from .models import check_n_frozen

LANES = 32  # networks in one pass; on two cores 16, 32 and 64 were equally fast, 128 slower
BLOCK = 16  # steps of an epoch are padded to a multiple of this, so that few shapes are compiled

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
    n_frozen = np.broadcast_to(np.asarray(n_frozen), (len(seeds),))
    _check(task, start, seeds, n_epochs, n_frozen, learning_rate, batch_size)
    chunks = [slice(i, i + LANES) for i in range(0, len(seeds), LANES)]

    def train_chunk(chunk):
        weights = [(kernel[chunk], bias[chunk]) for kernel, bias in start]
        return _train_lanes(
            task, weights, seeds[chunk], n_epochs, n_frozen[chunk], learning_rate, batch_size
        )

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        parts = list(pool.map(train_chunk, chunks))
    return Runs(
        np.concatenate([part.accuracy for part in parts]),
        [
            (np.concatenate(kernels), np.concatenate(biases))
            for kernels, biases in (
                zip(*layer, strict=True) for layer in zip(*(p.weights for p in parts), strict=True)
            )
        ],
    )


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
    for (lower, _), (upper, _) in zip(grafted[:-1], grafted[1:], strict=True):
        if lower.shape[0] != upper.shape[0] or lower.shape[2] != upper.shape[1]:
            raise ValueError(
                f"layers of shape {lower.shape} and {upper.shape} do not fit on each other: base "
                "and fresh need the same number of networks, and as many units where they meet."
            )
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


def _train_lanes(task, weights, seeds, n_epochs, n_frozen, learning_rate, batch_size) -> Runs:
    """Fill up the lanes, run the compiled program, take the empty lanes off again."""
    n_used, n_rows = len(seeds), len(task.x_train)
    n_steps = -(-n_rows // batch_size)
    n_padded = -(-n_steps // BLOCK) * BLOCK * batch_size
    orders = np.zeros((n_epochs, n_padded, LANES), "uint16")
    orders[:, :n_rows, :n_used] = np.moveaxis(data_orders(n_rows, n_epochs, seeds), 0, -1)

    def to_lanes(array):  # (R, ...) -> (..., LANES), replicate last
        lanes = np.zeros((*array.shape[1:], LANES), "float32")
        lanes[..., :n_used] = np.moveaxis(array, 0, -1)
        return lanes

    x_train = np.zeros((n_padded, task.n_features), "float32")
    x_train[:n_rows] = task.x_train
    y_train = np.zeros(n_padded, "int32")
    y_train[:n_rows] = task.y_train
    trained = np.zeros((len(weights), LANES), bool)
    trained[:, :n_used] = np.arange(len(weights))[:, None] >= n_frozen

    accuracy, *final = _program(batch_size)(
        [tuple(map(to_lanes, layer)) for layer in weights],
        orders.reshape(n_epochs, -1, batch_size, LANES),
        x_train,
        y_train,
        task.x_test.astype("float32"),
        task.y_test.astype("int32"),
        trained,
        np.float32(learning_rate),
        np.int32(n_rows),
    )
    final = [np.moveaxis(array.numpy()[..., :n_used], -1, 0).copy() for array in final]
    return Runs(
        accuracy.numpy()[:, :n_used].T.copy(), list(zip(final[0::2], final[1::2], strict=True))
    )


@cache
def _program(batch_size: int):
    """Write the compiled program: all epochs of `LANES` networks, in two nested loops."""
    from .backend import tf

    def activations(layers, x):  # x (B, F, R) -> input and output of every layer, each (B, o, R)
        outputs = [x]
        for i, (kernel, bias) in enumerate(layers):
            z = tf.reduce_sum(outputs[-1][:, :, None] * kernel[None], axis=1) + bias[None]
            outputs.append(tf.nn.relu(z) if i < len(layers) - 1 else z)
        return outputs

    def update(layers, x, y, weight, trained, learning_rate):
        """One step of gradient descent: back-propagation written out."""
        outputs = activations(layers, x)
        error = (tf.nn.softmax(outputs[-1], axis=1) - y) * weight  # d loss / d z, (B, o, R)
        updated = []
        for i in reversed(range(len(layers))):
            kernel, bias = layers[i]
            kernel_step = tf.reduce_sum(outputs[i][:, :, None] * error[:, None], axis=0)
            bias_step = tf.reduce_sum(error, axis=0)
            if i:
                error = tf.reduce_sum(error[:, None] * kernel[None], axis=2)
                error = tf.where(outputs[i] > 0, error, 0.0)
            updated.append(
                (  # a frozen layer keeps its very bits
                    tf.where(trained[i], kernel - learning_rate * kernel_step, kernel),
                    tf.where(trained[i], bias - learning_rate * bias_step, bias),
                )
            )
        return updated[::-1]

    def test_accuracy(layers, x_test, y_test):
        predicted = tf.argmax(activations(layers, x_test[:, :, None])[-1], 1, tf.int32)  # (N, R)
        return tf.reduce_mean(tf.cast(predicted == y_test[:, None], tf.float32), axis=0)

    @tf.function(jit_compile=True, autograph=False)
    def program(layers, orders, x_train, y_train, x_test, y_test, trained, learning_rate, n_rows):
        n_epochs, n_classes = orders.shape[0], layers[-1][1].shape[0]
        n_steps = (n_rows + batch_size - 1) // batch_size

        def step(epoch, s, layers):
            rows = tf.cast(orders[epoch, s], tf.int32)  # (B, R)
            x = tf.transpose(tf.gather(x_train, rows), (0, 2, 1))  # (B, F, R)
            y = tf.one_hot(tf.gather(y_train, rows), n_classes, axis=1)  # (B, C, R)
            n_left = tf.minimum(n_rows - s * batch_size, batch_size)
            used = tf.range(batch_size) < n_left
            weight = tf.where(used, 1 / tf.cast(n_left, tf.float32), 0.0)[:, None, None]
            return epoch, s + 1, update(layers, x, y, weight, trained, learning_rate)

        def one_epoch(epoch, layers, accuracy):
            _, _, layers = tf.while_loop(
                lambda epoch, s, layers: s < n_steps, step, (epoch, 0, layers)
            )
            now = test_accuracy(layers, x_test, y_test)
            return epoch + 1, layers, tf.tensor_scatter_nd_update(accuracy, [[epoch + 1]], [now])

        before = test_accuracy(layers, x_test, y_test)
        accuracy = tf.concat([before[None], tf.zeros((n_epochs, LANES))], axis=0)
        _, layers, accuracy = tf.while_loop(
            lambda epoch, layers, accuracy: epoch < n_epochs, one_epoch, (0, layers, accuracy)
        )
        return accuracy, *(array for layer in layers for array in layer)

    return program


def _check(task, start, seeds, n_epochs, n_frozen, learning_rate, batch_size):
    """Raise one clear error for arguments that do not fit together."""
    if not seeds or min(seeds) < 0:
        raise ValueError(f"seeds={seeds[:5]}: give one whole number from 0 up for each replicate.")
    if len(start[0][0]) != len(seeds):
        raise ValueError(
            f"{len(start[0][0])} networks to start from, but {len(seeds)} seeds: give one each."
        )
    if start[0][0].shape[1] != task.n_features or start[-1][0].shape[2] != task.n_classes:
        raise ValueError(
            f"the networks take {start[0][0].shape[1]} features and tell {start[-1][0].shape[2]} "
            f"classes, but {task.name} has {task.n_features} and {task.n_classes}."
        )
    if n_epochs < 1:
        raise ValueError(f"n_epochs={n_epochs}: choose 1 or more.")
    if not learning_rate > 0:
        raise ValueError(f"learning_rate={learning_rate}: choose a number above 0, such as 0.01.")
    if not 1 <= batch_size <= len(task.x_train):
        raise ValueError(
            f"batch_size={batch_size}, but {task.name} has {len(task.x_train)} rows to train on: "
            f"choose 1 to {len(task.x_train)}."
        )
    if len(task.x_train) > np.iinfo("uint16").max:
        raise ValueError(f"{len(task.x_train)} training rows: this trainer takes up to 65,535.")
    for n in np.unique(n_frozen):
        check_n_frozen(n, len(start))
