"""Figures by their artists: what stands in them, not how their pixels look."""

import re

import numpy as np
import pytest
from matplotlib import colors
from matplotlib import pyplot as plt
from matplotlib.markers import MarkerStyle

from lib import datasets, models, plots, statistics, training

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


# plot_points, plot_regions, plot_history


@pytest.fixture
def task():
    x = np.array([[0, 1], [2, 3], [4, 5], [6, 7]], "float32")
    y = np.array([1, 0, 1, 0])
    return datasets.Task("Two kinds", x, y, x[:3] + 10, y[:3], ("red", "green"), "made up")


def legend_of(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_plot_points_puts_each_row_in_the_look_of_its_class(task):
    ax = plots.plot_points(task)
    rows = [points.get_offsets().tolist() for points in ax.collections]
    assert rows == [[[2, 3], [6, 7]], [[0, 1], [4, 5]]]
    assert legend_of(ax) == [points.get_label() for points in ax.collections] == ["red", "green"]
    for points, color, marker in zip(ax.collections, plots.CLASS_COLORS, "o^", strict=False):
        assert colors.same_color(points.get_facecolor()[0], (color, 0.7))
        shape = MarkerStyle(marker)
        drawn = shape.get_path().transformed(shape.get_transform())
        np.testing.assert_array_equal(points.get_paths()[0].vertices, drawn.vertices)


def test_plot_points_of_the_test_rows_says_so(task):
    _, given = plt.subplots()
    ax = plots.plot_points(task, "test", given)
    assert ax is given and sum(len(points.get_offsets()) for points in ax.collections) == 3
    assert ax.get_title() == "Two kinds: 3 test points"
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("feature 1", "feature 2")


def test_plot_points_repeats_looks_after_eight_classes():
    x, y = np.arange(18, dtype="float32").reshape(9, 2), np.arange(9)
    ax = plots.plot_points(datasets.Task("Nine", x, y, x, y, tuple("abcdefghi"), "made up"))
    first, *_, last = ax.collections
    np.testing.assert_array_equal(first.get_facecolor(), last.get_facecolor())
    assert len({tuple(points.get_facecolor()[0]) for points in ax.collections}) == 8


def test_plot_regions_shades_each_place_in_the_colour_of_its_class():
    x, y, classes = np.array([0, 1, 2]), np.array([5, 7]), np.array([[0, 0, 2], [1, 1, 2]])
    ax = plots.plot_regions(models.ClassMap(x, y, classes))
    (mesh,) = ax.collections
    np.testing.assert_array_equal(mesh.get_array(), classes)
    centres = mesh.get_coordinates()[:-1, :-1] + [0.5, 1]  # of the cells, half a step further
    np.testing.assert_allclose(centres, np.stack(np.meshgrid(x, y), axis=-1))
    for c in range(3):
        shade = mesh.to_rgba(np.array([c]))[0]
        assert colors.same_color(shade[:3], plots.CLASS_COLORS[c])
    assert mesh.get_alpha() == 0.25
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("feature 1", "feature 2")


def test_plot_regions_of_one_class_keeps_its_colour():
    one_class = models.ClassMap(np.arange(2), np.arange(2), np.zeros((2, 2), int))
    (mesh,) = plots.plot_regions(one_class).collections
    assert colors.same_color(mesh.to_rgba(np.array([0]))[0, :3], plots.CLASS_COLORS[0])


@pytest.mark.parametrize(
    ("quantity", "unit"),
    [("accuracy", "accuracy (fraction correct)"), ("loss", "cross-entropy (nats)")],
)
def test_plot_history_draws_training_and_test_from_epoch_1(quantity, unit):
    history = training.History(
        train_loss=np.array([0.9, 0.7, 0.6]),
        train_accuracy=np.array([0.1, 0.2, 0.3]),
        test_loss=np.array([1.0, 0.8, 0.7]),
        test_accuracy=np.array([0.4, 0.5, 0.6]),
        seconds=1.0,
    )
    ax = plots.plot_history(history, quantity)
    for part, line, dash in zip(("train", "test"), ax.lines, ("-", "--"), strict=True):
        np.testing.assert_array_equal(line.get_xdata(), [1, 2, 3])
        np.testing.assert_array_equal(line.get_ydata(), getattr(history, f"{part}_{quantity}"))
        assert (line.get_label(), line.get_linestyle()) == (part, dash)
    assert ax.lines[0].get_color() != ax.lines[1].get_color()
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("epoch", unit)
    assert legend_of(ax) == ["train", "test"] and ax.get_title() == quantity.capitalize()


# plot_intervals

INTERVALS = {
    "fixed=1": statistics.Interval(0.1, 0.05, 0.2, 0.9),
    "fixed=2": statistics.Interval(-0.2, -0.3, -0.1, 0.9),
}


def test_plot_intervals_draws_a_row_an_interval_from_low_to_high():
    ax = plots.plot_intervals(INTERVALS)
    *marks, zero = ax.lines
    for row, (label, interval) in enumerate(INTERVALS.items()):
        bar, dot = marks[2 * row : 2 * row + 2]
        np.testing.assert_array_equal(bar.get_xdata(), [interval.low, interval.high])
        assert np.ravel(dot.get_xdata()) == [interval.estimate]
        assert set(bar.get_ydata()) == set(np.ravel(dot.get_ydata())) == {row}
        look = plots.style(label)
        assert (bar.get_color(), dot.get_color(), dot.get_marker()) == (look[0], look[0], look[1])
    assert set(zero.get_xdata()) == {0}


def test_plot_intervals_names_rows_from_the_top_quantity_and_level():
    ax = plots.plot_intervals(INTERVALS, quantity="loss (nats)")
    assert [text.get_text() for text in ax.get_yticklabels()] == list(INTERVALS)
    assert ax.get_yticks().tolist() == [0, 1] and ax.yaxis_inverted()
    assert ax.get_xlabel() == "loss (nats)"
    assert ax.get_title() == "Estimate and 90 % interval"
    assert plots.plot_intervals(INTERVALS).get_xlabel() == "test accuracy minus from scratch"


def test_plot_intervals_counts_stand_in_the_title():
    ax = plots.plot_intervals(INTERVALS, counts="100 bases")
    assert ax.get_title() == "Estimate and 90 % interval; n = 100 bases"


def test_plot_intervals_points_stand_just_below_their_interval():
    points = {"fixed=1": np.array([[0.0, 0.3]]), "fixed=2": [-0.4, -0.2, 0.0]}
    ax = plots.plot_intervals(INTERVALS, points=points)
    faint = [line for line in ax.lines if line.get_marker() == "."]
    for row, (line, (label, values)) in enumerate(zip(faint, points.items(), strict=True)):
        np.testing.assert_array_equal(line.get_xdata(), np.ravel(values))
        assert set(line.get_ydata()) == {row + 0.25} and line.get_linestyle() == "None"
        assert (line.get_color(), line.get_alpha()) == (plots.style(label).color, 0.5)
    low, high = sorted(ax.get_ylim())
    assert all(low < line.get_ydata()[0] < high for line in faint)


def test_plot_intervals_draws_into_given_axes():
    _, ax = plt.subplots()
    assert plots.plot_intervals(INTERVALS, ax) is ax and len(ax.lines) == 5


@pytest.mark.parametrize("ax", [None, "given"])
def test_plot_intervals_without_an_interval_is_one_error(ax):
    ax = plt.subplots()[1] if ax else None
    with pytest.raises(ValueError, match="intervals is empty: give one interval or more."):
        plots.plot_intervals({}, ax)


# plot_nested, plot_spreads


def test_plot_nested_sorts_bases_by_their_mean():
    scores = [[0.8, 0.9, 1.0], [0.1, 0.3, 0.5], [0.5, 0.6, 0.7]]
    ax = plots.plot_nested(scores, "fixed=1")
    (refits,), (means,) = ax.collections, ax.lines
    expected = [[0, 0.1], [0, 0.3], [0, 0.5], [1, 0.5], [1, 0.6], [1, 0.7]]
    expected += [[2, 0.8], [2, 0.9], [2, 1.0]]
    np.testing.assert_allclose(refits.get_offsets(), expected)
    np.testing.assert_allclose(means.get_ydata(), [0.3, 0.6, 0.9])
    np.testing.assert_array_equal(means.get_xdata(), [0, 1, 2])
    assert means.get_color() == plots.style("fixed=1").color


def test_plot_nested_says_what_axes_points_and_n_are():
    ax = plots.plot_nested(np.zeros((3, 2)), "fixed=2")
    assert ax.get_xlabel() == "base model, sorted by its mean"
    assert ax.get_ylabel() == "test accuracy (fraction correct)"
    assert ax.get_title() == "fixed=2: 3 bases, 2 refits each"
    assert legend_of(ax) == ["one refit", "mean of a base"]


def test_plot_spreads_draws_two_bars_an_arm_side_by_side():
    spreads = {
        "from scratch": statistics.Spread(0.8, 0.0, 0.1),
        "fixed=2, new head": statistics.Spread(0.7, 0.05, 0.02),
    }
    ax = plots.plot_spreads(spreads)
    heights = {bars.get_label(): [bar.get_height() for bar in bars] for bars in ax.containers}
    assert heights == {"between bases": [0.0, 0.05], "within base": [0.1, 0.02]}
    edges = [[bar.get_x() for bar in bars] for bars in ax.containers]
    np.testing.assert_allclose(edges, [[-0.4, 0.6], [0, 1]], atol=1e-9)
    assert {round(bar.get_width(), 9) for bar in ax.patches} == {0.4}
    between, within = (bars[0] for bars in ax.containers)
    assert between.get_facecolor() != within.get_facecolor()
    assert between.get_hatch() != within.get_hatch()  # told apart without colour
    assert ax.get_ylabel() == "standard deviation of test accuracy"
    assert legend_of(ax) == ["between bases", "within base"]
    assert [text.get_text() for text in ax.get_xticklabels()] == [
        "from scratch",
        "fixed=2,\nnew head",
    ]
