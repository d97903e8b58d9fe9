"""A slider for the epoch at which training stops.  Lesson 10."""

import html

import ipywidgets as widgets
import numpy as np

from ...curves import cut_answers
from ...figures import panels, plot_answers, plot_fits
from .explorer import explorer


def cut_figure(epochs, found, last: float, title: str = ""):
    """Mean curves with the forms fitted up to epoch `last`, beside the answers that they allow.

    Args:
        epochs: (T,).
        found: what `curves.cut_answers` returned for this cut.
    """
    curves, answers = panels(2, title=title, widths=(3, 2))
    plot_fits(epochs, found.means, found.fits, last=last, ax=curves)
    plot_answers(_answers(found), ax=answers)
    return curves.figure


def cut_words(found, last: float) -> str:
    """The answers that a cut allows, in words."""
    _, label = found.means
    said = "; ".join(str(answer) for answer in _answers(found).values())
    return f"Training cut at epoch {last:g}. {label} minus from scratch: {said}."


def _answers(found):
    return {
        "fitted asymptote": found.benefits.asymptote,
        "late level": found.benefits.late_level,
    }


def curve_cut_explorer(epochs, cases, n_resamples: int = 100) -> widgets.Widget:
    """A slider for the epoch at which training stops: interval and verdict change with it.

    Args:
        epochs: (T,), 7 or more.
        cases: by name, (label of the transfer arm, its curves, curves from scratch).
        n_resamples: as in `curves.three_benefits`.
    """
    controls = {
        "case": widgets.Dropdown(options=list(cases), description="case"),
        "last": widgets.SelectionSlider(
            options=[(f"{epoch:g}", epoch) for epoch in np.asarray(epochs)[6:]],
            value=epochs[-1],
            description="stop at epoch",
        ),
    }
    status = widgets.HTML()

    def draw(case, last):
        label, transfer, scratch = cases[case]
        found = cut_answers(epochs, transfer, scratch, last, label=label, n_resamples=n_resamples)
        status.value = f"<p>{html.escape(cut_words(found, last))}</p>"
        return cut_figure(epochs, found, last, case)

    return explorer(controls, draw, status)
