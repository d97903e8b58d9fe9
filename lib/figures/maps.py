"""Maps: a colour and words in each field."""

from collections.abc import Mapping

import numpy as np

from ..checks import check_rate, numbers, shown
from .axes import axes_or_new, dress
from .checks import (
    check_attributes,
    check_interval,
    check_keys,
    check_names,
    check_some,
    figure,
    level_of,
)
from .words import describe, interval_words, listed, plain, signed

SIGNS = {"holds": "helps", "does not hold": "hurts", "undecided": "?"}


@figure
def plot_map(
    intervals,
    *,
    over: str = "target rows",
    by: str = "relatedness (correlation of the centres)",
    largest: float | None = None,
    title: str = "",
    ax=None,
):
    """Draw a map of differences, with a verdict in each field.

    Args:
        intervals: (level, number of rows) -> `statistics.Interval` of a difference. Levels go from
            the bottom up, rows from left to right, both by size.
        over, by: what the columns and the rows of the map are.
        largest: difference with the strongest colour; the largest one if None.

    Raises:
        ValueError: if a field is missing, or the intervals are of several levels.
    """
    import seaborn as sns

    _check_fields(intervals)
    if largest is not None:
        check_rate("largest", largest)
    level_percent = level_of(intervals.values())
    levels, columns = (sorted({key[i] for key in intervals}) for i in (0, 1))
    if missing := [(x, n) for x in levels for n in columns if (x, n) not in intervals]:
        raise ValueError(
            f"no interval for {missing[0]}: of intervals, give one for each level and column."
        )
    ax = axes_or_new(ax)
    values = np.array([[intervals[level, n].estimate for n in columns] for level in levels])
    words = [[_field(intervals[level, n]) for n in columns] for level in levels]
    largest = largest or np.abs(values).max() or 1.0
    sns.heatmap(
        values,
        vmin=-largest,
        vmax=largest,
        cmap="PuOr",
        annot=words,
        fmt="",
        annot_kws={"fontsize": "small"},
        linewidths=0.5,
        cbar=False,
        xticklabels=[f"{n:,g}" for n in columns],
        yticklabels=[f"{level:g}" for level in levels],
        ax=ax,
    )
    ax.invert_yaxis()
    ax.tick_params(axis="y", rotation=0)
    caption = f"estimate, and what its {level_percent} interval says"
    dress(ax, x=over, y=by, caption=caption, title=title)
    said = [SIGNS[one.verdict()] for one in intervals.values()]
    texts = {f"{x:g} with {n:,g}": interval_words(one) for (x, n), one in intervals.items()}
    ranks = {f"{x:g} with {n:,g}": one.estimate for (x, n), one in intervals.items()}
    counts = ", ".join(f"{said.count(word)} {name}" for word, name in _COUNTED.items())
    describe(ax, f"Map of {len(said)} fields, {plain(by)} with {plain(over)}: {counts}. "
             f"{listed(texts, ranks, most=4)}")  # fmt: skip
    return ax


_COUNTED = {"helps": "help", "hurts": "hurt", "?": "are undecided"}


def _check_fields(intervals) -> None:
    """Raise one clear error unless intervals are a dict, (level, rows) -> interval."""
    if not isinstance(intervals, Mapping):
        raise ValueError(f"intervals={shown(intervals)}: give a dict, (level, rows) -> interval.")
    check_some(intervals, "intervals", "interval")
    for key, one in intervals.items():
        if not isinstance(key, tuple) or len(key) != 2:
            raise ValueError(f"intervals hold the key {shown(key)}: give (level, rows).")
        check_keys(key, "intervals")
        check_interval(one, f"intervals at {key}")
        check_attributes(one, f"intervals at {key}", ("verdict",), "an Interval")


def _field(interval):
    return f"{signed(interval.estimate, 3)}\n{SIGNS[interval.verdict()]}"


@figure
def plot_confusion(counts, *, true, said, title: str = "", ax=None):
    """Draw what a model says to each class, as shares of the class.

    Args:
        counts: (n_true, n_said), rows of a class by the answer they got; each class has some.
        true: names of the classes, one a row.
        said: names of the answers, one a column.

    Raises:
        ValueError: if names and counts do not fit, or a class has no rows.
    """
    import seaborn as sns

    counts = numbers("counts", counts, ("n_true", "n_said"))
    check_names(true, "true")
    check_names(said, "said")
    if (counts < 0).any():
        raise ValueError(f"counts from {counts.min():g}: give numbers of rows, 0 or more.")
    if counts.shape != (len(true), len(said)):
        raise ValueError(
            f"counts of shape {counts.shape}, true={len(true)} classes, said={len(said)} answers: "
            "give one row a class and one column an answer."
        )
    rows = counts.sum(axis=1)
    if not rows.all():
        raise ValueError(f"counts of class {true[int(rows.argmin())]!r} are all 0: leave it out.")
    ax = axes_or_new(ax)
    shares = counts / rows[:, None]
    sns.heatmap(shares, vmin=0, vmax=1, cmap="Blues", annot=True, fmt=".2f", cbar=False,
                xticklabels=list(said), yticklabels=list(true), ax=ax)  # fmt: skip
    ax.tick_params(axis="x", rotation=20)
    ax.tick_params(axis="y", rotation=0)
    n = f"{rows.min():,g}" if np.ptp(rows) == 0 else f"{rows.min():,g} to {rows.max():,g}"
    caption = f"share of each class, {n} rows per class"
    dress(ax, x="the network says", y="true class", caption=caption, title=title)
    texts = {
        name: f"{said[share.argmax()]} {share.max():.2f}"
        for name, share in zip(true, shares, strict=True)
    }
    most = dict(zip(true, shares.max(axis=1), strict=True))
    describe(ax, f"Table of shares. The most frequent answer to each class, {listed(texts, most)}")
    return ax
