"""Figures of fitted curves and of answers, by their artists."""

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt

from lib import curve_plots
from lib.benefits import Answer, Benefits
from lib.fits import FORMS, fit
from lib.looks import style
from lib.statistics import Interval

T = np.arange(31)
CURVE = 0.8 - 0.5 * np.exp(-T / 5)


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def answer(interval, verdict="holds", benefit="higher asymptote"):
    return Answer(benefit, interval, None, verdict, "why")


NONE = answer(None, "not identified")


def texts(ax):
    return [text.get_text() for text in ax.texts]


# Fits


def test_plot_fits_draws_points_up_to_the_cut_and_the_rest_faintly():
    fits = {"from scratch": {"exponential": fit(T[:11], CURVE[:11], "exponential")}}
    ax = curve_plots.plot_fits(T, {"from scratch": CURVE}, fits, last=10)
    seen, unseen = ax.lines[:2]
    np.testing.assert_array_equal(seen.get_xdata(), np.arange(11))
    np.testing.assert_array_equal(unseen.get_xdata(), np.arange(11, 31))
    np.testing.assert_array_equal(seen.get_ydata(), CURVE[:11])
    assert unseen.get_alpha() < 0.5 * seen.get_alpha()
    assert "up to epoch 10" in ax.get_title()


def test_plot_fits_lines_are_the_forms_up_to_the_horizon():
    fits = {"from scratch": {form: fit(T, CURVE, form) for form in FORMS}}
    ax = curve_plots.plot_fits(T, {"from scratch": CURVE}, fits, horizon=60)
    drawn = {line.get_gid(): line for line in ax.lines if line.get_gid() in FORMS}
    assert set(drawn) == set(FORMS)
    x, y = drawn["exponential"].get_data()
    assert (x[0], x[-1]) == (0, 60)
    np.testing.assert_allclose(y, 0.8 - 0.5 * np.exp(-x / 5), atol=1e-4)
    assert len({line.get_linestyle() for line in drawn.values()}) == len(FORMS)


def test_plot_fits_arms_keep_their_colour_and_the_legend_names_arms_and_forms():
    curves = {"from scratch": CURVE, "fixed=0": CURVE + 0.05}
    fits = {k: {"power": fit(T, c, "power")} for k, c in curves.items()}
    ax = curve_plots.plot_fits(T, curves, fits)
    colors = [line.get_color() for line in ax.lines if line.get_gid() == "power"]
    assert colors == [style("from scratch").color, style("fixed=0").color]
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels == ["from scratch", "fixed=0", "power"]


def test_plot_fits_lines_of_two_arms_differ_by_more_than_colour():
    curves = {"from scratch": CURVE, "fixed=0": CURVE + 0.05}
    fits = {k: {"power": fit(T, c, "power")} for k, c in curves.items()}
    ax = curve_plots.plot_fits(T, curves, fits)
    drawn = [line for line in ax.lines if line.get_gid() == "power"]
    markers = [line.get_marker() for line in drawn]  # the points have them, too
    assert markers == [style("from scratch").marker, style("fixed=0").marker]
    assert all(line.get_markevery()[0] < len(line.get_xdata()) for line in drawn)  # some show


# Answers


def test_plot_answers_draws_intervals_and_writes_what_is_not_identified():
    shown = {"a": answer(Interval(0.1, 0.05, 0.15)), "b": NONE}
    ax = curve_plots.plot_answers(shown, "difference")
    bars = [line for line in ax.lines if len(line.get_xdata()) == 2 and line.get_linewidth() == 2.5]
    assert [bar.get_xdata().tolist() for bar in bars] == [[0.05, 0.15]]
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["a", "b"]
    assert texts(ax) == ["holds", "not identified"]
    assert ax.get_title() == "Estimate and 95 % interval"


def test_plot_answers_title_tells_the_level_with_its_digits():
    ax = curve_plots.plot_answers({"a": answer(Interval(0.1, 0.0, 0.2, 0.994))})
    assert "99.4 %" in ax.get_title()


def test_plot_answers_writes_that_an_interval_has_no_bounds():
    ax = curve_plots.plot_answers({"a": answer(Interval(0.0, -np.inf, np.inf), "undecided")})
    assert texts(ax) == ["undecided (no bounds)"]
    assert not [line for line in ax.lines if line.get_linewidth() == 2.5]
    assert [line.get_markerfacecolor() for line in ax.lines if line.get_marker() == "s"] == [
        "white"
    ]


def test_plot_answers_without_any_interval_says_so():
    ax = curve_plots.plot_answers({"a": NONE})
    assert ax.get_title() == "no interval" and len(ax.get_xticks()) == 0


def test_plot_answers_without_answers_is_an_error():
    with pytest.raises(ValueError, match="answers is empty"):
        curve_plots.plot_answers({})


