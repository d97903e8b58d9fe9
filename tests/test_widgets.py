"""The schematic of the three benefits: its curves, its marks, its sliders."""

import html
import itertools
import re

import ipywidgets
import numpy as np
import pytest
from matplotlib import pyplot as plt

from lib import plots, widgets
from lib.curves import area_ratio, benefit_curves, time_to_threshold

NONE = {"start": 0.0, "slope": 1.0, "asymptote": 0.0}
# the ends of every slider, and its middle
EXTREMES = list(itertools.product((-0.2, 0.0, 0.5), (0.25, 1.0, 5.0), (-0.3, 0.0, 0.2)))


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def lines(ax, gid):
    """(x, y) of the lines with this gid, in the order they were drawn."""
    return [line.get_xydata().T for line in ax.lines if line.get_gid() == gid]


def labels(ax):
    """The texts in the axes, by their first word."""
    return {text.get_text().split()[0]: text.get_text() for text in ax.texts}


# Curves


def test_benefit_curves_follow_the_formula():
    curve = benefit_curves(start=0.2, slope=2, asymptote=0.1)["with transfer"]
    assert curve.epochs[[0, 100, -1]].tolist() == [0, 25, 50]
    assert curve.accuracy[0] == pytest.approx(0.4)
    assert curve.accuracy[100] == pytest.approx(0.85 - 0.45 * np.exp(-4))
    assert (curve.start, curve.rate, curve.asymptote) == pytest.approx((0.4, 0.16, 0.85))
    assert curve.slope == pytest.approx(0.16 * 0.45)
    assert curve.tangent_end == pytest.approx(6.25)


def test_benefit_curves_without_benefit_coincide():
    scratch, transfer = benefit_curves(**NONE).values()
    np.testing.assert_array_equal(scratch.accuracy, transfer.accuracy)
    assert scratch[2:] == transfer[2:]


