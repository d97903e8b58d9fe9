"""Checks of single values that all rooms share: is it a whole number, is it a rate?"""

import math
from numbers import Integral, Real


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
    return (
        real and -math.inf < value < math.inf
    )  # math.isfinite takes no whole number of 400 digits


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
        raise ValueError(f"{name}={value!r}: choose a whole number from {low} {end}.")


def check_rate(name: str, value) -> None:
    """Raise one clear error unless a value is a finite number above 0: a rate, a spread.

    Raises:
        ValueError: which names the value and what is allowed.

    >>> check_rate("learning_rate", 0)
    Traceback (most recent call last):
    ValueError: learning_rate=0: choose a number above 0.
    """
    if not is_finite(value) or value <= 0:
        raise ValueError(f"{name}={value!r}: choose a number above 0.")
