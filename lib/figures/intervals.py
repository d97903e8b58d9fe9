"""Figures of estimates with their intervals: row by row, or against what was swept."""

import re
from collections.abc import Mapping

import numpy as np

from ..checks import check_rate, check_text, numbers, shown
from .axes import add_legend, axes_or_new, dress
from .checks import (
    check_attributes,
    check_interval,
    check_keys,
    check_labels,
    check_marks,
    check_some,
    check_words,
    figure,
    level_of,
)
from .looks import BLACK, BLUE, MARKS, STYLES, Style, look_of
from .marks import error_bars, mark_line, zero_line
from .words import bounds_missing, describe, interval_words, listed, plain, room

MINUS_SCRATCH = "test accuracy minus from scratch"
NO_ARM = Style(BLUE, "s", "-")  # a row that is no arm, such as a comparison of two


@figure
def plot_intervals(
    intervals,
    *,
    quantity: str = MINUS_SCRATCH,
    rows: str = "",
    counts: str = "",
    points=None,
    verdicts=None,
    marks=None,
    margin: float | None = None,
    title: str = "",
    ax=None,
):
    """Draw estimates with their intervals against a line at zero, one row for each label.

    What has no interval is written, not drawn; an estimate without bounds is a hollow mark.

    Args:
        intervals: by label, `statistics.Interval`, or None for "not identified".
        quantity: what the x axis shows, with its unit.
        rows: what the labels are, for the y axis.
        counts: what the intervals count, such as "100 bases"; for the title.
        points: by label, the single values, to draw faintly below their interval.
        verdicts: by label, words to write at the end of the row.
        marks: by name, by label, one number to mark in the row, such as a published one.
        margin: a difference that does not matter, to mark with a line on either side of zero.

    Raises:
        ValueError: if there is no interval, or they are of several levels.
    """
    check_labels(intervals, "intervals", "interval")
    for label, one in intervals.items():
        if one is not None:
            check_interval(one, f"intervals of {label!r}")
    if points is not None:
        check_labels(points, "points", "numbers")
        points = {k: numbers(f"points of {k!r}", v).ravel() for k, v in points.items()}
    check_words(verdicts, "verdicts")
    if margin is not None:
        check_rate("margin", margin)
    check_marks(marks)
    known = {label: one for label, one in intervals.items() if one is not None}
    level = level_of(known.values()) if known else ""
    ax = axes_or_new(ax, (8, 1.4 + 0.45 * len(intervals)))
    for row, (label, interval) in enumerate(intervals.items()):
        look, words = STYLES.get(label, NO_ARM), (verdicts or {}).get(label, "")
        if points is not None and label in points:
            values = points[label]
            ax.plot(values, np.full(len(values), row + 0.25), ".", color=look.color, alpha=0.5)
        if interval is None:
            words = words or "not identified"
        else:
            missing = bounds_missing(interval)
            if missing:
                words = f"{words} ({missing})" if words else missing
            else:
                ends = [interval.low, interval.high]
                ax.plot(ends, [row, row], color=look.color, linewidth=2.5)
            ax.plot(interval.estimate, row, marker=look.marker, color=look.color,
                    mfc="white" if missing else look.color, markersize=8)  # fmt: skip
        if words:
            _at_the_end(ax, row, words, "italic" if interval is None else "normal")
    _mark_rows(ax, list(intervals), marks or {})
    ax.axvline(0, color=BLACK, linewidth=1)
    ax.set_yticks(range(len(intervals)), [_short(label) for label in intervals])
    ax.set_ylim(len(intervals) - 0.4, -0.6)
    ax.margins(x=0.15 if ax.texts else 0.05)
    caption = f"Estimate and {level} interval" if known else "no interval"
    if known:
        ax.locator_params(axis="x", nbins=6)
    else:
        ax.set_xticks([])
    caption += f"; n = {counts}" if counts else ""
    dress(ax, x=quantity, y=rows, caption=caption, title=title)
    _say_intervals(ax, intervals, verdicts or {}, marks or {}, quantity)
    if margin is not None:
        mark_line(ax, x=-margin, label="minus the margin")
        mark_line(ax, x=margin, label="the margin")
    return ax


def _short(label):
    """A label that is long gets a second line where "minus" stands."""
    return label if len(label) <= 30 else re.sub(r"\s+minus\s+", "\nminus ", label)


def _at_the_end(ax, row, words, fontstyle):
    """Words at the right end of a row, a little above it."""
    ax.annotate(
        words, (1, row), (-4, 9), xycoords=("axes fraction", "data"), textcoords="offset points",
        ha="right", va="center", fontsize="small", fontstyle=fontstyle,
        bbox={"facecolor": "white", "alpha": 0.7, "edgecolor": "none", "pad": 1},
    )  # fmt: skip


def _mark_rows(ax, labels, marks):
    """Other numbers in the rows of their labels."""
    for (name, found), (color, marker, size) in zip(marks.items(), MARKS, strict=False):
        rows = [row for row, label in enumerate(labels) if label in found]
        values = [found[label] for label in labels if label in found]
        ax.plot(values, rows, marker, color=color, markersize=size, mfc="none", label=name)
    if marks:
        add_legend(ax)


def _say_intervals(ax, intervals, verdicts, marks, quantity):
    """Estimates and intervals in words."""
    texts = {}
    for label, one in intervals.items():
        words, said = interval_words(one), verdicts.get(label, "")
        texts[label] = words if not said or said == words else f"{words} ({said})"
    known = {label: one.estimate for label, one in intervals.items() if one is not None}
    ranks = known if len(known) == len(intervals) else None
    describe(ax, f"{plain(quantity)}. {listed(texts, ranks, room(ax))}")
    for name, found in marks.items():
        numbers = ", ".join(f"{label} {value:.3f}" for label, value in found.items())
        describe(ax, f"{name}: {numbers}")


