"""Figures by their artists: what stands in them, not how their pixels look."""

import re

import numpy as np
import pytest
from matplotlib import colors
from matplotlib import pyplot as plt

from lib import plots, statistics

SCORES = {"from scratch": [0.2, 0.4, 0.5, 0.6, 0.9], "fixed=1": np.array([[0.7], [0.8], [0.9]])}
CURVES = {
    "from scratch": np.array([[0.2, 0.4, 0.6], [0.4, 0.6, 0.6]]),
    "fixed=2": np.array([[0.5, 0.6, 0.7], [0.3, 0.8, 0.9]]),
}


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


@pytest.fixture
def summaries():
    return {label: statistics.summarise_curves(curves) for label, curves in CURVES.items()}


# plot_boxes


def test_plot_boxes_shows_median_and_middle_half_in_the_arms_colour():
    ax = plots.plot_boxes(SCORES)
    quartiles = {"from scratch": (0.4, 0.5, 0.6), "fixed=1": (0.75, 0.8, 0.85)}
    medians = [line for line in ax.lines if line.get_linewidth() == 2.5]
    assert len(ax.patches) == len(medians) == 2
    for (label, (low, middle, high)), box, median in zip(
        quartiles.items(), ax.patches, medians, strict=True
    ):
        heights = box.get_path().vertices[:, 1]
        assert (heights.min(), heights.max()) == pytest.approx((low, high))
        np.testing.assert_allclose(median.get_ydata(), middle)
        assert median.get_color() == plots.style(label).color
        assert colors.same_color(box.get_facecolor(), (plots.style(label).color, 0.25))


def test_plot_boxes_shows_every_run_at_its_height_and_in_its_column():
    ax = plots.plot_boxes(SCORES)
    for place, (points, values) in enumerate(zip(ax.collections, SCORES.values(), strict=True)):
        x, y = points.get_offsets().T
        np.testing.assert_allclose(y, np.ravel(values))
        assert (abs(x - place) <= 0.2).all() and len(set(x)) == len(x)


def test_plot_boxes_labels_arms_quantity_and_n():
    ax = plots.plot_boxes({"fixed=1, rest new": [0.1, 0.2], "fixed=2": [0.1, 0.3]}, quantity="loss")
    assert [text.get_text() for text in ax.get_xticklabels()] == ["fixed=1,\nrest new", "fixed=2"]
    assert ax.get_ylabel() == "loss"
    assert ax.get_title().endswith("n = 2 an arm")
    assert plots.plot_boxes(SCORES).get_title().endswith("n = 3 to 5 an arm")


def test_plot_boxes_draws_the_same_twice_and_into_given_axes():
    _, axes = plt.subplots(1, 2)
    drawn = [plots.plot_boxes(SCORES, ax) for ax in axes]
    assert drawn == list(axes)
    one, other = (ax.collections[0].get_offsets() for ax in axes)
    np.testing.assert_array_equal(one, other)


def test_plot_boxes_without_an_arm_is_an_error():
    with pytest.raises(ValueError, match=re.escape("scores is empty: give one arm or more.")):
        plots.plot_boxes({})


# plot_curves


def test_plot_curves_draws_each_mean_in_the_look_of_its_arm(summaries):
    ax = plots.plot_curves(summaries)
    for line, (label, curves) in zip(ax.lines, CURVES.items(), strict=True):
        assert line.get_label() == label
        np.testing.assert_array_equal(line.get_xdata(), [0, 1, 2])
        np.testing.assert_allclose(line.get_ydata(), curves.mean(axis=0))
        look = plots.style(label)
        assert (line.get_color(), line.get_linestyle()) == (look.color, look.linestyle)


def test_plot_curves_band_goes_from_low_to_high(summaries):
    ax = plots.plot_curves(summaries)
    for band, summary in zip(ax.collections, summaries.values(), strict=True):
        corners = band.get_paths()[0].vertices
        for epoch in range(3):
            heights = corners[corners[:, 0] == epoch, 1]
            limits = summary.low[epoch], summary.high[epoch]
            assert (heights.min(), heights.max()) == pytest.approx(limits)


def test_plot_curves_puts_single_runs_faintly_behind(summaries):
    ax = plots.plot_curves(summaries, runs=CURVES)
    faint = [line for line in ax.lines if line.get_alpha() == 0.12]
    for label, curves in CURVES.items():
        of_arm = [line for line in faint if line.get_color() == plots.style(label).color]
        np.testing.assert_array_equal([line.get_ydata() for line in of_arm], curves)


def test_plot_curves_says_what_axes_band_and_n_are(summaries):
    ax = plots.plot_curves(summaries, unit="bases")
    assert ax.get_xlabel() == "epoch (0: before training)"
    assert ax.get_ylabel() == "test accuracy (fraction correct)"
    assert ax.get_title() == "Mean and its 95 % interval; n = 2 bases"
    assert [text.get_text() for text in ax.get_legend().get_texts()] == list(CURVES)
