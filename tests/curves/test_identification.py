"""Which asymptotes are called identified, and the reasons why others are not."""

import re

import numpy as np
import pytest
from known_curves import EPOCHS, form_curve, noise

from lib.curves.fitting import compare
from lib.curves.identification import identify


def share_identified(saturation, n_runs, n=50, n_epochs=20):
    """Part of simulated mean curves whose asymptote is called identified."""
    t = np.arange(n_epochs + 1.0)
    y = form_curve(s=n_epochs / saturation, t=t) + noise((n, n_runs, len(t)), 7).mean(axis=1)
    return np.mean([identify(t, one).ok for one in y])


@pytest.mark.parametrize("n_runs", [1, 40])
def test_identify_refuses_curves_cut_at_a_quarter_of_saturation(n_runs):
    assert share_identified(0.5, n_runs) <= 0.05


@pytest.mark.parametrize("n_epochs", [20, 100])
def test_identify_refuses_mean_curves_on_the_border(n_epochs):
    """kT = 2: more is still to come than is allowed."""
    assert share_identified(2, n_runs=400, n_epochs=n_epochs) == 0


def test_identify_accepts_saturated_mean_curves():
    assert share_identified(5, n_runs=40) >= 0.8
    assert share_identified(5, n_runs=40, n=40, n_epochs=100) == 1


def test_identify_refuses_mean_curves_that_fall_late():
    fall = 0.05 * np.clip(EPOCHS - 8, 0, None) / 12
    y = form_curve(s=2.0) - fall + noise((40, 10, 21), 8).mean(axis=1)
    found = [identify(EPOCHS, one) for one in y]
    assert np.mean([one.ok for one in found]) <= 0.05
    assert np.mean(["it falls by 0.0" in one.reason for one in found]) > 0.5  # by this test alone


def test_identify_says_how_much_of_the_rise_is_made():
    """1 - exp(-0.5) = 39 % of it."""
    found = identify(EPOCHS, form_curve(s=40.0))
    wanted = "it has made 39 % of its rise by epoch 20, by the forms that fit (exponential)"
    assert not found.ok and found.reason.startswith(f"not identified: {wanted}")
    found = identify(EPOCHS, form_curve(s=8.0) + noise(21, 0))
    assert re.search(r"it has made [67]\d to \d\d % of its rise .* 91.8 % are needed", found.reason)


@pytest.mark.parametrize(
    ("y", "words"),
    [
        (np.full(21, 0.5), "the curve is flat"),
        (
            0.5 + noise(21, 4, sd=0.01, q=0),
            r"the curve is flat, as far as the noise lets see \(range 0.0",
        ),
        (form_curve(a=0.8, c=0.3), "it falls, from 0.800"),
        (
            form_curve(s=2.0) - 0.01 * np.clip(EPOCHS - 8, 0, None),
            "it falls by 0.11. after epoch 8",
        ),
        (0.5 + 0.02 * np.minimum(EPOCHS, 20 - EPOCHS), "it falls by 0.200 after epoch 10"),
    ],
)
def test_identify_says_why_not(y, words):
    found = identify(EPOCHS, y)
    assert not found.ok and re.search(words, found.reason)


def test_identify_wants_enough_points():
    found = identify([0, 1, 2, 3], [0.2, 0.5, 0.6, 0.65])
    assert not found.ok and found.reason == "not identified: 4 points, and 7 are needed"
    with pytest.raises(ValueError, match="1 point"):
        identify([0], [0.2])


def test_identify_refuses_when_forms_disagree():
    """One noisy run that heads for 0.80: a form that heads for 0.85 fits as well."""
    found = identify(EPOCHS, form_curve(s=3.0) + noise(21, 21))
    assert not found.ok and "fit as well put the asymptote at 0.8" in found.reason


def test_identify_refuses_an_asymptote_at_its_bound():
    """Accuracy that heads for 1.02 cannot get there: all that fits is 1, the bound."""
    found = identify(EPOCHS, form_curve(a=0.2, c=1.02, s=8.0))
    assert not found.ok and found.reason.endswith("the fitted asymptote is at its bound, 1")


def test_identify_sees_the_noise_in_the_bases():
    """A rise as small as the noise of one curve: only the bases show that it is there."""
    bases = form_curve(a=0.50, c=0.515, s=3.0) + noise((30, 40, 21), 9)
    means = bases.mean(axis=1)
    flat = "the curve is flat, as far as the noise lets see"
    alone = [flat in identify(EPOCHS, one).reason for one in bases[:, 0]]
    around = [
        flat in identify(EPOCHS, m, one - m).reason for m, one in zip(means, bases, strict=True)
    ]
    assert np.mean(alone) > 0.3 and np.mean(around) == 0


@pytest.mark.parametrize("shape", [(1, 21), (5, 20), (21,)])
def test_identify_says_what_it_needs_around_a_curve(shape):
    with pytest.raises(ValueError, match=r"around of shape .* give .*\(n_bases, (21|T)\)"):
        identify(EPOCHS, form_curve(), np.zeros(shape))


@pytest.mark.parametrize(
    ("around", "words"),
    [
        (np.full((5, 21), np.nan), "around: 105 of 105 values are NaN"),
        (form_curve() + np.zeros((5, 1)), "around has a mean that is up to .* minus their mean"),
        (np.nan, r"around of shape \(\): give an array \(n_bases, T\)"),
    ],
)
def test_identify_refuses_what_is_no_noise_around_a_curve(around, words):
    with pytest.raises(ValueError, match=words):
        identify(EPOCHS, form_curve(), around)


def test_identify_and_compare_take_one_curve():
    two = np.stack([form_curve(), form_curve()])
    for call in (identify, compare):
        with pytest.raises(ValueError, match=r"curve of shape \(2, 21\): give an array \(T,\)"):
            call(EPOCHS, two)


def test_identify_names_the_forms_that_fit():
    found = identify(EPOCHS, form_curve("MMF", s=2.0, d=3))
    assert found.alike == ("MMF",) and "the forms that fit (MMF)" in found.reason
    assert identify(EPOCHS, form_curve(s=40.0)).alike == ()
