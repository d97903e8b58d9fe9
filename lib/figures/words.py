"""What a figure shows, in words: each `plot_*` says it, and `described` reads it out."""

from collections.abc import Mapping
from weakref import WeakKeyDictionary

import numpy as np
from matplotlib.figure import Figure

from ..checks import check_text, shown
from .checks import check_axes

_SAID = WeakKeyDictionary()  # axes -> sentences, in the order of drawing


def describe(ax, words: str) -> None:
    """Remember in words what was drawn into these axes; what was said of them before stays.

    Raises:
        ValueError: if there are no words, or no axes.
    """
    check_axes(ax)
    check_text("words", words)
    if not words.strip():
        raise ValueError("words of nothing: say in a sentence what was drawn, with its numbers.")
    _SAID.setdefault(ax, []).append(_sentence(words))


def described(figure) -> str:
    """What a figure shows: its title, then each panel's title and description, in order.

    Returns:
        Plain sentences in one line; "" for a figure that nobody described.

    Raises:
        ValueError: for what is no figure.
    """
    if not isinstance(figure, Figure):
        raise ValueError(f"figure={shown(figure)}: give a figure, such as ax.figure.")
    panels = [ax for ax in figure.axes if ax in _SAID]
    said = []
    for number, ax in enumerate(panels, 1):
        place = f"Panel {number} of {len(panels)}: " if len(panels) > 1 else ""
        said.append(place + " ".join([_sentence(ax.get_title()), *_SAID[ax]]).strip())
    return " ".join([_sentence(figure.get_suptitle()), *said]).strip() if said else ""


def undescribed(figure) -> list:
    """The axes of a figure that hold something which nobody described; colour bars do not count."""
    return [
        ax
        for ax in figure.axes
        if ax.has_data() and ax not in _SAID and ax.get_label() != "<colorbar>"
    ]


def _sentence(words):
    """Words in one line that begins like a sentence and ends in a full stop, or nothing."""
    words = " ".join(words.split())
    if words[:2].isalpha() and "=" not in words.split()[0]:
        words = words[0].upper() + words[1:]
    return words if not words or words[-1] in ".!?" else words + "."


def room(ax, most: int = 8) -> int:
    """How many labels a description may name: fewer where the figure has several panels."""
    return max(2, most // len(ax.figure.axes))


def listed(texts: Mapping, values: Mapping | None = None, most: int = 8) -> str:
    """Say one thing of each label; of many only the number and the ends.

    Args:
        texts: by label, what to say.
        values: by label, numbers to rank them by; None if a rank means nothing.
        most: labels that are named one by one.

    >>> listed({"a": "0.1", "b": "0.3"}, {"a": 0.1, "b": 0.3})
    'a: 0.1; b: 0.3. Highest: b.'
    >>> listed({"a": "0.1", "b": "0.3", "c": "0.2"}, {"a": 0.1, "b": 0.3, "c": 0.2}, most=2)
    '3 in all. Lowest is a: 0.1. Highest is b: 0.3.'
    """
    one_by_one = "; ".join(f"{plain(label)}: {text}" for label, text in texts.items()) + "."
    if values is None:
        return one_by_one if len(texts) <= most else f"{len(texts)} in all."
    low, high = min(values, key=values.get), max(values, key=values.get)
    if len(texts) > most:
        return (
            f"{len(texts)} in all. Lowest is {plain(low)}: {texts[low]}. "
            f"Highest is {plain(high)}: {texts[high]}."
        )
    ahead = f" Highest: {plain(high)}." if values[low] < values[high] else ""
    return one_by_one + ahead


def plain(label) -> str:
    """A label in one line."""
    return " ".join(str(label).split())


def span(values, digits: int = 2) -> str:
    """The range of some numbers.

    >>> span([0.5, 0.25])
    '0.25 to 0.50'
    """
    return f"{np.min(values):.{digits}f} to {np.max(values):.{digits}f}"


def signed(number: float, digits: int = 2) -> str:
    """A difference with its sign; what rounds to zero has none.

    >>> signed(0.1), signed(-0.049), signed(-1e-9)
    ('+0.10', '-0.05', '0.00')
    """
    text = f"{number:+.{digits}f}"
    return text if float(text) else text[1:]


def interval_words(interval) -> str:
    """An interval in words, with the digits that its width deserves, three at least.

    Args:
        interval: with `estimate`, `low` and `high`, or None where nothing was identified.
    """
    if interval is None:
        return "not identified"
    width = interval.high - interval.low
    digits = 3 if not 0 < width < np.inf else int(np.clip(np.ceil(1 - np.log10(width / 2)), 3, 6))
    centre, low, high = (
        f"{x:.{digits}f}" for x in (interval.estimate, interval.low, interval.high)
    )
    missing = bounds_missing(interval)
    if missing == "no upper bound":
        return f"{centre}, from {low}, {missing}"
    if missing == "no lower bound":
        return f"{centre}, to {high}, {missing}"
    return f"{centre}, {missing or f'from {low} to {high}'}"


def bounds_missing(interval) -> str:
    """Which bounds an interval lacks, in words; "" if it has both."""
    low, high = np.isfinite(interval.low), np.isfinite(interval.high)
    if low and high:
        return ""
    return "no upper bound" if low else "no lower bound" if high else "no bounds"
