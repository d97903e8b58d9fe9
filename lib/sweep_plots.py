"""Figures of sweeps: `plot_*(data, ax=None) -> ax`, as in `lib.plots`. Nothing here computes."""

import numpy as np

from .looks import BLACK, CLASS_COLORS, CLASS_MARKERS, STYLES, Style
from .plots import ACCURACY, axes_or_new, signed

MINUS_SCRATCH = "test accuracy minus from scratch"
COUNTED = ", source counted"  # at the end of a label: the same arm, its line moved by a cost
SIGNS = {"holds": "helps", "does not hold": "hurts", "undecided": "?"}


def plot_against(points, quantity: str, ax=None, x_label: str = "", log: bool = False, units=None):
    """Draw intervals of several arms against what was swept.

    Args:
        points: by label, x -> `statistics.Interval`; without bounds, only the estimate is drawn.
        quantity: what the y axis shows.
        x_label: what was swept, with its unit.
        log: whether the x axis is logarithmic, with a tick at each point.
        units: by label, x -> single values to draw faintly.
    """
    ax = axes_or_new(ax)
    places = sorted({x for found in points.values() for x in found})
    for number, (label, found) in enumerate(points.items()):
        look, shift = _look(label, number), number - (len(points) - 1) / 2
        xs = np.array(sorted(found), "float64")
        drawn = _shifted(xs, shift, places, log)
        centre = np.array([found[x].estimate for x in sorted(found)])
        ends = np.array([(found[x].low, found[x].high) for x in sorted(found)])
        bars = np.abs(np.where(np.isfinite(ends), ends - centre[:, None], np.nan)).T
        ax.errorbar(drawn, centre, bars, color=look.color, marker=look.marker, ls=look.linestyle,
                    capsize=3, markersize=5, label=label)  # fmt: skip
        for x, place in zip(sorted(found), drawn, strict=True):
            values = np.ravel(units[label][x]) if units else []
            beside = _shifted(np.full(len(values), place), 0.35, places, log)
            ax.plot(beside, values, ".", color=look.color, alpha=0.6, markersize=5)
    if log:
        ax.set_xscale("log")
        ax.set_xticks(places, [f"{x:,g}" for x in places])
        ax.minorticks_off()
    ax.set(xlabel=x_label, ylabel=quantity)
    ax.legend(fontsize="small")
    return ax


def _look(label, number):
    """The look of an arm; what is no arm, such as a size, gets a colour by its place."""
    place = (number + 3) % len(CLASS_COLORS)  # the first three are those of the main arms
    return STYLES.get(label.removesuffix(COUNTED)) or Style(
        CLASS_COLORS[place], CLASS_MARKERS[place], "-"
    )


def _shifted(xs, shift, places, log):
    """Places a little apart, so that intervals of different arms do not hide each other."""
    span = np.log(places[-1] / places[0]) if log else places[-1] - places[0]
    return xs * np.exp(0.012 * span * shift) if log else xs + 0.012 * span * shift


def zero_line(ax):
    """Mark where a difference is zero: no better and no worse."""
    ax.axhline(0, color=BLACK, linewidth=1)
    return ax


def plot_map(intervals, levels, rows, ax=None, largest: float | None = None):
    """Draw a map of differences over relatedness and target rows, with a verdict in each field.

    Args:
        intervals: (level, number of rows) -> `statistics.Interval` of a difference.
        levels: from the bottom up; rows: from left to right.
        largest: difference with the strongest colour; the largest one if None.
    """
    ax = axes_or_new(ax)
    values = np.array([[intervals[level, n].estimate for n in rows] for level in levels])
    largest = largest or np.abs(values).max() or 1.0
    ax.matshow(values, cmap="PuOr", vmin=-largest, vmax=largest, origin="lower", aspect="auto")
    for i, level in enumerate(levels):
        for j, n in enumerate(rows):
            found = intervals[level, n]
            words = f"{signed(found.estimate, 3)}\n{SIGNS[found.verdict()]}"
            dark = abs(found.estimate) > 0.6 * largest
            ax.text(j, i, words, ha="center", va="center", fontsize="small",
                    color="white" if dark else BLACK)  # fmt: skip
    ax.xaxis.set_ticks_position("bottom")
    ax.set_xticks(range(len(rows)), [f"{n:g}" for n in rows])
    ax.set_yticks(range(len(levels)), [f"{level:g}" for level in levels])
    ax.set(xlabel="target rows", ylabel="relatedness (correlation of the centres)")
    return ax


def plot_progress(curves, x_label: str, ax=None, y_label: str = ACCURACY, log: bool = True):
    """Draw accuracy against what was spent, one curve an arm.

    Args:
        curves: by label, (x, y), each (n_points,); or (x, y, low, high) with a band. A label that
            ends in `COUNTED` looks like its arm, but thin and with hollow markers.
        x_label: what was spent, with its unit.
        log: whether the x axis is logarithmic; points at 0 are left out then.
    """
    ax = axes_or_new(ax)
    for number, (label, (x, y, *band)) in enumerate(curves.items()):
        look, used = _look(label, number), np.asarray(x) > 0 if log else np.isfinite(x)
        x, y = np.asarray(x)[used], np.asarray(y)[used]
        every, counted = max(1, len(x) // 8), label.endswith(COUNTED)
        ax.plot(x, y, color=look.color, ls=look.linestyle, marker=look.marker, markevery=every,
                markersize=5, mfc="none" if counted else look.color, lw=1 if counted else 1.8,
                label=label)  # fmt: skip
        if band:
            low, high = (np.asarray(end)[used] for end in band)
            ax.fill_between(x, low, high, color=look.color, alpha=0.15, linewidth=0)
    if log:
        ax.set_xscale("log")
    ax.set(xlabel=x_label, ylabel=y_label)
    ax.legend(fontsize="small")
    return ax
