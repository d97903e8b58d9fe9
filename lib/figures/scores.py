"""Figures of scores, arm by arm: boxes, nested designs, spreads, histograms, seconds."""

from collections.abc import Mapping

import numpy as np

from ..checks import LARGEST, check_whole, is_within, numbers, shown
from .axes import add_legend, axes_or_new, dress
from .checks import check_attributes, check_labels, check_marks, check_some, figure
from .looks import ACCURACY, BLUE, GREY, MARKS, ORANGE, STYLES, look_of, style
from .words import describe, listed, plain, room, signed, span

MOST_BINS = 1000
SECONDS = "target", "compilation", "source"


@figure
def plot_boxes(
    scores, *, quantity: str = ACCURACY, unit: str = "run", marks=None, title: str = "", ax=None
):
    """Draw one box for each arm, with every run as a point over it.

    Args:
        scores: by label, arrays of any shape, one number a run.
        quantity: what the scores are, with their unit.
        unit: what one score belongs to, if not to a run.
        marks: by name, by label, one number to mark beside the box, such as a published one.

    Raises:
        ValueError: if there is no arm, or a score is NaN or infinite.
    """
    import seaborn as sns

    check_labels(scores, "scores", "array of numbers")
    check_marks(marks)
    scores = {label: numbers(f"scores of {label!r}", v).ravel() for label, v in scores.items()}
    ax = axes_or_new(ax, (max(6.4, 1.3 * len(scores)), 4.2))
    before = len(ax.lines)
    sns.boxplot(
        [*scores.values()],
        palette=[style(label).color for label in scores],
        saturation=1,
        width=0.5,
        showfliers=False,
        boxprops={"alpha": 0.25},
        medianprops={"linewidth": 2.5},
        ax=ax,
    )
    medians = [line for line in ax.lines[before:] if line.get_linewidth() == 2.5]
    rng = np.random.default_rng(0)  # sideways shift of the points only; the same in every drawing
    texts, middles = {}, {}
    for place, (label, values) in enumerate(scores.items()):
        look, size = style(label), 16 if len(values) <= 100 else 4
        medians[place].set_color(look.color)
        shift = rng.uniform(-0.2, 0.2, len(values))
        ax.scatter(place + shift, values, s=size, color=look.color, marker=look.marker, alpha=0.5)
        low, middles[label], high = np.quantile(values, [0.25, 0.5, 0.75])
        texts[label] = (
            f"median {middles[label]:.3f}, middle half {low:.3f} to {high:.3f}, all "
            f"{span(values)}, mean {values.mean():.3f}"
        )
    for (name, found), (color, marker, size) in zip((marks or {}).items(), MARKS, strict=False):
        places = [place for place, label in enumerate(scores) if label in found]
        heights = [found[label] for label in scores if label in found]
        ax.plot(np.add(places, 0.34), heights, marker, color=color, markersize=size, label=name)
        texts[name] = ", ".join(f"{label} {value:.3f}" for label, value in found.items())
    counts = [len(values) for values in scores.values()]
    n = f"{counts[0]}" if len(set(counts)) == 1 else f"{min(counts)} to {max(counts)}"
    ax.set_xticks(range(len(scores)), [label.replace(", ", ",\n") for label in scores])
    caption = f"Box: middle half and median; a point: one {unit}; n = {n} per arm"
    dress(ax, x="arm", y=quantity, caption=caption, title=title)
    if marks:
        add_legend(ax)
    said = listed({k: texts[k] for k in scores}, middles, room(ax))
    describe(ax, f"Box plot of {plain(quantity)}. {said}")
    if marks:
        describe(ax, listed({k: texts[k] for k in marks}))
    return ax


