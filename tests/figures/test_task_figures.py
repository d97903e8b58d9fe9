"""Figures of tasks by their artists."""

from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib import colors
from matplotlib import pyplot as plt
from matplotlib.markers import MarkerStyle

from lib.data.task import Task
from lib.figures import described, looks, tasks


@pytest.fixture
def task():
    x = np.array([[0, 1], [2, 3], [4, 5], [6, 7]], "float32")
    y = np.array([1, 0, 1, 0])
    return Task(
        name="Two kinds",
        x_train=x,
        y_train=y,
        x_test=x[:3] + 10,
        y_test=y[:3],
        class_names=("red", "green"),
        data="made up",
    )


def legend_of(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_plot_points_puts_each_row_in_the_look_of_its_class(task):
    ax = tasks.plot_points(task)
    rows = [points.get_offsets().tolist() for points in ax.collections]
    assert rows == [[[2, 3], [6, 7]], [[0, 1], [4, 5]]]
    assert legend_of(ax) == [points.get_label() for points in ax.collections] == ["red", "green"]
    for points, color, marker in zip(ax.collections, looks.CLASS_COLORS, "o^", strict=False):
        assert colors.same_color(points.get_facecolor()[0], (color, 0.7))
        shape = MarkerStyle(marker)
        drawn = shape.get_path().transformed(shape.get_transform())
        np.testing.assert_array_equal(points.get_paths()[0].vertices, drawn.vertices)


def test_plot_points_of_the_test_rows_says_so(task):
    _, given = plt.subplots()
    ax = tasks.plot_points(task, part="test", ax=given)
    assert ax is given and sum(len(points.get_offsets()) for points in ax.collections) == 3
    assert ax.get_title() == "Two kinds: 3 test points"
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("feature 1", "feature 2")


def test_plot_points_repeats_looks_after_eight_classes():
    x, y = np.arange(18, dtype="float32").reshape(9, 2), np.arange(9)
    names = {"name": "Nine", "class_names": tuple("abcdefghi"), "data": "made up"}
    ax = tasks.plot_points(Task(x_train=x, y_train=y, x_test=x, y_test=y, **names))
    first, *_, last = ax.collections
    np.testing.assert_array_equal(first.get_facecolor(), last.get_facecolor())
    assert len({tuple(points.get_facecolor()[0]) for points in ax.collections}) == 8


def class_map(x, y, classes):
    xx0, xx1 = np.meshgrid(x, y)
    return SimpleNamespace(xx0=xx0, xx1=xx1, response=classes)


def test_plot_regions_shades_each_place_in_the_colour_of_its_class():
    x, y, classes = np.array([0, 1, 2]), np.array([5, 7]), np.array([[0, 0, 2], [1, 1, 2]])
    ax = tasks.plot_regions(class_map(x, y, classes))
    (mesh,) = ax.collections
    np.testing.assert_array_equal(mesh.get_array(), classes)
    centres = mesh.get_coordinates()[:-1, :-1] + [0.5, 1]  # of the cells, half a step further
    np.testing.assert_allclose(centres, np.stack(np.meshgrid(x, y), axis=-1))
    for c in range(3):
        shade = mesh.to_rgba(np.array([c]))[0]
        assert colors.same_color(shade[:3], looks.CLASS_COLORS[c])
    assert mesh.get_alpha() == 0.25
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("feature 1", "feature 2")


def test_plot_regions_of_one_class_keeps_its_colour():
    one_class = class_map(np.arange(2), np.arange(2), np.zeros((2, 2), int))
    (mesh,) = tasks.plot_regions(one_class).collections
    assert colors.same_color(mesh.to_rgba(np.array([0]))[0, :3], looks.CLASS_COLORS[0])


def test_plot_photos_puts_a_row_for_each_class_and_names_the_data():
    x = np.zeros((6, 4, 4, 3), "uint8")
    x[:, 0, 0, 0] = range(6)  # the photograph's number in its corner
    y = np.array([0, 1, 0, 1, 0, 1])
    names = {"name": "t", "class_names": ("cat", "dog"), "data": "some photographs"}
    task = Task(x_train=x, y_train=y, x_test=x, y_test=y, **names)
    ax = tasks.plot_photos(task, n_columns=2)
    (image,) = ax.images
    pixels = image.get_array()
    assert pixels.shape == (12, 12, 3)
    assert [int(pixels[i, j, 0]) for i in (1, 7) for j in (1, 7)] == [0, 2, 1, 3]
    assert (pixels[[0, 5, 6, 11]] == 255).all() and (pixels[:, [0, 5, 6, 11]] == 255).all()
    assert [text.get_text() for text in ax.get_yticklabels()] == ["cat", "dog"]
    assert list(ax.get_yticks()) == [2.5, 8.5]
    assert ax.get_title() == "some photographs"


def test_plot_photos_puts_a_row_for_each_label():
    dark = np.zeros((3, 4, 4, 3), "uint8")
    ax = tasks.plot_photos({"dark": dark, "light": dark + 200}, n_columns=2, title="changed")
    (image,) = ax.images
    pixels = image.get_array()
    assert pixels.shape == (12, 12, 3)
    assert [int(pixels[i, 2, 0]) for i in (2, 8)] == [0, 200]
    assert [text.get_text() for text in ax.get_yticklabels()] == ["dark", "light"]
    assert ax.get_title() == "changed"
    assert described(ax.figure) == "Changed. 2 photographs per row, one row each: dark, light."


def test_plot_regions_of_two_classes_and_of_many_keep_the_classes_colours():
    for n in (2, 5, 9):
        response = np.arange(n)[None].repeat(2, axis=0)
        (mesh,) = tasks.plot_regions(class_map(np.arange(n), np.arange(2), response)).collections
        for c in range(n):
            assert colors.same_color(mesh.to_rgba(np.array([c]))[0, :3], looks.CLASS_COLORS[c % 8])


def test_plot_regions_lies_behind_points_and_both_are_told(task):
    ax = tasks.plot_regions(class_map(np.arange(3), np.arange(2), np.array([[0, 0, 1]] * 2)))
    tasks.plot_points(task, ax=ax)
    mesh, *points = ax.collections
    assert all(mesh.get_zorder() < one.get_zorder() for one in points)
    said = described(ax.figure)
    assert "class 0: 67%; class 1: 33%" in said and "red: 2 points around (4.0, 5.0)" in said


def test_plot_regions_draws_the_test_rows_of_a_task_over_the_regions(task):
    regions = class_map(np.arange(3), np.arange(2), np.array([[0, 0, 1]] * 2))
    together, apart = (
        tasks.plot_regions(regions, points=task, title="t"),
        tasks.plot_regions(regions),
    )
    tasks.plot_points(task, part="test", title="t", ax=apart)
    assert together.get_title() == apart.get_title() == "t:\nTwo kinds: 3 test points"
    assert described(together.figure) == described(apart.figure)
    rows = [[one.get_offsets().tolist() for one in ax.collections[1:]] for ax in (together, apart)]
    assert rows[0] == rows[1]


def test_plot_unit_lines_stand_where_a_unit_switches():
    kernel, bias = np.array([[1.0, 0.0, 0.0], [0.0, 2.0, 0.0]]), np.array([-3.0, 4.0, 1.0])
    points = np.array([[0.0, 0.0], [4.0, 0.0], [5.0, -3.0]])
    ax = tasks.plot_unit_lines(kernel, bias, points=points)
    assert [line.get_label() for line in ax.lines] == ["unit 0", "unit 1"]
    for line, w, b in zip(ax.lines, kernel.T, bias, strict=False):
        places = np.array([line.get_xy1(), line.get_xy2()])
        np.testing.assert_allclose(places @ w + b, 0, atol=1e-12)
    assert len({line.get_linestyle() for line in ax.lines}) == 2
    said = described(ax.figure)
    assert "unit 0: 3.0 from the origin, active on 67%" in said and "unit 2: never switches" in said
