"""Panels, their titles, labels and legends."""

import re

import pytest

from lib.figures.axes import add_legend, axes_or_new, dress, panels, side_by_side


def texts(legend):
    return [text.get_text() for text in legend.get_texts()]


def test_panels_are_n_axes_row_by_row_with_their_titles():
    axes = panels(5, titles=list("abcde"), title="all")
    assert [ax.get_title() for ax in axes] == list("abcde")
    assert axes[0].figure.axes == list(axes) and axes[0].figure.get_suptitle() == "all"
    places = [ax.get_subplotspec() for ax in axes]
    assert [(p.rowspan.start, p.colspan.start) for p in places] == [
        (0, 0), (0, 1), (0, 2), (1, 0), (1, 1),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("shared", "x", "y"), [("", 0, 0), ("x", 1, 0), ("y", 0, 1), ("both", 1, 1)]
)
def test_panels_share_what_they_are_told(shared, x, y):
    one, other = panels(2, shared=shared)
    assert one.get_shared_x_axes().joined(one, other) == x
    assert one.get_shared_y_axes().joined(one, other) == y


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"n": 0}, "n=0: choose a whole number from 1 to 100."),
        ({"n": 2, "shared": "all"}, "shared='all': choose '', 'x', 'y' or 'both'."),
        ({"n": 2, "titles": ["a"]}, "1 titles for 2 panels: give one each."),
    ],
)
def test_panels_refuse_what_cannot_be(wrong, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        panels(**wrong)


def test_side_by_side_draws_one_thing_a_panel_in_order_with_the_same_options():
    drawn = []

    def plot(thing, *, shade, ax):
        drawn.append((thing, shade, ax))

    axes = side_by_side(plot, (one for one in "abc"), shared="y", columns=2, shade=0.5)
    assert drawn == [(thing, 0.5, ax) for thing, ax in zip("abc", axes, strict=True)]
    assert axes[0].get_shared_y_axes().joined(axes[0], axes[2])
    assert axes[2].get_subplotspec().rowspan.start == 1  # two columns


def test_side_by_side_of_a_dictionary_takes_its_keys_as_titles():
    def plot(thing, *, ax):
        ax.set_xlabel(thing)

    axes = side_by_side(plot, {"one": "a", "other": "b"}, title="both")
    assert [(ax.get_title(), ax.get_xlabel()) for ax in axes] == [("one", "a"), ("other", "b")]
    assert axes[0].figure.get_suptitle() == "both"
    named = side_by_side(plot, {"one": "a"}, titles=["mine"])
    assert named[0].get_title() == "mine"


def test_side_by_side_refuses_nothing_to_draw():
    with pytest.raises(ValueError, match="shown is empty: give one thing to draw or more"):
        side_by_side(lambda one, ax: None, [])


def test_dress_puts_the_title_of_the_panel_over_the_caption():
    one, other = panels(2, titles=["worst", "best: 0.8"])
    for ax in (one, other):
        dress(ax, x="epoch", y="accuracy", caption="n = 30")
        dress(ax, x="epoch", y="accuracy", caption="n = 31")  # drawn over: said once
    assert [ax.get_title() for ax in (one, other)] == ["worst:\nn = 31", "best: 0.8,\nn = 31"]
    assert dress(one, x="", y="", caption="n", title="own").get_title() == "own:\nn"


def test_dress_keeps_the_labels_of_a_shared_scale_outside():
    axes = panels(4, shared="both", columns=2)
    for ax in axes:
        dress(ax, x="epoch", y="accuracy")
    assert [ax.get_xlabel() for ax in axes] == ["", "", "epoch", "epoch"]
    assert [ax.get_ylabel() for ax in axes] == ["accuracy", "", "accuracy", ""]


def test_dress_breaks_long_titles_between_words_to_fit_the_axes():
    ax = axes_or_new(None, (4, 3))
    dress(ax, x="", y="", caption="a rather long caption that says what the intervals count " * 2)
    ax.figure.canvas.draw()
    assert ax.get_title().count("\n") >= 2
    assert ax.title.get_window_extent().width < ax.figure.bbox.width


def test_add_legend_stands_once_in_a_figure_of_equal_panels():
    one, other = panels(2)
    for ax in (one, other):
        ax.plot([0, 1], label="fixed=0")
        add_legend(ax)
    assert texts(one.get_legend()) == ["fixed=0"] and other.get_legend() is None
    other.plot([0, 1], label="fixed=1")
    add_legend(other)
    assert texts(other.get_legend()) == ["fixed=0", "fixed=1"]


def test_add_legend_that_grows_to_another_panels_leaves_nothing_behind():
    one, other = panels(2)
    for ax in (one, other):
        for label in ("minus the margin", "the margin"):
            ax.plot([0, 1], label=label)
            add_legend(ax)
    assert texts(one.get_legend()) == ["minus the margin", "the margin"]
    assert other.get_legend() is None


def test_add_legend_is_left_out_where_the_one_beside_the_panels_says_it_already():
    one, other = panels(2)
    for ax, labels in ((one, "abcdefg"), (other, "cd")):
        for label in labels:
            ax.plot([0], label=label)
        add_legend(ax)
    assert texts(one.figure.legends[0]) == list("abcdefg") and other.get_legend() is None


def test_add_legend_that_is_long_stands_beside_all_panels_once():
    one, other = panels(2)
    for ax in (one, other):
        for label in "abcdefg":
            ax.plot([0, 1], label=label)
            add_legend(ax)
    (legend,) = one.figure.legends
    assert texts(legend) == list("abcdefg") and one.get_legend() is None
    one.figure.canvas.draw()
    assert not any(
        legend.get_window_extent().overlaps(ax.get_window_extent()) for ax in (one, other)
    )
