"""Random starts and data orders, from one small integer generator.

The generator is SplitMix64: output number n of a stream is `mix(key + n * GAMMA)`, n = 1, 2, ...,
all modulo 2 ** 64. It is a few integer operations, so the compiled kernels (`vectors`) and a page
hold it too, and every platform draws the same numbers. Any output can be had without the others.

Each (purpose, seed) has a stream of its own; its key is the first output of SplitMix64 started from
2 * seed + purpose. All keys differ: a start never shares its stream with a data order.

    R       networks, one seed each
    keys    uint64 (R,)
    sizes   units of each layer, input first, such as (2, 5, 5, 3)

Source: Steele, Lea and Flood (2014), "Fast splittable pseudorandom number generators".
"""

from itertools import pairwise

import numpy as np

from ..checks import check_whole
from .checks import check_epochs, check_seeds, check_sizes

GAMMA = np.uint64(0x9E3779B97F4A7C15)
FIRST = np.uint64(0xBF58476D1CE4E5B9)
SECOND = np.uint64(0x94D049BB133111EB)
PURPOSES = {"start": 0, "order": 1}
COLUMNS = 8192  # orders shuffled side by side: more do not stay in the processor's cache


def mix(state: np.ndarray) -> np.ndarray:
    """The output function of SplitMix64, uint64 of any shape."""
    z = (state ^ (state >> np.uint64(30))) * FIRST
    z = (z ^ (z >> np.uint64(27))) * SECOND
    return z ^ (z >> np.uint64(31))


def keys(purpose: str, seeds) -> np.ndarray:
    """The key of each seed's stream, uint64 (R,).

    Args:
        purpose: "start" or "order".
        seeds: whole numbers, 0 up to 2 ** 63 - 1.

    Raises:
        ValueError: for seeds that are no such numbers.

    >>> start, order = keys("start", [3]), keys("order", [3])
    >>> bool(start == order)
    False
    """
    seeds = check_seeds(seeds)
    return mix(np.array(seeds, np.uint64) * np.uint64(2) + np.uint64(PURPOSES[purpose]) + GAMMA)


def draws(stream_keys: np.ndarray, first: int, n: int) -> np.ndarray:
    """Outputs first + 1 ... first + n of each stream, uint64 (R, n)."""
    numbers = np.arange(first + 1, first + n + 1, dtype=np.uint64)
    return mix(np.asarray(stream_keys, np.uint64)[:, None] + numbers * GAMMA)


def evenly(stream_keys: np.ndarray, first: int, n: int) -> np.ndarray:
    """Numbers first + 1 ... first + n of each stream, even from -1 to 1, float32 (R, n)."""
    fraction = (draws(stream_keys, first, n) >> np.uint64(40)).astype(np.int32)
    odd = 2 * fraction + 1 - 2**24  # -2 ** 24 < odd < 2 ** 24: float32 holds it exactly
    return odd.astype(np.float32) * np.float32(2.0**-24)


def initial_weights(sizes: tuple[int, ...], seeds) -> list[tuple[np.ndarray, np.ndarray]]:
    """Draw the start of one network for each seed.

    As in the tutorial: `he_uniform` for hidden layers, Keras' default `glorot_uniform` for the
    output layer, biases zero.

    Args:
        sizes: units of each layer, input first, such as (2, 5, 5, 3).
        seeds: whole numbers, 0 up to 2 ** 63 - 1, one for each network.

    Returns:
        Per layer kernel (R, i, o) and bias (R, o), float32.

    Raises:
        ValueError: for sizes or seeds that are none.

    >>> [kernel.shape for kernel, bias in initial_weights((2, 5, 5, 3), range(30))]
    [(30, 2, 5), (30, 5, 5), (30, 5, 3)]
    """
    check_sizes(sizes)
    layers = list(pairwise(sizes))
    limits = [np.sqrt(6 / fan_in) for fan_in, _ in layers]
    limits[-1] = np.sqrt(6 / sum(layers[-1]))
    start_keys, used, weights = keys("start", seeds), 0, []
    for limit, (n_in, n_out) in zip(limits, layers, strict=True):
        kernel = evenly(start_keys, used, n_in * n_out) * np.float32(limit)
        bias = np.zeros((len(start_keys), n_out), np.float32)
        weights.append((kernel.reshape(-1, n_in, n_out), bias))
        used += n_in * n_out
    return weights


def data_orders(n_rows: int, n_epochs: int, seeds) -> np.ndarray:
    """Draw the order in which each network sees the rows, anew for every epoch.

    The shuffle is that of Fisher and Yates. Its choice among n rows is fair up to n / 2 ** 48.

    Args:
        n_rows: 1 to 65,535.
        n_epochs: 1 or more.
        seeds: whole numbers, 0 up to 2 ** 63 - 1, one for each network.

    Returns:
        Row numbers, uint16 (R, n_epochs, n_rows).

    Raises:
        ValueError: for numbers outside these ranges.
    """
    check_whole("n_rows", n_rows, 1, 65_535)
    check_epochs(n_epochs)
    epochs = np.arange(n_epochs, dtype=np.uint64) * np.uint64(n_rows - 1) * GAMMA
    states = (keys("order", seeds)[:, None] + epochs).ravel()
    orders = np.empty((len(states), n_rows), np.uint16)
    for first in range(0, len(states), COLUMNS):
        part = slice(first, first + COLUMNS)
        orders[part] = _shuffled(n_rows, states[part]).T
    return orders.reshape(-1, n_epochs, n_rows)


def epoch_order(n_rows: int, order_keys: np.ndarray, epoch: int) -> np.ndarray:
    """One epoch of `data_orders` for streams with these keys, (n_rows, R)."""
    done = np.full(1, epoch * (n_rows - 1), np.uint64)  # an array: of numbers NumPy would warn
    return _shuffled(n_rows, order_keys + done * GAMMA)


def _shuffled(n_rows, states):
    """Shuffle 0 ... n_rows - 1 once for each state of the generator, uint16 (n_rows, states)."""
    rows = np.repeat(np.arange(n_rows, dtype=np.uint16)[:, None], len(states), axis=1)
    columns, states = np.arange(len(states)), states.copy()
    for i in range(n_rows - 1, 0, -1):
        states += GAMMA
        j = ((mix(states) >> np.uint64(16)) * np.uint64(i + 1)) >> np.uint64(48)
        kept = rows[i].copy()
        rows[i] = rows[j, columns]
        rows[j, columns] = kept
    return rows
