"""What can be drawn: one clear error for what cannot, before anything is drawn.

Figures know no other room, so a record such as an interval is anything with the right attributes.
"""

import inspect
from collections.abc import Mapping, Sized
from functools import wraps
from numbers import Real

import numpy as np

from ..checks import (
    LARGEST,
    check_flag,
    check_number,
    check_text,
    is_finite,
    is_within,
    numbers,
    shown,
)

MOST_MARKS = 1_000_000  # points of one figure


def figure(draw):
    """Decorate a `plot_*`: its words, flags and axes are checked; a failed figure is closed.

    What is annotated `str` must be text, what is annotated `bool` True or False.
    """
    signature = inspect.signature(draw)
    kinds = {str: check_text, bool: check_flag}

    @wraps(draw)
    def checked(*data, **options):
        from matplotlib import pyplot as plt

        for name, value in signature.bind(*data, **options).arguments.items():
            kind = signature.parameters[name].annotation
            if kind in kinds:
                kinds[kind](name, value)
        if options.get("ax") is not None:
            check_axes(options["ax"])
        before = set(plt.get_fignums())
        try:
            return draw(*data, **options)
        except Exception:
            for number in set(plt.get_fignums()) - before:
                plt.close(number)
            raise

    return checked


def check_axes(ax) -> None:
    """Raise one clear error for what is no axes of matplotlib."""
    from matplotlib.axes import Axes

    if not isinstance(ax, Axes):
        raise ValueError(f"ax={shown(ax)}: give axes, such as one of panels(2).")


def check_some(data, name: str, unit: str) -> None:
    """Raise one clear error if there is nothing to draw.

    Raises:
        ValueError: names what is empty and the unit that it needs.
    """
    sized = isinstance(data, Sized) and not isinstance(data, str | bytes | type)
    if not sized or (isinstance(data, np.ndarray) and not data.ndim):
        raise ValueError(f"{name}={shown(data)}: give one {unit} or more.")
    if len(data) == 0:
        raise ValueError(f"{name} is empty: give one {unit} or more.")


def check_labels(data, name: str, unit: str) -> None:
    """Raise one clear error unless data are a dict, label -> what is drawn, of one or more."""
    if not isinstance(data, Mapping):
        raise ValueError(f"{name}={shown(data)}: give a dict, label -> {unit}.")
    check_some(data, name, unit)
    for label in data:
        if not isinstance(label, str):
            raise ValueError(f"{name} holds the label {shown(label)}: give text -> {unit}.")


def check_words(words, name: str) -> None:
    """Raise one clear error unless words are a dict, label -> text, or None."""
    if words is None:
        return
    if not isinstance(words, Mapping):
        raise ValueError(f"{name}={shown(words)}: give a dict, label -> text.")
    for label, text in words.items():
        check_text(f"{name}: a label", label)
        check_text(f"{name} of {label!r}", text)


def check_marks(marks, name: str = "marks") -> None:
    """Raise one clear error unless marks are a dict, name -> label -> number, or None."""
    if marks is None:
        return
    if not isinstance(marks, Mapping):
        raise ValueError(f"{name}={shown(marks)}: give a dict, name -> label -> number.")
    for mark, found in marks.items():
        if not isinstance(mark, str) or not isinstance(found, Mapping):
            raise ValueError(
                f"{name} holds {shown(mark)}: {shown(found)}: give text -> label -> number."
            )
        for label, value in found.items():
            check_text(f"{name} of {mark!r}: a label", label)
            check_number(f"{name} of {mark!r}, {label!r}", value)


def check_names(values, name: str) -> None:
    """Raise one clear error unless values are a list of texts, one or more."""
    check_some(values, name, "name")
    for value in values:
        if not isinstance(value, str):
            raise ValueError(f"{name} holds {shown(value)}: give a list of names.")


def check_interval(one, name: str) -> None:
    """Raise one clear error for what is no interval, or whose estimate is outside its bounds."""
    try:
        estimate, low, high, level = one.estimate, one.low, one.high, one.level
    except AttributeError:
        raise ValueError(
            f"{name}={shown(one)}: give an interval, with estimate, low, high and level."
        ) from None
    known = is_within(estimate, -LARGEST, LARGEST) and is_within(level, 0, 1)
    if not known or not all(isinstance(end, Real) and not np.isnan(end) for end in (low, high)):
        raise ValueError(
            f"{name}={shown(one)}: give numbers, low and high infinite where there is no bound."
        )
    slack = 1e-6 * max(1, abs(float(estimate)))
    if not low - slack <= estimate <= high + slack:
        raise ValueError(f"{name}={shown(one)}: the estimate must lie between low and high.")


def check_table(table, name: str, numeric, words=()) -> None:
    """Raise one clear error unless a table has some rows and these columns.

    Args:
        numeric: columns that must hold finite numbers.
        words: columns that may hold anything.
    """
    if not hasattr(table, "columns") or not hasattr(table, "iloc"):
        raise ValueError(f"{name}={shown(table)}: give a pandas.DataFrame.")
    check_some(table, name, "row")
    for column in (*numeric, *words):
        if column not in table.columns:
            raise ValueError(
                f"{name} has no column {column!r}: it needs {', '.join((*numeric, *words))}."
            )
    for column in numeric:
        numbers(f"{name}, column {column!r}", table[column], ("n",))


def check_attributes(one, name: str, attributes, such_as: str) -> None:
    """Raise one clear error unless a record has these attributes."""
    try:
        missing = [attribute for attribute in attributes if not hasattr(one, attribute)]
    except Exception:  # what it is made of is wrong, so that a property of it fails
        missing = list(attributes)
    if missing or isinstance(one, type):
        raise ValueError(f"{name}={shown(one)}: give {such_as}, with {', '.join(attributes)}.")


def check_keys(keys, name: str) -> None:
    """Raise one clear error unless all keys are finite numbers, such as epochs."""
    for key in keys:
        if not is_finite(key) or not is_within(key, -LARGEST, LARGEST):
            raise ValueError(f"{name} holds the key {shown(key)}: give numbers.")


def level_of(intervals) -> str:
    """The level that all intervals share, such as "95 %".

    Raises:
        ValueError: if they have several: one title cannot name them.
    """
    levels = sorted({f"{100 * one.level:.4g} %" for one in intervals})
    if len(levels) != 1:
        raise ValueError(
            f"intervals of {', '.join(levels)}: give one level, or draw each level in a figure of "
            "its own."
        )
    return levels[0]
