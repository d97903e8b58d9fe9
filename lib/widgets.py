"""Controls onto functions of the course: wiring, no science."""

import html
import time

import ipywidgets as widgets
import numpy as np
from matplotlib import pyplot as plt

from . import benefits, curve_plots, fits, plots, statistics, sweep_plots, sweeps
from .curves import BenefitCurve, benefit_curves
from .live import transfer_results
from .show import figure_html


def benefits_figure(start: float = 0.2, slope: float = 2.0, asymptote: float = 0.1):
    """The schematic of the three benefits as a figure, for these settings."""
    figure, ax = plt.subplots(figsize=(7, 4.3), layout="constrained")
    plots.plot_benefits(benefit_curves(start, slope, asymptote), ax=ax)
    return figure


def benefits_alt(curves: dict[str, BenefitCurve]) -> str:
    """Alt text for the schematic, computed from the curves."""
    parts = [
        f"{label}: start {curve.start:.2f}, slope {curve.slope:.3f} an epoch, asymptote "
        f"{curve.asymptote:.2f}, {curve.accuracy[-1]:.2f} at epoch {curve.epochs[-1]:g}"
        for label, curve in curves.items()
    ]
    return f"Two schematic training curves. {'; '.join(parts)}."


def benefits_explorer() -> widgets.Widget:
    """Sliders for start, slope and asymptote above the schematic."""
    controls = {
        "start": widgets.FloatSlider(0.2, min=-0.2, max=0.5, step=0.05, description="start +"),
        "slope": widgets.FloatSlider(2.0, min=0.25, max=5, step=0.25, description="rate ×"),
        "asymptote": widgets.FloatSlider(
            0.1, min=-0.3, max=0.2, step=0.05, description="asymptote +"
        ),
    }
    return _explorer(
        controls,
        lambda **values: (benefits_figure(**values), benefits_alt(benefit_curves(**values))),
    )


def transfer_title(
    source_seed: int = 1,
    target_seed: int = 2,
    cluster_std: float = 2.0,
    n_train: int = 500,
    new_base_each_run: bool = False,
) -> str:
    """What `transfer_results` shows for these settings, in a line.

    >>> transfer_title(n_train=64)
    'Problem 1 → Problem 2, spread 2, 64 target rows, one base model for all runs'
    """
    bases = "a new base model for every run" if new_base_each_run else "one base model for all runs"
    return (
        f"Problem {source_seed} → Problem {target_seed}, spread {cluster_std:g}, "
        f"{n_train} target rows, {bases}"
    )


def transfer_figure(results, title: str = ""):
    """Box plot and training curves of `transfer_results`, side by side."""
    figure, axes = plt.subplots(1, 2, figsize=(10.5, 4.2), layout="constrained")
    figure.suptitle(title)
    plots.plot_boxes({label: curves[:, -1] for label, curves in results.items()}, axes[0])
    summaries = {label: statistics.summarise_curves(curves) for label, curves in results.items()}
    plots.plot_curves(summaries, axes[1])
    for ax in axes:
        ax.title.set_fontsize("small")
    return figure


def transfer_alt(results, title: str = "") -> str:
    """Alt text for `transfer_figure`, computed from the results."""
    parts = (
        f"{label} {curves[:, -1].mean():.3f} (standard deviation {curves[:, -1].std(ddof=1):.3f})"
        for label, curves in results.items()
    )
    picture = f"Box plot and training curves{f': {title}' if title else ''}."
    return f"{picture} Mean final test accuracy: {', '.join(parts)}."


def transfer_explorer(n_replicates: int = 30, n_epochs: int = 100) -> widgets.Widget:
    """Controls for the two problems and the frozen layers: a move retrains every arm.

    A line above the picture says that networks train, then how long it took. Settings that cannot
    be run put their reason there, and the picture stays.
    """
    controls = {
        "source_seed": widgets.IntSlider(1, min=0, max=20, description="source seed"),
        "target_seed": widgets.IntSlider(2, min=0, max=20, description="target seed"),
        "cluster_std": widgets.FloatSlider(2.0, min=0.5, max=5, step=0.5, description="spread"),
        "n_train": widgets.SelectionSlider(
            options=[32, 64, 125, 250, 500], value=500, description="target samples"
        ),
        "n_frozen": widgets.SelectMultiple(
            options=[0, 1, 2], value=(0, 1, 2), rows=3, description="frozen layers"
        ),
        "new_base_each_run": widgets.Checkbox(False, description="a new base model for every run"),
    }

    status = widgets.HTML()

    def draw(**values):
        n_runs = f"{1 + len(values['n_frozen'])} arms, {n_replicates} runs each"
        status.value = f"<p>Training {n_runs} ...</p>"
        begin = time.perf_counter()
        results = transfer_results(**values, n_replicates=n_replicates, n_epochs=n_epochs)
        status.value = f"<p>Trained {n_runs}, in {time.perf_counter() - begin:.1f} s.</p>"
        title = transfer_title(**{k: v for k, v in values.items() if k != "n_frozen"})
        return transfer_figure(results, title), transfer_alt(results, title)

    return _explorer(controls, draw, status)


def relatedness_figure(results, arm: str, title: str = ""):
    """Training curves of an arm and of from scratch, and their difference, over the budget."""
    figure, axes = plt.subplots(1, 2, figsize=(10.5, 3.8), layout="constrained")
    figure.suptitle(title)
    shown = {label: statistics.summarise_curves(results[label]) for label in (sweeps.SCRATCH, arm)}
    plots.plot_curves(shown, axes[0], results, unit="pairs")
    differences = results[arm] - results[sweeps.SCRATCH]
    gap = {arm: statistics.summarise_curves(differences)}
    plots.plot_curves(gap, axes[1], {arm: differences}, unit="pairs")
    axes[1].set(ylabel=sweep_plots.MINUS_SCRATCH)
    sweep_plots.zero_line(axes[1])
    for ax in axes:
        ax.set_xlabel("round of 16 updates (0: before training)")
        ax.title.set_fontsize("small")
    return figure