@figure
def plot_nested(scores, *, label: str, seeds=None, title: str = "", ax=None):
    """Draw every run of a nested design: one column a base model, sorted by the base's mean.

    Args:
        scores: (n_bases, n_refits).
        label: of the arm.
        seeds: of the bases, to write below their columns; for a few bases.

    Raises:
        ValueError: if there is not one seed for each base.
    """
    scores = numbers(f"scores of {label!r}", scores, ("n_bases", "n_refits"))
    look = style(label)
    if seeds is not None:
        check_some(seeds, "seeds", "seed")
        if len(seeds) != len(scores):
            raise ValueError(f"{len(seeds)} seeds for {len(scores)} bases: give one for each base.")
        seeds = list(seeds)
        for seed in seeds:
            check_whole("seeds", seed, 0)
    ax = axes_or_new(ax)
    order = np.argsort(scores.mean(axis=1))
    places = np.repeat(np.arange(len(order)), scores.shape[1])
    ax.scatter(places, scores[order].ravel(), s=5, color=look.color, alpha=0.4, label="one refit")
    ax.plot(scores[order].mean(axis=1), color=look.color, linewidth=1.5, label="mean of a base")
    caption = f"{label}: {scores.shape[0]} bases, {scores.shape[1]} refits each"
    where = "base model, sorted by its mean"
    if seeds is not None:
        where = "base seed, sorted by the base's mean"
        ax.set_xticks(range(len(order)), [str(seeds[base]) for base in order])
    dress(ax, x=where, y=ACCURACY, caption=caption, title=title, legend=True)
    describe(
        ax,
        f"Dots of single runs over bases. Means of the bases go from "
        f"{span(scores.mean(axis=1))}; within a base runs range over "
        f"{np.ptp(scores, axis=1).mean():.2f} on average.",
    )
    if seeds is not None:
        describe(
            ax, f"Base seeds from the lowest mean up: {', '.join(str(seeds[b]) for b in order)}."
        )
    return ax


@figure
def plot_spreads(spreads, *, title: str = "", ax=None):
    """Draw between-base and within-base standard deviations side by side.

    Args:
        spreads: by label, `statistics.Spread`.
    """
    check_labels(spreads, "spreads", "Spread")
    for label, one in spreads.items():
        name, parts = f"spreads of {label!r}", ("between_bases", "within_base")
        check_attributes(one, name, parts, "a Spread")
        for part in parts:
            if not is_within(getattr(one, part), 0, LARGEST):
                raise ValueError(
                    f"{name}, {part}={shown(getattr(one, part))}: give a standard deviation, 0 or "
                    "more."
                )
    ax = axes_or_new(ax, (max(6.4, 1.2 * len(spreads)), 4.2))
    places = np.arange(len(spreads))
    bars = (("between_bases", -0.2, BLUE, ""), ("within_base", 0.2, ORANGE, "//"))
    for name, shift, color, hatch in bars:
        values = [getattr(spread, name) for spread in spreads.values()]
        ax.bar(places + shift, values, 0.4, color=color, hatch=hatch, edgecolor="white",
               label=name.replace("_", " "))  # fmt: skip
    ax.set_xticks(places, [label.replace(", ", ",\n") for label in spreads])
    y = "standard deviation of test accuracy"
    dress(ax, x="arm", y=y, caption="Where the spread comes from", title=title, legend=True)
    texts = {
        label: f"{one.between_bases:.3f} between bases, {one.within_base:.3f} within"
        for label, one in spreads.items()
    }
    totals = {k: np.hypot(one.between_bases, one.within_base) for k, one in spreads.items()}
    describe(ax, f"Bars of standard deviations. {listed(texts, totals, room(ax))}")
    return ax


@figure
def plot_histogram(
    values, *, quantity: str, counted: str = "runs", bins: int = 40, title: str = "", ax=None
):
    """Draw how values are distributed; several sets lie over each other.

    Args:
        values: by label, arrays of any shape.
        quantity: what the values are, with their unit.
        counted: what one value belongs to: "runs", "base models", "resamples".
        bins: bars over the range of all values.
    """
    import seaborn as sns

    check_labels(values, "values", "numbers")
    values = {label: numbers(f"values of {label!r}", v).ravel() for label, v in values.items()}
    check_whole("bins", bins, 1, MOST_BINS)
    ax, texts = axes_or_new(ax), {}
    edges = np.histogram_bin_edges(np.concatenate([*values.values()]), bins)
    for number, (label, some) in enumerate(values.items()):
        color = STYLES[label].color if label in STYLES else (BLUE, ORANGE, GREY)[number % 3]
        sns.histplot(some, bins=edges, color=color, alpha=0.6, hatch=("", "//", "..")[number % 3],
                     label=label, ax=ax)  # fmt: skip
        low, middle, high = np.quantile(some, [0.25, 0.5, 0.75])
        texts[label] = (
            f"{len(some)} {counted}, {some.min():.3f} to {some.max():.3f}, median {middle:.3f}, "
            f"middle half {low:.3f} to {high:.3f}"
        )
    dress(ax, x=quantity, y=f"number of {counted}", title=title, legend=True)
    describe(ax, f"Histogram of {plain(quantity)}. {listed(texts)}")
    return ax


