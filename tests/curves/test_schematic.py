"""The schematic curves of start, slope and asymptote."""

import itertools
import re

import numpy as np
import pytest

from lib.curves import schematic

# the ends of every slider of lesson 01, and its middle
EXTREMES = list(itertools.product((-0.2, 0.0, 0.5), (0.25, 1.0, 5.0), (-0.3, 0.0, 0.2)))


def test_benefit_curves_follow_the_formula():
    curve = schematic.benefit_curves(start=0.2, slope=2, asymptote=0.1)["with transfer"]
    assert curve.epochs[[0, 100, -1]].tolist() == [0, 25, 50]
    assert curve.accuracy[0] == pytest.approx(0.4)
    assert curve.accuracy[100] == pytest.approx(0.85 - 0.45 * np.exp(-4))
    assert (curve.start, curve.rate, curve.asymptote) == pytest.approx((0.4, 0.16, 0.85))
    assert curve.slope == pytest.approx(0.16 * 0.45)
    assert curve.tangent_end == pytest.approx(6.25)


def test_benefit_curves_without_benefit_coincide():
    scratch, transfer = schematic.benefit_curves(start=0, slope=1, asymptote=0).values()
    np.testing.assert_array_equal(scratch.accuracy, transfer.accuracy)
    assert scratch[2:] == transfer[2:]


@pytest.mark.parametrize("settings", EXTREMES)
def test_benefit_curve_slope_is_the_derivative_at_epoch_0(settings):
    for curve in schematic.benefit_curves(*settings, n_epochs=1e-4).values():
        gain = (curve.accuracy[1] - curve.accuracy[0]) / (curve.epochs[1] - curve.epochs[0])
        assert gain == pytest.approx(curve.slope, abs=1e-4)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"start": 0.9}, "start=0.9: from scratch starts at 0.2, so choose -0.2 to 0.8."),
        ({"start": float("nan")}, "start=nan"),
        ({"asymptote": 0.3}, "asymptote=0.3: from scratch approaches 0.75, so choose"),
        ({"slope": 0}, "slope=0: choose a number from 1e-06"),
        ({"slope": float("inf")}, "slope=inf"),
        ({"n_epochs": 0}, "n_epochs=0: choose a number from 1e-06"),
    ],
)
def test_benefit_curves_reject_what_is_no_accuracy(wrong, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        schematic.benefit_curves(**wrong)


@pytest.mark.parametrize("start, asymptote", [(-0.2, -0.75), (0.8, 0.25)])
def test_benefit_curves_accept_the_ends_of_their_ranges(start, asymptote):
    curve = schematic.benefit_curves(start=start, asymptote=asymptote)["with transfer"]
    assert ((curve.accuracy > -1e-12) & (curve.accuracy < 1 + 1e-12)).all()
