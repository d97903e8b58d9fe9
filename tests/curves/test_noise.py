"""The noise along a curve, where it is known."""

import numpy as np
import pytest
from known_curves import EPOCHS, form_curve, noise

from lib.curves import fitting
from lib.curves.noise import EXACT, late_fall, noise_variance


@pytest.mark.parametrize(("n", "q"), [(20, 0.0), (20, 0.5), (60, 0.7)])
def test_noise_variance_of_a_correlated_series(n, q):
    """v (1 + q) / (1 - q), though the fit has followed the noise; half of the draws lie below."""
    t = np.arange(n + 1.0)
    jacobian = fitting.fit_form(t, form_curve(s=n / 5, t=t), "exponential").jacobian()[0]
    left = np.eye(n + 1) - jacobian @ np.linalg.pinv(jacobian)
    found = [noise_variance(left @ one, jacobian) for one in noise((400, n + 1), 5, q=q)]
    assert np.median(found) == pytest.approx(0.01**2 * (1 + q) / (1 - q), rel=0.25)


def test_noise_variance_is_seen_around_a_mean_curve():
    """Bases differ in start, asymptote and rate as well; only what is left of them is noise."""
    rng = np.random.default_rng(6)
    rate = (1 + 0.02 * rng.standard_normal((60, 40, 1))) / 4
    start, end = (
        0.3 + 0.05 * rng.standard_normal((2, 60, 40, 1)) + np.array([0, 0.5])[:, None, None, None]
    )
    bases = end - (end - start) * np.exp(-rate * EPOCHS) + noise((60, 40, 21), 8)
    jacobian = fitting.fit_form(EPOCHS, form_curve(), "exponential").jacobian()[0]
    found = [noise_variance(np.zeros(21), jacobian, one - one.mean(axis=0)) for one in bases]
    assert np.mean(found) == pytest.approx(0.01**2 * 3 / 40, rel=0.1)  # q = 0.5, a mean of 40
    assert np.std(found) < np.mean(found) / 3


def test_noise_variance_of_a_perfect_fit_is_that_of_rounding():
    assert noise_variance(np.zeros(21), np.ones((21, 1))) == EXACT


def test_late_fall_is_how_far_the_line_after_the_highest_stretch_comes_down():
    fall, peak = late_fall(EPOCHS, 0.5 + 0.02 * np.minimum(EPOCHS, 20 - EPOCHS))
    assert (fall, peak) == pytest.approx((0.2, 10))
    assert late_fall(EPOCHS, form_curve()) == (0, 0)


def test_late_fall_of_less_than_a_hundredth_of_noise_or_of_a_few_points_is_none():
    def rise(last, fall):
        return 0.3 + 0.02 * np.minimum(EPOCHS, last) - fall * np.clip(EPOCHS - last, 0, None)

    assert late_fall(EPOCHS, rise(8, 0.002))[0] > 0.02
    assert late_fall(EPOCHS, rise(8, 0.0007)) == (0, 0)  # 0.008 in all
    assert late_fall(EPOCHS, rise(17, 0.02)) == (0, 0)  # 4 points
    assert late_fall(EPOCHS, 0.5 + noise(21, 4)) == (0, 0)
    assert late_fall(EPOCHS, form_curve()) == (0, 0)
