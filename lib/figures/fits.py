"""Figures of fitted training curves and of what they say as training goes on."""

import numpy as np

from .axes import axes_or_new, dress, early_epochs
from .checks import check_some, level_of, numbers
from .looks import ACCURACY, BLACK, GREEN, GREY, style
from .marks import error_bars
from .words import describe, interval_words, listed

FORM_LINES = {"exponential": "-", "Weibull": "--", "power": "-.", "MMF": ":"}
CUT_LOOKS = {"asymptote": (GREEN, "D", "fitted asymptote"), "late_level": (GREY, "o", "late level")}


def plot_fits(
    epochs, curves, fits, *, last=None, horizon=None, log: bool = False, title: str = "", ax=None
):
    """Draw mean curves, the forms that were fitted to them, and where these forms lead.

    With several arms, hollow marks tell the lines of one from those of another.

    Args:
        epochs: (T,).
        curves: by arm, a mean curve (T,).
        fits: by arm, `curves.Fit` of one curve by form; made from the epochs up to `last`.
        last: the last epoch that the fits have seen; None for all. Later points are drawn faintly.
        horizon: the last epoch to draw at; None for the last of `epochs`.
        log: whether early epochs get more room: the axis is linear up to epoch 5 and logarithmic
            beyond.
    """
    check_some(curves, "curves", "arm")
    curves = {label: numbers(curve, f"curve of {label!r}") for label, curve in curves.items()}
    ax = axes_or_new(ax)
    epochs = np.asarray(epochs)
    last = epochs[-1] if last is None else last
    end = epochs[-1] if horizon is None else horizon
    t, texts = np.linspace(epochs[0], end, 400), {}
    if log:
        t = np.r_[np.linspace(0, 5, 100), np.geomspace(5, max(end, 6), 301)[1:]]
        t = np.unique(t.clip(epochs[0], end))
    for number, (label, curve) in enumerate(curves.items()):
        look, seen = style(label), epochs <= last
        marks = {"marker": look.marker, "markevery": (25 + 25 * number, 60), "markersize": 5}
        for part, alpha in ((seen, 0.6), (~seen & (epochs <= end), 0.12)):
            some = slice(None, None, max(1, part.sum() // 60))
            ax.plot(
                epochs[part][some], curve[part][some], ls="", marker=look.marker,
                color=look.color, markersize=4, alpha=alpha, label=label if alpha == 0.6 else None,
            )  # fmt: skip
        for form, found in fits[label].items():
            ax.plot(
                t, found.predict(t)[0], color=look.color, ls=FORM_LINES[form], lw=1.3, gid=form,
                markerfacecolor="white", **marks if len(curves) > 1 else {},
            )  # fmt: skip
        leads = ", ".join(
            f"{form} {np.ravel(found.predict(t)[0])[-1]:.2f}" for form, found in fits[label].items()
        )
        drawn = epochs <= end
        texts[label] = (
            f"measured {curve[0]:.2f} at epoch {epochs[0]:g} and {curve[drawn][-1]:.2f} at "
            f"{epochs[drawn][-1]:g}; the forms lead to {leads} at epoch {end:g}"
        )
    ax.axvline(last, color=GREY, linewidth=1)
    if log:
        early_epochs(ax, end, epochs[0])
    used = [form for form in FORM_LINES if any(form in found for found in fits.values())]
    for form in used:
        ax.plot([], [], color=GREY, ls=FORM_LINES[form], label=form)
    caption = f"Points: mean curve; lines: forms fitted up to epoch {last:g}"
    where = "epoch (0: before training)" if epochs[0] == 0 else "epoch"
    dress(ax, x=where, y=ACCURACY, caption=caption, title=title)
    ax.legend(fontsize="small", ncols=2)
    describe(ax, f"Measured and fitted curves. {listed(texts)}")
    return ax


def plot_cuts(answers, *, title: str = "", ax=None):
    """Draw how the answers on asymptote and late level change with the epoch of the cut.

    Args:
        answers: by last epoch, `curves.Benefits`.

    Raises:
        ValueError: if there is no answer, or their intervals are of several levels.
    """
    check_some(answers, "answers", "cut")
    ax = axes_or_new(ax, (6.4, 4.6))
    known = {
        name: {last: one for last, found in answers.items()
               if (one := getattr(found, name).interval) is not None}
        for name in CUT_LOOKS
    }  # fmt: skip
    level = level_of(
        [next(iter(answers.values())).start.interval]
        + [one for found in known.values() for one in found.values()]
    )
    places = {last: place for place, last in enumerate(answers)}
    for shift, (name, (color, marker, words)) in zip((-0.1, 0.1), CUT_LOOKS.items(), strict=True):
        x = [places[last] + shift for last in known[name]]
        error_bars(ax, x, [*known[name].values()], color=color, marker=marker, label=words, size=6)
    lost = [last for last in answers if last not in known["asymptote"]]
    for last in lost:
        where = {"xy": (places[last] - 0.1, 0.03), "xycoords": ("data", "axes fraction")}
        looks = {"rotation": 90, "color": GREEN, "fontsize": "small", "ha": "center"}
        ax.annotate("not identified", **where, **looks, va="bottom")
    ax.axhline(0, color=BLACK, linewidth=1)
    if lost:  # their words stand in a strip of their own, below all else
        low, high = ax.get_ylim()
        ax.set_ylim(low - 0.45 * (high - low), high)
    ax.set_xticks(range(len(answers)), [f"{last:g}" for last in answers])
    ax.set_xlim(-0.6, len(answers) - 0.4)
    dress(ax, x="training stopped at epoch", y="test accuracy minus from scratch",
          caption=f"Estimate and {level} interval", title=title)  # fmt: skip
    below = {"loc": "upper center", "bbox_to_anchor": (0.5, -0.16)}  # where it covers nothing
    ax.legend(fontsize="small", ncols=2, frameon=False, **below)
    (first, *_), (*_, final) = answers, answers
    texts = {
        f"{words}, cut at epoch {last:g}": interval_words(known[name].get(last))
        for name, (*_, words) in CUT_LOOKS.items()
        for last in (first, final)
    }
    many = f"The asymptote is identified at {len(answers) - len(lost)} of {len(answers)} cuts"
    describe(ax, f"{many}. {listed(texts)}")
    return ax