def test_plot_cuts_puts_estimates_over_their_epochs_and_marks_the_rest():
    level = Interval(0.2, 0.1, 0.3)
    late, start = answer(level, benefit="late"), answer(level, benefit="start")
    early = Benefits(start, start, NONE, late)
    whole = Benefits(start, start, answer(Interval(0.4, 0.3, 0.5)), late)
    ax = curve_plots.plot_cuts({10: early, 40: whole})
    by_label = {one.get_label(): one for one in ax.containers}
    x, y = by_label["fitted asymptote"].lines[0].get_data()
    assert [round(one) for one in x] == [1] and list(y) == [0.4]
    assert list(by_label["late level"].lines[0].get_ydata()) == [0.2, 0.2]
    assert texts(ax) == ["not identified"] and round(ax.texts[0].xy[0]) == 0
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["10", "40"]


@pytest.mark.parametrize("low", [-0.3, 0.1])
def test_plot_cuts_words_and_legend_cover_neither_intervals_nor_the_zero_line(low):
    late = answer(Interval(low + 0.1, low, low + 0.2))
    ax = curve_plots.plot_cuts({last: Benefits(late, late, NONE, late) for last in (10, 40)})
    ax.figure.canvas.draw()
    lowest = ax.transData.transform((0, min(low, 0)))[1]
    assert all(text.get_window_extent().y1 < lowest for text in ax.texts)
    assert not ax.get_legend().get_window_extent().overlaps(ax.get_window_extent())


def test_plot_cuts_without_any_asymptote_draws_the_late_levels():
    late = answer(Interval(0.2, 0.1, 0.3))
    ax = curve_plots.plot_cuts({10: Benefits(late, late, NONE, late)})
    assert [len(one.lines[0].get_xdata()) for one in ax.containers] == [0, 1]


def test_plot_starts_draws_each_arm_at_each_reading():
    shown = {
        "from scratch": {"step 0": Interval(0.3, 0.2, 0.4), "probe": Interval(0.7, 0.6, 0.9)},
        "fixed=0": {"step 0": Interval(0.5, 0.4, 0.6), "probe": Interval(0.8, 0.7, 0.9)},
    }
    ax = curve_plots.plot_starts(shown)
    scratch, fixed = ax.containers
    assert scratch.lines[0].get_ydata().tolist() == [0.3, 0.7]
    np.testing.assert_allclose(scratch.lines[2][0].get_segments()[1][:, 1], [0.6, 0.9])
    assert fixed.lines[0].get_color() == style("fixed=0").color
    assert (np.round(fixed.lines[0].get_xdata()) == [0, 1]).all()
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["step 0", "probe"]


# The recorded simulation


def coverage_rows():
    common = {"name": "design", "simulations": 1000}
    rows = [
        ("start", 0.5, 0.0, 0.95, 0.93, 0.96),
        ("start", 5.0, 0.0, 0.94, 0.92, 0.95),
        ("asymptote", 0.5, 1.0, np.nan, np.nan, np.nan),
        ("asymptote", 5.0, 0.1, 0.96, 0.94, 0.97),
    ]
    columns = ["quantity", "saturation", "not_identified"]
    columns += ["coverage", "coverage_low", "coverage_high"]
    return pd.DataFrame([dict(zip(columns, row, strict=True)) | common for row in rows])


def test_plot_coverage_leaves_out_what_was_never_identified():
    ax = curve_plots.plot_coverage(coverage_rows())
    by_label = {one.get_label(): one.lines[0] for one in ax.containers}
    assert by_label["start"].get_ydata().tolist() == [0.95, 0.94]
    assert by_label["asymptote"].get_ydata().tolist() == [0.96]
    assert [round(x) for x in by_label["asymptote"].get_xdata()] == [1]
    assert "1,000 simulations" in ax.get_title()
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["0.5", "5"]


def test_plot_not_identified_draws_a_line_for_each_design():
    rows = coverage_rows().query("quantity == 'asymptote'")
    other = rows.assign(name="other", not_identified=[0.9, 0.2])
    ax = curve_plots.plot_not_identified(pd.concat([rows[::-1], other]))
    lines = {line.get_label(): line.get_ydata().tolist() for line in ax.lines}
    assert lines == {"design": [1.0, 0.1], "other": [0.9, 0.2]}


def test_plot_not_identified_leaves_no_design_out():
    rows = coverage_rows().query("quantity == 'asymptote'")
    designs = [rows.assign(name=f"design {n}") for n in range(9)]
    ax = curve_plots.plot_not_identified(pd.concat(designs[:8]))
    looks = {(line.get_color(), line.get_marker()) for line in ax.lines}
    assert len(ax.lines) == len(looks) == 8
    with pytest.raises(ValueError, match="9 designs: give 8 at most"):
        curve_plots.plot_not_identified(pd.concat(designs))
