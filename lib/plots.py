"""Figures from given numbers: `plot_*(data, ax=None) -> ax`. Nothing here computes a result."""

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.colors import ListedColormap

# lessons take a colour from here, too
from .looks import BLACK, BLUE, CLASS_COLORS, CLASS_MARKERS, GREEN, GREY, ORANGE, RED, style  # noqa: F401

ACCURACY = "test accuracy (fraction correct)"


def plot_points(task, part: str = "train", ax=None):
    """Scatter the rows of a two-feature task, one colour and marker for each class.

    Args:
        task: a `datasets.Task` whose rows are (n_rows, 2).
        part: "train" or "test".
    """
    ax = axes_or_new(ax)
    x, y = getattr(task, f"x_{part}"), getattr(task, f"y_{part}")
    for c, name in enumerate(task.class_names):
        ax.scatter(
            *x[y == c].T,
            s=12,
            color=CLASS_COLORS[c % 8],
            marker=CLASS_MARKERS[c % 8],
            alpha=0.7,
            label=name,
        )
    ax.set(xlabel="feature 1", ylabel="feature 2", title=f"{task.name}: {len(x)} {part} points")
    ax.legend(fontsize="small")
    return ax


def plot_regions(class_map, ax=None):
    """Shade the plane by the class that a model gives to each place.

    Args:
        class_map: a `models.ClassMap`: x and y (n_points,) in the units of the features, classes
            (n_points, n_points), row by row.
    """
    ax = axes_or_new(ax)
    n_classes = int(class_map.classes.max()) + 1
    ax.pcolormesh(
        class_map.x,
        class_map.y,
        class_map.classes,
        cmap=ListedColormap([CLASS_COLORS[c % 8] for c in range(max(n_classes, 2))]),
        vmin=-0.5,
        vmax=max(n_classes, 2) - 0.5,
        alpha=0.25,
        shading="nearest",
        rasterized=True,
    )
    ax.set(xlabel="feature 1", ylabel="feature 2")
    return ax


def plot_history(history, quantity: str = "accuracy", ax=None):
    """Draw loss or accuracy of one run over its epochs, on training and test rows.

    Args:
        history: a `training.History`; its arrays are (n_epochs,), the first after epoch 1.
        quantity: "accuracy", a fraction of 0 to 1, or "loss", the cross-entropy in nats.
    """
    ax = axes_or_new(ax)
    for part, color, line in (("train", BLUE, "-"), ("test", ORANGE, "--")):
        values = getattr(history, f"{part}_{quantity}")
        ax.plot(np.arange(1, len(values) + 1), values, line, color=color, label=part)
    unit = "accuracy (fraction correct)" if quantity == "accuracy" else "cross-entropy (nats)"
    ax.set(xlabel="epoch", ylabel=unit, title=quantity.capitalize())
    ax.legend()
    return ax


def plot_boxes(scores, ax=None, quantity: str = ACCURACY):
    """Draw one box for each arm, with every run as a point over it.

    Args:
        scores: by label, arrays of any shape, one number a run.

    Raises:
        ValueError: if there is no arm.
    """
    if not scores:
        raise ValueError("scores is empty: give one arm or more.")
    ax = axes_or_new(ax)
    rng = np.random.default_rng(0)  # sideways shift of the points only
    for place, (label, values) in enumerate(scores.items()):
        values, look = np.ravel(values), style(label)
        box = ax.boxplot(values, positions=[place], widths=0.5, showfliers=False, patch_artist=True)
        box["boxes"][0].set(facecolor=look.color, alpha=0.25)
        box["medians"][0].set(color=look.color, linewidth=2.5)
        shift = rng.uniform(-0.2, 0.2, len(values))
        size = 16 if len(values) <= 100 else 4
        ax.scatter(place + shift, values, s=size, color=look.color, marker=look.marker, alpha=0.5)
    counts = {np.size(values) for values in scores.values()}
    n = f"{min(counts)}" if len(counts) == 1 else f"{min(counts)} to {max(counts)}"
    ax.set_xticks(range(len(scores)), [label.replace(", ", ",\n") for label in scores])
    ax.set(ylabel=quantity, title=f"Box: middle half and median; a point: one run; n = {n} an arm")
    return ax


def plot_curves(summaries, ax=None, runs=None, unit: str = "runs"):
    """Draw mean training curves with their intervals.

    Args:
        summaries: by label, `statistics.CurveSummary`.
        runs: by label, single curves (n, n_epochs + 1) to draw faintly behind.
        unit: what the interval counts: "runs" or "bases".
    """
    ax = axes_or_new(ax)
    for label, summary in summaries.items():
        look, epochs = style(label), np.arange(len(summary.centre))
        if runs is not None:
            ax.plot(epochs, np.transpose(runs[label]), color=look.color, alpha=0.12, linewidth=0.6)
        ax.fill_between(epochs, summary.low, summary.high, color=look.color, alpha=0.2, linewidth=0)
        ax.plot(epochs, summary.centre, color=look.color, linestyle=look.linestyle, label=label)
    n = ", ".join(sorted({str(summary.n) for summary in summaries.values()}))
    ax.set(
        xlabel="epoch (0: before training)",
        ylabel=ACCURACY,
        title=f"Mean and its 95 % interval; n = {n} {unit}",
    )
    ax.legend(fontsize="small")
    return ax


