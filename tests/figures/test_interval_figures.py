"""Figures of estimates with their intervals, by their artists."""

import numpy as np
import pytest
from matplotlib import pyplot as plt

from lib.curves import benefits
from lib.figures import described, looks
from lib.figures.intervals import plot_against, plot_answers, plot_intervals
from lib.statistics import intervals

INTERVALS = {
    "fixed=1": intervals.Interval(0.1, 0.05, 0.2, 0.9),
    "fixed=2": intervals.Interval(-0.2, -0.3, -0.1, 0.9),
}
A, B = intervals.Interval(0.1, 0.05, 0.2), intervals.Interval(-0.1, -0.3, 0.1)


def test_plot_intervals_draws_a_row_an_interval_from_low_to_high():
    ax = plot_intervals(INTERVALS)
    *marks, zero = ax.lines
    for row, (label, interval) in enumerate(INTERVALS.items()):
        bar, dot = marks[2 * row : 2 * row + 2]
        np.testing.assert_array_equal(bar.get_xdata(), [interval.low, interval.high])
        assert np.ravel(dot.get_xdata()) == [interval.estimate]
        assert set(bar.get_ydata()) == set(np.ravel(dot.get_ydata())) == {row}
        look = looks.style(label)
        assert (bar.get_color(), dot.get_color(), dot.get_marker()) == (look[0], look[0], look[1])
    assert set(zero.get_xdata()) == {0}


def test_plot_intervals_names_rows_from_the_top_quantity_and_level():
    ax = plot_intervals(INTERVALS, quantity="loss (nats)")
    assert [text.get_text() for text in ax.get_yticklabels()] == list(INTERVALS)
    assert ax.get_yticks().tolist() == [0, 1] and ax.yaxis_inverted()
    assert ax.get_xlabel() == "loss (nats)"
    assert ax.get_title() == "Estimate and 90 % interval"
    assert plot_intervals(INTERVALS).get_xlabel() == "test accuracy minus from scratch"


def test_plot_intervals_counts_stand_in_the_title():
    ax = plot_intervals(INTERVALS, counts="100 bases")
    assert ax.get_title() == "Estimate and 90 % interval; n = 100 bases"


def test_plot_intervals_points_stand_just_below_their_interval():
    points = {"fixed=1": np.array([[0.0, 0.3]]), "fixed=2": [-0.4, -0.2, 0.0]}
    ax = plot_intervals(INTERVALS, points=points)
    faint = [line for line in ax.lines if line.get_marker() == "."]
    for row, (line, (label, values)) in enumerate(zip(faint, points.items(), strict=True)):
        np.testing.assert_array_equal(line.get_xdata(), np.ravel(values))
        assert set(line.get_ydata()) == {row + 0.25} and line.get_linestyle() == "None"
        assert (line.get_color(), line.get_alpha()) == (looks.style(label).color, 0.5)
    low, high = sorted(ax.get_ylim())
    assert all(low < line.get_ydata()[0] < high for line in faint)


def test_plot_intervals_draws_into_given_axes():
    _, ax = plt.subplots()
    assert plot_intervals(INTERVALS, ax=ax) is ax and len(ax.lines) == 5


@pytest.mark.parametrize("ax", [None, "given"])
def test_plot_intervals_without_an_interval_is_one_error(ax):
    ax = plt.subplots()[1] if ax else None
    with pytest.raises(ValueError, match="intervals is empty: give one interval or more."):
        plot_intervals({}, ax=ax)


def answer(interval, verdict="holds", benefit="higher asymptote"):
    return benefits.Answer(benefit, interval, None, verdict, "why")


NONE = answer(None, "not identified")


def texts(ax):
    return [text.get_text() for text in ax.texts]


def test_plot_intervals_marks_the_margin_on_either_side_of_zero():
    ax = plot_intervals(INTERVALS, margin=0.01)
    marks = {line.get_label(): line.get_xdata()[0] for line in ax.lines if line.get_gid() == "mark"}
    assert marks == {"minus the margin": -0.01, "the margin": 0.01}
    assert [text.get_text() for text in ax.get_legend().get_texts()] == list(marks)
    assert "A line at -0.01: minus the margin. A line at 0.01: the margin" in described(ax.figure)


