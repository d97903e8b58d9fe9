"""What figures say of themselves."""

import gc
import weakref

import numpy as np
import pytest
from matplotlib import pyplot as plt

from lib.figures import words
from lib.figures.axes import panels
from lib.statistics.intervals import Interval


def test_described_of_one_panel_begins_with_its_title():
    _, ax = plt.subplots()
    ax.set_title("Mean of\n3 runs")
    words.describe(ax, "two lines,\n  0.2 and 0.4")
    assert words.described(ax.figure) == "Mean of 3 runs. Two lines, 0.2 and 0.4."


def test_described_of_several_panels_names_them_in_order():
    one, other = panels(2, titles=["left task", "right task"], title="Both tasks")
    words.describe(other, "Second!")
    words.describe(one, "First.")
    words.describe(one, "More of it.")
    assert words.described(one.figure) == (
        "Both tasks. Panel 1 of 2: Left task. First. More of it. Panel 2 of 2: Right task. Second!"
    )


def test_described_of_a_silent_figure_is_empty():
    _, ax = plt.subplots()
    ax.set_title("a title alone says nothing of what is drawn")
    assert words.described(ax.figure) == ""


def test_undescribed_names_what_holds_data_without_words():
    said, silent, empty = panels(3)
    for ax in (said, silent):
        ax.plot([0, 1])
    words.describe(said, "A line from 0 to 1.")
    said.figure.colorbar(silent.scatter([0, 1], [0, 1], c=[0, 1]), ax=empty)
    assert words.undescribed(said.figure) == [silent]


def test_describe_refuses_no_words():
    with pytest.raises(ValueError, match="words of nothing: say in a sentence what was drawn"):
        words.describe(plt.subplots()[1], " \n")


def test_descriptions_go_with_their_figure():
    ax = plt.subplots()[1]
    words.describe(ax, "A line.")
    gone = weakref.ref(ax)
    plt.close(ax.figure)
    del ax
    gc.collect()
    assert gone() is None


@pytest.mark.parametrize(
    ("interval", "expected"),
    [
        (Interval(0.1, 0.05, 0.2), "0.100, from 0.050 to 0.200"),
        (Interval(-0.1, -0.3, 0.1), "-0.100, from -0.300 to 0.100"),
        (Interval(0.00012, 0.0001, 0.00014), "0.000120, from 0.000100 to 0.000140"),
        (Interval(0.1, -np.inf, np.inf), "0.100, no bounds"),
        (Interval(0.1, 0.05, np.inf), "0.100, from 0.050, no upper bound"),
        (Interval(0.1, -np.inf, 0.2), "0.100, to 0.200, no lower bound"),
        (None, "not identified"),
    ],
)
def test_interval_words_have_the_digits_that_the_width_deserves(interval, expected):
    assert words.interval_words(interval) == expected


def test_listed_says_no_rank_where_all_are_equal():
    assert words.listed({"a": "1", "b": "1"}, {"a": 1, "b": 1}) == "a: 1; b: 1."


def test_listed_without_ranks_counts_what_is_too_many():
    assert words.listed(dict.fromkeys("abc", "0.1"), most=2) == "3 in all."


def test_room_is_smaller_where_panels_are_many():
    assert words.room(panels(1)[0]) > words.room(panels(2)[0]) >= words.room(panels(6)[0]) == 2
