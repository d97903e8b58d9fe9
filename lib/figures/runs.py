"""Figures of training runs over epochs, or over what was spent."""

import numpy as np
from matplotlib.ticker import MaxNLocator

from ..checks import LARGEST, check_choice, check_whole, flags, is_within, numbers, shown
from .axes import axes_or_new, dress, early_epochs
from .checks import check_attributes, check_labels, check_some, check_table, figure, level_of
from .looks import ACCURACY, BLUE, COUNTED, GREEN, GREY, ORANGE, RED, look_of, style
from .marks import zero_line
from .words import describe, listed, plain, room

EPOCH = "epoch (0: before training)"
QUANTITIES = {
    "accuracy": "accuracy (fraction correct)",
    "loss": "cross-entropy (nats)",
}
PARTS = {"train": (BLUE, "-"), "validation": (GREEN, "-."), "test": (ORANGE, "--")}


@figure
def plot_history(history, *, quantity: str = "accuracy", parts=None, title: str = "", ax=None):
    """Draw loss or accuracy over epochs on the rows trained on and on those held out.

    Args:
        history: a `History` of one run, arrays (n_epochs,), the first after epoch 1; or a
            `pandas.DataFrame` with the columns `epoch` (or as index) and `train_accuracy`,
            `validation_loss`, ..., of several runs if it has a column `pair`.
        quantity: "accuracy", a fraction of 0 to 1, or "loss", the cross-entropy in nats.
        parts: such as ("train", "validation"); None for "train" and "test".
    """
    check_choice("quantity", quantity, tuple(QUANTITIES))
    parts = ("train", "test") if parts is None else parts
    check_some(parts, "parts", "part")
    for part in parts:
        check_choice("parts", part, tuple(PARTS))
    ax = axes_or_new(ax)
    ends, n = {}, 1
    for part in parts:
        epochs, runs = _runs_of(history, f"{part}_{quantity}")  # (n_epochs,), (n_runs, n_epochs)
        (color, line), n = PARTS[part], len(runs)
        if n > 1:
            ax.plot(epochs, runs.T, color=color, alpha=0.3, linewidth=0.8)
        ax.plot(epochs, runs.mean(axis=0), color=color, ls=line, label=part)
        ends[part] = _first_and_last(epochs, runs.mean(axis=0))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    caption = quantity.capitalize() + (f", mean of {n} runs, faint: each run" if n > 1 else "")
    dress(ax, x="epoch", y=QUANTITIES[quantity], caption=caption, title=title, legend=True)
    describe(ax, f"{quantity.capitalize()} over epochs. {listed(ends)}")
    return ax


def _runs_of(history, column):
    """Epochs (n_epochs,) and runs (n_runs, n_epochs) of one column."""
    if not hasattr(history, "columns"):
        check_attributes(history, "history", (column,), "a History or a table")
        values = numbers(f"history, {column}", getattr(history, column), ("n_epochs",))
        return np.arange(1, len(values) + 1), values[None]
    table = history if "epoch" in history.columns else history.reset_index(names="epoch")
    if "pair" not in table.columns:
        table = table.assign(pair=0)
    check_table(table, "history", ("epoch",), (column, "pair"))
    runs = _pivoted(table, "history", column)
    return runs.index.to_numpy(), numbers(f"history, {column}", runs, ("n", "m")).T


def _pivoted(table, name, column):
    """Epochs by runs, without epochs that a run lacks; one clear error for two values of one."""
    if table.duplicated(["epoch", "pair"]).any():
        raise ValueError(f"{name} holds an epoch of a pair twice: give each once.")
    return table.pivot(index="epoch", columns="pair", values=column).dropna()


@figure
def plot_curves(
    summaries,
    *,
    runs=None,
    unit: str = "runs",
    over: str = EPOCH,
    quantity: str = ACCURACY,
    log: bool = False,
    zero: bool = False,
    limits=None,
    title: str = "",
    ax=None,
):
    """Draw mean training curves with their intervals.

    Args:
        summaries: by label, `statistics.CurveSummary`.
        runs: by label, single curves (n, n_epochs + 1) to draw faintly behind.
        unit: what the interval counts: "runs", "bases" or "run pairs".
        over, quantity: what the axes show, with their units.
        log: whether early epochs get more room: the axis is linear up to epoch 5 and logarithmic
            beyond.
        zero: whether to mark where a difference is zero.
        limits: of the y axis, such as (0.5, None) to cut off the first epochs.

    Raises:
        ValueError: if there is no curve, or the intervals are of several levels.
    """
    level = _check_summaries(summaries)
    runs = None if runs is None else _checked_runs(runs, summaries)
    if limits is not None:
        _check_limits(limits)
    ax, texts, ends = axes_or_new(ax), {}, {}
    for label, summary in summaries.items():
        look, centre = style(label), np.asarray(summary.centre)
        epochs = np.arange(len(centre))
        if runs is not None:
            ax.plot(epochs, np.transpose(runs[label]), color=look.color, alpha=0.12, linewidth=0.6)
        ax.fill_between(epochs, summary.low, summary.high, color=look.color, alpha=0.2, linewidth=0)
        ax.plot(epochs, centre, color=look.color, linestyle=look.linestyle, label=label)
        texts[label], ends[label] = _along(epochs, centre), centre[-1]
    if log:
        early_epochs(ax, epochs[-1])
    if zero:
        zero_line(ax)
    if limits is not None:
        ax.set_ylim(*limits)
    n = ", ".join(sorted({str(summary.n) for summary in summaries.values()}))
    caption = f"Mean and its {level} interval; n = {n} {unit}"
    dress(ax, x=over, y=quantity, caption=caption, title=title, legend=True)
    describe(ax, f"Mean curves of {plain(quantity)}. {listed(texts, ends, room(ax))}")
    return ax


