"""Figures of sweeps by their artists, and the explorer of relatedness."""

import html
import re

import numpy as np
import pytest
from matplotlib import pyplot as plt

from lib import looks, sweep_plots, sweeps, widgets
from lib.statistics import Interval

A, B = Interval(0.1, 0.05, 0.2), Interval(-0.1, -0.3, 0.1)


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def ends(container):
    """(low, high) of each bar of an errorbar."""
    (bars,) = container.lines[2]
    return [tuple(segment[:, 1]) for segment in bars.get_segments() if len(segment)]


# Against what was swept


def test_plot_against_draws_estimates_and_intervals_in_order():
    ax = sweep_plots.plot_against({"fixed=0": {500: B, 32: A}}, "gain", x_label="rows", log=True)
    (container,) = ax.containers
    assert container.lines[0].get_ydata().tolist() == [0.1, -0.1]
    np.testing.assert_allclose(container.lines[0].get_xdata(), [32, 500])
    np.testing.assert_allclose(ends(container), [(0.05, 0.2), (-0.3, 0.1)])
    assert container.lines[0].get_color() == looks.style("fixed=0").color
    assert container.lines[0].get_marker() == looks.style("fixed=0").marker
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_xscale()) == ("rows", "gain", "log")
    assert [t.get_text() for t in ax.get_xticklabels()] == ["32", "500"]


def test_plot_against_without_bounds_draws_no_bar():
    open_ended = Interval(0.1, -np.inf, np.inf)
    ax = sweep_plots.plot_against({"fixed=0": {0: open_ended, 1: A}}, "gain")
    (container,) = ax.containers
    assert ends(container) == [pytest.approx((0.05, 0.2))]
    assert container.lines[0].get_ydata().tolist() == [0.1, 0.1]


def test_plot_against_sets_arms_apart_but_near_their_place():
    found = {"fixed=0": {0: A, 1: B}, "fixed=1": {0: A, 1: B}}
    ax = sweep_plots.plot_against(found, "gain")
    one, other = (container.lines[0].get_xdata() for container in ax.containers)
    assert (one < other).all()
    np.testing.assert_allclose((one + other) / 2, [0, 1], atol=1e-12)
    assert np.abs(other - one).max() < 0.05


def test_plot_against_draws_single_units():
    units = {"fixed=0": {0: [0.1, 0.3], 1: []}}
    ax = sweep_plots.plot_against({"fixed=0": {0: A, 1: B}}, "gain", units=units)
    dots = [line for line in ax.lines if line.get_marker() == "."]
    assert [dot.get_ydata().tolist() for dot in dots] == [[0.1, 0.3], []]


def test_what_is_no_arm_gets_a_colour_by_its_place():
    ax = sweep_plots.plot_against({"25 of a class": {1: A}, "50 of a class": {1: A}}, "gain")
    colors = [container.lines[0].get_color() for container in ax.containers]
    assert colors == list(looks.CLASS_COLORS[3:5])


def test_zero_line_is_at_zero():
    ax = sweep_plots.zero_line(plt.subplots()[1])
    assert list(ax.lines[0].get_ydata()) == [0, 0]


# The map


def test_plot_map_says_value_and_verdict_at_its_place():
    found = {(0.0, 8): A, (0.0, 32): B, (1.0, 8): Interval(-0.2, -0.3, -0.1), (1.0, 32): A}
    ax = sweep_plots.plot_map(found, (0.0, 1.0), (8, 32))
    texts = {text.get_position(): text.get_text() for text in ax.texts}
    assert texts[0, 0] == "+0.100\nhelps" and texts[1, 0] == "-0.100\n?"
    assert texts[0, 1] == "-0.200\nhurts"
    (image,) = ax.images
    assert image.get_array().tolist() == [[0.1, -0.1], [-0.2, 0.1]]
    assert image.get_clim() == (-0.2, 0.2) and image.origin == "lower"
    assert [t.get_text() for t in ax.get_xticklabels()] == ["8", "32"]
    assert [t.get_text() for t in ax.get_yticklabels()] == ["0", "1"]


