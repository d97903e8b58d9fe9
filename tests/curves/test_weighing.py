"""Which forms count, and how much of the rise they leave to come."""

import numpy as np
import pytest
from known_curves import EPOCHS, form_curve, noise

from lib.curves import FORMS, compare
from lib.curves.forms import pick
from lib.curves.weighing import LEAST_WEIGHT, average, fit_all, still_to_come


def test_fit_all_leaves_out_forms_of_little_weight():
    curves = [form_curve(s=3.0) + noise(21, seed) for seed in (0, 1)]
    _, weights = fit_all(EPOCHS, curves)
    for one, weight in zip(curves, weights.T, strict=True):
        akaike = compare(EPOCHS, one).table["weight"][list(FORMS)].to_numpy()
        kept = np.where(akaike < LEAST_WEIGHT, 0, akaike)
        assert weight == pytest.approx(kept / kept.sum())
    assert (weights == 0).any() and (weights > 0).sum() > 2


def test_average_and_still_to_come_of_one_exponential_by_hand():
    found, weights = fit_all(EPOCHS, form_curve(a=0.2, c=0.8, s=10.0)[None])
    assert average(found, weights) == pytest.approx(0.8, abs=1e-4)
    assert still_to_come(found, weights) == pytest.approx(0.6 * np.exp(-2), abs=1e-4)


def test_pick_takes_the_fits_of_some_curves():
    curves = [form_curve(s=s) for s in (2.0, 4.0, 6.0)]
    found, _ = fit_all(EPOCHS, curves)
    assert pick(found[0], [2, 0]).scale == pytest.approx([6, 2], rel=1e-4)
    assert pick(found[0], slice(1, 2)).predict(EPOCHS)[0] == pytest.approx(curves[1], abs=1e-4)
