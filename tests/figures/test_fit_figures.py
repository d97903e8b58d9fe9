"""Figures of fitted curves and of the recorded simulation, by their artists."""

import numpy as np
import pandas as pd
import pytest

from lib.curves import benefits, fitting, forms
from lib.figures import coverage, described
from lib.figures.fits import plot_cuts, plot_fits
from lib.figures.looks import style
from lib.statistics import intervals

T = np.arange(31)
CURVE = 0.8 - 0.5 * np.exp(-T / 5)


def answer(interval, verdict="holds", benefit="higher asymptote"):
    return benefits.Answer(benefit, interval, None, verdict, "why")


NONE = answer(None, "not identified")


def texts(ax):
    return [text.get_text() for text in ax.texts]


def test_plot_fits_draws_points_up_to_the_cut_and_the_rest_faintly():
    fits = {"from scratch": {"exponential": fitting.fit_form(T[:11], CURVE[:11], "exponential")}}
    ax = plot_fits(T, {"from scratch": CURVE}, fits, last=10)
    seen, unseen = ax.lines[:2]
    np.testing.assert_array_equal(seen.get_xdata(), np.arange(11))
    np.testing.assert_array_equal(unseen.get_xdata(), np.arange(11, 31))
    np.testing.assert_array_equal(seen.get_ydata(), CURVE[:11])
    assert unseen.get_alpha() < 0.5 * seen.get_alpha()
    assert "up to epoch 10" in ax.get_title()


def test_plot_fits_lines_are_the_forms_up_to_the_horizon():
    fits = {"from scratch": {form: fitting.fit_form(T, CURVE, form) for form in forms.FORMS}}
    ax = plot_fits(T, {"from scratch": CURVE}, fits, horizon=60)
    drawn = {line.get_gid(): line for line in ax.lines if line.get_gid() in forms.FORMS}
    assert set(drawn) == set(forms.FORMS)
    x, y = drawn["exponential"].get_data()
    assert (x[0], x[-1]) == (0, 60)
    np.testing.assert_allclose(y, 0.8 - 0.5 * np.exp(-x / 5), atol=1e-4)
    assert len({line.get_linestyle() for line in drawn.values()}) == len(forms.FORMS)


def test_plot_fits_arms_keep_their_colour_and_the_legend_names_arms_and_forms():
    curves = {"from scratch": CURVE, "fixed=0": CURVE + 0.05}
    fits = {k: {"power": fitting.fit_form(T, c, "power")} for k, c in curves.items()}
    ax = plot_fits(T, curves, fits)
    colors = [line.get_color() for line in ax.lines if line.get_gid() == "power"]
    assert colors == [style("from scratch").color, style("fixed=0").color]
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels == ["from scratch", "fixed=0", "power"]


def test_plot_fits_lines_of_two_arms_differ_by_more_than_colour():
    curves = {"from scratch": CURVE, "fixed=0": CURVE + 0.05}
    fits = {k: {"power": fitting.fit_form(T, c, "power")} for k, c in curves.items()}
    ax = plot_fits(T, curves, fits)
    drawn = [line for line in ax.lines if line.get_gid() == "power"]
    markers = [line.get_marker() for line in drawn]  # the points have them, too
    assert markers == [style("from scratch").marker, style("fixed=0").marker]
    assert all(line.get_markevery()[0] < len(line.get_xdata()) for line in drawn)  # some show


def test_plot_fits_gives_early_epochs_room():
    fits = {"from scratch": {"power": fitting.fit_form(T, CURVE, "power")}}
    ax = plot_fits(T, {"from scratch": CURVE}, fits, horizon=1000, log=True)
    assert ax.get_xscale() == "symlog"
    assert ax.get_xlim() == (0, 1000)
    assert [tick.get_text() for tick in ax.get_xticklabels()][-2:] == ["500", "1,000"]
    (x, y) = next(line for line in ax.lines if line.get_gid() == "power").get_data()
    assert (x[0], x[-1]) == (0, 1000)
    assert np.mean(x < 5) > 0.2  # as many points as the axis has room
    np.testing.assert_allclose(y, fits["from scratch"]["power"].predict(x)[0])


def test_plot_fits_axis_begins_where_the_curve_does():
    fits = {"from scratch": {"power": fitting.fit_form(T, CURVE, "power")}}
    drawn = {"from scratch": CURVE[20:]}
    ax = plot_fits(T[20:], drawn, fits, horizon=10_000, log=True)
    assert ax.get_xlim() == (20, 10_000)
    labels = [tick.get_text() for tick in ax.get_xticklabels()]
    assert labels == ["30", "100", "300", "1,000", "3,000", "10,000"]