def test_plot_map_takes_the_scale_of_another_map():
    ax = sweep_plots.plot_map({(0.0, 8): A}, (0.0,), (8,), largest=0.5)
    assert ax.images[0].get_clim() == (-0.5, 0.5)


# Progress


def test_plot_progress_leaves_out_what_a_log_axis_cannot_show():
    curves = {"from scratch": ([0, 1, 10], [0.2, 0.5, 0.6], [0, 0.4, 0.5], [1, 0.6, 0.7])}
    ax = sweep_plots.plot_progress(curves, "seconds")
    assert ax.lines[0].get_xydata().tolist() == [[1, 0.5], [10, 0.6]]
    (band,) = ax.collections
    assert band.get_paths()[0].vertices[:, 1].min() == 0.4
    assert ax.get_xlabel() == "seconds" and ax.get_ylabel() == sweep_plots.ACCURACY


def test_plot_progress_shows_a_moved_line_in_the_look_of_its_arm_with_hollow_markers():
    label = "fine-tuned" + sweep_plots.COUNTED
    ax = sweep_plots.plot_progress({"fine-tuned": ([1, 2], [0, 1]), label: ([3, 4], [0, 1])}, "s")
    arm, moved = ax.lines
    look = looks.style("fine-tuned")
    assert arm.get_color() == moved.get_color() == arm.get_markerfacecolor() == look.color
    assert arm.get_marker() == moved.get_marker() == look.marker
    assert moved.get_markerfacecolor() == "none"
    assert moved.get_linewidth() < arm.get_linewidth()


def test_plot_progress_on_a_linear_axis_keeps_zero():
    ax = sweep_plots.plot_progress({"fixed=0": ([0, 1], [0.2, 0.5])}, "seconds", log=False)
    assert ax.lines[0].get_xdata().tolist() == [0, 1] and ax.get_xscale() == "linear"


# The explorer


@pytest.fixture
def results():
    """From scratch stays at 0.5, fixed=0 ends higher in each of three pairs."""
    scratch = np.full((3, 2), 0.5)
    return {"from scratch": scratch, "fixed=0": np.add(scratch, [[0, 0.1], [0, 0.11], [0, 0.12]])}


def test_relatedness_words_judge_the_last_round(results):
    found = widgets.relatedness_words(results, "fixed=0")
    assert found.startswith("fixed=0 minus from scratch after 1 rounds: +0.110 [+0.085, +0.135]")
    assert found.endswith("3 pairs: transfer helps.")
    results["fixed=0"] = 1 - results["fixed=0"]
    assert widgets.relatedness_words(results, "fixed=0").endswith("transfer hurts.")


def test_relatedness_figure_draws_both_arms_and_their_difference(results):
    left, right = widgets.relatedness_figure(results, "fixed=0", "a title").axes
    labels = [text.get_text() for text in left.get_legend().get_texts()]
    assert labels == ["from scratch", "fixed=0"]
    drawn = {line.get_label(): line.get_ydata() for line in right.lines}
    np.testing.assert_allclose(drawn["fixed=0"], [0, 0.11])
    assert right.get_ylabel() == sweep_plots.MINUS_SCRATCH


def test_relatedness_explorer_draws_what_its_controls_say():
    *controls, status, picture = widgets.relatedness_explorer(2, 2, seed=3).children
    named = {control.description: control for control in controls}
    assert list(named) == ["relatedness", "target rows", "frozen layers"]
    named["frozen layers"].value = 2
    named["relatedness"].value = -0.3
    named["target rows"].value = 8
    words = widgets.relatedness_words(sweeps.explore(-0.3, 8, 2, 2, 3), "fixed=2")
    assert words in html.unescape(status.value)
    alt = html.unescape(re.search(r'<img alt="([^"]*)"', picture.value)[1])
    assert alt == f"Two figures: relatedness -0.3, 8 target rows, fixed=2. {words}"