def relatedness_words(results, arm: str) -> str:
    """The difference at the last round in words, with its interval and verdict."""
    found = sweeps.mean_difference(results[arm][:, -1] - results[sweeps.SCRATCH][:, -1])
    said = {"holds": "helps", "does not hold": "hurts", "undecided": "is undecided"}
    n_pairs, n_points = results[arm].shape
    return (
        f"{arm} minus from scratch after {n_points - 1} rounds: {found}, {n_pairs} pairs: "
        f"transfer {said[found.verdict()]}."
    )


def relatedness_explorer(n_pairs: int = 8, n_rounds: int = 50, seed: int = 0) -> widgets.Widget:
    """Controls for relatedness, target rows and frozen layers: a move retrains all pairs.

    Args:
        n_pairs, n_rounds, seed: as in `sweeps.explore`.
    """
    controls = {
        "relatedness": widgets.FloatSlider(
            0.5, min=-1, max=1, step=0.1, description="relatedness", readout_format=".1f"
        ),
        "n_rows": widgets.SelectionSlider(
            options=[8, 16, 32, 64, 128, 256, 500], value=32, description="target rows"
        ),
        "n_frozen": widgets.SelectionSlider(
            options=[0, 1, 2], value=0, description="frozen layers"
        ),
    }
    status = widgets.HTML()

    def draw(relatedness, n_rows, n_frozen):
        status.value = f"<p>Training on {n_pairs} pairs ...</p>"
        begin, arm = time.perf_counter(), f"fixed={n_frozen}"
        results = sweeps.explore(round(relatedness, 3), n_rows, n_pairs, n_rounds, seed)
        words = relatedness_words(results, arm)
        took = time.perf_counter() - begin
        status.value = f"<p>{html.escape(words)} ({took:.1f} s)</p>"
        title = f"relatedness {relatedness:.1f}, {n_rows} target rows, {arm}"
        return relatedness_figure(results, arm, title), f"Two figures: {title}. {words}"

    return _explorer(controls, draw, status)


def cut_figure(
    epochs,
    transfer,
    scratch,
    last: float,
    label: str = "with transfer",
    title: str = "",
    n_resamples: int = 0,
):
    """Mean curves with the forms fitted up to epoch `last`, beside the answers that they allow.

    Args:
        epochs: (T,), with at least 5 epochs up to `last`.
        transfer, scratch: (n_bases, n_refits, T) or (n_runs, T), as `benefits.three_benefits` takes
            them.
        label: of the transfer arm.
        n_resamples: as in `benefits.three_benefits`.

    Returns:
        (figure, alt text).
    """
    figure, axes = plt.subplots(
        1, 2, figsize=(11.5, 4.2), layout="constrained", width_ratios=(3, 2)
    )
    figure.suptitle(title)
    means = {
        name: np.reshape(arm, (-1, len(epochs))).mean(axis=0)
        for name, arm in (("from scratch", scratch), (label, transfer))
    }
    fitted = {}
    for name, mean in means.items():
        seen, curve = benefits.cut(epochs, mean, last)
        fitted[name] = {form: fits.fit(seen, curve, form) for form in fits.FORMS}
    curve_plots.plot_fits(epochs, means, fitted, last, ax=axes[0])
    seen, a = benefits.cut(epochs, transfer, last)
    seen, b = benefits.cut(epochs, scratch, last)
    late = (seen > seen[0] + 0.9 * (seen[-1] - seen[0])).sum()  # epochs of the last tenth
    found = benefits.three_benefits(
        seen, a, b, n_last=late, window=(seen[0], seen[5]), n_resamples=n_resamples
    )
    answers = {"fitted\nasymptote": found.asymptote, "late level": found.late_level}
    curve_plots.plot_answers(answers, ax=axes[1])
    words = "; ".join(str(answer) for answer in answers.values())
    return figure, f"Training cut at epoch {last:g}. {label} minus from scratch: {words}."


def curve_cut_explorer(epochs, cases, n_resamples: int = 100) -> widgets.Widget:
    """A slider for the epoch at which training stops: interval and verdict change with it.

    Args:
        epochs: (T,), 7 or more.
        cases: by name, (label of the transfer arm, its curves, curves from scratch).
        n_resamples: as in `benefits.three_benefits`.
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
        figure, alt = cut_figure(epochs, transfer, scratch, last, label, case, n_resamples)
        status.value = f"<p>{html.escape(alt)}</p>"
        return figure, alt

    return _explorer(controls, draw, status)


def _explorer(controls, draw, status=None) -> widgets.Widget:
    """Put controls above a picture that `draw(**values) -> (figure, alt)` makes anew.

    What a ValueError says stands in `status`, if there is one, else in place of the picture.
    """
    picture = widgets.HTML()

    def redraw(_=None):
        try:
            figure, alt = draw(**{name: control.value for name, control in controls.items()})
        except ValueError as error:
            (picture if status is None else status).value = f"<p>{html.escape(str(error))}</p>"
            return
        picture.value = figure_html(figure, alt)
        plt.close(figure)

    for control in controls.values():
        control.layout.width, control.style.description_width = "95%", "9em"
        if hasattr(control, "continuous_update"):
            control.continuous_update = False
        control.observe(redraw, names="value")
    redraw()
    return widgets.VBox([*controls.values(), *([] if status is None else [status]), picture])
