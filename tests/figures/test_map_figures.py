"""Maps by their artists."""

import re

import pytest

from lib.figures import described, maps
from lib.statistics import intervals

A, B = intervals.Interval(0.1, 0.05, 0.2), intervals.Interval(-0.1, -0.3, 0.1)


def test_plot_map_says_value_and_verdict_at_its_place():
    found = {
        (0.0, 8): A,
        (0.0, 32): B,
        (1.0, 8): intervals.Interval(-0.2, -0.3, -0.1),
        (1.0, 32): A,
    }
    ax = maps.plot_map(found)
    texts = {text.get_position(): text.get_text() for text in ax.texts}
    assert texts[0.5, 0.5] == "+0.100\nhelps" and texts[1.5, 0.5] == "-0.100\n?"
    assert texts[0.5, 1.5] == "-0.200\nhurts"
    (mesh,) = ax.collections
    assert mesh.get_array().tolist() == [[0.1, -0.1], [-0.2, 0.1]]
    assert mesh.get_clim() == (-0.2, 0.2) and not ax.yaxis_inverted()
    assert [t.get_text() for t in ax.get_xticklabels()] == ["8", "32"]
    assert [t.get_text() for t in ax.get_yticklabels()] == ["0", "1"]


def test_plot_map_takes_the_scale_of_another_map():
    ax = maps.plot_map({(0.0, 8): A}, largest=0.5)
    assert ax.collections[0].get_clim() == (-0.5, 0.5)


def test_plot_map_tells_how_many_fields_help_and_hurt():
    found = {
        (0.0, 8): A,
        (0.0, 32): B,
        (1.0, 8): A,
        (1.0, 32): intervals.Interval(-0.2, -0.3, -0.1),
    }
    ax = maps.plot_map(found)
    said = described(ax.figure)
    assert "2 help, 1 hurt, 1 are undecided" in said and "1 with 32: -0.200, from -0.300" in said
    assert ax.get_title() == "estimate, and what its 95 % interval says"


def test_plot_map_with_a_hole_is_an_error():
    with pytest.raises(ValueError, match=r"no interval for \(1.0, 8\): of intervals, give one"):
        maps.plot_map({(0.0, 8): A, (0.0, 32): A, (1.0, 32): B})


def test_plot_confusion_shows_shares_of_each_class():
    ax = maps.plot_confusion([[3, 1], [1, 1]], true=["dog", "frog"], said=["cat", "bird"])
    (mesh,) = ax.collections
    assert mesh.get_array().tolist() == [[0.75, 0.25], [0.5, 0.5]]
    texts = {text.get_position(): text.get_text() for text in ax.texts}
    assert texts[0.5, 0.5] == "0.75" and texts[1.5, 0.5] == "0.25"
    assert [t.get_text() for t in ax.get_xticklabels()] == ["cat", "bird"]
    assert [t.get_text() for t in ax.get_yticklabels()] == ["dog", "frog"]
    assert "dog: cat 0.75; frog: cat 0.50. Highest: dog." in described(ax.figure)


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ([[1, 2]], "counts of shape (1, 2), true=2 classes, said=2 answers"),
        ([[1, 2], [0, 0]], "counts of class 'frog' are all 0: leave it out."),
    ],
)
def test_plot_confusion_refuses_counts_that_do_not_fit(counts, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        maps.plot_confusion(counts, true=["dog", "frog"], said=["cat", "bird"])
