"""The live comparison of lesson 04: its settings, its picture, its controls."""

import html
import re

import numpy as np
import pytest
from matplotlib import pyplot as plt

from lib import datasets, experiments, replicates, widgets
from lib.live import transfer_results

SMALL = {"n_replicates": 2, "n_epochs": 2}


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


@pytest.fixture
def explorer():
    """(controls by description, the status line, the picture) of a small explorer."""
    *controls, status, picture = widgets.transfer_explorer(**SMALL).children
    return {control.description: control for control in controls}, status, picture


def alt_of(picture):
    return html.unescape(re.search(r'<img alt="([^"]*)"', picture.value)[1])


def image_of(picture):
    return picture.value.split("base64,")[1]


# Results


def test_transfer_results_are_those_of_run_arms():
    bases = experiments.train_bases(datasets.blobs(3), 1, 2).weights
    target = datasets.blobs(4, n_train=64)
    expected = experiments.run_arms(experiments.PUBLISHED_ARMS, target, bases, 2, 2)
    found = transfer_results(3, 4, n_train=64, **SMALL)
    assert list(found) == list(expected)
    for label, curves in found.items():
        np.testing.assert_array_equal(curves, expected[label][0])


def test_transfer_results_new_base_each_run_gives_each_run_its_own_start():
    shared = transfer_results(**SMALL)["fixed=0"][:, 0]
    own = transfer_results(new_base_each_run=True, **SMALL)["fixed=0"]
    assert own.shape == (2, 3)
    assert shared[0] == shared[1] and own[0, 0] != own[1, 0]


def test_transfer_results_scratch_does_not_depend_on_the_source():
    one, other = (transfer_results(seed, **SMALL)["from scratch"] for seed in (1, 3))
    np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"n_frozen": ()}, "n_frozen=(): choose one or more of 0, 1 and 2 frozen layers."),
        ({"n_frozen": (0, 3)}, "n_frozen=(0, 3): choose one or more"),
        ({"n_frozen": (-1,)}, "n_frozen=(-1,): choose one or more"),
        ({"n_train": 16}, "n_train=16 target rows: an update takes 32, so choose 32 to 500."),
        ({"n_train": 501}, "n_train=501: choose a whole number from 1 to 500."),
        ({"cluster_std": 0}, "cluster_std=0: choose a number above 0"),
        ({"source_seed": -1}, "seed=-1: choose a whole number from 0 to"),
        ({"n_replicates": 1}, "n_replicates=1: one run shows no spread, choose 2 or more."),
    ],
)
def test_transfer_results_reject_bad_settings(wrong, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        transfer_results(**{**SMALL, **wrong})


# The picture


def test_transfer_figure_shows_boxes_and_curves_of_its_results():
    results = {"from scratch": np.array([[0.2, 0.4], [0.2, 0.8]]), "fixed=1": np.full((2, 2), 0.5)}
    figure = widgets.transfer_figure(results, "a title")
    boxes, curves = figure.axes
    assert figure.get_suptitle() == "a title"
    assert [text.get_text() for text in boxes.get_xticklabels()] == list(results)
    np.testing.assert_allclose(curves.lines[0].get_ydata(), [0.2, 0.6])
    assert [line.get_label() for line in curves.lines] == list(results)


def test_transfer_alt_tells_title_means_and_standard_deviations():
    results = {"from scratch": np.array([[0.2, 0.4], [0.2, 0.8]]), "fixed=1": np.full((2, 2), 0.5)}
    alt = widgets.transfer_alt(results, "a title")
    assert alt.startswith("Box plot and training curves: a title. ")
    assert "from scratch 0.600 (standard deviation 0.283), fixed=1 0.500 (standard" in alt


def test_transfer_title_tells_the_settings():
    title = widgets.transfer_title(5, 6, 2.5, 64, new_base_each_run=True)
    assert title == (
        "Problem 5 → Problem 6, spread 2.5, 64 target rows, a new base model for every run"
    )


# The controls


def test_transfer_explorer_starts_with_its_controls_values(explorer):
    _, status, picture = explorer
    results = transfer_results(**SMALL)
    assert alt_of(picture) == widgets.transfer_alt(results, widgets.transfer_title())
    assert re.fullmatch(r"<p>Trained 4 arms, 2 runs each, in \d+\.\d s\.</p>", status.value)


@pytest.mark.parametrize(
    ("name", "value", "settings"),
    [
        ("source seed", 5, {"source_seed": 5}),
        ("target seed", 5, {"target_seed": 5}),
        ("spread", 1.0, {"cluster_std": 1.0}),
        ("target samples", 64, {"n_train": 64}),
        ("a new base model for every run", True, {"new_base_each_run": True}),
    ],
)
def test_transfer_explorer_move_retrains_and_redraws(explorer, name, value, settings):
    controls, _, picture = explorer
    before = image_of(picture)
    controls[name].value = value
    assert image_of(picture) != before
    results = transfer_results(**settings, **SMALL)
    assert alt_of(picture) == widgets.transfer_alt(results, widgets.transfer_title(**settings))
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
    assert len(sliders) == 4 and not any(slider.continuous_update for slider in sliders)


def test_from_scratch_results_of_the_explorer_can_be_trained_alone():
    seeds = range(experiments.FIRST_TARGET_SEED, experiments.FIRST_TARGET_SEED + 2)
    start = replicates.initial_weights((2, 5, 5, 3), seeds)
    alone = replicates.train(datasets.blobs(2), start, seeds, 2).accuracy
    np.testing.assert_array_equal(transfer_results(**SMALL)["from scratch"], alone)