def plot_intervals(
    intervals,
    ax=None,
    quantity: str = "test accuracy minus from scratch",
    counts: str = "",
    points=None,
):
    """Draw estimates with their intervals against a line at zero, one row for each label.

    Args:
        intervals: by label, `statistics.Interval`.
        counts: what the intervals count, such as "100 bases"; for the title.
        points: by label, the single values, to draw faintly below their interval.

    Raises:
        ValueError: if there is no interval.
    """
    if not intervals:
        raise ValueError("intervals is empty: give one interval or more.")
    if ax is None:
        _, ax = plt.subplots(figsize=(8, 1.2 + 0.4 * len(intervals)), layout="constrained")
    for row, (label, interval) in enumerate(intervals.items()):
        look = style(label)
        if points is not None:
            values = np.ravel(points[label])
            ax.plot(values, np.full(len(values), row + 0.25), ".", color=look.color, alpha=0.5)
        ax.plot([interval.low, interval.high], [row, row], color=look.color, linewidth=2.5)
        ax.plot(interval.estimate, row, marker=look.marker, color=look.color, markersize=8)
    ax.axvline(0, color=GREY, linewidth=1)
    ax.set_yticks(range(len(intervals)), list(intervals))
    ax.set_ylim(len(intervals) - 0.5, -0.5)
    level = round(100 * next(iter(intervals.values())).level)
    title = f"Estimate and {level} % interval" + (f"; n = {counts}" if counts else "")
    ax.set(xlabel=quantity, title=title)
    return ax


def plot_nested(scores, label: str, ax=None):
    """Draw every run of a nested design: one column a base model, sorted by the base's mean.

    Args:
        scores: (n_bases, n_refits).
    """
    ax = axes_or_new(ax)
    scores, look = np.asarray(scores), style(label)
    order = np.argsort(scores.mean(axis=1))
    places = np.repeat(np.arange(len(order)), scores.shape[1])
    ax.scatter(places, scores[order].ravel(), s=5, color=look.color, alpha=0.4, label="one refit")
    ax.plot(scores[order].mean(axis=1), color=look.color, linewidth=1.5, label="mean of a base")
    ax.set(
        xlabel="base model, sorted by its mean",
        ylabel=ACCURACY,
        title=f"{label}: {scores.shape[0]} bases, {scores.shape[1]} refits each",
    )
    ax.legend(fontsize="small", loc="lower right")
    return ax


def plot_spreads(spreads, ax=None):
    """Draw between-base and within-base standard deviations side by side.

    Args:
        spreads: by label, `statistics.Spread`.
    """
    if ax is None:
        width = max(6, 1.2 * len(spreads))
        _, ax = plt.subplots(figsize=(width, 4), layout="constrained")
    places = np.arange(len(spreads))
    bars = (("between_bases", -0.2, BLUE, ""), ("within_base", 0.2, ORANGE, "//"))
    for name, shift, color, hatch in bars:
        values = [getattr(spread, name) for spread in spreads.values()]
        ax.bar(
            places + shift,
            values,
            0.4,
            color=color,
            hatch=hatch,
            edgecolor="white",
            label=name.replace("_", " "),
        )
    ax.set_xticks(places, [label.replace(", ", ",\n") for label in spreads])
    ax.set(ylabel="standard deviation of test accuracy", title="Where the spread comes from")
    ax.legend()
    return ax


def plot_benefits(curves, ax=None):
    """Draw schematic training curves and mark the three differences of the second to the first.

    A mark is exact: the brackets stand at the starts and at the asymptotes, and each dotted line
    is the tangent at epoch 0, drawn up to its curve's asymptote. Labels stand where no curve goes.

    Args:
        curves: by label, two `curves.BenefitCurve`: without transfer, then with it.
    """
    ax = axes_or_new(ax)
    without, with_transfer = curves.values()
    span = without.epochs[-1]
    for label, curve in curves.items():
        look = style(label)
        ax.plot(curve.epochs, curve.accuracy, c=look.color, ls=look.linestyle, lw=2, label=label)
        levels = [curve.asymptote] * 2
        ax.plot([0, 1.04 * span], levels, c=look.color, lw=0.7, alpha=0.6, gid="asymptote")
        end = min(curve.tangent_end, span)
        reached = curve.start + curve.slope * end
        ax.plot([0, end], [curve.start, reached], c=look.color, ls=":", lw=1.5, gid="tangent")
    _bracket(ax, "start", -0.03 * span, without.start, with_transfer.start, "right")
    _bracket(ax, "asymptote", 1.06 * span, without.asymptote, with_transfer.asymptote, "left")
    gain = signed(with_transfer.slope - without.slope, 3)
    ax.text(0, 1.02, f"slope {gain} an epoch (dotted: tangents)", color=RED, fontsize="small")
    ax.set(xlabel="epoch", ylabel="accuracy (fraction correct)")
    ax.set(xlim=(-0.34 * span, 1.5 * span), ylim=(-0.02, 1.28))
    ax.set_xticks(np.linspace(0, span, 6))
    ax.set_yticks(np.linspace(0, 1, 6))
    ax.legend(loc="upper center", ncols=2, fontsize="small", frameon=False)
    return ax


def _bracket(ax, name, x, low, high, side):
    """Mark the difference of two levels at x, with its label on one side."""
    ax.plot([x, x], [low, high], color=RED, marker="_", markersize=7, linewidth=1.5, gid=name)
    label, away = f"{name}\n{signed(high - low)}", {"left": 8, "right": -8}[side]
    place = {"xy": (x, (low + high) / 2), "xytext": (away, 0), "textcoords": "offset points"}
    ax.annotate(label, **place, color=RED, ha=side, va="center", fontsize="small")


def signed(number: float, digits: int = 2) -> str:
    """A difference with its sign; what rounds to zero has none.

    >>> signed(0.1), signed(-0.049), signed(-1e-9)
    ('+0.10', '-0.05', '0.00')
    """
    text = f"{number:+.{digits}f}"
    return text if float(text) else text[1:]


def axes_or_new(ax):
    return plt.subplots(figsize=(6, 4), layout="constrained")[1] if ax is None else ax