@pytest.mark.parametrize("settings", EXTREMES)
def test_benefit_curve_slope_is_the_derivative_at_epoch_0(settings):
    for curve in benefit_curves(*settings, n_epochs=1e-4).values():
        gain = (curve.accuracy[1] - curve.accuracy[0]) / (curve.epochs[1] - curve.epochs[0])
        assert gain == pytest.approx(curve.slope, abs=1e-4)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"start": 0.9}, "start=0.9: from scratch starts at 0.2, so choose -0.2 to 0.8."),
        ({"start": float("nan")}, "start=nan"),
        ({"asymptote": 0.3}, "asymptote=0.3: from scratch approaches 0.75, so choose"),
        ({"slope": 0}, "slope=0 multiplies the rate: choose a number above 0"),
        ({"slope": float("inf")}, "slope=inf"),
        ({"n_epochs": 0}, "n_epochs=0: choose a number above 0"),
    ],
)
def test_benefit_curves_reject_what_is_no_accuracy(wrong, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        benefit_curves(**wrong)


@pytest.mark.parametrize("start, asymptote", [(-0.2, -0.75), (0.8, 0.25)])
def test_benefit_curves_accept_the_ends_of_their_ranges(start, asymptote):
    curve = benefit_curves(start=start, asymptote=asymptote)["with transfer"]
    assert ((curve.accuracy > -1e-12) & (curve.accuracy < 1 + 1e-12)).all()


@pytest.mark.parametrize("threshold", [0.3, 0.7])
def test_time_to_threshold_is_the_next_point_after_the_formulas_time(threshold):
    curve = benefit_curves(slope=2)["with transfer"]
    found = time_to_threshold(curve.epochs, curve.accuracy, threshold)
    exact = np.log((0.75 - 0.2) / (0.75 - threshold)) / 0.16
    assert 0 <= found - exact <= 0.25


def test_time_to_threshold_starts_at_epoch_0_and_may_never_come():
    curve = benefit_curves()["from scratch"]
    assert time_to_threshold(curve.epochs, curve.accuracy, 0.1) == 0
    assert time_to_threshold(curve.epochs, curve.accuracy, 0.75) == np.inf


def test_time_to_threshold_of_a_curve_that_falls_back_is_the_first():
    assert time_to_threshold([1, 2, 4, 8], [0.1, 0.6, 0.4, 0.7], 0.5) == 2


def test_area_ratio_is_that_of_the_integrals():
    scratch, transfer = benefit_curves(start=0.2, slope=2, asymptote=0.1).values()
    areas = [
        c * 50 - (c - a) * (1 - np.exp(-50 * k)) / k
        for a, k, c in (curve[2:] for curve in (scratch, transfer))
    ]
    found = area_ratio(scratch.epochs, transfer.accuracy, scratch.accuracy)
    assert found == pytest.approx(areas[1] / areas[0], rel=1e-4)


def test_area_ratio_weighs_by_the_distance_of_epochs():
    assert area_ratio([0, 1, 3], [0.0, 1.0, 1.0], [0.5, 0.5, 0.5]) == pytest.approx(2.5 / 1.5)


# The picture


@pytest.mark.parametrize("settings", EXTREMES)
def test_plot_benefits_marks_are_exact(settings):
    curves = benefit_curves(*settings)
    scratch, transfer = curves.values()
    ax = plots.plot_benefits(curves)

    drawn = {line.get_label(): line for line in ax.lines if line.get_label() in curves}
    for label, curve in curves.items():
        np.testing.assert_array_equal(drawn[label].get_xydata().T, curve[:2])
        assert drawn[label].get_color() == plots.style(label).color
    ((x, y),) = lines(ax, "start")
    assert y.tolist() == [scratch.start, transfer.start]
    bracket = [y for x, y in lines(ax, "asymptote") if x[0] == x[1]]
    assert [y.tolist() for y in bracket] == [[scratch.asymptote, transfer.asymptote]]
    levels = [y.tolist() for x, y in lines(ax, "asymptote") if x[0] != x[1]]
    assert levels == [[curve.asymptote] * 2 for curve in curves.values()]
    for (x, y), curve in zip(lines(ax, "tangent"), curves.values(), strict=True):
        assert (x[0], y[0]) == (0, curve.start)
        assert y[1] - y[0] == pytest.approx(curve.rate * (curve.asymptote - curve.start) * x[1])
        assert y[1] == pytest.approx(curve.asymptote)  # no slider makes 1 / k longer than the axis


def test_plot_benefits_stops_the_tangent_at_the_last_epoch():
    ax = plots.plot_benefits(benefit_curves(slope=0.1))
    x, y = lines(ax, "tangent")[1]
    assert x[1] == 50 and y[1] == pytest.approx(0.2 + 50 * 0.008 * 0.55)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ((0.2, 2, 0.1), ("start\n+0.20", "slope +0.028 an epoch", "asymptote\n+0.10")),
        ((-0.2, 1, -0.3), ("start\n-0.20", "slope -0.008 an epoch", "asymptote\n-0.30")),
        ((0, 1, 0), ("start\n0.00", "slope 0.000 an epoch", "asymptote\n0.00")),
    ],
)
def test_plot_benefits_labels_tell_signed_differences(settings, expected):
    ax = plots.plot_benefits(benefit_curves(*settings))
    found = labels(ax)
    assert (found["start"], found["asymptote"]) == (expected[0], expected[2])
    assert found["slope"].startswith(expected[1])
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [
        "from scratch",
        "with transfer",
    ]
    assert ax.get_xlabel() == "epoch" and ax.get_ylabel() == "accuracy (fraction correct)"


