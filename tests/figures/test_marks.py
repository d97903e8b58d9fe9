"""Lines, points and error bars that are put into a plot."""

import numpy as np
import pytest
from matplotlib import pyplot as plt

from lib.figures import marks, words
from lib.statistics.intervals import Interval


@pytest.fixture
def ax():
    return plt.subplots()[1]


def test_zero_line_is_at_zero(ax):
    ax = marks.zero_line(ax)
    assert list(ax.lines[0].get_ydata()) == [0, 0]


def test_mark_line_stands_in_the_legend_and_in_the_words(ax):
    marks.mark_line(ax, x=0.7, label="declared threshold")
    marks.mark_line(ax, y=1 / 3, label="a guess")
    upright, level = ax.lines
    assert set(upright.get_xdata()) == {0.7} and set(level.get_ydata()) == {1 / 3}
    assert upright.get_linestyle() != level.get_linestyle()
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [
        "declared threshold",
        "a guess",
    ]
    said = words.described(ax.figure)
    assert said == "A line at 0.7: declared threshold. A line at 0.3333: a guess."


def test_mark_line_puts_the_legend_beside_the_axes_where_it_is_asked_to(ax):
    marks.mark_line(ax, x=0.2, label="a guess", beside=True)
    assert ax.get_legend() is None
    assert [text.get_text() for text in ax.figure.legends[0].get_texts()] == ["a guess"]


@pytest.mark.parametrize("wrong", [{}, {"x": 1, "y": 1}])
def test_mark_line_needs_one_place(ax, wrong):
    with pytest.raises(ValueError, match="give one of them, where the line is to stand"):
        marks.mark_line(ax, **wrong, label="a")


def test_mark_points_draws_and_tells_them(ax):
    marks.mark_points(ax, [1, 2], [0.5, 0.6], label="best epochs")
    marks.mark_points(ax, [1, 2, 3], [0.1, 0.2, 0.4], label="this run", joined=True)
    assert ax.lines[0].get_xydata().tolist() == [[1, 0.5], [2, 0.6]]
    assert ax.lines[0].get_linestyle() == "None" != ax.lines[1].get_linestyle()
    assert ax.lines[0].get_marker() != ax.lines[1].get_marker()
    said = words.described(ax.figure)
    assert said == "Best epochs: 0.500, 0.600. This run: from 0.100 to 0.400."


def test_error_bars_without_bounds_are_hollow_and_say_so(ax):
    intervals = [Interval(0.1, 0.0, 0.2), Interval(0.3, -np.inf, np.inf)]
    marks.error_bars(ax, [0, 1], intervals, label="a", color="#000000", marker="s")
    (hollow,) = [line for line in ax.lines if line.get_markerfacecolor() == "white"]
    assert hollow.get_xydata().tolist() == [[1, 0.3]] and hollow.get_zorder() >= 3
    assert [text.get_text() for text in ax.texts] == ["no bounds"]
