"""The live comparison of lesson 04: its picture and its controls."""

import html
import re

import numpy as np
import pytest
from matplotlib import pyplot as plt

from lib.course.explorers import transfer
from lib.experiments import live
from lib.figures import described

SMALL = {"n_replicates": 2, "n_epochs": 2}


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


@pytest.fixture
def explorer():
    """(controls by description, the status line, the picture) of a small explorer."""
    *controls, status, picture = transfer.transfer_explorer(**SMALL).children
    return {control.description: control for control in controls}, status, picture


def alt_of(picture):
    return html.unescape(re.search(r'<img alt="([^"]*)"', picture.value)[1])


def image_of(picture):
    return picture.value.split("base64,")[1]


def words(results, title):
    """What the figure of these results says of itself."""
    figure = transfer.transfer_figure(results, title)
    plt.close(figure)
    return described(figure)


def test_transfer_figure_shows_boxes_and_curves_of_its_results():
    results = {"from scratch": np.array([[0.2, 0.4], [0.2, 0.8]]), "fixed=1": np.full((2, 2), 0.5)}
    figure = transfer.transfer_figure(results, "a title")
    boxes, curves = figure.axes
    assert figure.get_suptitle() == "a title"
    assert [text.get_text() for text in boxes.get_xticklabels()] == list(results)
    np.testing.assert_allclose(curves.lines[0].get_ydata(), [0.2, 0.6])
    assert [line.get_label() for line in curves.lines] == list(results)


def test_transfer_figure_tells_title_and_means():
    results = {"from scratch": np.array([[0.2, 0.4], [0.2, 0.8]]), "fixed=1": np.full((2, 2), 0.5)}
    said = words(results, "a title")
    assert said.lower().startswith("a title. ")
    assert "mean 0.600" in said and "mean 0.500" in said


def test_transfer_title_tells_the_settings():
    title = transfer.transfer_title(5, 6, 2.5, 64, 7, new_base_each_run=True)
    assert title == ("Problem 5 → Problem 6, spread 2.5, 64 target rows, a new base for every run")
    assert transfer.transfer_title(base_seed=7).endswith(", base 7 for all runs")


def test_transfer_explorer_starts_with_its_controls_values(explorer):
    _, status, picture = explorer
    results = live.transfer_results(**SMALL)
    assert alt_of(picture) == words(results, transfer.transfer_title())
    assert re.fullmatch(r"<p>Trained 4 arms, 2 runs each, in \d+\.\d s\.</p>", status.value)


@pytest.mark.parametrize(
    ("name", "value", "settings"),
    [
        ("source seed", 5, {"source_seed": 5}),
        ("target seed", 5, {"target_seed": 5}),
        ("spread", 1.0, {"cluster_std": 1.0}),
        ("target samples", 64, {"n_train": 64}),
        ("base seed", 1, {"base_seed": 1}),
        ("a new base for every run", True, {"new_base_each_run": True}),
    ],
)
def test_transfer_explorer_move_retrains_and_redraws(explorer, name, value, settings):
    controls, _, picture = explorer
    before = image_of(picture)
    controls[name].value = value
    assert image_of(picture) != before
    results = live.transfer_results(**settings, **SMALL)
    assert alt_of(picture) == words(results, transfer.transfer_title(**settings))
    assert not plt.get_fignums()


def test_transfer_explorer_frozen_layers_choose_the_arms(explorer):
    controls, _, picture = explorer
    controls["frozen layers"].value = (2,)
    assert "fixed=2" in alt_of(picture) and "fixed=0" not in alt_of(picture)


def test_transfer_explorer_says_that_it_trains(explorer):
    controls, status, _ = explorer
    said = []
    status.observe(lambda change: said.append(change.new), names="value")
    controls["frozen layers"].value = (0, 1)
    assert said[0] == "<p>Training 3 arms, 2 runs each ...</p>"
    assert said[1].startswith("<p>Trained 3 arms, 2 runs each, in ")


def test_transfer_explorer_bad_setting_shows_the_error_and_keeps_the_picture(explorer):
    controls, status, picture = explorer
    before = picture.value
    controls["frozen layers"].value = ()
    assert status.value.startswith("<p>n_frozen=(): choose one or more of 0, 1 and 2")
    assert picture.value == before
    controls["frozen layers"].value = (1,)  # and it goes on from there
    assert status.value.startswith("<p>Trained 2 arms") and picture.value != before


def test_transfer_explorer_moves_wait_for_the_end_of_a_drag(explorer):
    controls, _, _ = explorer
    sliders = [control for control in controls.values() if hasattr(control, "continuous_update")]
    assert len(sliders) == 5 and not any(slider.continuous_update for slider in sliders)
