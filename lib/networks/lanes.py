"""Packs networks into the lanes of compiled kernels, runs them in threads, and unpacks them.

A kernel (`kernels`) trains LANES networks side by side. Networks are sorted by seed first, so that
arms that share a seed share one shuffle of the rows; results come back in the order of the call.
Lanes do not touch each other: a network gives the same bits alone as in any company.

    R         networks, first axis in the arrays of the course
    groups    of LANES networks, ceil(R / LANES)
    packed    all weights, float32 (groups, n_weights, LANES); empty lanes at the end are zero
    M         the memory of one group, see `kernel_source`
"""

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from . import kernels, plain, streams
from .kernel_source import LANES, Layout

PLAIN = 256  # networks trained at a time in NumPy


class Plan(NamedTuple):
    """What is to be done; arrays of R go by network.

    Attributes:
        train, test, validation: rows: x float32 (n, features), y float32 (n,); the last or None.
        keys: of the data orders, uint64 (R,).
        trained: bool (R, layers).
        rates: float32 (R,).
        n_epochs, batch_size: as in `replicates.train`.
    """

    train: tuple
    test: tuple
    validation: tuple | None
    keys: np.ndarray
    trained: np.ndarray
    rates: np.ndarray
    n_epochs: int
    batch_size: int


def train_networks(
    task, weights, seeds, n_epochs, n_frozen, learning_rate, batch_size, measure_validation
):
    """Train R networks. All arguments are as in `replicates.train`, which checks them.

    Args:
        n_frozen, learning_rate: one for each network, (R,).

    Returns:
        Accuracy on the test rows, float32 (R, n_epochs + 1); the same on the validation rows, or
        None; weights as they came.
    """
    sizes = (weights[0][0].shape[1], *(bias.shape[1] for _, bias in weights))
    by_seed = np.argsort(np.array(seeds, np.uint64), kind="stable")
    plan = Plan(
        _rows(task.x_train, task.y_train),
        _rows(task.x_test, task.y_test),
        _rows(task.x_validation, task.y_validation) if measure_validation else None,
        streams.keys("order", seeds)[by_seed],
        (np.arange(len(weights)) >= np.asarray(n_frozen)[:, None])[by_seed],
        np.asarray(learning_rate, np.float32)[by_seed],
        int(n_epochs),
        int(batch_size),
    )
    flat = np.concatenate(
        [array.reshape(len(seeds), -1) for layer in weights for array in layer], axis=1
    ).astype(np.float32)[by_seed]  # (R, n_weights)
    kernel = kernels.get(sizes)
    run = _run_plain if kernel is None else _run_kernel
    flat, *accuracies = run(kernel, plan, sizes, flat)
    back = np.argsort(by_seed)
    accuracies = [None if found is None else found[back] for found in accuracies]
    return (*accuracies, _as_layers(flat[back], sizes))


def _run_kernel(kernel, plan, sizes, flat):
    """Train with a compiled kernel; weights and accuracies come and go as (R, ...)."""
    n, layout = len(flat), Layout(sizes)
    n_groups = -(-n // LANES)

    def in_groups(array):  # (R, m) -> (groups, m, LANES)
        padded = np.zeros((n_groups * LANES, array.shape[1]), np.float32)
        padded[:n] = array
        return np.ascontiguousarray(padded.reshape(n_groups, LANES, -1).swapaxes(1, 2))

    settings = in_groups(np.column_stack([plan.rates, plan.trained]))
    packed = in_groups(flat)
    n_columns = plan.n_epochs + 1
    test = np.empty((n_groups, n_columns, LANES), np.float32)
    validation = np.empty((n_groups, n_columns if plan.validation else 0, LANES), np.float32)
    none = np.zeros((0, layout.n_features), np.float32), np.zeros(0, np.float32)
    rows = [plan.train, plan.test, plan.validation or none]
    (x, y), (x_test, y_test), (x_validation, y_validation) = [(x.ravel(), y) for x, y in rows]
    counts = [len(y) for _, y in rows]

    def train_group(g):
        memory = _aligned(layout.n_vectors)
        memory[: layout.first_weight] = settings[g]
        memory[layout.first_weight :][: layout.n_weights] = packed[g]
        keys = plan.keys[g * LANES : (g + 1) * LANES]
        is_new = np.concatenate([[True], keys[1:] != keys[:-1]])
        stream = np.full(LANES, is_new.sum() - 1, np.int64)  # empty lanes: as the last network
        stream[: len(keys)] = np.cumsum(is_new) - 1
        kernel(
            memory.ravel(),
            _aligned(plan.batch_size * (layout.n_features + 1)).ravel(),
            np.empty(is_new.sum() * counts[0], np.uint16),
            keys[is_new],
            stream,
            x, y, x_test, y_test, test[g].ravel(), x_validation, y_validation,
            validation[g].ravel(), *counts, plan.n_epochs, plan.batch_size,
        )  # fmt: skip
        packed[g] = memory[layout.first_weight :][: layout.n_weights]

    _in_threads(train_group, n_groups)

    def by_network(groups):  # (groups, m, LANES) -> (R, m)
        return groups.swapaxes(1, 2).reshape(n_groups * LANES, -1)[:n]

    return (
        by_network(packed), by_network(test), by_network(validation) if plan.validation else None
    )  # fmt: skip


def _run_plain(_, plan, sizes, flat):
    """Train in NumPy; weights and accuracies come and go as (R, ...)."""
    parts = []
    for first in range(0, len(flat), PLAIN):
        part = slice(first, first + PLAIN)
        layers = [
            tuple(np.ascontiguousarray(np.moveaxis(array, 0, -1)) for array in layer)
            for layer in _as_layers(flat[part], sizes)
        ]
        found = plain.train(
            layers, plan.trained[part].T, plan.rates[part], plan.keys[part], plan.train, plan.test,
            plan.validation, plan.n_epochs, plan.batch_size,
        )  # fmt: skip
        columns = [array.reshape(-1, array.shape[-1]) for layer in layers for array in layer]
        parts.append((np.concatenate(columns), *found))
    return [
        None if one[0] is None else np.concatenate(one, axis=1).T
        for one in zip(*parts, strict=True)
    ]


def _in_threads(job, n_jobs):
    """Do job(0) ... job(n_jobs - 1) on the processors that this process may use."""
    from concurrent.futures import ThreadPoolExecutor

    from joblib import cpu_count  # knows affinity and the limits of containers

    n_threads = min(cpu_count(), n_jobs)
    if n_threads == 1:
        for number in range(n_jobs):
            job(number)
        return
    with ThreadPoolExecutor(n_threads) as pool:
        list(pool.map(job, range(n_jobs)))


def _rows(x, y):
    """Rows as the kernels take them."""
    return np.ascontiguousarray(x, np.float32), np.ascontiguousarray(y, np.float32)


def _as_layers(flat, sizes):
    """Kernel and bias of each layer from rows of all weights, (R, n_weights)."""
    layers, used = [], 0
    for n_in, n_out in pairwise(sizes):
        kernel, bias, _ = np.split(flat[:, used:], [n_in * n_out, (n_in + 1) * n_out], axis=1)
        layers.append((np.array(kernel).reshape(-1, n_in, n_out), np.array(bias)))
        used += (n_in + 1) * n_out
    return layers


def _aligned(n_vectors):
    """Zeros, float32 (n_vectors, LANES), that begin at a multiple of 64 bytes, as caches do."""
    room = np.zeros(n_vectors * LANES + 16, np.float32)
    first = -room.ctypes.data % 64 // 4
    return room[first:][: n_vectors * LANES].reshape(n_vectors, LANES)
