"""Controls onto functions of the course: wiring, no science."""

import time
from functools import lru_cache
from typing import NamedTuple

import ipywidgets as widgets
import numpy as np
from matplotlib import pyplot as plt

from . import datasets, experiments, plots, statistics
from .show import figure_html


class BenefitCurve(NamedTuple):
    """A schematic training curve, c - (c - a) exp(-k t).

    Attributes:
        epochs, accuracy: t and the curve's height, (201,).
        start: a, the accuracy at epoch 0.
        rate: k, the part of the remaining way to the asymptote that is gained an epoch, at epoch 0.
        asymptote: c, the accuracy that the curve approaches and never quite reaches.
    """

    epochs: np.ndarray
    accuracy: np.ndarray
    start: float
    rate: float
    asymptote: float

    @property
    def slope(self) -> float:
        """Gain an epoch at epoch 0, k (c - a)."""
        return self.rate * (self.asymptote - self.start)

    @property
    def tangent_end(self) -> float:
        """Epoch 1 / k, where the tangent at epoch 0 meets the asymptote."""
        return 1 / self.rate


def benefit_curves(
    start: float = 0.0, slope: float = 1.0, asymptote: float = 0.0, n_epochs: int = 50
) -> dict[str, BenefitCurve]:
    """Schematic training curves of two networks: from scratch, and with transfer.

    From scratch: a = 0.2, k = 0.08 an epoch, c = 0.75.

    Args:
        start: what transfer adds to a, in accuracy: -0.2 to 0.8.
        slope: what transfer multiplies the rate k by, above 0. The slope at epoch 0 is k (c - a):
            it changes with a and c, too.
        asymptote: what transfer adds to c, in accuracy: -0.75 to 0.25.
        n_epochs: above 0.

    Raises:
        ValueError: for a value outside these ranges.

    >>> benefit_curves(start=0.1)["with transfer"].accuracy[0].round(2)
    np.float64(0.3)
    """
    _check_benefits(start, slope, asymptote, n_epochs)
    epochs = np.linspace(0, n_epochs, 201)

    def curve(a, k, c):
        return BenefitCurve(epochs, c - (c - a) * np.exp(-k * epochs), a, k, c)

    return {
        "from scratch": curve(0.2, 0.08, 0.75),
        "with transfer": curve(0.2 + start, 0.08 * slope, 0.75 + asymptote),
    }


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


def _check_benefits(start, slope, asymptote, n_epochs):
    """Raise one clear error for a curve that is no accuracy, or does not rise towards c."""
    if not 0 <= round(0.2 + start, 9) <= 1:
        raise ValueError(f"start={start}: from scratch starts at 0.2, so choose -0.2 to 0.8.")
    if not 0 <= round(0.75 + asymptote, 9) <= 1:
        raise ValueError(
            f"asymptote={asymptote}: from scratch approaches 0.75, so choose -0.75 to 0.25."
        )
    if not 0 < slope < np.inf:
        raise ValueError(f"slope={slope} multiplies the rate: choose a number above 0, such as 2.")
    if not 0 < n_epochs < np.inf:
        raise ValueError(f"n_epochs={n_epochs}: choose a number above 0, such as 50.")


def transfer_results(
    source_seed: int = 1,
    target_seed: int = 2,
    cluster_std: float = 2.0,
    n_train: int = 500,
    n_frozen: tuple[int, ...] = (0, 1, 2),
    new_base_each_run: bool = False,
    n_replicates: int = 30,
    n_epochs: int = 100,
) -> dict[str, np.ndarray]:
    """Train the arms of the published comparison on any pair of blobs problems.

    Args:
        source_seed, target_seed, cluster_std, n_train: as in `datasets.blobs`; `n_train` holds for
            the target only.
        n_frozen: one transfer arm for each of these numbers of frozen layers.
        new_base_each_run: whether every replicate has a base model of its own, or all share one.

    Returns:
        By label, with "from scratch" first: accuracy (n_replicates, n_epochs + 1).

    Raises:
        ValueError: for settings that no run can be made of.
    """
    _check_transfer(n_frozen, n_train, n_replicates)
    target = datasets.blobs(target_seed, cluster_std, n_train=n_train)
    n_bases = n_replicates if new_base_each_run else 1
    bases = _bases(source_seed, cluster_std, n_bases, n_epochs)
    arms = [experiments.SCRATCH, *(experiments.FIXED[n] for n in sorted(n_frozen))]
    results = experiments.run_arms(arms, target, bases, n_replicates // n_bases, n_epochs)
    return {label: curves.reshape(n_replicates, -1) for label, curves in results.items()}


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


def _check_transfer(n_frozen, n_train, n_replicates):
    """Raise one clear error for a comparison that cannot be run."""
    if not n_frozen or not set(n_frozen) <= {0, 1, 2}:
        raise ValueError(f"n_frozen={n_frozen}: choose one or more of 0, 1 and 2 frozen layers.")
    if n_train < 32:
        raise ValueError(f"n_train={n_train} target rows: an update takes 32, so choose 32 to 500.")
    if n_replicates < 2:
        raise ValueError(f"n_replicates={n_replicates}: one run shows no spread, choose 2 or more.")


@lru_cache(maxsize=32)
def _bases(source_seed, cluster_std, n_bases, n_epochs):
    """Base models of a source problem, trained once."""
    source = datasets.blobs(source_seed, cluster_std)
    return experiments.train_bases(source, n_bases, n_epochs).weights


def _explorer(controls, draw, status=None) -> widgets.Widget:
    """Put controls above a picture that `draw(**values) -> (figure, alt)` makes anew.

    What a ValueError says stands in `status`, if there is one, else in place of the picture.
    """
    picture = widgets.HTML()

    def redraw(_=None):
        try:
            figure, alt = draw(**{name: control.value for name, control in controls.items()})
        except ValueError as error:
            (picture if status is None else status).value = f"<p>{error}</p>"
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