@figure
def plot_runs(curves, *, chosen, called: str, title: str = "", ax=None):
    """Draw every run of one arm, some of them strongly, the others faintly.

    Args:
        curves: test accuracy, (n_runs, n_epochs + 1).
        chosen: which runs to draw strongly, (n_runs,) of True and False.
        called: what these runs are, such as "end below 0.7".
    """
    curves = numbers("curves", curves, ("n_runs", "n_epochs + 1"))
    chosen = flags("chosen", chosen)
    if len(chosen) != len(curves):
        raise ValueError(f"chosen of {len(chosen)} runs, curves of {len(curves)}: give one each.")
    ax = axes_or_new(ax)
    epochs = np.arange(curves.shape[1])
    kinds = ((~chosen, GREY, 0.3, 0.7, "all others"), (chosen, RED, 1.0, 1.5, called))
    for some, color, alpha, width, label in kinds:
        lines = ax.plot(epochs, curves[some].T, color=color, alpha=alpha, linewidth=width)
        if lines:
            lines[0].set_label(f"{label} ({some.sum()})")
    caption = f"{chosen.sum()} of {len(chosen)} runs {called}"
    dress(ax, x=EPOCH, y=ACCURACY, caption=caption, title=title, legend=True)
    ends = {
        label: f"{some.sum()} runs, at the end {curves[some, -1].min():.2f} to "
        f"{curves[some, -1].max():.2f}"
        for some, *_, label in kinds[::-1]
        if some.any()
    }
    describe(ax, f"Training curves of single runs. {listed(ends)}")
    return ax