@figure
def plot_answers(
    answers, *, quantity: str = "transfer minus from scratch", title: str = "", ax=None
):
    """Draw answers with their intervals and verdicts, one row each.

    Args:
        answers: by label, `curves.Answer`.
        quantity: what the x axis shows, with its unit.

    Raises:
        ValueError: if there is no answer.
    """
    check_labels(answers, "answers", "answer")
    for label, one in answers.items():
        check_attributes(one, f"answers of {label!r}", ("interval", "verdict"), "an Answer")
        check_text(f"answers of {label!r}: verdict", one.verdict)
        if one.interval is not None:
            check_interval(one.interval, f"answers of {label!r}: interval")
    return plot_intervals(
        {label: one.interval for label, one in answers.items()},
        quantity=quantity,
        verdicts={label: one.verdict for label, one in answers.items()},
        title=title,
        ax=ax,
    )


@figure
def plot_against(
    points,
    *,
    over: str,
    quantity: str = MINUS_SCRATCH,
    log: bool = False,
    zero: bool = False,
    units=None,
    counts: str = "",
    title: str = "",
    ax=None,
):
    """Draw intervals of several arms against what was swept.

    Args:
        points: by label, x -> `statistics.Interval`. Where x are words, the places are in their
            order and no line joins them.
        over: what was swept, with its unit.
        quantity: what the y axis shows.
        log: whether the x axis is logarithmic, with a tick at each point.
        zero: whether to mark where a difference is zero.
        units: by label, x -> single values to draw faintly.
        counts: what the intervals count, such as "3 run pairs"; for the title.

    Raises:
        ValueError: if there is no interval, or they are of several levels.
    """
    points = _checked_points(points, log)
    units = None if units is None else _checked_units(units, points)
    level = level_of([one for found in points.values() for one in found.values()])
    ax, texts, ends = axes_or_new(ax), {}, {}
    seen = dict.fromkeys(x for found in points.values() for x in found)
    named = any(isinstance(x, str) for x in seen)
    places = list(seen) if named else sorted(seen)
    spots = range(len(places)) if named else places  # where they stand on the axis
    for number, (label, found) in enumerate(points.items()):
        look, shift = look_of(label, number), number - (len(points) - 1) / 2
        xs = [x for x in places if x in found]
        if named:
            drawn = np.array([places.index(x) for x in xs]) + 0.12 * shift
        else:
            drawn = _shifted(np.array(xs, "float64"), shift, places, log)
        error_bars(ax, drawn, [found[x] for x in xs], label=label, color=look.color,
                   marker=look.marker, linestyle="none" if named else look.linestyle)  # fmt: skip
        for x, place in zip(xs, drawn, strict=True):
            values = units[label][x] if units else []
            beside = _shifted(np.full(len(values), place), 0.35, spots, log)
            ax.plot(beside, values, ".", color=look.color, alpha=0.6, markersize=5)
        chosen = xs if len(xs) * len(points) <= 10 else [xs[0], xs[-1]]
        texts[label] = "; ".join(f"at {_tick(x)} {interval_words(found[x])}" for x in chosen)
        ends[label] = found[xs[-1]].estimate
    if log:
        ax.set_xscale("log")
        ax.minorticks_off()
    if named:
        ax.set_xlim(-0.5, len(places) - 0.5)
    if log or named:
        ax.set_xticks(spots, [_tick(x) for x in places])
    if zero:
        zero_line(ax)
    caption = f"Estimate and {level} interval" + (f"; n = {counts}" if counts else "")
    caption += "; dots: single values" if units else ""
    dress(ax, x=over, y=quantity, caption=caption, title=title, legend=True)
    describe(ax, f"{plain(quantity)} over {plain(over)}. {listed(texts, ends, room(ax))}")
    return ax


def _checked_points(points, log):
    """What `plot_against` draws, without labels that have nothing; one clear error."""
    check_labels(points, "points", "x -> interval")
    for label, found in points.items():
        if not isinstance(found, Mapping):
            raise ValueError(f"points of {label!r}: {shown(found)}: give a dict, x -> interval.")
        for x, one in found.items():
            check_interval(one, f"points of {label!r} at {shown(x)}")
    points = {label: found for label, found in points.items() if found}
    check_some(points, "points", "interval")
    xs = [x for found in points.values() for x in found]
    if not all(isinstance(x, str) for x in xs):
        check_keys(xs, "points")
        if log and min(xs) <= 0:
            raise ValueError(f"points at {min(xs)}: log=True takes numbers above 0.")
    elif log:
        raise ValueError("points at words: log=True takes numbers above 0.")
    return points


def _checked_units(units, points):
    """Single values for each of the points; one clear error."""
    check_labels(units, "units", "x -> numbers")
    for label, found in points.items():
        if not isinstance(units.get(label), Mapping) or set(found) - set(units[label]):
            raise ValueError(f"units of {label!r}: give single values for each of its points.")
    return {
        label: {x: _single(label, units[label][x]) for x in found}
        for label, found in points.items()
    }


def _single(label, values):
    """Single values of one point, or none."""
    none = isinstance(values, list | tuple) and not values
    none = none or (isinstance(values, np.ndarray) and not values.size)
    return np.array([]) if none else numbers(f"units of {label!r}", values).ravel()


def _tick(x):
    return x if isinstance(x, str) else f"{x:,g}"


def _shifted(xs, shift, places, log):
    """Places a little apart, so that intervals of different arms do not hide each other."""
    span = np.log(places[-1] / places[0]) if log else places[-1] - places[0]
    return xs * np.exp(0.012 * span * shift) if log else xs + 0.012 * span * shift
