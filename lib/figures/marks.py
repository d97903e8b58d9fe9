"""Marks in a plot: lines, single points, and estimates with their intervals."""

import numpy as np

from ..checks import check_flag, check_number, check_text, numbers, shown
from .axes import add_legend
from .checks import check_axes
from .looks import BLACK, CLASS_COLORS, RED
from .words import bounds_missing, describe, plain

LINES = ("--", ":", "-.", (0, (5, 1)), (0, (1, 1)))


def zero_line(ax):
    """Mark where a difference is zero: no better and no worse.

    Raises:
        ValueError: for what is no axes.
    """
    check_axes(ax)
    ax.axhline(0, color=BLACK, linewidth=1)
    return ax


def mark_line(
    ax, *, x: float | None = None, y: float | None = None, label: str, beside: bool = False
):
    """Mark a place on one axis with a line across the plot, and name it in the legend.

    Args:
        x, y: one of them, in the unit of its axis.
        label: what the line stands for.
        beside: whether the legend stands beside the axes, where it would cover marks.

    Raises:
        ValueError: unless exactly one of x and y is given.
    """
    if (x is None) == (y is None):
        raise ValueError(
            f"x={shown(x)}, y={shown(y)}: give one of them, where the line is to stand."
        )
    check_axes(ax)
    check_text("label", label)
    check_flag("beside", beside)
    check_number("x", x) if y is None else check_number("y", y)
    number = sum(line.get_gid() == "mark" for line in ax.lines)
    look = {"color": RED if number == 0 else BLACK, "ls": LINES[number % len(LINES)], "lw": 1.5}
    draw, place = (ax.axvline, x) if y is None else (ax.axhline, y)
    draw(place, label=label, gid="mark", **look)
    add_legend(ax, beside)
    describe(ax, f"A line at {place:.4g}: {plain(label)}")
    return ax


def mark_points(ax, x, y, *, label: str, joined: bool = False):
    """Mark single points, such as another study's numbers, over a plot.

    Args:
        x, y: (n,) each, in the units of the axes, or one number each.
        label: what the points are.
        joined: whether a line joins them.

    Raises:
        ValueError: for what are no points, or no axes.
    """
    check_axes(ax)
    check_text("label", label)
    check_flag("joined", joined)
    x, y = (np.atleast_1d(numbers(name, v, ("n",), ())) for name, v in (("x", x), ("y", y)))
    if len(x) != len(y):
        raise ValueError(f"x of {len(x)} points and y of {len(y)}: give one of each a point.")
    kinds = ((RED, "*", 11), (BLACK, "x", 6), (CLASS_COLORS[0], "X", 8), (CLASS_COLORS[2], "P", 8))
    number = len({line.get_label() for line in ax.lines if line.get_gid() == "points"})
    color, marker, size = kinds[number % len(kinds)]
    ax.plot(x, y, marker=marker, ls=":" if joined else "none", color=color, markersize=size,
            label=label, gid="points", zorder=4)  # fmt: skip
    add_legend(ax)
    ends = f"from {y[0]:.3f} to {y[-1]:.3f}" if joined else ", ".join(f"{one:.3f}" for one in y)
    describe(ax, f"{plain(label)}: {ends if joined or len(y) <= 6 else f'{len(y)} points'}")
    return ax


def error_bars(ax, x, intervals, *, label, color, marker, linestyle="none", size: float = 5):
    """Estimates over x with bars from low to high.

    An interval without bounds is a hollow mark with these words, so that it does not look sure.

    Args:
        x: (n,).
        intervals: n of them, each with `estimate`, `low` and `high`.
    """
    x, centre = np.asarray(x, "float64"), np.array([one.estimate for one in intervals], "float64")
    ends = np.array([(one.low, one.high) for one in intervals], "float64").reshape(-1, 2)
    bars = np.abs(np.where(np.isfinite(ends), ends - centre[:, None], np.nan)).T
    ax.errorbar(x, centre, bars, color=color, marker=marker, ls=linestyle, capsize=3,
                markersize=size, label=label)  # fmt: skip
    for place, one in zip(x, intervals, strict=True):
        if missing := bounds_missing(one):
            ax.plot(place, one.estimate, marker=marker, color=color, mfc="white", ls="none",
                    markersize=size + 1, zorder=3)  # fmt: skip
            ax.annotate(missing, (place, one.estimate), (0, 7), textcoords="offset points",
                        ha="center", fontsize="x-small", color=color,
                        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5})  # fmt: skip
    return ax
