"""Sliders for start, slope and asymptote above the schematic.  Lesson 01."""

import ipywidgets as widgets

from ...curves import benefit_curves
from ...figures import plot_benefits
from .explorer import explorer


def benefits_explorer() -> widgets.Widget:
    """Sliders for start, slope and asymptote above the schematic."""
    controls = {
        "start": widgets.FloatSlider(0.2, min=-0.2, max=0.5, step=0.05, description="start +"),
        "slope": widgets.FloatSlider(2.0, min=0.25, max=5, step=0.25, description="rate ×"),
        "asymptote": widgets.FloatSlider(
            0.1, min=-0.3, max=0.2, step=0.05, description="asymptote +"
        ),
    }
    return explorer(controls, lambda **values: plot_benefits(benefit_curves(**values)).figure)
