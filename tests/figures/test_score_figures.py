"""Figures of scores by their artists."""

import re

import numpy as np
import pytest
from matplotlib import colors
from matplotlib import pyplot as plt

from lib.figures import described, looks, panels, scores
from lib.figures.scores import plot_boxes, plot_nested, plot_spreads
from lib.statistics import nested

SCORES = {"from scratch": [0.2, 0.4, 0.5, 0.6, 0.9], "fixed=1": np.array([[0.7], [0.8], [0.9]])}


def test_plot_boxes_shows_median_and_middle_half_in_the_arms_colour():
    ax = plot_boxes(SCORES)
    quartiles = {"from scratch": (0.4, 0.5, 0.6), "fixed=1": (0.75, 0.8, 0.85)}
    medians = [line for line in ax.lines if line.get_linewidth() == 2.5]
    assert len(ax.patches) == len(medians) == 2
    for (label, (low, middle, high)), box, median in zip(
        quartiles.items(), ax.patches, medians, strict=True
    ):
        heights = box.get_path().vertices[:, 1]
        assert (heights.min(), heights.max()) == pytest.approx((low, high))
        np.testing.assert_allclose(median.get_ydata(), middle)
        assert median.get_color() == looks.style(label).color
        assert colors.same_color(box.get_facecolor(), (looks.style(label).color, 0.25))


def test_plot_boxes_shows_every_run_at_its_height_and_in_its_column():
    ax = plot_boxes(SCORES)
    for place, (points, values) in enumerate(zip(ax.collections, SCORES.values(), strict=True)):
        x, y = points.get_offsets().T
        np.testing.assert_allclose(y, np.ravel(values))
        assert (abs(x - place) <= 0.2).all() and len(set(x)) == len(x)


def test_plot_boxes_labels_arms_quantity_and_n():
    ax = plot_boxes({"fixed=1, rest new": [0.1, 0.2], "fixed=2": [0.1, 0.3]}, quantity="loss")
    assert [text.get_text() for text in ax.get_xticklabels()] == ["fixed=1,\nrest new", "fixed=2"]
    assert ax.get_ylabel() == "loss"
    assert ax.get_title().endswith("n = 2 per arm")
    assert plot_boxes(SCORES).get_title().endswith("n = 3 to 5 per arm")


def test_plot_boxes_says_what_a_point_is():
    for unit, said in (({}, "one run;"), ({"unit": "random start"}, "one random start;")):
        assert said in " ".join(plot_boxes(SCORES, **unit).get_title().split())


def test_plot_boxes_draws_the_same_twice_and_into_given_axes():
    _, axes = plt.subplots(1, 2)
    drawn = [plot_boxes(SCORES, ax=ax) for ax in axes]
    assert drawn == list(axes)
    one, other = (ax.collections[0].get_offsets() for ax in axes)
    np.testing.assert_array_equal(one, other)


def test_plot_boxes_without_an_arm_is_an_error():
    with pytest.raises(
        ValueError, match=re.escape("scores is empty: give one array of numbers or more.")
    ):
        plot_boxes({})


