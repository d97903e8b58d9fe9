"""The schematics by their artists."""

import itertools

import numpy as np
import pytest
from matplotlib import pyplot as plt

from lib.curves import schematic
from lib.figures import described, looks
from lib.figures.schematic import plot_benefits, plot_design

# the ends of every slider, and its middle
EXTREMES = list(itertools.product((-0.2, 0.0, 0.5), (0.25, 1.0, 5.0), (-0.3, 0.0, 0.2)))


def lines(ax, gid):
    """(x, y) of the lines with this gid, in the order they were drawn."""
    return [line.get_xydata().T for line in ax.lines if line.get_gid() == gid]


def labels(ax):
    """The texts in the axes, by their first word."""
    return {text.get_text().split()[0]: text.get_text() for text in ax.texts}


@pytest.mark.parametrize("settings", EXTREMES)
def test_plot_benefits_marks_are_exact(settings):
    curves = schematic.benefit_curves(*settings)
    scratch, transfer = curves.values()
    ax = plot_benefits(curves)

    drawn = {line.get_label(): line for line in ax.lines if line.get_label() in curves}
    for label, curve in curves.items():
        np.testing.assert_array_equal(drawn[label].get_xydata().T, curve[:2])
        assert drawn[label].get_color() == looks.style(label).color
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
    ax = plot_benefits(schematic.benefit_curves(slope=0.1))
    x, y = lines(ax, "tangent")[1]
    assert x[1] == 50 and y[1] == pytest.approx(0.2 + 50 * 0.008 * 0.55)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ((0.2, 2, 0.1), ("start\n+0.20", "slope +0.028 per epoch", "asymptote\n+0.10")),
        ((-0.2, 1, -0.3), ("start\n-0.20", "slope -0.008 per epoch", "asymptote\n-0.30")),
        ((0, 1, 0), ("start\n0.00", "slope 0.000 per epoch", "asymptote\n0.00")),
    ],
)
def test_plot_benefits_labels_tell_signed_differences(settings, expected):
    ax = plot_benefits(schematic.benefit_curves(*settings))
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
    plot_benefits(schematic.benefit_curves(*settings), ax=ax)
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


def test_plot_benefits_tells_the_numbers():
    ax = plot_benefits(schematic.benefit_curves(start=0.2, slope=2, asymptote=0.1))
    said = described(ax.figure)
    scratch = "from scratch: start 0.20, slope 0.044 per epoch, asymptote 0.75, 0.74 at epoch 50"
    assert scratch in said
    assert "with transfer: start 0.40, slope 0.072 per epoch, asymptote 0.85, 0.85 at" in said


@pytest.mark.parametrize(("n_bases", "n_refits"), [(1, 30), (50, 5)])
def test_plot_design_draws_a_column_of_refits_for_each_base(n_bases, n_refits):
    ax = plot_design(n_bases, n_refits)
    dots = ax.collections[0].get_offsets()
    assert len(dots) == n_bases * n_refits
    assert set(dots[:, 0]) == set(range(1, n_bases + 1))
    assert set(dots[:, 1]) == set(range(1, n_refits + 1))
    assert ax.get_title() == f"{n_bases} x {n_refits}"


def test_plot_design_needs_a_base_and_a_refit():
    with pytest.raises(ValueError, match="n_bases=0: choose a whole number from 1 to 1000."):
        plot_design(0, 5)