def test_plot_cuts_puts_estimates_over_their_epochs_and_marks_the_rest():
    level = intervals.Interval(0.2, 0.1, 0.3)
    late, start = answer(level, benefit="late"), answer(level, benefit="start")
    early = benefits.Benefits(start, start, NONE, late)
    whole = benefits.Benefits(start, start, answer(intervals.Interval(0.4, 0.3, 0.5)), late)
    ax = plot_cuts({10: early, 40: whole})
    by_label = {one.get_label(): one for one in ax.containers}
    x, y = by_label["fitted asymptote"].lines[0].get_data()
    assert [round(one) for one in x] == [1] and list(y) == [0.4]
    assert list(by_label["late level"].lines[0].get_ydata()) == [0.2, 0.2]
    assert texts(ax) == ["not identified"] and round(ax.texts[0].xy[0]) == 0
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["10", "40"]


@pytest.mark.parametrize("low", [-0.3, 0.1])
def test_plot_cuts_words_and_legend_cover_neither_intervals_nor_the_zero_line(low):
    late = answer(intervals.Interval(low + 0.1, low, low + 0.2))
    ax = plot_cuts({last: benefits.Benefits(late, late, NONE, late) for last in (10, 40)})
    ax.figure.canvas.draw()
    lowest = ax.transData.transform((0, min(low, 0)))[1]
    assert all(text.get_window_extent().y1 < lowest for text in ax.texts)
    assert not ax.get_legend().get_window_extent().overlaps(ax.get_window_extent())


def test_plot_cuts_without_any_asymptote_draws_the_late_levels():
    late = answer(intervals.Interval(0.2, 0.1, 0.3))
    ax = plot_cuts({10: benefits.Benefits(late, late, NONE, late)})
    assert [len(one.lines[0].get_xdata()) for one in ax.containers] == [0, 1]


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
    ax = coverage.plot_coverage(coverage_rows())
    by_label = {one.get_label(): one.lines[0] for one in ax.containers}
    assert by_label["start"].get_ydata().tolist() == [0.95, 0.94]
    assert by_label["asymptote"].get_ydata().tolist() == [0.96]
    assert [round(x) for x in by_label["asymptote"].get_xdata()] == [1]
    assert "1,000 simulations" in ax.get_title()
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["0.5", "5"]


def test_plot_not_identified_draws_a_line_for_each_design():
    rows = coverage_rows().query("quantity == 'asymptote'")
    other = rows.assign(name="other", not_identified=[0.9, 0.2])
    ax = coverage.plot_not_identified(pd.concat([rows[::-1], other]))
    lines = {line.get_label(): line.get_ydata().tolist() for line in ax.lines}
    assert lines == {"design": [1.0, 0.1], "other": [0.9, 0.2]}


def test_plot_not_identified_leaves_no_design_out():
    rows = coverage_rows().query("quantity == 'asymptote'")
    designs = [rows.assign(name=f"design {n}") for n in range(9)]
    ax = coverage.plot_not_identified(pd.concat(designs[:8]))
    looks = {(line.get_color(), line.get_marker()) for line in ax.lines}
    assert len(ax.lines) == len(looks) == 8
    with pytest.raises(ValueError, match="9 designs: give 8 at most"):
        coverage.plot_not_identified(pd.concat(designs))


def test_plot_fits_tells_where_the_forms_lead():
    fits = {"from scratch": {"exponential": fitting.fit_form(T, CURVE, "exponential")}}
    said = described(plot_fits(T, {"from scratch": CURVE}, fits, horizon=300).figure)
    assert "from scratch: measured 0.30 at epoch 0 and 0.80 at 30" in said
    assert "the forms lead to exponential 0.80 at epoch 300" in said


def test_plot_fits_draws_nothing_beyond_the_horizon():
    ax = plot_fits(T, {"from scratch": CURVE}, {"from scratch": {}}, last=10, horizon=20)
    assert max(line.get_xdata()[-1] for line in ax.lines[:2]) == 20


def test_plot_cuts_without_bounds_is_hollow_and_counts_what_is_identified():
    sure, unsure = intervals.Interval(0.2, 0.1, 0.3), intervals.Interval(0.1, -np.inf, np.inf)
    late = answer(sure)
    found = {
        10: benefits.Benefits(late, late, NONE, late),
        40: benefits.Benefits(late, late, answer(unsure), late),
    }
    ax = plot_cuts(found)
    (hollow,) = [line for line in ax.lines if line.get_markerfacecolor() == "white"]
    assert hollow.get_ydata().tolist() == [0.1]
    assert sorted(texts(ax)) == ["no bounds", "not identified"]
    said = described(ax.figure)
    assert "The asymptote is identified at 1 of 2 cuts" in said
    assert "fitted asymptote, cut at epoch 10: not identified" in said


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: plot_cuts({}), "answers is empty: give one cut or more."),
        (lambda: plot_fits(T, {}, {}), "curves is empty: give one mean curve or more."),
        (lambda: coverage.plot_coverage(coverage_rows()[:0]), "table is empty: give one row"),
        (lambda: coverage.plot_not_identified(coverage_rows()[:0]), "table is empty"),
    ],
)
def test_nothing_to_draw_is_one_clear_error(draw, message):
    with pytest.raises(ValueError, match=message):
        draw()
