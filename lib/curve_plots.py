"""Figures of fitted training curves and of answers: `plot_*(data, ax=None) -> ax`, as in `plots`.

Nothing here computes a result: curves, fits, answers and tables come from `lib.fits`,
`lib.benefits` and `lib.coverage`.
"""

import numpy as np

from .looks import BLACK, BLUE, GREEN, GREY, ORANGE, PINK, RED, SKY, style
from .plots import ACCURACY, axes_or_new

FORM_LINES = {"exponential": "-", "Weibull": "--", "power": "-.", "MMF": ":"}
QUANTITY_LOOKS = {"start": (BLUE, "s"), "slope": (ORANGE, "^"), "asymptote": (GREEN, "D")}
DESIGN_LOOKS = tuple(
    zip((BLUE, ORANGE, GREEN, GREY, BLACK, PINK, RED, SKY), "s^Dov*PX", strict=True)
)
CUT_LOOKS = {"asymptote": (GREEN, "D", "fitted asymptote"), "late_level": (GREY, "o", "late level")}


def plot_fits(epochs, curves, fits, last=None, horizon=None, ax=None):
    """Draw mean curves, the forms that were fitted to them, and where these forms lead.

    With several arms, hollow marks tell the lines of one from those of another.

    Args:
        epochs: (T,).
        curves: by arm, a mean curve (T,).
        fits: by arm, `forms.Fit` of one curve by form; made from the epochs up to `last`.
        last: the last epoch that the fits have seen; None for all. Later points are drawn faintly.
        horizon: the last epoch to draw the forms at; None for the last of `epochs`.
    """
    ax = axes_or_new(ax)
    epochs = np.asarray(epochs)
    last = epochs[-1] if last is None else last
    t = np.linspace(epochs[0], epochs[-1] if horizon is None else horizon, 400)
    for number, (label, curve) in enumerate(curves.items()):
        look, seen = style(label), epochs <= last
        marks = {"marker": look.marker, "markevery": (25 + 25 * number, 60), "markersize": 5}
        for part, alpha in ((seen, 0.6), (~seen, 0.12)):
            some = slice(None, None, max(1, part.sum() // 60))
            ax.plot(
                epochs[part][some], np.asarray(curve)[part][some], ls="", marker=look.marker,
                color=look.color, markersize=4, alpha=alpha, label=label if alpha == 0.6 else None,
            )  # fmt: skip
        for form, found in fits[label].items():
            ax.plot(
                t, found.predict(t)[0], color=look.color, ls=FORM_LINES[form], lw=1.3, gid=form,
                markerfacecolor="white", **marks if len(curves) > 1 else {},
            )  # fmt: skip
    ax.axvline(last, color=GREY, linewidth=1)
    used = [form for form in FORM_LINES if any(form in found for found in fits.values())]
    for form in used:
        ax.plot([], [], color=GREY, ls=FORM_LINES[form], label=form)
    ax.set(
        xlabel="epoch (0: before training)",
        ylabel=ACCURACY,
        title=f"Points: mean curve; lines: forms fitted up to epoch {last:g}",
    )
    ax.legend(fontsize="small", ncols=2)
    return ax


def plot_answers(answers, quantity: str = "transfer minus from scratch", ax=None):
    """Draw answers with their intervals, one row each.

    "Not identified" is written, not drawn; so is an interval without bounds.

    Args:
        answers: by label, `benefits.Answer`.
        quantity: what the x axis shows, with its unit.

    Raises:
        ValueError: if there is no answer.
    """
    if not answers:
        raise ValueError("answers is empty: give one answer or more.")
    ax = axes_or_new(ax)
    shown = {label: one.interval for label, one in answers.items() if one.interval is not None}
    for row, answer in enumerate(answers.values()):
        interval, words = answer.interval, answer.verdict
        if interval is not None:
            bounded = np.isfinite([interval.low, interval.high]).all()
            if bounded:
                ax.plot([interval.low, interval.high], [row, row], color=BLUE, linewidth=2.5)
            else:
                words += " (no bounds)"
            fill = BLUE if bounded else "white"
            ax.plot(interval.estimate, row, "s", color=BLUE, markerfacecolor=fill, markersize=7)
        ax.annotate(
            words, (1, row), (-4, 9), xycoords=("axes fraction", "data"),
            textcoords="offset points", ha="right", va="center", fontsize="small",
            fontstyle="normal" if interval is not None else "italic",
            bbox={"facecolor": "white", "alpha": 0.7, "edgecolor": "none", "pad": 1},
        )  # fmt: skip
    ax.axvline(0, color=BLACK, linewidth=1)
    ax.set_yticks(range(len(answers)), list(answers))
    ax.set_ylim(len(answers) - 0.4, -0.6)
    ax.margins(x=0.15)
    title = "no interval"
    if shown:
        title = f"Estimate and {100 * next(iter(shown.values())).level:.3g} % interval"
        ax.locator_params(axis="x", nbins=5)
    else:
        ax.set_xticks([])
    ax.set(xlabel=quantity, title=title)
    return ax


def plot_cuts(answers, ax=None):
    """Draw how the answers on asymptote and late level change with the epoch of the cut.

    Args:
        answers: by last epoch, `benefits.Benefits`.
    """
    ax = axes_or_new(ax)
    places = np.arange(len(answers))
    for shift, (name, (color, marker, words)) in zip((-0.1, 0.1), CUT_LOOKS.items(), strict=True):
        known = [
            (place + shift, interval)
            for place, found in zip(places, answers.values(), strict=True)
            if (interval := getattr(found, name).interval) is not None
        ]
        x, found = [place for place, _ in known], [interval for _, interval in known]
        _mark(ax, x, found, color=color, marker=marker, label=words)
    for place, found in zip(places, answers.values(), strict=True):
        if found.asymptote.interval is None:
            where = {"xy": (place - 0.1, 0.03), "xycoords": ("data", "axes fraction")}
            looks = {"rotation": 90, "color": GREEN, "fontsize": "small", "ha": "center"}
            ax.annotate("not identified", **where, **looks, va="bottom")
    ax.axhline(0, color=BLACK, linewidth=1)
    if ax.texts:  # they stand in a strip of their own, below all else
        low, high = ax.get_ylim()
        ax.set_ylim(low - 0.45 * (high - low), high)
    ax.set_xticks(places, [f"{last:g}" for last in answers])
    ax.set_xlim(-0.6, len(answers) - 0.4)
    level = next(iter(answers.values())).start.interval.level
    ax.set(
        xlabel="training stopped at epoch",
        ylabel="test accuracy minus from scratch",
        title=f"Estimate and {100 * level:.3g} % interval",
    )
    below = {"loc": "upper center", "bbox_to_anchor": (0.5, -0.16)}  # where it covers nothing
    ax.legend(fontsize="small", ncols=2, frameon=False, **below)
    return ax


def plot_starts(intervals, ax=None):
    """Draw several readings of the start, one group each, one mark an arm.

    Args:
        intervals: by arm, by reading, `statistics.Interval` of an accuracy.
    """
    ax = axes_or_new(ax)
    readings = list(next(iter(intervals.values())))
    for number, (label, found) in enumerate(intervals.items()):
        look = style(label)
        x = np.arange(len(readings)) + 0.12 * (number - (len(intervals) - 1) / 2)
        shown = [found[name] for name in readings]
        _mark(ax, x, shown, color=look.color, marker=look.marker, label=label)
    ax.set_xticks(range(len(readings)), readings)
    ax.set_xlim(-0.5, len(readings) - 0.5)
    ax.set(xlabel='reading of the "start"', ylabel=ACCURACY)
    ax.legend(fontsize="small")
    return ax


def plot_coverage(table, ax=None):
    """Draw how often intervals held the truth, by how far the curves had saturated.

    Args:
        table: rows of one design and one method of `coverage.csv`: saturation, quantity, coverage,
            coverage_low, coverage_high, simulations.
    """
    ax = axes_or_new(ax)
    places = sorted(table["saturation"].unique())
    for shift, (name, (color, marker)) in zip(
        (-0.12, 0, 0.12), QUANTITY_LOOKS.items(), strict=True
    ):
        rows = table[(table["quantity"] == name) & table["coverage"].notna()]
        x = [places.index(kt) + shift for kt in rows["saturation"]]
        centre, low, high = rows[["coverage", "coverage_low", "coverage_high"]].to_numpy().T
        ends = centre - low, high - centre
        ax.errorbar(x, centre, ends, color=color, marker=marker, ls="", capsize=3,
                    label=name)  # fmt: skip
    ax.axhspan(0.93, 0.97, color=GREY, alpha=0.2, linewidth=0)
    ax.axhline(0.95, color=GREY, linewidth=1)
    ax.set_xticks(range(len(places)), [f"{kt:g}" for kt in places])
    ax.set_xlim(-0.5, len(places) - 0.5)
    n = table["simulations"].max()
    ax.set(
        xlabel="saturation: rate times epochs, kT",
        ylabel="part of the intervals that hold the truth",
        title=f"{n:,} simulations each; bars: 95 % interval of the part",
    )
    ax.legend(fontsize="small")
    return ax


def plot_not_identified(table, ax=None):
    """Draw how often an asymptote is called not identified, one line a design.

    Args:
        table: rows of one quantity and one method of `coverage.csv`: name, saturation,
            not_identified.

    Raises:
        ValueError: for more designs than there are looks.
    """
    ax = axes_or_new(ax)
    places = sorted(table["saturation"].unique())
    designs = list(table.groupby("name", sort=False))
    if len(designs) > len(DESIGN_LOOKS):
        raise ValueError(f"{len(designs)} designs: give {len(DESIGN_LOOKS)} at most.")
    looks = DESIGN_LOOKS[: len(designs)]
    for (name, rows), (color, marker) in zip(designs, looks, strict=True):
        rows = rows.sort_values("saturation")
        x = [places.index(kt) for kt in rows["saturation"]]
        ax.plot(x, rows["not_identified"], color=color, marker=marker, label=name)
    ax.set_xticks(range(len(places)), [f"{kt:g}" for kt in places])
    ax.set(
        xlabel="saturation: rate times epochs, kT",
        ylabel='part that is "not identified"',
        ylim=(-0.03, 1.03),
        title="Asymptote",
    )
    ax.legend(fontsize="small")
    return ax


def _mark(ax, x, intervals, **look):
    """Mark estimates with bars from low to high."""
    ends = [(one.estimate - one.low, one.high - one.estimate) for one in intervals]
    ax.errorbar(
        x, [one.estimate for one in intervals], np.transpose(ends), ls="", capsize=3, **look
    )