def test_plot_answers_draws_intervals_and_writes_what_is_not_identified():
    shown = {"a": answer(intervals.Interval(0.1, 0.05, 0.15)), "b": NONE}
    ax = plot_answers(shown, quantity="difference")
    bars = [line for line in ax.lines if len(line.get_xdata()) == 2 and line.get_linewidth() == 2.5]
    assert [bar.get_xdata().tolist() for bar in bars] == [[0.05, 0.15]]
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["a", "b"]
    assert texts(ax) == ["holds", "not identified"]
    assert ax.get_title() == "Estimate and 95 % interval"


def test_plot_answers_title_tells_the_level_with_its_digits():
    ax = plot_answers({"a": answer(intervals.Interval(0.1, 0.0, 0.2, 0.994))})
    assert "99.4 %" in ax.get_title()


def test_plot_answers_writes_that_an_interval_has_no_bounds():
    ax = plot_answers({"a": answer(intervals.Interval(0.0, -np.inf, np.inf), "undecided")})
    assert texts(ax) == ["undecided (no bounds)"]
    assert not [line for line in ax.lines if line.get_linewidth() == 2.5]
    assert [line.get_markerfacecolor() for line in ax.lines if line.get_marker() == "s"] == [
        "white"
    ]


def test_plot_answers_without_any_interval_says_so():
    ax = plot_answers({"a": NONE})
    assert ax.get_title() == "no interval" and len(ax.get_xticks()) == 0


def test_plot_answers_without_answers_is_an_error():
    with pytest.raises(ValueError, match="answers is empty"):
        plot_answers({})


def ends(container):
    """(low, high) of each bar of an errorbar."""
    (bars,) = container.lines[2]
    return [tuple(segment[:, 1]) for segment in bars.get_segments() if len(segment)]


def test_plot_against_draws_estimates_and_intervals_in_order():
    ax = plot_against({"fixed=0": {500: B, 32: A}}, quantity="gain", over="rows", log=True)
    (container,) = ax.containers
    assert container.lines[0].get_ydata().tolist() == [0.1, -0.1]
    np.testing.assert_allclose(container.lines[0].get_xdata(), [32, 500])
    np.testing.assert_allclose(ends(container), [(0.05, 0.2), (-0.3, 0.1)])
    assert container.lines[0].get_color() == looks.style("fixed=0").color
    assert container.lines[0].get_marker() == looks.style("fixed=0").marker
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_xscale()) == ("rows", "gain", "log")
    assert [t.get_text() for t in ax.get_xticklabels()] == ["32", "500"]


def test_plot_against_without_bounds_draws_no_bar():
    open_ended = intervals.Interval(0.1, -np.inf, np.inf)
    ax = plot_against({"fixed=0": {0: open_ended, 1: A}}, quantity="gain", over="rows")
    (container,) = ax.containers
    assert ends(container) == [pytest.approx((0.05, 0.2))]
    assert container.lines[0].get_ydata().tolist() == [0.1, 0.1]


def test_plot_against_sets_arms_apart_but_near_their_place():
    found = {"fixed=0": {0: A, 1: B}, "fixed=1": {0: A, 1: B}}
    ax = plot_against(found, quantity="gain", over="rows")
    one, other = (container.lines[0].get_xdata() for container in ax.containers)
    assert (one < other).all()
    np.testing.assert_allclose((one + other) / 2, [0, 1], atol=1e-12)
    assert np.abs(other - one).max() < 0.05


def test_plot_against_draws_single_units():
    units = {"fixed=0": {0: [0.1, 0.3], 1: []}}
    ax = plot_against({"fixed=0": {0: A, 1: B}}, quantity="gain", over="rows", units=units)
    dots = [line for line in ax.lines if line.get_marker() == "."]
    assert [dot.get_ydata().tolist() for dot in dots] == [[0.1, 0.3], []]


def test_what_is_no_arm_gets_a_colour_by_its_place():
    ax = plot_against(
        {"25 per class": {1: A}, "50 per class": {1: A}}, quantity="gain", over="rows"
    )
    colors = [container.lines[0].get_color() for container in ax.containers]
    assert colors == list(looks.CLASS_COLORS[3:5])


def test_plot_against_words_draws_each_arm_at_each_reading():
    shown = {
        "from scratch": {
            "step 0": intervals.Interval(0.3, 0.2, 0.4),
            "probe": intervals.Interval(0.7, 0.6, 0.9),
        },
        "fixed=0": {
            "step 0": intervals.Interval(0.5, 0.4, 0.6),
            "probe": intervals.Interval(0.8, 0.7, 0.9),
        },
    }
    ax = plot_against(shown, over='reading of the "start"')
    scratch, fixed = ax.containers
    assert scratch.lines[0].get_ydata().tolist() == [0.3, 0.7]
    np.testing.assert_allclose(scratch.lines[2][0].get_segments()[1][:, 1], [0.6, 0.9])
    assert fixed.lines[0].get_color() == looks.style("fixed=0").color
    assert (np.round(fixed.lines[0].get_xdata()) == [0, 1]).all()
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["step 0", "probe"]


