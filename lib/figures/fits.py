"""Figures of fitted training curves and of what they say as training goes on."""

from collections.abc import Mapping

import numpy as np

from ..checks import is_within, numbers, shown
from .axes import axes_or_new, dress, early_epochs
from .checks import (
    check_attributes,
    check_interval,
    check_keys,
    check_labels,
    check_some,
    figure,
    level_of,
)
from .looks import ACCURACY, BLACK, GREEN, GREY, style
from .marks import error_bars
from .words import describe, interval_words, listed

MOST_EPOCHS = 1e9
FORM_LINES = {"exponential": "-", "Weibull": "--", "power": "-.", "MMF": ":"}
CUT_LOOKS = {"asymptote": (GREEN, "D", "fitted asymptote"), "late_level": (GREY, "o", "late level")}


@figure
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
    epochs, curves = _checked_curves(epochs, curves)
    _check_fits(fits, curves)
    for name, epoch in (("last", last), ("horizon", horizon)):
        if epoch is not None and not is_within(epoch, epochs[0], MOST_EPOCHS):
            raise ValueError(
                f"{name}={shown(epoch)}: choose an epoch from {epochs[0]:g} to {MOST_EPOCHS:g}, or "
                "leave it out."
            )
    ax = axes_or_new(ax)
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


@figure
def plot_cuts(answers, *, title: str = "", ax=None):
    """Draw how the answers on asymptote and late level change with the epoch of the cut.

    Args:
        answers: by last epoch, `curves.Benefits`.

    Raises:
        ValueError: if there is no answer, or their intervals are of several levels.
    """
    _check_answers(answers)
    ax = axes_or_new(ax, (6.4, 4.6))
    known = {
        name: {last: one for last, found in answers.items()
               if (one := getattr(found, name).interval) is not None}
        for name in CUT_LOOKS
    }  # fmt: skip
    starts = [one.start.interval for one in answers.values()]
    level = level_of(
        [one for one in starts if one is not None]
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


def _checked_curves(epochs, curves):
    """Epochs and mean curves as arrays; one clear error for what is none."""
    check_labels(curves, "curves", "mean curve")
    epochs = numbers("epochs", epochs, ("T",))
    if len(epochs) < 2 or (np.diff(epochs) <= 0).any():
        raise ValueError(f"epochs={shown(epochs.tolist())}: give two or more, in order of time.")
    if epochs[0] < 0:
        raise ValueError(f"epochs from {epochs[0]:g}: count them from 0, before training.")
    curves = {label: numbers(f"curves of {label!r}", y, ("T",)) for label, y in curves.items()}
    for label, y in curves.items():
        if len(y) != len(epochs):
            raise ValueError(
                f"curves of {label!r}: {len(y)} values at {len(epochs)} epochs: give one each."
            )
    return epochs, curves


def _check_fits(fits, curves) -> None:
    """Raise one clear error unless there are fitted forms for each curve."""
    if not isinstance(fits, Mapping):
        raise ValueError(f"fits={shown(fits)}: give a dict, label -> form -> Fit.")
    for label in curves:
        found = fits.get(label)
        if not isinstance(found, Mapping) or set(found) - set(FORM_LINES):
            raise ValueError(
                f"fits of {label!r}: {shown(found)}: give a dict, form -> Fit, of some of "
                f"{', '.join(FORM_LINES)}."
            )
        for form, one in found.items():
            check_attributes(one, f"fits of {label!r}, {form}", ("predict",), "a Fit")


def _check_answers(answers) -> None:
    """Raise one clear error unless answers are a dict, last epoch -> Benefits."""
    if not isinstance(answers, Mapping):
        raise ValueError(f"answers={shown(answers)}: give a dict, last epoch -> Benefits.")
    check_some(answers, "answers", "cut")
    check_keys(answers, "answers")
    for last, found in answers.items():
        check_attributes(found, f"answers at {last:g}", ("start", *CUT_LOOKS), "Benefits")
        for name in ("start", *CUT_LOOKS):
            words = f"answers at {last:g}: {name}"
            check_attributes(getattr(found, name), words, ("interval",), "an Answer")
            if getattr(found, name).interval is not None:
                check_interval(getattr(found, name).interval, words)
    if all(found.start.interval is None for found in answers.values()):
        raise ValueError("answers without any interval: give Benefits of three_benefits.")
