"""What can be read from a training curve: start, slope, late level, times, areas."""

import numpy as np

from ..checks import check_number, check_whole, is_within, numbers, shown
from ..statistics.rounding import has_reached, is_above, is_below

LEAST_AREA = 1e-9  # accuracy times epochs; less is rounding


def check_curves(epochs, curves, name: str = "curves") -> tuple[np.ndarray, np.ndarray]:
    """Epochs and training curves as float arrays.

    Args:
        epochs: (T,), increasing; two or more.
        curves: accuracy 0 to 1, (..., T).
        name: of the curves, for the message.

    Raises:
        ValueError: for NaN, one point, unequal lengths, epochs that do not increase, or values
            outside 0 to 1.
    """
    epochs = numbers("epochs", epochs, ("T",))
    curves = numbers(name, curves)
    if not curves.ndim or curves.shape[-1] != len(epochs):
        raise ValueError(
            f"epochs of shape {epochs.shape} and {name} of shape {curves.shape}: give one value "
            "for each epoch, in the last axis."
        )
    if len(epochs) < 2:
        raise ValueError(f"epochs of {len(epochs)} point: a curve needs two or more.")
    if (np.diff(epochs) <= 0).any():
        raise ValueError("the epochs do not increase: give them in the order of time, each once.")
    if curves.min() < 0 or curves.max() > 1:
        raise ValueError(
            f"{name} from {curves.min():g} to {curves.max():g}: accuracy is a fraction, 0 to 1."
        )
    return epochs, curves


def at_epoch(epochs, curves, epoch: float) -> np.ndarray:
    """Accuracy at a recorded epoch, (...).

    At epoch 0 it is the accuracy before training, at epoch 1 that after one pass over the data.
    Neither is what a linear probe of the features gives, or a few updates: say which "start".

    Args:
        epochs, curves: (T,) and (..., T).
        epoch: one of the epochs.

    Raises:
        ValueError: for an epoch that was not recorded, or curves that are none.

    >>> at_epoch([0, 1, 2], [[0.2, 0.5, 0.7]], 1)
    array([0.5])
    """
    epochs, curves = check_curves(epochs, curves)
    return curves[..., _place(epochs, epoch)]


def jumpstart(epochs, transfer, scratch, epoch: float) -> np.ndarray:
    """Accuracy at a recorded epoch, transfer minus scratch, run by run, (...).

    Args:
        epochs, transfer, scratch: (T,), and accuracies (..., T) of one shape.
        epoch: one of the epochs.

    Raises:
        ValueError: if the two arms differ in shape: runs are compared pair by pair.

    Source: Taylor and Stone (2009), "jumpstart".
    """
    epochs, transfer = check_curves(epochs, transfer, "transfer")
    epochs, scratch = check_curves(epochs, scratch, "scratch")
    _check_pairs(transfer, scratch)
    return at_epoch(epochs, transfer, epoch) - at_epoch(epochs, scratch, epoch)


def gain(epochs, curves, begin: float, end: float) -> np.ndarray:
    """Slope: gain per epoch between two recorded epochs, (...).

    Args:
        epochs, curves: (T,) and (..., T).
        begin, end: two of the epochs.

    Raises:
        ValueError: for epochs that were not recorded, or curves that are none.

    >>> gain([0, 1, 2], [0.2, 0.5, 0.7], 0, 2).round(2).item()
    0.25
    """
    epochs, curves = check_curves(epochs, curves)
    check_window(begin, end)
    first, last = _place(epochs, begin), _place(epochs, end)
    return (curves[..., last] - curves[..., first]) / (end - begin)


def late_level(epochs, curves, n_last: int) -> np.ndarray:
    """Mean accuracy of the last epochs, (...): what was reached, not where the curve is going.

    Args:
        epochs, curves: (T,) and (..., T).
        n_last: recorded epochs, 1 to T.

    Raises:
        ValueError: for another number, or curves that are none.
    """
    epochs, curves = check_curves(epochs, curves)
    check_whole("n_last", n_last, 1, len(epochs))
    return curves[..., -n_last:].mean(axis=-1)


def time_to_threshold(epochs, accuracy, threshold: float):
    """The first of the epochs at which a curve has reached a threshold; infinite if it never has.

    A run that never has is right-censored: all that is known is that it takes longer. A value
    that is at the threshold, as far as single precision lets see, has reached it.

    Args:
        epochs: (T,), in the order of time.
        accuracy: (..., T), 0 to 1.
        threshold: above 0, at most 1.

    Returns:
        A float for one curve, else (...).

    Raises:
        ValueError: for a threshold that is none, or curves that are none.

    Source: Taylor and Stone (2009), "time to threshold".

    >>> time_to_threshold([0, 1, 2], [0.2, 0.5, 0.7], 0.5)
    1.0
    >>> time_to_threshold([0, 1, 2], [0.2, 0.5, 0.7], 0.9)
    inf
    """
    if not is_within(threshold, 0, 1) or threshold == 0:
        raise ValueError(f"threshold={shown(threshold)}: choose an accuracy above 0, at most 1.")
    epochs, curves = check_curves(epochs, accuracy, "accuracy")
    reached = has_reached(curves, threshold)
    first = np.where(reached.any(axis=-1), epochs[reached.argmax(axis=-1)], np.inf)
    return float(first) if curves.ndim == 1 else first


def area_ratio(epochs, transfer, scratch):
    """Area under the curve with transfer over that from scratch, up to the last epoch.

    Args:
        epochs, transfer, scratch: (T,), and accuracies (..., T).

    Raises:
        ValueError: if the two arms differ in shape, or a curve from scratch is 0 throughout.

    Source: Taylor and Stone (2009), who call it the transfer ratio.

    >>> area_ratio([0, 1, 2], [0.75, 0.75, 0.75], [0.25, 0.5, 0.75])
    1.5
    """
    epochs, transfer = check_curves(epochs, transfer, "transfer")
    epochs, scratch = check_curves(epochs, scratch, "scratch")
    _check_pairs(transfer, scratch)
    below = np.trapezoid(scratch, epochs)
    if (below < LEAST_AREA).any():
        raise ValueError("a curve from scratch is 0 throughout: it has no area to compare with.")
    ratio = np.trapezoid(transfer, epochs) / below
    return float(ratio) if np.ndim(ratio) == 0 else ratio


def _check_pairs(transfer, scratch) -> None:
    """One clear error if the runs of two arms are no run pairs."""
    if transfer.shape != scratch.shape:
        raise ValueError(
            f"transfer of shape {transfer.shape}, scratch of shape {scratch.shape}: give "
            "the same runs of both."
        )


def check_window(begin, end) -> None:
    """One clear error unless a window begins before it ends."""
    check_number("begin", begin)
    check_number("end", end)
    if not begin < end:
        raise ValueError(f"a window from epoch {begin:g} to {end:g}: it must begin before it ends.")


def _place(epochs, epoch) -> int:
    """Where an epoch is recorded; one clear error if it is not."""
    check_number("epoch", epoch)
    found = np.flatnonzero(~is_below(epochs, epoch) & ~is_above(epochs, epoch))
    if not len(found):
        raise ValueError(
            f"epoch {epoch:g} was not recorded: choose one of those from {epochs[0]:g} to "
            f"{epochs[-1]:g} that were."
        )
    return int(found[0])