@pytest.mark.parametrize("size", [(7, 4.3), (4, 3.4)])
@pytest.mark.parametrize("settings", EXTREMES)
def test_plot_benefits_labels_overlap_nothing(settings, size):
    _, ax = plt.subplots(figsize=size, layout="constrained")
    plots.plot_benefits(benefit_curves(*settings), ax=ax)
    ax.figure.canvas.draw()
    texts = [*ax.texts, *ax.get_legend().get_texts()]
    boxes = {text.get_text(): text.get_window_extent() for text in texts}
    inside, dots = ax.get_window_extent(), ax.figure.dpi / 72
    for name, box in boxes.items():
        assert inside.x0 <= box.x0 and box.x1 <= inside.x1 and box.y1 <= inside.y1, name
        for line in ax.lines:
            path = line.get_transform().transform_path(line.get_path())
            cap = 0 if line.get_marker() == "None" else line.get_markersize() / 2 * dots
            assert not path.intersects_bbox(box.padded(cap), filled=False), (name, line.get_gid())
    for (name, box), (other, other_box) in itertools.combinations(boxes.items(), 2):
        assert not box.overlaps(other_box), (name, other)


def test_benefits_figure_shows_the_curves_of_its_settings():
    settings = {"start": -0.1, "slope": 3.0, "asymptote": 0.05}
    (ax,) = widgets.benefits_figure(**settings).axes
    curve = benefit_curves(**settings)["with transfer"]
    (drawn,) = [line for line in ax.lines if line.get_label() == "with transfer"]
    np.testing.assert_array_equal(drawn.get_ydata(), curve.accuracy)


def test_benefits_alt_tells_the_numbers():
    alt = widgets.benefits_alt(benefit_curves(start=0.2, slope=2, asymptote=0.1))
    assert "from scratch: start 0.20, slope 0.044 an epoch, asymptote 0.75, 0.74 at epoch 50" in alt
    assert "with transfer: start 0.40, slope 0.072 an epoch, asymptote 0.85, 0.85 at" in alt


# The sliders


def parts(explorer):
    """(sliders by the first word of their description, the picture)."""
    *sliders, picture = explorer.children
    return {slider.description.split()[0]: slider for slider in sliders}, picture


def alt_of(picture):
    return html.unescape(re.search(r'<img alt="([^"]*)"', picture.value)[1])


def test_benefits_explorer_starts_with_its_sliders_values():
    sliders, picture = parts(widgets.benefits_explorer())
    values = [sliders[name].value for name in ("start", "rate", "asymptote")]
    assert alt_of(picture) == widgets.benefits_alt(benefit_curves(*values))
    assert "data:image/png;base64," in picture.value


@pytest.mark.parametrize(
    ("name", "value", "settings"),
    [("start", -0.2, (-0.2, 2, 0.1)), ("rate", 5, (0.2, 5, 0.1)), ("asymptote", 0, (0.2, 2, 0))],
)
def test_benefits_explorer_slider_changes_picture_and_alt(name, value, settings):
    sliders, picture = parts(widgets.benefits_explorer())
    before = picture.value.split("base64,")[1]
    sliders[name].value = value
    assert picture.value.split("base64,")[1] != before
    assert alt_of(picture) == widgets.benefits_alt(benefit_curves(*settings))


def test_benefits_explorer_ends_of_sliders_are_legal():
    sliders, picture = parts(widgets.benefits_explorer())
    for ends in itertools.product(*((slider.min, slider.max) for slider in sliders.values())):
        for slider, value in zip(sliders.values(), ends, strict=True):
            slider.value = value
        assert "<img" in picture.value, ends
    assert not plt.get_fignums()


def test_benefits_explorer_shows_an_error_in_place_of_the_picture():
    sliders, picture = parts(widgets.benefits_explorer())
    sliders["start"].max = 1
    sliders["start"].value = 0.9
    assert picture.value.startswith("<p>start=0.9: from scratch starts at 0.2")


@pytest.mark.parametrize("status", [None, ipywidgets.HTML()])
def test_explorer_shows_an_error_as_text_and_not_as_markup(status):
    def draw():
        raise ValueError("x=<img src=y>: choose 1 & 2.")

    *_, picture = widgets._explorer({}, draw, status).children
    said, silent = (picture, None) if status is None else (status, picture)
    assert said.value == "<p>x=&lt;img src=y&gt;: choose 1 &amp; 2.</p>"
    assert silent is None or silent.value == ""
