"""Controls that retrain the published comparison.  Lesson 04."""

import time

import ipywidgets as widgets

from ...experiments import transfer_results
from ...figures import panels, plot_boxes, plot_curves
from ...statistics import summarise_curves
from .explorer import explorer


def transfer_title(
    source_seed: int = 1,
    target_seed: int = 2,
    cluster_std: float = 2.0,
    n_train: int = 500,
    base_seed: int = 0,
    new_base_each_run: bool = False,
) -> str:
    """What `transfer_results` shows for these settings, in a line.

    >>> transfer_title(n_train=64)
    'Problem 1 → Problem 2, spread 2, 64 target rows, base 0 for all runs'
    """
    bases = "a new base for every run" if new_base_each_run else f"base {base_seed} for all runs"
    return (
        f"Problem {source_seed} → Problem {target_seed}, spread {cluster_std:g}, "
        f"{n_train} target rows, {bases}"
    )


def transfer_figure(results, title: str = ""):
    """Box plot and training curves of `transfer_results`, side by side."""
    boxes, curves = panels(2, title=title)
    plot_boxes({label: accuracy[:, -1] for label, accuracy in results.items()}, ax=boxes)
    plot_curves(
        {label: summarise_curves(accuracy) for label, accuracy in results.items()}, ax=curves
    )
    return boxes.figure


def transfer_explorer(n_replicates: int = 30, n_epochs: int = 100) -> widgets.Widget:
    """Controls for the two problems, the base and the frozen layers: a move retrains every arm.

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
        "base_seed": widgets.IntSlider(0, min=0, max=50, description="base seed"),
        "n_frozen": widgets.SelectMultiple(
            options=[0, 1, 2], value=(0, 1, 2), rows=3, description="frozen layers"
        ),
        "new_base_each_run": widgets.Checkbox(False, description="a new base for every run"),
    }

    status = widgets.HTML()

    def draw(**values):
        n_runs = f"{1 + len(values['n_frozen'])} arms, {n_replicates} runs each"
        status.value = f"<p>Training {n_runs} ...</p>"
        begin = time.perf_counter()
        results = transfer_results(**values, n_replicates=n_replicates, n_epochs=n_epochs)
        status.value = f"<p>Trained {n_runs}, in {time.perf_counter() - begin:.1f} s.</p>"
        settings = {name: value for name, value in values.items() if name != "n_frozen"}
        return transfer_figure(results, transfer_title(**settings))

    return explorer(controls, draw, status)
