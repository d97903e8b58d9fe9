"""The sliders above the schematic of the three benefits."""

import html
import itertools
import re

import pytest
from matplotlib import pyplot as plt

from lib.course.explorers import benefits_explorer
from lib.curves import benefit_curves
from lib.figures import described, plot_benefits


def parts(explorer):
    """(sliders by the first word of their description, the picture)."""
    *sliders, picture = explorer.children
    return {slider.description.split()[0]: slider for slider in sliders}, picture


def alt_of(picture):
    return html.unescape(re.search(r'<img alt="([^"]*)"', picture.value)[1])


def words(*settings):
    """What the schematic of these settings says of itself."""
    figure = plot_benefits(benefit_curves(*settings)).figure
    plt.close(figure)
    return described(figure)


def test_benefits_explorer_starts_with_its_sliders_values():
    sliders, picture = parts(benefits_explorer())
    values = [sliders[name].value for name in ("start", "rate", "asymptote")]
    assert alt_of(picture) == words(*values)
    assert "data:image/png;base64," in picture.value


@pytest.mark.parametrize(
    ("name", "value", "settings"),
    [("start", -0.2, (-0.2, 2, 0.1)), ("rate", 5, (0.2, 5, 0.1)), ("asymptote", 0, (0.2, 2, 0))],
)
def test_benefits_explorer_slider_changes_picture_and_alt(name, value, settings):
    sliders, picture = parts(benefits_explorer())
    before = picture.value.split("base64,")[1]
    sliders[name].value = value
    assert picture.value.split("base64,")[1] != before
    assert alt_of(picture) == words(*settings)


def test_benefits_explorer_ends_of_sliders_are_legal():
    sliders, picture = parts(benefits_explorer())
    for ends in itertools.product(*((slider.min, slider.max) for slider in sliders.values())):
        for slider, value in zip(sliders.values(), ends, strict=True):
            slider.value = value
        assert "<img" in picture.value, ends
    assert not plt.get_fignums()


def test_benefits_explorer_shows_an_error_in_place_of_the_picture():
    sliders, picture = parts(benefits_explorer())
    sliders["start"].max = 1
    sliders["start"].value = 0.9
    assert picture.value.startswith("<p>start=0.9: from scratch starts at 0.2")
