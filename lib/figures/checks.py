"""What can be drawn: one clear error for what cannot, before anything is drawn."""

import numpy as np


def check_some(data, name: str, unit: str) -> None:
    """Raise one clear error if there is nothing to draw.

    Raises:
        ValueError: names what is empty and the unit that it needs.
    """
    if len(data) == 0:
        raise ValueError(f"{name} is empty: give one {unit} or more.")


def numbers(values, name: str) -> np.ndarray:
    """The values as a float array that can be drawn whole.

    Raises:
        ValueError: if there are none, or some are NaN or infinite.
    """
    values = np.asarray(values, "float64")
    if not values.size:
        raise ValueError(f"{name}: no values, give one number or more.")
    n_bad = int((~np.isfinite(values)).sum())
    if n_bad:
        raise ValueError(
            f"{name}: {n_bad} of {values.size} values are NaN or infinite: look at those runs."
        )
    return values


def level_of(intervals) -> str:
    """The level that all intervals share, such as "95 %".

    Raises:
        ValueError: if they have several: one title cannot name them.
    """
    levels = sorted({f"{100 * one.level:.3g} %" for one in intervals})
    if len(levels) != 1:
        raise ValueError(
            f"intervals of {', '.join(levels)}: give one level, or draw each level in a figure of "
            "its own."
        )
    return levels[0]