def legend_of(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_plot_nested_sorts_bases_by_their_mean():
    scores = [[0.8, 0.9, 1.0], [0.1, 0.3, 0.5], [0.5, 0.6, 0.7]]
    ax = plot_nested(scores, label="fixed=1")
    (refits,), (means,) = ax.collections, ax.lines
    expected = [[0, 0.1], [0, 0.3], [0, 0.5], [1, 0.5], [1, 0.6], [1, 0.7]]
    expected += [[2, 0.8], [2, 0.9], [2, 1.0]]
    np.testing.assert_allclose(refits.get_offsets(), expected)
    np.testing.assert_allclose(means.get_ydata(), [0.3, 0.6, 0.9])
    np.testing.assert_array_equal(means.get_xdata(), [0, 1, 2])
    assert means.get_color() == looks.style("fixed=1").color


def test_plot_nested_writes_the_seed_of_each_base_below_its_column():
    ax = plot_nested([[0.8, 0.9], [0.1, 0.3], [0.5, 0.6]], label="fixed=1", seeds=[7, 8, 9])
    assert [text.get_text() for text in ax.get_xticklabels()] == ["8", "9", "7"]
    assert ax.get_xlabel() == "base seed, sorted by the base's mean"
    assert "Base seeds from the lowest mean up: 8, 9, 7." in described(ax.figure)


def test_plot_nested_refuses_seeds_that_do_not_fit():
    with pytest.raises(ValueError, match="2 seeds for 3 bases: give one for each base"):
        plot_nested(np.zeros((3, 2)), label="fixed=1", seeds=[1, 2])


def test_plot_nested_says_what_axes_points_and_n_are():
    ax = plot_nested(np.zeros((3, 2)), label="fixed=2")
    assert ax.get_xlabel() == "base model, sorted by its mean"
    assert ax.get_ylabel() == "test accuracy (fraction correct)"
    assert ax.get_title() == "fixed=2: 3 bases, 2 refits each"
    assert legend_of(ax) == ["one refit", "mean of a base"]


def test_plot_spreads_draws_two_bars_an_arm_side_by_side():
    spreads = {
        "from scratch": nested.Spread(0.8, 0.0, 0.1),
        "fixed=2, new head": nested.Spread(0.7, 0.05, 0.02),
    }
    ax = plot_spreads(spreads)
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


def test_plot_seconds_stacks_what_there_is():
    parts = {"from scratch": {"target": 5.0, "compilation": 1.0},
             "frozen": {"target": 2.0, "source": 4.0}}  # fmt: skip
    ax = scores.plot_seconds(parts)
    bars = {bars.get_label(): [(bar.get_x(), bar.get_width()) for bar in bars]
            for bars in ax.containers}  # fmt: skip
    assert bars["target"] == [(0, 5), (0, 2)]
    assert bars["compilation"] == [(5, 1), (2, 0)]
    assert bars["source"] == [(6, 0), (2, 4)]
    assert [text.get_text() for text in ax.get_yticklabels()] == list(parts)
    assert ax.get_xlabel() == "seconds"


def test_plot_boxes_marks_other_numbers_beside_the_box():
    marks = {"published": {"from scratch": 0.55, "fixed=1": 0.85}, "ours": {"fixed=1": 0.8}}
    ax = plot_boxes(SCORES, marks=marks)
    drawn = {line.get_label(): line for line in ax.lines if line.get_label() in marks}
    np.testing.assert_allclose(drawn["published"].get_xydata(), [[0.34, 0.55], [1.34, 0.85]])
    np.testing.assert_allclose(drawn["ours"].get_xydata(), [[1.34, 0.8]])
    assert drawn["published"].get_marker() != drawn["ours"].get_marker()
    assert legend_of(ax) == list(marks)
    assert "Published: from scratch 0.550, fixed=1 0.850" in described(ax.figure)


def test_plot_boxes_tells_median_middle_half_range_and_who_is_highest():
    said = described(plot_boxes(SCORES).figure)
    assert "from scratch: median 0.500, middle half 0.400 to 0.600, all 0.20 to 0.90" in said
    assert said.endswith("Highest: fixed=1.")


def test_plot_boxes_of_many_arms_tells_the_ends_only():
    many = {f"size {n}": [0.1 * n, 0.1 * n + 0.01] for n in range(9)}
    said = described(plot_boxes(many).figure)
    assert "9 in all. Lowest is size 0: median 0.005" in said and "size 4" not in said
    assert "Highest is size 8: median 0.805" in said


@pytest.mark.parametrize(
    "draw",
    [
        lambda bad: plot_boxes({"fixed=1": bad}),
        lambda bad: plot_nested([bad, bad], label="fixed=1"),
        lambda bad: scores.plot_histogram({"fixed=1": bad}, quantity="accuracy"),
        lambda bad: scores.plot_scatter({"fixed=1": (bad, bad)}, over="a", quantity="b"),
    ],
)
def test_scores_that_are_no_numbers_are_one_clear_error(draw):
    message = r"'fixed=1': (1 of 3|2 of 6) values are NaN or infinite: look at those runs."
    with pytest.raises(ValueError, match=message):
        draw([0.1, np.nan, 0.3])
    assert not plt.get_fignums()  # nothing half drawn is left


def test_plot_histogram_counts_every_value_in_common_bins():
    values = {"two-level": np.arange(10.0), "naive": [4.0, 5.0, 5.0]}
    ax = scores.plot_histogram(values, quantity="mean", counted="resamples", bins=5)
    ax_bars = {bars.get_label(): [bar.get_height() for bar in bars] for bars in ax.containers}
    assert ax_bars == {"two-level": [2, 2, 2, 2, 2], "naive": [0, 0, 3, 0, 0]}
    hatches = {bars.get_label(): bars[0].get_hatch() for bars in ax.containers}
    assert len(set(hatches.values())) == 2  # told apart without colour
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("mean", "number of resamples")
    assert "naive: 3 resamples, 4.000 to 5.000, median 5.000" in described(ax.figure)


def test_plot_scatter_draws_points_and_tells_their_correlation():
    points = {"fixed=0": ([0.1, 0.2, 0.3], [0.3, 0.2, 0.1]), "fixed=2": ([0.1, 0.2], [0.5, 0.6])}
    ax = scores.plot_scatter(points, over="source accuracy", quantity="target accuracy")
    drawn = {one.get_label(): one.get_offsets().tolist() for one in ax.collections}
    assert drawn["fixed=0"] == [[0.1, 0.3], [0.2, 0.2], [0.3, 0.1]]
    assert "3 points, 0.10 to 0.30 over 0.10 to 0.30, correlation -1.00" in described(ax.figure)


def test_plot_seconds_in_shared_panels_keeps_the_first_arm_on_top():
    axes = panels(2, shared="y")
    for ax in axes:
        scores.plot_seconds({"from scratch": {"target": 1.0}, "frozen": {"target": 2.0}}, ax=ax)
    assert axes[1].yaxis_inverted()
