"""Controls above a picture: errors are said, and the picture holds still."""

import html

import ipywidgets
import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from lib.course.explorers.explorer import explorer
from lib.figures import describe, panels


@pytest.fixture
def drawn(monkeypatch):
    """The figures that were made pictures of, as they were then."""
    found, save = [], Figure.savefig

    def keep(figure, *arguments, **options):
        found.append(figure)
        save(figure, *arguments, **options)

    monkeypatch.setattr(Figure, "savefig", keep)
    return found


def draw(n, n_panels=2):
    """A figure whose scale, number of ticks and words depend on n."""
    axes = panels(n_panels, title=f"up to {n}")
    for ax in axes:
        ax.plot([0, n], [0, 10**n])
        describe(ax, f"A line to {n}")
    return axes[0].figure


def slider():
    return ipywidgets.IntSlider(1, min=0, max=9)


@pytest.mark.parametrize("status", [None, ipywidgets.HTML()])
def test_explorer_shows_an_error_as_text_and_not_as_markup(status):
    def refuse():
        raise ValueError("x=<img src=y>: choose 1 & 2.")

    *_, picture = explorer({}, refuse, status).children
    said, silent = (picture, None) if status is None else (status, picture)
    assert said.value == "<p>x=&lt;img src=y&gt;: choose 1 &amp; 2.</p>"
    assert silent is None or silent.value == ""


def test_explorer_picture_says_what_its_figure_says():
    control, picture = explorer({"n": slider()}, draw).children
    control.value = 3
    assert "Panel 2 of 2: A line to 3." in html.unescape(picture.value)
    assert not plt.get_fignums()


def test_explorer_axes_keep_the_places_of_the_first_picture(drawn):
    control, _ = explorer({"n": slider()}, draw).children
    control.value = 9
    first, second = ([ax.get_position().bounds for ax in figure.axes] for figure in drawn)
    assert first == second
    laid_out = draw(1)
    laid_out.draw_without_rendering()
    np.testing.assert_allclose(first, [ax.get_position().bounds for ax in laid_out.axes], atol=0.02)
    plt.close(laid_out)


def test_explorer_lays_out_anew_for_another_number_of_axes(drawn):
    control, _ = explorer({"n_panels": slider()}, lambda n_panels: draw(1, n_panels)).children
    control.value = 2
    assert [len(figure.axes) for figure in drawn] == [1, 2]
    left, right = (ax.get_position() for ax in drawn[1].axes)
    assert left.x1 < right.x0


def test_explorer_draws_once_and_with_few_ticks(drawn, monkeypatch):
    control, _ = explorer({"n": slider()}, draw).children
    n_drawn, whole = [], Figure.draw
    monkeypatch.setattr(Figure, "draw", lambda *given: n_drawn.append(1) or whole(*given))
    control.value = 7
    assert len(n_drawn) == 1, "neither for a layout nor for the margins"
    for ax in drawn[-1].axes:
        low, high = ax.get_ylim()
        assert sum(low <= tick <= high for tick in ax.get_yticks()) <= 6