OPEN = intervals.Interval(0.1, -np.inf, np.inf)


def test_plot_intervals_without_bounds_is_hollow_and_says_so():
    ax = plot_intervals({"fixed=1": A, "fixed=2": OPEN, "fixed=0": None})
    hollow = [line for line in ax.lines if line.get_markerfacecolor() == "white"]
    assert [line.get_ydata().tolist() for line in hollow] == [[1]]
    assert len([line for line in ax.lines if line.get_linewidth() == 2.5]) == 1
    assert texts(ax) == ["no bounds", "not identified"]
    said = described(ax.figure)
    assert "fixed=2: 0.100, no bounds; fixed=0: not identified" in said and "Highest" not in said


@pytest.mark.parametrize("level", [0.9, 0.994])
@pytest.mark.parametrize(
    "draw",
    [
        lambda found: plot_intervals(found),
        lambda found: plot_answers({k: answer(one) for k, one in found.items()}),
        lambda found: plot_against({k: {0: one} for k, one in found.items()}, over="rows"),
    ],
)
def test_intervals_of_several_levels_are_one_clear_error(draw, level):
    found = {"fixed=1": A, "fixed=2": intervals.Interval(0.1, 0, 0.2, level)}
    with pytest.raises(ValueError, match="%, 9.* %: give one level|%, 95 %: give one level"):
        draw(found)
    assert not plt.get_fignums()


def test_plot_intervals_marks_other_numbers_in_their_rows():
    ax = plot_intervals(INTERVALS, marks={"published": {"fixed=2": 0.03}})
    (mark,) = [line for line in ax.lines if line.get_label() == "published"]
    assert mark.get_xydata().tolist() == [[0.03, 1]]
    assert "Published: fixed=2 0.030" in described(ax.figure)


def test_plot_intervals_tells_estimates_bounds_and_verdicts():
    ax = plot_intervals(INTERVALS, counts="100 bases", verdicts={"fixed=2": "does not hold"})
    assert described(ax.figure) == (
        "Estimate and 90 % interval; n = 100 bases. Test accuracy minus from scratch. "
        "fixed=1: 0.100, from 0.050 to 0.200; "
        "fixed=2: -0.200, from -0.300 to -0.100 (does not hold). Highest: fixed=1."
    )


def test_plot_intervals_breaks_a_long_comparison_at_its_minus():
    ax = plot_intervals({"fixed=2, new head  minus  random features": A})
    (label,) = ax.get_yticklabels()
    assert label.get_text() == "fixed=2, new head\nminus random features"


def test_plot_against_without_bounds_is_hollow_and_says_so():
    ax = plot_against({"fixed=0": {0: OPEN, 1: A}}, over="rows", zero=True, counts="3 run pairs")
    (hollow,) = [line for line in ax.lines if line.get_markerfacecolor() == "white"]
    assert hollow.get_xydata().tolist() == [[0, 0.1]]
    assert texts(ax) == ["no bounds"]
    assert ax.get_title() == "Estimate and 95 % interval; n = 3 run pairs"
    assert "at 0 0.100, no bounds" in described(ax.figure)
    assert [0, 0] in [list(line.get_ydata()) for line in ax.lines]


def test_plot_against_leaves_out_arms_without_intervals_but_not_all():
    ax = plot_against({"fixed=0": {0: A, 1: B}, "fixed=1": {}}, over="rows")
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["fixed=0"]
    with pytest.raises(ValueError, match="points is empty: give one interval or more."):
        plot_against({"fixed=1": {}}, over="rows")


def test_plot_against_words_draws_no_line_and_keeps_their_order():
    shown = {"fixed=0": {"step 0": A, "probe": B}, "fixed=1": {"step 0": A}}
    ax = plot_against(shown, over="reading")
    fixed, other = ax.containers
    assert fixed.lines[0].get_linestyle() == "None"
    assert (fixed.lines[0].get_xdata()[0] + other.lines[0].get_xdata()[0]) / 2 == pytest.approx(0)
    assert [t.get_text() for t in ax.get_xticklabels()] == ["step 0", "probe"]
