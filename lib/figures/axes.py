"""Axes for one plot or several, with their titles, labels and legends."""

import textwrap
from collections.abc import Iterable, Mapping
from functools import partial
from types import FunctionType
from weakref import WeakKeyDictionary

import numpy as np
from matplotlib import pyplot as plt

from ..checks import check_text, check_whole, numbers
from ..checks import shown as words_of
from .checks import check_names, check_some

_HEADINGS = WeakKeyDictionary()  # axes -> what a lesson calls this panel
MOST_PANELS = 100
SIZES = 0.1, 50.0  # of a panel, in inches
MOST_INSIDE = 5  # entries of a legend that may cover a part of the axes; more stand beside them


def axes_or_new(ax, size: tuple[float, float] = (6.4, 4.2)):
    """The axes given, or the only ones of a new figure of this size in inches."""
    return plt.subplots(figsize=size, layout="constrained")[1] if ax is None else ax


def panels(
    n: int,
    *,
    titles=None,
    title: str = "",
    shared: str = "",
    columns: int | None = None,
    size: tuple[float, float] | None = None,
    widths=None,
):
    """Axes of one figure, to draw a plot in each: `plot_points(source, ax=axes[0])`.

    Args:
        n: number of panels, row by row.
        titles: of the panels; what a plot says of itself (intervals, n) comes below.
        title: of the whole figure.
        shared: which axes have one scale in all panels: "", "x", "y" or "both".
        columns: panels in a row; None for as many as fit, four at most.
        size: of one panel in inches.
        widths: of the columns, in proportion.

    Returns:
        An array of n axes.

    Raises:
        ValueError: for no panels, titles that are not n, or another word in `shared`.

    >>> len(panels(2, titles=["source task", "target task"], shared="both"))
    2
    """
    check_whole("n", n, 1, MOST_PANELS)
    check_text("title", title)
    if not isinstance(shared, str) or shared not in ("", "x", "y", "both"):
        raise ValueError(f"shared={words_of(shared)}: choose '', 'x', 'y' or 'both'.")
    if titles is not None:
        check_names(titles, "titles")
        if len(titles) != n:
            raise ValueError(f"{len(titles)} titles for {n} panels: give one each.")
    if columns is not None:
        check_whole("columns", columns, 1, MOST_PANELS)
    _check_sizes("size", size, 2)
    _check_sizes("widths", widths, columns or (n if n <= 4 else 3))
    columns = columns or (n if n <= 4 else 3)
    usual = {1: (6.4, 4.2), 2: (5.6, 4.2), 3: (4.4, 3.9)}.get(columns, (3.4, 3.4))
    width, height = usual if size is None else size
    rows = -(-n // columns)
    figure, grid = plt.subplots(
        rows,
        columns,
        figsize=(width * columns, height * rows),
        layout="constrained",
        sharex=shared in ("x", "both"),
        sharey=shared in ("y", "both"),
        width_ratios=widths,
        squeeze=False,
    )
    axes = grid.ravel()
    for ax in axes[n:]:
        ax.remove()
    for ax, words in zip(axes, titles or [], strict=False):
        _HEADINGS[ax] = words
        ax.set_title(wrapped(ax, words), fontsize="medium")
    if title:
        figure.suptitle(title)
    return np.array(axes[:n])


def side_by_side(
    plot,
    shown,
    *,
    titles=None,
    title: str = "",
    shared: str = "",
    columns=None,
    size=None,
    **options,
):
    """Draw one thing a panel, all with the same plot: `side_by_side(plot_points, [one, other])`.

    Args:
        plot: one of this room's `plot_*`.
        shown: what to draw, in order; of a dictionary the values, with the keys as titles.
        titles, title, shared, columns, size: as in `panels`.
        options: of the plot, the same in every panel.

    Returns:
        An array of axes, one for each thing.

    Raises:
        ValueError: as `panels` and the plot.
    """
    if not isinstance(plot, FunctionType | partial):
        raise ValueError(f"plot={words_of(plot)}: give one of the plot_* functions.")
    one = isinstance(shown, str | bytes | type) or (
        isinstance(shown, np.ndarray) and not shown.ndim
    )
    if one or not isinstance(shown, Iterable):
        raise ValueError(f"shown={words_of(shown)}: give a list of what to draw, or a dict.")
    if isinstance(shown, Mapping):
        titles, shown = list(shown) if titles is None else titles, shown.values()
    shown = list(shown)
    check_some(shown, "shown", "thing to draw")
    axes = panels(len(shown), titles=titles, title=title, shared=shared, columns=columns, size=size)
    for one, ax in zip(shown, axes, strict=True):
        plot(one, ax=ax, **options)
    return axes


def _check_sizes(name, sizes, n):
    """Raise one clear error unless sizes are n numbers that can be seen, or None."""
    if sizes is None:
        return
    found = numbers(name, sizes, ("n",))
    if len(found) != n or found.min() < SIZES[0] or found.max() > SIZES[1]:
        raise ValueError(
            f"{name}={words_of(sizes)}: give {n} numbers from {SIZES[0]:g} to {SIZES[1]:g}."
        )


def dress(ax, *, x: str, y: str, caption: str = "", title: str = "", legend: bool = False):
    """Label the axes; put a title over what the plot says of itself; add a legend.

    Where panels share a scale, only the outer ones carry its label.

    Args:
        x, y: quantity and unit.
        caption: centre, band and n, in words.
        title: what this plot is about; "" for the panel's own title, if it has one.
    """
    ax.set(xlabel=wrapped(ax, x), ylabel=_in_height(ax, y))
    _hide_inner_labels(ax)
    heading = title or _HEADINGS.get(ax, "")
    between = ",\n" if ":" in heading else ":\n"
    words = between.join(wrapped(ax, part) for part in (heading, caption) if part)
    if words:
        ax.set_title(words, fontsize="medium")
    if legend:
        add_legend(ax)
    return ax


def early_epochs(ax, last: float, first: float = 0) -> None:
    """Room for the first epochs: linear up to epoch 5, logarithmic beyond, with ticks to name."""
    ax.set_xscale("symlog", linthresh=5)
    ax.set_xlim(first, last)
    ticks = (0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
    if last > 1000:  # fewer, so that they do not touch each other
        ticks = (0, 1, 3, 10, 30, 100, 300, 1000, 3000, 10_000)
    ticks = [t for t in ticks if first <= t <= last]
    ax.set_xticks(ticks, [f"{t:,}" for t in ticks])
    ax.minorticks_off()


def add_legend(ax, beside: bool = False) -> None:
    """A legend; none if another panel's says the same, or one beside the panels says it too.

    Args:
        beside: whether it stands beside the axes, as a long one does anyway.
    """
    handles, labels = ax.get_legend_handles_labels()
    figure, own = ax.figure, ax.get_legend()
    for one in figure.legends:  # an older and shorter one of the same plot
        if set(_names(one)) < set(labels):
            one.remove()
    others = [other.get_legend() for other in figure.axes if other is not ax]
    said = any(set(labels) <= set(_names(one)) for one in figure.legends)
    if said or labels in [_names(one) for one in others if one is not None]:
        if own is not None:  # of the same plot, before it had all its labels
            own.remove()
        return
    if len(labels) <= MOST_INSIDE and not beside:
        ax.legend(handles, labels, fontsize="small")
    else:
        if own is not None:
            own.remove()
        figure.legend(handles, labels, fontsize="small", loc="outside right upper")


def _names(legend):
    return [text.get_text() for text in legend.get_texts()]


def _hide_inner_labels(ax):
    """No label of a shared scale inside the figure."""
    place, others = ax.get_subplotspec(), [one for one in ax.figure.axes if one is not ax]
    if place is None or not others:
        return
    if not place.is_first_col() and any(ax.get_shared_y_axes().joined(ax, one) for one in others):
        ax.set_ylabel("")
    if any(ax.get_shared_x_axes().joined(ax, one) for one in others):
        below = [
            one
            for one in others
            if one.get_subplotspec().colspan == place.colspan
            and one.get_subplotspec().rowspan.start > place.rowspan.start
        ]
        if below:
            ax.set_xlabel("")


def wrapped(ax, words: str) -> str:
    """Words in lines that are about as wide as the axes."""
    width = ax.get_position().width * ax.figure.get_figwidth()
    return _fill(words, width)


def _in_height(ax, words):
    """Words in lines that are about as long as the axes are high."""
    return _fill(words, ax.get_position().height * ax.figure.get_figheight())


def _fill(words, inches):
    """Lines of some inches; line breaks stay, words are never broken."""
    n = max(16, int(72 * inches / 5.2))  # points; a letter at this size takes 5.2 on average
    lines = words.split("\n")
    return "\n".join(textwrap.fill(line, n, break_long_words=False) for line in lines)
