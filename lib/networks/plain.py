"""The training of many networks in NumPy: what the compiled kernels do, to be read.

It does the operations of a kernel (`kernel_source`) in the same order: it gives the same bits. It
is what trains where Numba is missing, some twenty times slower.

    R         networks; the last axis of every array here: neighbours are calculated together
    kernel    float32 (i, o, R): unit i below, unit o above
    bias      float32 (o, R)
    x         rows, float32 (B, features, R), or (B, features, 1) if all networks see the same
    h         activations of one layer, (B, units, R)
    d         derivative of the loss by what goes into a layer's units, (B, units, R)

A float sum depends on its order. So sums over units and over rows are written as loops, and only
what is independent of each other, units above and networks, is left to NumPy.
"""

import numpy as np

from . import streams
from .kernel_source import EXP

ROWS = 64  # measured at a time


def train(weights, trained, rates, keys, train_rows, test_rows, validation_rows, n_epochs, batch):
    """Train R networks in place.

    Args:
        weights: list of (kernel, bias), see above.
        trained: bool (layers, R), whether a network's layer is trained.
        rates: learning rates, float32 (R,).
        keys: of the networks' data orders, uint64 (R,).
        train_rows, test_rows, validation_rows: pairs x (n, features), y (n,), float32; the last
            may be None.
        n_epochs, batch: epochs, and rows in an update.

    Returns:
        Accuracy on the test and on the validation rows before training and after each epoch,
        float32 (n_epochs + 1, R) each, or None.
    """
    x, y = train_rows
    measured = {0: test_rows} | ({} if validation_rows is None else {1: validation_rows})
    found = {part: [accuracy(weights, *rows)] for part, rows in measured.items()}
    with np.errstate(all="ignore"):  # a network may run away; `replicates` says so
        for epoch in range(n_epochs):
            order = streams.epoch_order(len(x), keys, epoch)  # (n, R)
            for first in range(0, len(x), batch):
                rows = order[first : first + batch]
                gradients = _gradients(weights, np.moveaxis(x[rows], 2, 1), y[rows])
                _update(weights, gradients, trained, rates)
            for part, rows in measured.items():
                found[part].append(accuracy(weights, *rows))
    return np.array(found[0]), None if validation_rows is None else np.array(found[1])


def _activations(weights, x):
    """What each layer gives, the rows themselves first."""
    h = [x]
    for k, (kernel, bias) in enumerate(weights):
        total = bias
        for i in range(len(kernel)):
            total = total + h[k][:, i, None] * kernel[i]
        h.append(total if k == len(weights) - 1 else _larger(total, np.float32(0)))
    return h


def _gradients(weights, x, y):
    """Derivatives of the batch's mean cross-entropy by kernels and biases; y is (B, R)."""
    h = _activations(weights, x)
    scores, weight = h[-1], np.float32(1) / np.float32(len(y))
    top = scores[:, 0]
    for j in range(1, scores.shape[1]):
        top = _larger(scores[:, j], top)
    powers = _exp(scores - top[:, None])
    total = np.zeros_like(top)
    for j in range(scores.shape[1]):
        total = total + powers[:, j]
    classes = np.arange(scores.shape[1], dtype=np.float32)[:, None]
    target = np.where(y[:, None] == classes, weight, np.float32(0))
    d = powers * (weight / total)[:, None] - target
    gradients = []
    for k in reversed(range(len(weights))):
        kernel, bias = weights[k]
        by_kernel, by_bias = np.zeros_like(kernel), np.zeros_like(bias)
        for row in range(len(y)):
            by_bias += d[row]
            by_kernel += h[k][row, :, None] * d[row]
        gradients.insert(0, (by_kernel, by_bias))
        if k:
            below = np.zeros_like(h[k])
            for j in range(len(bias)):
                below = below + d[:, j, None] * kernel[:, j]
            d = np.where(h[k] > 0, below, np.float32(0))
    return gradients


def _update(weights, gradients, trained, rates):
    """One step down the gradient, in place. A frozen layer keeps its very bits."""
    for layer, by_layer, moves in zip(weights, gradients, trained, strict=True):
        for array, gradient in zip(layer, by_layer, strict=True):
            array[...] = np.where(moves, array - rates * gradient, array)


def accuracy(weights, x, y):
    """Share of the rows whose class is told: the first one with the highest score.

    Args:
        weights: list of (kernel, bias), see above.
        x, y: rows (n, features) and their classes (n,), float32.

    Returns:
        float32 (R,).
    """
    hits = np.zeros(weights[0][1].shape[-1], np.float32)
    for first in range(0, len(x), ROWS):
        scores = _activations(weights, x[first : first + ROWS, :, None])[-1]
        top, best = scores[:, 0], np.zeros_like(scores[:, 0])
        for j in range(1, scores.shape[1]):
            best = np.where(scores[:, j] > top, np.float32(j), best)
            top = _larger(scores[:, j], top)
        hits += (best == y[first : first + ROWS, None]).sum(axis=0, dtype=np.float32)
    return hits / np.float32(len(x))


def _larger(a, b):
    """a where a > b, else b: `np.maximum` treats NaN in another way."""
    return np.where(a > b, a, b)


def _exp(z):
    """e ** z for z up to 0, from operations that are the same everywhere; off by 3e-7 at most."""
    power = _larger(z * np.float32(1.4426950408889634), np.float32(-126))  # of 2
    shifted = power + np.float32(1.5 * 2**23)  # rounds: the last bits hold the whole number n
    rest = (power - (shifted - np.float32(1.5 * 2**23))) * np.float32(0.6931471805599453)
    series = np.full_like(rest, EXP[0])
    for coefficient in EXP[1:]:
        series = series * rest + np.float32(coefficient)
    return series * ((shifted.view(np.int32) + 127) << 23).view(np.float32)  # times 2 ** n
