"""Figures: `plot_*(data, *, ax=None) -> ax`.  Each describes itself in words; none computes."""

from typing import TYPE_CHECKING

from ..lazy import on_first_use

if TYPE_CHECKING:
    from .axes import panels, side_by_side
    from .coverage import plot_coverage, plot_not_identified
    from .fits import plot_cuts, plot_fits
    from .intervals import MINUS_SCRATCH, plot_against, plot_answers, plot_intervals
    from .looks import ACCURACY, BLACK, BLUE, COUNTED, GREEN, GREY, ORANGE, RED, style
    from .maps import plot_confusion, plot_map
    from .marks import mark_line, mark_points, zero_line
    from .projection import plot_words
    from .runs import plot_curves, plot_epochs, plot_history, plot_progress, plot_runs
    from .schematic import plot_benefits, plot_design
    from .scores import (
        plot_boxes,
        plot_histogram,
        plot_nested,
        plot_scatter,
        plot_seconds,
        plot_spreads,
    )
    from .tasks import plot_photos, plot_points, plot_regions, plot_unit_lines
    from .words import describe, described

__all__ = [
    "plot_words",
    "panels",
    "side_by_side",
    "plot_points",
    "plot_regions",
    "plot_unit_lines",
    "plot_photos",
    "plot_history",
    "plot_curves",
    "plot_runs",
    "plot_epochs",
    "plot_progress",
    "plot_boxes",
    "plot_nested",
    "plot_spreads",
    "plot_histogram",
    "plot_scatter",
    "plot_seconds",
    "plot_intervals",
    "plot_answers",
    "plot_against",
    "plot_fits",
    "plot_cuts",
    "plot_map",
    "plot_confusion",
    "plot_coverage",
    "plot_not_identified",
    "plot_benefits",
    "plot_design",
    "mark_line",
    "mark_points",
    "zero_line",
    "describe",
    "described",
    "style",
    "BLACK",
    "BLUE",
    "GREEN",
    "GREY",
    "ORANGE",
    "RED",
    "ACCURACY",
    "MINUS_SCRATCH",
    "COUNTED",
]

__getattr__, __dir__ = on_first_use(__name__)
