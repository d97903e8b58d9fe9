"""Checks of arguments that all rooms share: one clear error for what cannot be, before any work.

is_*      whether a value is one whole number, or one finite number
check_*   raise, naming the value and what is allowed
as_path   where a file is
numbers   a list or an array as float64, or an error that says what is wrong with it
"""

import math
import os
from numbers import Integral, Real
from pathlib import Path

import numpy as np

LARGEST = 1e60  # no quantity of the course is larger; its fourth power is still finite
SHOWN = 60  # letters of a value in a message


def shown(value) -> str:
    """A value as it stands in a message: in one line, cut if it is long.

    >>> shown([1.5, "x"]), len(shown("x" * 1000))
    ("[1.5, 'x']", 60)
    """
    try:
        text = " ".join(repr(value).split())
    except Exception:  # such as a whole number of more digits than Python writes
        text = f"a {type(value).__name__}"
    return text if len(text) <= SHOWN else text[: SHOWN - 3] + "..."


def is_whole(value) -> bool:
    """Whether a value is one whole number, Python's or NumPy's; True and False are none.

    >>> is_whole(3), is_whole(3.0), is_whole(True)
    (True, False, False)
    """
    return isinstance(value, Integral) and not isinstance(value, bool)


def is_finite(value) -> bool:
    """Whether a value is one finite number, Python's or NumPy's; True and False are none.

    >>> is_finite(0.5), is_finite(float("nan")), is_finite("0.5")
    (True, False, False)
    """
    real = isinstance(value, Real) and not isinstance(value, bool)
    # math.isfinite takes no whole number of 400 digits
    return real and -math.inf < value < math.inf


def is_within(value, low: float, high: float) -> bool:
    """Whether a value is one finite number from `low` to `high`, whatever its precision.

    >>> is_within(np.float16(0.5), 0, 1e60), is_within(2, 0, 1)
    (True, False)
    """
    if not is_finite(value):
        return False
    value = value.item() if isinstance(value, np.generic) else value
    return float(low) <= value <= float(high)  # Python compares any whole number with its floats


def check_whole(name: str, value, low: int, high: int | None = None) -> None:
    """Raise one clear error unless a value is a whole number from `low` to `high`.

    Args:
        name: of the argument, for the message.
        low, high: both are allowed; None stands for no upper end.

    Raises:
        ValueError: which names the value and what is allowed.

    >>> check_whole("seed", 1.5, 0, 9)
    Traceback (most recent call last):
    ValueError: seed=1.5: choose a whole number from 0 to 9.
    """
    if not is_whole(value) or value < low or (high is not None and value > high):
        end = "up" if high is None else f"to {high}"
        raise ValueError(f"{name}={shown(value)}: choose a whole number from {low} {end}.")


def check_rate(name: str, value) -> None:
    """Raise one clear error unless a value is a finite number above 0: a rate, a spread.

    Raises:
        ValueError: which names the value and what is allowed.

    >>> check_rate("learning_rate", 0)
    Traceback (most recent call last):
    ValueError: learning_rate=0: choose a number above 0.
    """
    if not is_finite(value) or value <= 0:
        raise ValueError(f"{name}={shown(value)}: choose a number above 0.")
    if not is_within(value, 0, LARGEST):
        raise ValueError(f"{name}={shown(value)}: choose a number above 0, {LARGEST:g} at most.")


def check_number(name: str, value, low: float | None = None, high: float | None = None) -> None:
    """Raise one clear error unless a value is a finite number from `low` to `high`.

    Args:
        name: of the argument, for the message.
        low, high: both are allowed; None stands for no end.

    Raises:
        ValueError: which names the value and what is allowed.

    >>> check_number("threshold", 2, 0, 1)
    Traceback (most recent call last):
    ValueError: threshold=2: choose a number from 0 to 1.
    """
    least, most = -LARGEST if low is None else low, LARGEST if high is None else high
    if not is_within(value, least, most):
        open_ended = low is None and high is None
        end = "" if open_ended else f" from {least:g} to {most:g}"
        finite = " that is finite" if open_ended else ""
        raise ValueError(f"{name}={shown(value)}: choose a number{end}{finite}.")


def check_choice(name: str, value, allowed) -> None:
    """Raise one clear error unless a value is one of some words.

    Raises:
        ValueError: which names the value and what is allowed.

    >>> check_choice("part", "tset", ("train", "test"))
    Traceback (most recent call last):
    ValueError: part='tset': choose one of train, test.
    """
    if not isinstance(value, str) or value not in allowed:
        raise ValueError(f"{name}={shown(value)}: choose one of {', '.join(map(str, allowed))}.")


def check_text(name: str, value) -> None:
    """Raise one clear error unless a value is text, which may be empty.

    Raises:
        ValueError: which names the value.
    """
    if not isinstance(value, str):
        raise ValueError(f"{name}={shown(value)}: give text in quotes.")


def check_function(name: str, value, such: str) -> None:
    """Raise one clear error unless a value can be called.

    Args:
        name: of the argument, for the message.
        such: an example.

    Raises:
        ValueError: which names the value.

    >>> check_function("progress", 3, "tqdm.tqdm")
    Traceback (most recent call last):
    ValueError: progress=3: give a function, such as tqdm.tqdm.
    """
    if not callable(value):
        raise ValueError(f"{name}={shown(value)}: give a function, such as {such}.")


