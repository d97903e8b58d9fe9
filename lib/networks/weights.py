"""Weights of many networks as arrays: repeat, graft, join, and exchange with Keras."""

import numpy as np

from ..checks import check_whole, is_whole, shown
from .checks import check_finite_weights, check_model, check_seeds, check_weights
from .streams import evenly, keys

MOST_COPIES = 1_000_000
Weights = list[tuple[np.ndarray, np.ndarray]]  # per layer: kernel (R, i, o), bias (R, o); float32


def repeat(weights: Weights, n: int) -> Weights:
    """Each network `n` times in a row: R networks become R * n.

    Raises:
        ValueError: for what are no weights, or a number that is none.
    """
    check_weights("weights", weights, finite=True)
    check_whole("n", n, 1, MOST_COPIES)
    return [(np.repeat(kernel, n, axis=0), np.repeat(bias, n, axis=0)) for kernel, bias in weights]


def graft(base: Weights, fresh: Weights, n_copied: int, new_layers=()) -> Weights:
    """The first `n_copied` layers of `base` below the remaining layers of `fresh`.

    Args:
        new_layers: among the first, those that come from `fresh` all the same; 0 is the first.

    Raises:
        ValueError: if the layers do not fit on each other.
    """
    check_weights("base", base, finite=True)
    check_weights("fresh", fresh, finite=True)
    if not isinstance(new_layers, tuple | list):
        raise ValueError(f"new_layers={shown(new_layers)}: give numbers of layers in a tuple.")
    for layer in new_layers:
        check_whole("new_layers", layer, 0, len(fresh) - 1)
    if not is_whole(n_copied) or not 0 <= n_copied <= len(base):
        raise ValueError(
            f"n_copied={shown(n_copied)}, but the base has {len(base)} layers: choose 0 to "
            f"{len(base)}."
        )
    grafted = [*base[:n_copied], *fresh[n_copied:]]
    for layer in new_layers:
        if layer >= n_copied:
            raise ValueError(f"new_layers has {layer}, but n_copied={n_copied}: leave it out.")
        grafted[layer] = fresh[layer]
    check_chain(grafted)
    return grafted


def matched(bases: Weights, seeds) -> Weights:
    """Draw networks whose weights have the mean and the spread of a base's, layer by layer.

    The control for what weights carry beside their scale: a start of this kind has learned nothing.
    Kernels and biases of a layer are matched apart, each from an even distribution.

    Args:
        bases: B networks.
        seeds: B whole numbers, one for each base; such as no random start has, since both take
            their numbers from the same stream.

    Returns:
        B networks of the same shapes, float32.

    Raises:
        ValueError: unless there is one seed for each base.

    Source: Raghu et al. (2019), "Transfusion", section 5 (their "Mean Var Init").
    """
    seeds = check_seeds(seeds)
    check_weights("bases", bases, finite=True)
    n_bases = len(bases[0][0])
    if not all(len(array) == n_bases for layer in bases for array in layer):
        raise ValueError("bases have layers of unequal numbers of networks: give as many of each.")
    if len(seeds) != n_bases:
        raise ValueError(f"{len(seeds)} seeds for {n_bases} bases: give one each.")
    start_keys, used, drawn = keys("start", seeds), 0, []
    for layer in bases:
        arrays = []
        for array in layer:
            flat = array.reshape(len(seeds), -1).astype("float64")
            even = evenly(start_keys, used, flat.shape[1]) * np.sqrt(3)  # variance 1
            wanted = flat.mean(axis=1, keepdims=True) + flat.std(axis=1, keepdims=True) * even
            arrays.append(wanted.astype("float32").reshape(array.shape))
            used += flat.shape[1]
        drawn.append(tuple(arrays))
    return drawn


def from_keras(models) -> Weights:
    """Take the weights of Keras models with the same layers, one a replicate.

    Raises:
        ValueError: for no model, other models, layers without kernel and bias, or weights of NaN.
    """
    if not isinstance(models, tuple | list) or not models:
        raise ValueError(f"models={shown(models)}: give one Keras model or more in a list.")
    for model in models:
        check_model(model, "models")
        check_finite_weights(model)
    arrays = [[np.array(a) for a in model.get_weights()] for model in models]
    shapes = [[array.shape for array in one] for one in arrays]
    if any(one != shapes[0] for one in shapes) or len(shapes[0]) % 2:
        raise ValueError("models of unequal layers, or without kernel and bias: give equal ones.")
    stacked = [np.stack(parts) for parts in zip(*arrays, strict=True)]
    return list(zip(stacked[0::2], stacked[1::2], strict=True))


def to_keras(weights: Weights, replicate: int, model):
    """Put the weights of one replicate into a Keras model with the same layers; return it.

    Args:
        replicate: 0 up to the number of networks less one.

    Raises:
        ValueError: for weights, a number or a model that do not fit.
    """
    check_weights("weights", weights, finite=True)
    check_model(model)
    check_whole("replicate", replicate, 0, len(weights[0][0]) - 1)
    found = [array.shape[1:] for layer in weights for array in layer]
    own = [tuple(weight.shape) for weight in model.weights]
    if found != own:
        raise ValueError(f"weights of shapes {found}, but the model has {own}: give another.")
    model.set_weights([array[replicate] for layer in weights for array in layer])
    return model


def join(parts) -> Weights:
    """Networks of several parts, one after the other."""
    return [
        tuple(np.concatenate(arrays) for arrays in zip(*layers, strict=True))
        for layers in zip(*parts, strict=True)
    ]


def check_chain(layers):
    """Raise one clear error unless each layer fits on the one below."""
    for (lower, _), (upper, _) in zip(layers[:-1], layers[1:], strict=True):
        if lower.shape[0] != upper.shape[0] or lower.shape[2] != upper.shape[1]:
            raise ValueError(
                f"layers of shape {lower.shape} and {upper.shape} do not fit on each other: base "
                "and fresh need the same number of networks, and as many units where they meet."
            )
