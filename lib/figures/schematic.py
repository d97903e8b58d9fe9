"""Schematics: the three benefits (lesson 01) and a nested design (lesson 05)."""

import numpy as np
from matplotlib.ticker import MaxNLocator

from ..checks import check_number, check_whole, numbers
from .axes import add_legend, axes_or_new, dress
from .checks import check_attributes, check_labels, figure
from .looks import BLUE, ORANGE, RED, style
from .words import describe, listed, signed

MOST_DOTS = 1000  # in one direction


@figure
def plot_benefits(curves, *, title: str = "", ax=None):
    """Draw schematic training curves and mark the three differences of the second to the first.

    A mark is exact: the brackets stand at the starts and at the asymptotes, and each dotted line
    is the tangent at epoch 0, drawn up to its curve's asymptote. Labels stand where no curve goes.

    Args:
        curves: by label, two `curves.BenefitCurve`: without transfer, then with it.
    """
    check_labels(curves, "curves", "BenefitCurve")
    if len(curves) != 2:
        raise ValueError(f"{len(curves)} curves: give two, without transfer and with it.")
    parts = ("start", "slope", "asymptote", "tangent_end")
    for label, curve in curves.items():
        name = f"curves of {label!r}"
        check_attributes(curve, name, ("epochs", "accuracy", *parts), "a BenefitCurve")
        t, y = (numbers(name, one, ("n",)) for one in (curve.epochs, curve.accuracy))
        if t.shape != y.shape or t[-1] <= 0:
            raise ValueError(f"{name}: {t.shape} epochs, {y.shape} accuracies: give one each.")
        for part in parts:
            check_number(f"{name}: {part}", getattr(curve, part))
    ax = axes_or_new(ax, (7, 4.3))
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
    ax.text(0, 1.02, f"slope {gain} per epoch (dotted: tangents)", color=RED, fontsize="small")
    dress(ax, x="epoch", y="accuracy (fraction correct)", title=title)
    ax.set(xlim=(-0.34 * span, 1.5 * span), ylim=(-0.02, 1.28))
    ax.set_xticks(np.linspace(0, span, 6))
    ax.set_yticks(np.linspace(0, 1, 6))
    ax.legend(loc="upper center", ncols=2, fontsize="small", frameon=False)
    texts = {
        label: f"start {curve.start:.2f}, slope {curve.slope:.3f} per epoch, asymptote "
        f"{curve.asymptote:.2f}, {curve.accuracy[-1]:.2f} at epoch {curve.epochs[-1]:g}"
        for label, curve in curves.items()
    }
    describe(ax, f"Two schematic training curves. {listed(texts)}")
    return ax


@figure
def plot_design(n_bases: int, n_refits: int, *, title: str = "", ax=None):
    """Draw a nested design: a column of refits for each base model.

    Args:
        n_bases, n_refits: 1 or more each.
    """
    check_whole("n_bases", n_bases, 1, MOST_DOTS)
    check_whole("n_refits", n_refits, 1, MOST_DOTS)
    ax = axes_or_new(ax)
    base, refit = np.meshgrid(np.arange(1, n_bases + 1), np.arange(1, n_refits + 1))
    ax.scatter(base, refit, s=14, color=BLUE, label="one refit")
    ax.axvspan(0.5, 1.5, color=ORANGE, alpha=0.3, zorder=0, label="one base model")
    ax.set_xlim(min(0, n_bases - 3), n_bases + 1 if n_bases > 1 else 4)
    ax.yaxis.set_major_locator(MaxNLocator(integer=True))
    if n_bases == 1:
        ax.set_xticks([1])
    caption = f"{n_bases} x {n_refits}"
    dress(ax, x="base model", y="refit", caption=caption, title=title)
    add_legend(ax, beside=True)
    bases = "1 base model" if n_bases == 1 else f"{n_bases} base models"
    describe(ax, f"Grid of dots: {bases}, one column each, with {n_refits} refits in a column.")
    return ax


def _bracket(ax, name, x, low, high, side):
    """Mark the difference of two levels at x, with its label on one side."""
    ax.plot([x, x], [low, high], color=RED, marker="_", markersize=7, linewidth=1.5, gid=name)
    label, away = f"{name}\n{signed(high - low)}", {"left": 8, "right": -8}[side]
    place = {"xy": (x, (low + high) / 2), "xytext": (away, 0), "textcoords": "offset points"}
    ax.annotate(label, **place, color=RED, ha=side, va="center", fontsize="small")
