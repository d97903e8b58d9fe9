"""Controls onto functions of the course: wiring, no science."""

import time
from functools import lru_cache

import ipywidgets as widgets
import numpy as np
from matplotlib import pyplot as plt

from . import datasets, experiments, plots, statistics
from .show import figure_html


def benefit_curves(start: float, slope: float, asymptote: float, n_epochs: int = 50):
    """A schematic training curve for each of two networks: from scratch, and with transfer.

    Both rise as `c - (c - a) * exp(-k t)`. From scratch: a = 0.2, k = 0.08 an epoch, c = 0.75.

    Args:
        start: what transfer adds to a, in accuracy.
        slope: what transfer multiplies k by.
        asymptote: what transfer adds to c, in accuracy.

    Returns:
        (epochs, from scratch, with transfer), each (201,).
    """
    epochs = np.linspace(0, n_epochs, 201)

    def curve(a, k, c):
        return c - (c - a) * np.exp(-k * epochs)

    return epochs, curve(0.2, 0.08, 0.75), curve(0.2 + start, 0.08 * slope, 0.75 + asymptote)


def benefits_figure(start: float = 0.2, slope: float = 2.0, asymptote: float = 0.1):
    """The schematic of the three benefits as a figure, for these settings."""
    figure, ax = plt.subplots(figsize=(7, 4), layout="constrained")
    plots.plot_benefits(*benefit_curves(start, slope, asymptote), ax=ax)
    ax.set_title(f"start {start:+.2f}, slope x {slope:.1f}, asymptote {asymptote:+.2f}")
    return figure


def benefits_explorer() -> widgets.Widget:
    """Sliders for start, slope and asymptote above the schematic."""
    controls = {
        "start": widgets.FloatSlider(0.2, min=-0.2, max=0.5, step=0.05, description="start"),
        "slope": widgets.FloatSlider(2.0, min=0.25, max=5, step=0.25, description="slope factor"),
        "asymptote": widgets.FloatSlider(
            0.1, min=-0.3, max=0.2, step=0.05, description="asymptote"
        ),
    }
    return _explorer(controls, lambda **values: (benefits_figure(**values), "Schematic curves."))


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
    """
    target = datasets.blobs(target_seed, cluster_std, n_train=n_train)
    n_bases = n_replicates if new_base_each_run else 1
    bases = _bases(source_seed, cluster_std, n_bases, n_epochs)
    arms = [experiments.SCRATCH, *(experiments.FIXED[n] for n in sorted(n_frozen))]
    results = experiments.run_arms(arms, target, bases, n_replicates // n_bases, n_epochs)
    return {label: curves.reshape(n_replicates, -1) for label, curves in results.items()}


def transfer_figure(results):
    """Box plot and training curves of `transfer_results`, side by side."""
    figure, axes = plt.subplots(1, 2, figsize=(10.5, 4.2), layout="constrained")
    plots.plot_boxes({label: curves[:, -1] for label, curves in results.items()}, axes[0])
    summaries = {label: statistics.summarise_curves(curves) for label, curves in results.items()}
    plots.plot_curves(summaries, axes[1])
    for ax in axes:
        ax.title.set_fontsize("small")
    return figure


def transfer_alt(results) -> str:
    """Alt text for `transfer_figure`, computed from the results."""
    parts = (
        f"{label} {curves[:, -1].mean():.3f} (standard deviation {curves[:, -1].std(ddof=1):.3f})"
        for label, curves in results.items()
    )
    return "Box plot and training curves. Mean final test accuracy: " + ", ".join(parts) + "."


def transfer_explorer(n_replicates: int = 30, n_epochs: int = 100) -> widgets.Widget:
    """Controls for the two problems and the frozen layers: a move retrains every arm."""
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

    def draw(**values):
        begin = time.perf_counter()
        results = transfer_results(**values, n_replicates=n_replicates, n_epochs=n_epochs)
        figure = transfer_figure(results)
        seconds = time.perf_counter() - begin
        figure.suptitle(f"{len(results)} arms, {n_replicates} runs each: {seconds:.1f} s")
        return figure, transfer_alt(results)

    return _explorer(controls, draw)


@lru_cache(maxsize=32)
def _bases(source_seed, cluster_std, n_bases, n_epochs):
    """Base models of a source problem, trained once."""
    source = datasets.blobs(source_seed, cluster_std)
    return experiments.train_bases(source, n_bases, n_epochs).weights


def _explorer(controls, draw) -> widgets.Widget:
    """Put controls above a picture that `draw(**values) -> (figure, alt)` makes anew."""
    picture = widgets.HTML()

    def redraw(_=None):
        try:
            figure, alt = draw(**{name: control.value for name, control in controls.items()})
        except ValueError as error:
            picture.value = f"<p>{error}</p>"
            return
        picture.value = figure_html(figure, alt)
        plt.close(figure)

    for control in controls.values():
        control.layout.width, control.style.description_width = "95%", "9em"
        if hasattr(control, "continuous_update"):
            control.continuous_update = False
        control.observe(redraw, names="value")
    redraw()
    return widgets.VBox([*controls.values(), picture])