@figure
def plot_epochs(
    table, *, quantity: str = "test_accuracy", by: str = "arm", title: str = "", ax=None
):
    """Draw training curves: every run faintly, the mean of each arm over them.

    Args:
        table: a `pandas.DataFrame` with the columns `pair`, `epoch`, the quantity, and `by`.
        quantity: a column that ends in "accuracy" (0 to 1) or "loss".
        by: the column that tells arms apart.
    """
    part, _, kind = quantity.rpartition("_")
    if not part or kind not in QUANTITIES:
        raise ValueError(
            f"quantity={quantity!r}: choose a column that ends in {' or '.join(QUANTITIES)}, such "
            "as test_accuracy."
        )
    check_table(table, "table", ("epoch",), ("pair", quantity, by))
    if table[by].isna().any():
        raise ValueError(f"table, column by={by!r}: some labels are missing: give each row one.")
    ax, texts, ends = axes_or_new(ax), {}, {}
    n_runs = table.groupby(by, sort=False)["pair"].nunique()
    for label, rows in table.groupby(by, sort=False):
        if not isinstance(label, str):
            raise ValueError(f"table, column by={by!r}: holds {shown(label)}: give labels.")
        look = style(label)
        runs = _pivoted(rows, "table", quantity)
        numbers(f"table, {quantity} of {label!r}", runs, ("n_epochs", "n_runs"))
        if runs.shape[1] > 1:
            ax.plot(runs.index, runs, color=look.color, alpha=0.3, linewidth=0.8)
        mean = runs.mean(axis=1)
        every = max(1, len(runs) // 8)
        ax.plot(runs.index, mean, color=look.color, linestyle=look.linestyle, marker=look.marker,
                markevery=every, markersize=5, linewidth=2, label=label)  # fmt: skip
        texts[label] = _first_and_last(runs.index, mean)
        ends[label] = mean.iloc[-1]
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    n = f"{n_runs.min()} to {n_runs.max()}" if n_runs.min() < n_runs.max() else n_runs.max()
    n = "1 run each" if n_runs.max() == 1 else f"mean of {n} runs, faint: each run"
    dress(ax, x="epoch", y=f"{part} {QUANTITIES[kind]}", caption=n, title=title, legend=True)
    describe(ax, f"Curves of {part} {kind} over epochs. {listed(texts, ends, room(ax))}")
    return ax


@figure
def plot_progress(
    curves,
    *,
    over: str,
    quantity: str = ACCURACY,
    log: bool = True,
    zero: bool = False,
    caption: str = "",
    title: str = "",
    ax=None,
):
    """Draw accuracy against what was spent, one curve an arm.

    Args:
        curves: by label, (x, y), each (n_points,); or (x, y, low, high) with a band. A label that
            ends in `COUNTED` looks like its arm, but thin and with hollow markers.
        over: what was spent, with its unit.
        quantity: what the y axis shows, with its unit.
        log: whether the x axis is logarithmic; points at 0 are left out then.
        zero: whether to mark where a difference is zero.
        caption: what each curve is a mean of.
    """
    curves = _checked_progress(curves, log)
    ax, texts, ends = axes_or_new(ax), {}, {}
    for number, (label, (x, y, *band)) in enumerate(curves.items()):
        look = look_of(label, number)
        every, counted = max(1, len(x) // 8), label.endswith(COUNTED)
        ax.plot(x, y, color=look.color, ls=look.linestyle, marker=look.marker, markevery=every,
                markersize=5, mfc="none" if counted else look.color, lw=1 if counted else 1.8,
                label=label)  # fmt: skip
        if band:
            low, high = band
            ax.fill_between(x, low, high, color=look.color, alpha=0.15, linewidth=0)
        texts[label] = f"from {y[0]:.2f} at {x[0]:,g} to {y[-1]:.2f} at {x[-1]:,g}"
        ends[label] = y[-1]
    if log:
        ax.set_xscale("log")
    if zero:
        zero_line(ax)
    dress(ax, x=over, y=quantity, caption=caption, title=title, legend=True)
    describe(ax, f"{plain(quantity)} over {plain(over)}. {listed(texts, ends, room(ax))}")
    return ax


def _check_summaries(summaries) -> str:
    """The level that summaries share; one clear error for what is no mean with its interval."""
    check_labels(summaries, "summaries", "CurveSummary")
    for label, one in summaries.items():
        name, parts = f"summaries of {label!r}", ("centre", "low", "high")
        check_attributes(one, name, (*parts, "n", "level"), "a CurveSummary")
        shapes = {numbers(f"{name}, {p}", getattr(one, p), ("T",)).shape for p in parts}
        if len(shapes) > 1:
            raise ValueError(f"{name}: centre, low and high of shapes {shapes}: give one length.")
        if (np.asarray(one.low) > one.high).any():
            raise ValueError(f"{name}: low is above high: give an interval at each epoch.")
        check_whole(f"{name}, n", one.n, 1)
        if not is_within(one.level, 0, 1):
            raise ValueError(f"{name}, level={shown(one.level)}: give 0 to 1, such as 0.95.")
    return level_of(summaries.values())


def _checked_runs(runs, summaries):
    """Single curves by label, as long as their mean; one clear error."""
    check_labels(runs, "runs", "curves (n, T)")
    if missing := set(summaries) - set(runs):
        raise ValueError(f"runs lack {sorted(missing)[0]!r}: give curves for each label.")
    found = {label: numbers(f"runs of {label!r}", runs[label], ("n", "T")) for label in summaries}
    for label, one in summaries.items():
        if found[label].shape[1] != len(one.centre):
            raise ValueError(
                f"runs of {label!r} have {found[label].shape[1]} epochs, their mean "
                f"{len(one.centre)}: give curves of one length."
            )
    return found


def _check_limits(limits) -> None:
    """Raise one clear error unless limits are two numbers in order, or None for an open end."""
    fine = isinstance(limits, tuple | list) and len(limits) == 2
    known = [end for end in limits if end is not None] if fine else []
    fine = fine and all(is_within(end, -LARGEST, LARGEST) for end in known)
    if not fine or (len(known) == 2 and not known[0] < known[1]):
        raise ValueError(f"limits={shown(limits)}: give (low, high), such as (0.5, None).")


def _checked_progress(curves, log):
    """Curves as arrays of one length each, without points at 0 where the axis has none."""
    check_labels(curves, "curves", "(x, y)")
    found = {}
    for label, parts in curves.items():
        if not isinstance(parts, tuple | list) or len(parts) not in (2, 4):
            raise ValueError(
                f"curves of {label!r}: {shown(parts)}: give (x, y) or (x, y, low, high)."
            )
        x = numbers(f"curves of {label!r}, x", parts[0], ("n_points",))
        used = x > 0 if log else np.full(len(x), True)
        if not used.any():
            raise ValueError(f"curves of {label!r}: log=True leaves no point: x is 0 or below.")
        rest = [np.asarray(part) for part in parts[1:]]
        if any(part.shape != x.shape for part in rest):
            raise ValueError(f"curves of {label!r}: give one value of each for each x.")
        rest = [numbers(f"curves of {label!r}", part[used], ("n_points",)) for part in rest]
        found[label] = (x[used], *rest)
    return found


def _first_and_last(x, y):
    """Both ends of a curve in words."""
    x, y = np.asarray(x), np.asarray(y)
    return f"{y[0]:.2f} at epoch {x[0]:g}, {y[-1]:.2f} at epoch {x[-1]:g}"


def _along(epochs, y):
    """A mean curve in words: both ends and an early epoch."""
    at = sorted({0, len(y) // 5, len(y) - 1})
    return "from " + " to ".join(f"{y[i]:.2f} (epoch {epochs[i]})" for i in at)