def as_path(name: str, value) -> Path:
    """Text or a path as a `Path`, or one clear error.

    Raises:
        ValueError: for anything else, and for empty text, which would be the folder one works in.

    >>> as_path("folder", None)
    Traceback (most recent call last):
    ValueError: folder=None: give a path, as text in quotes or as a `Path`.
    """
    fits = isinstance(value, str | os.PathLike) and isinstance(os.fspath(value), str)
    if not fits or not os.fspath(value) or "\0" in os.fspath(value):
        raise ValueError(f"{name}={shown(value)}: give a path, as text in quotes or as a `Path`.")
    return Path(value)


def check_names(name: str, values, least: int = 1) -> None:
    """Raise one clear error unless this is a tuple or list of texts.

    Args:
        name: of the argument, for the message.
        least: how many there must be.

    Raises:
        ValueError: which names the value and what is allowed.

    >>> check_names("class_names", "cat")
    Traceback (most recent call last):
    ValueError: class_names='cat': give 1 or more texts in a tuple.
    """
    fits = isinstance(values, tuple | list) and len(values) >= least
    if not fits or not all(isinstance(one, str) for one in values):
        raise ValueError(f"{name}={shown(values)}: give {least} or more texts in a tuple.")


def check_words(name: str, sentences, least: int = 1) -> None:
    """Raise one clear error unless these are sentences: each a tuple or list of words.

    Args:
        name: of the argument, for the message.
        least: how many there must be; a sentence may be empty.

    Raises:
        ValueError: which names the first that is no sentence.

    >>> check_words("sentences", ["the cat sat"])
    Traceback (most recent call last):
    ValueError: sentences: 'the cat sat' is no tuple of words: split it, such as text.split().
    """
    if not isinstance(sentences, tuple | list) or len(sentences) < least:
        raise ValueError(f"{name}={shown(sentences)}: give {least} or more tuples of words.")
    for one in sentences:
        if not isinstance(one, tuple | list) or not all(isinstance(word, str) for word in one):
            raise ValueError(
                f"{name}: {shown(one)} is no tuple of words: split it, such as text.split()."
            )


def check_flag(name: str, value) -> None:
    """Raise one clear error unless a value is True or False.

    Raises:
        ValueError: which names the value.
    """
    if not isinstance(value, bool | np.bool):
        raise ValueError(f"{name}={shown(value)}: choose True or False.")


def numbers(name: str, values, *shapes: tuple[str, ...], infinite: bool = False) -> np.ndarray:
    """The values as a float64 array, every one of them a finite number.

    Text, None and complex numbers are none, and masked values are not silently taken for numbers.

    Args:
        name: of the argument, for the message.
        values: a list, array, series or table of numbers; at least one.
        shapes: what is allowed, by the names of the axes, such as ("n_bases", "n_refits"); any
            number of axes if there is none.
        infinite: whether infinity is allowed, such as for a time beyond what was seen.

    Raises:
        ValueError: says what they are, what is allowed, or how many are NaN or infinite.

    >>> numbers("scores", [[0.5, 0.6]], ("n_runs",))
    Traceback (most recent call last):
    ValueError: scores of shape (1, 2): give an array (n_runs,).
    """
    axes = " or ".join(_axes(shape) for shape in shapes) or "of any shape"
    try:
        array = np.asarray(values)
    except Exception:
        raise ValueError(
            f"{name} of unequal lengths, or no numbers: give an array {axes}, all rows of one "
            "length."
        ) from None
    if array.dtype.kind not in "biuf":
        what = f"array of {array.dtype}" if array.ndim else type(values).__name__
        raise ValueError(f"{name}={shown(values)} ({what}): give numbers, an array {axes}.")
    if shapes and array.ndim not in [len(shape) for shape in shapes]:
        raise ValueError(f"{name} of shape {array.shape}: give an array {axes}.")
    if not array.size:
        raise ValueError(f"{name} of shape {array.shape}: no values, give one number or more.")
    if np.ma.is_masked(values):
        raise ValueError(f"{name}: some values are masked: leave them out, or fill them.")
    array = array.astype("float64")
    known = np.isfinite(array)
    n_bad = int((np.isnan(array) if infinite else ~known).sum())
    if n_bad:
        what = "NaN" if infinite else "NaN or infinite"
        raise ValueError(f"{name}: {n_bad} of {array.size} values are {what}: look at those runs.")
    largest = np.abs(array[known]).max(initial=0)
    if largest > LARGEST:
        raise ValueError(f"{name} as large as {largest:g}: give numbers up to {LARGEST:g}.")
    return array


def flags(name: str, values) -> np.ndarray:
    """The values as an array (n,) of True and False, one at least.

    Raises:
        ValueError: for anything else.
    """
    try:
        array = np.asarray(values)
    except Exception:
        array = np.empty((), object)
    if array.dtype != bool or array.ndim != 1 or not len(array):
        raise ValueError(
            f"{name} of shape {array.shape} and type {array.dtype}: give True or False for each "
            "run, one at least."
        )
    if np.ma.is_masked(values):
        raise ValueError(f"{name}: some values are masked: leave them out, or fill them.")
    return array


def _axes(shape):
    """The names of the axes as Python writes a shape."""
    if not shape:
        return "() of one"
    return f"({shape[0]},)" if len(shape) == 1 else f"({', '.join(shape)})"
