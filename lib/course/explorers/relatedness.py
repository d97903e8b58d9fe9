"""Controls for relatedness and target rows.  Lesson 11."""

import html
import time

import ipywidgets as widgets

from ...experiments import SCRATCH, explore
from ...figures import MINUS_SCRATCH, panels, plot_curves
from ...statistics import mean_difference, summarise_curves
from .explorer import explorer

ROUNDS = "round of 16 updates (0: before training)"


def relatedness_figure(results, arm: str, title: str = ""):
    """Training curves of an arm and of from scratch, and their difference.

    Args:
        results: as `experiments.explore` returns them.
        arm: its label.
    """

    def plot(runs, **options):
        summaries = {label: summarise_curves(curves) for label, curves in runs.items()}
        plot_curves(summaries, runs=runs, unit="task pairs", over=ROUNDS, **options)

    left, right = panels(2, title=title)
    plot({label: results[label] for label in (SCRATCH.label, arm)}, ax=left)
    difference = {arm: results[arm] - results[SCRATCH.label]}
    plot(difference, quantity=MINUS_SCRATCH, zero=True, ax=right)
    return left.figure


def relatedness_words(results, arm: str) -> str:
    """The difference at the last round in words, with its interval and verdict."""
    found = mean_difference(results[arm][:, -1] - results[SCRATCH.label][:, -1])
    said = {"holds": "helps", "does not hold": "hurts", "undecided": "is undecided"}
    n_pairs, n_points = results[arm].shape
    return (
        f"{arm} minus from scratch after {n_points - 1} rounds: {found}, {n_pairs} task pairs: "
        f"transfer {said[found.verdict()]}."
    )


def relatedness_explorer(n_pairs: int = 8, n_rounds: int = 50, seed: int = 0) -> widgets.Widget:
    """Controls for relatedness, target rows and frozen layers: a move retrains all task pairs.

    Args:
        n_pairs, n_rounds, seed: as in `experiments.explore`.
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
        status.value = f"<p>Training on {n_pairs} task pairs ...</p>"
        begin, arm = time.perf_counter(), f"fixed={n_frozen}"
        results = explore(round(relatedness, 3), n_rows, n_pairs, n_rounds, seed)
        words = relatedness_words(results, arm)
        took = time.perf_counter() - begin
        status.value = f"<p>{html.escape(words)} ({took:.1f} s)</p>"
        title = f"relatedness {relatedness:.1f}, {n_rows} target rows, {arm}"
        return relatedness_figure(results, arm, title)

    return explorer(controls, draw, status)
