"""Four forms of a training curve: what one that was fitted says of itself."""

from dataclasses import replace

import numpy as np
import pytest
from known_curves import EPOCHS, RESTS, form_curve, noise

from lib.curves import fitting, forms


@pytest.mark.parametrize("form", forms.FORMS)
def test_fit_half_gain_time_is_where_half_of_the_rise_is_made(form):
    found = fitting.fit_form(EPOCHS, form_curve(form, d=1 if form == "exponential" else 1.5), form)
    half = found.predict(found.half_gain_time)[0].item()
    assert half == pytest.approx((found.start + found.asymptote).item() / 2)


def test_fit_remaining_is_the_part_of_the_rise_still_to_come():
    assert fitting.fit_form(EPOCHS, form_curve(s=10.0), "exponential").remaining == pytest.approx(
        np.exp(-2)
    )


@pytest.mark.parametrize("form", ["exponential", "power"])
def test_fit_gain_at_the_start_is_the_derivative(form):
    found = fitting.fit_form(EPOCHS, form_curve(form, d=1 if form == "exponential" else 2), form)
    slope = found.exponent * (found.asymptote - found.start) / found.scale
    assert found.gain(0, 1e-6).item() == pytest.approx(slope.item(), rel=1e-4)


@pytest.mark.parametrize("form", forms.FORMS)
def test_fit_jacobian_is_the_derivative_of_the_curve(form):
    found = fitting.fit_form(EPOCHS, form_curve(form, d=1 if form == "exponential" else 1.7), form)
    h, names = 1e-6, ("start", "asymptote", "scale", "exponent")[: found.n_parameters]
    for i, name in enumerate(names):
        value, log = getattr(found, name), i > 1
        ends = [value * np.exp(by) if log else value + by for by in (h, -h)]
        high, low = (replace(found, **{name: end}).predict(EPOCHS)[0] for end in ends)
        numeric = (high - low) / (2 * h)
        np.testing.assert_allclose(found.jacobian()[0, :, i], numeric, atol=1e-7)
    assert found.jacobian().shape == (1, 21, found.n_parameters)


def test_aicc_is_the_formula_written_out():
    found = fitting.fit_form(EPOCHS, form_curve() + noise(21, 2), "Weibull")
    n, p = 21, 5  # a, c, s, d and the variance
    wanted = n * np.log(found.sse / n) + 2 * p + 2 * p * (p + 1) / (n - p - 1)
    np.testing.assert_allclose(found.aicc, wanted)


@pytest.mark.parametrize("form", forms.FORMS)
def test_scale_at_leaves_the_part_that_is_asked_for(form):
    d = 1.0 if form == "exponential" else 1.7
    log_scale = forms.scale_at(form, 20, 0.3, np.log([d]))
    assert RESTS[form](20, np.exp(log_scale), d) == pytest.approx(0.3)


def test_fit_refuses_epochs_and_windows_that_are_none():
    found = fitting.fit_form(EPOCHS, form_curve("MMF", d=1.5), "MMF")
    with pytest.raises(ValueError, match="t=.*: count epochs from 0"):
        found.predict([-1, 2])
    with pytest.raises(ValueError, match="from epoch 5 to 5: it must begin before it ends"):
        found.gain(5, 5)
