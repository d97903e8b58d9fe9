"""Controls above a picture that a function draws anew: wiring, no science."""

import html

import ipywidgets as widgets
from matplotlib import pyplot as plt
from matplotlib.ticker import MaxNLocator

from ..show import figure_html


def explorer(controls, draw, status=None) -> widgets.Widget:
    """Put controls above a picture of the figure that `draw(**values)` returns, drawn anew.

    What a ValueError says stands in `status`, if there is one, else in place of the picture.

    Args:
        controls: by argument of `draw`, its widget.
        draw: returns a figure that describes itself.
        status: a widget between controls and picture, that `draw` may write to.
    """
    picture, places = widgets.HTML(), []

    def redraw(_=None):
        try:
            figure = draw(**{name: control.value for name, control in controls.items()})
        except ValueError as error:
            (picture if status is None else status).value = f"<p>{html.escape(str(error))}</p>"
            return
        _lay_out(figure, places)
        picture.value = figure_html(figure, quick=True)
        plt.close(figure)

    for control in controls.values():
        control.layout.width, control.style.description_width = "95%", "9em"
        if hasattr(control, "continuous_update"):
            control.continuous_update = False
        control.observe(redraw, names="value")
    redraw()
    return widgets.VBox([*controls.values(), *([] if status is None else [status]), picture])


def _lay_out(figure, places):
    """Give axes the places that they had in the first picture: it takes as long as drawing.

    Args:
        places: of the first picture's axes; filled in here for another number of axes.
    """
    for ax in figure.axes:
        for axis in (ax.xaxis, ax.yaxis):  # a tick's label takes as long as a curve
            if isinstance(axis.get_major_locator(), MaxNLocator):
                axis.get_major_locator().set_params(nbins=5)
    if len(places) != len(figure.axes):
        figure.draw_without_rendering()
        places[:] = [ax.get_position() for ax in figure.axes]
    figure.set_layout_engine(None)
    for ax, place in zip(figure.axes, places, strict=True):
        ax.set_position(place)