@figure
def plot_scatter(points, *, over: str, quantity: str, title: str = "", ax=None):
    """Draw one quantity over another, one point a run or base, one look an arm.

    Args:
        points: by label, (x, y), each (n_points,).
        over, quantity: what the axes show, with their units.
    """
    check_labels(points, "points", "(x, y)")
    points = {label: _checked_pair(label, pair) for label, pair in points.items()}
    ax, texts = axes_or_new(ax), {}
    for number, (label, (x, y)) in enumerate(points.items()):
        look = look_of(label, number)
        ax.scatter(x, y, s=18, color=look.color, marker=look.marker, alpha=0.6, label=label)
        varied = len(x) > 2 and np.ptp(x) > 0 and np.ptp(y) > 0
        related = f", correlation {signed(np.corrcoef(x, y)[0, 1])}" if varied else ""
        texts[label] = f"{len(x)} points, {span(y)} over {span(x)}{related}"
    dress(ax, x=over, y=quantity, title=title, legend=True)
    describe(ax, f"{plain(quantity)} over {plain(over)}. {listed(texts)}")
    return ax


@figure
def plot_seconds(parts, *, title: str = "", ax=None):
    """Draw what each arm's training took, as stacked bars: target, then source.

    Args:
        parts: label -> {"target": seconds, "compilation": seconds, "source": seconds}; any of them
            may be left out.
    """
    _check_seconds(parts)
    ax = axes_or_new(ax, (7, 1.6 + 0.45 * len(parts)))
    kinds = (("target", BLUE, ""), ("compilation", ORANGE, "//"), ("source", GREY, ".."))
    places, left = np.arange(len(parts)), np.zeros(len(parts))
    for kind, color, hatch in kinds:
        width = np.array([part.get(kind, 0.0) for part in parts.values()], "float64")
        if width.any():
            ax.barh(places, width, left=left, color=color, hatch=hatch, edgecolor="white",
                    label=kind)  # fmt: skip
            left += width
    ax.set_yticks(places, list(parts))
    ax.set_ylim(len(parts) - 0.4, -0.6)
    ax.set_xlim(0, 1.05 * left.max() or 1)  # a bar of width 0 takes the margin
    dress(ax, x="seconds", y="arm", title=title)
    add_legend(ax, beside=True)
    texts = {
        label: ", ".join(f"{kind} {seconds:.1f}" for kind, seconds in part.items() if seconds)
        for label, part in parts.items()
    }
    totals = dict(zip(parts, left, strict=True))
    describe(ax, f"Bars of seconds. {listed(texts, totals, room(ax))}")
    return ax


def _checked_pair(label, pair):
    """x and y of some points, one length; one clear error."""
    if not isinstance(pair, tuple | list) or len(pair) != 2:
        raise ValueError(f"points of {label!r}: {shown(pair)}: give (x, y).")
    x, y = (numbers(f"points of {label!r}", one, ("n_points",)) for one in pair)
    if len(x) != len(y):
        raise ValueError(f"points of {label!r}: {len(x)} x and {len(y)} y: give one of each.")
    return x, y


def _check_seconds(parts) -> None:
    """Raise one clear error unless parts are a dict, label -> kind -> seconds."""
    check_labels(parts, "parts", "seconds by kind")
    for label, found in parts.items():
        if not isinstance(found, Mapping) or set(found) - set(SECONDS):
            raise ValueError(
                f"parts of {label!r}: {shown(found)}: give seconds by {', '.join(SECONDS)}."
            )
        for kind, seconds in found.items():
            if not is_within(seconds, 0, LARGEST):
                raise ValueError(
                    f"parts of {label!r}, {kind}={shown(seconds)}: give seconds, 0 or more."
                )
