"""Four forms fitted to training curves, and what they may say of an asymptote."""

import re
from dataclasses import replace

import lmfit
import numpy as np
import pytest
from scipy.signal import lfilter

from lib import fits, forms

EPOCHS = np.arange(21.0)
RESTS = {  # written out once more, as in the literature
    "exponential": lambda t, s, d: np.exp(-t / s),
    "Weibull": lambda t, s, d: np.exp(-((t / s) ** d)),
    "power": lambda t, s, d: (1 + t / s) ** -d,
    "MMF": lambda t, s, d: s**d / (s**d + t**d),
}


def curve(form="exponential", a=0.3, c=0.8, s=4.0, d=1.0, t=EPOCHS):
    return c - (c - a) * RESTS[form](t, s, d)


def noise(shape, seed, sd=0.01, q=0.5):
    """An AR(1) series along the last axis."""
    shocks = np.random.default_rng(seed).normal(0, sd, shape)
    shocks[..., 1:] *= np.sqrt(1 - q**2)
    return lfilter([1], [1, -q], shocks, axis=-1)


@pytest.mark.parametrize(
    ("form", "d"),
    [("exponential", 1), ("Weibull", 1.6), ("Weibull", 0.7), ("power", 2), ("MMF", 2)],
)
def test_fit_recovers_the_curve_it_was_made_from(form, d):
    found = fits.fit(EPOCHS, curve(form, d=d), form)
    got = [found.start, found.asymptote, found.scale, found.exponent]
    np.testing.assert_allclose(np.ravel(got), [0.3, 0.8, 4, d], rtol=1e-4)
    np.testing.assert_allclose(found.predict([0, 100])[0], curve(form, d=d, t=np.array([0, 100])))


@pytest.mark.parametrize("form", fits.FORMS)
def test_fit_is_no_worse_than_an_independent_library(form):
    """lmfit, started at the truth, with the same bounds."""

    def model(t, a, c, s, d):
        return c - (c - a) * RESTS[form](t, s, d)

    low, high = forms.BY_NAME[form].exponents
    truth = lmfit.Parameters()
    truth.add("a", 0.3, min=0, max=1)
    truth.add("c", 0.8, min=0, max=1)
    truth.add("s", 4, min=0.1, max=600)
    truth.add("d", 1, min=low, max=high if high > low else low + 1, vary=high > low)
    y = np.array([curve(s=s) for s in np.linspace(2, 40, 50)]) + noise((50, 21), 3)
    ours = fits.fit(EPOCHS, y, form)
    theirs = [
        lmfit.minimize(lambda p, one=one: model(EPOCHS, **p.valuesdict()) - one, truth) for one in y
    ]
    squares = np.array([one.chisqr for one in theirs])
    assert (ours.sse <= squares * (1 + 1e-6)).all()
    same = np.isclose(ours.sse, squares, rtol=1e-6)  # elsewhere lmfit stops short of the optimum
    assert same.mean() > 0.9
    asymptotes = np.array([one.params["c"].value for one in theirs])
    np.testing.assert_allclose(ours.asymptote[same], asymptotes[same], atol=1e-3)


def test_fit_finds_the_optimum_on_the_edge_of_the_ranges():
    """Steep after a slow begin, faster than any Weibull exponent that is searched, 0.2 to 5."""
    y = curve("Weibull", s=10.0, d=8.0)
    found = fits.fit(EPOCHS, y, "Weibull")
    assert found.exponent.item() == pytest.approx(5)
    scales = np.linspace(8, 12, 4001)
    rest = np.exp(-((EPOCHS / scales[:, None]) ** 5))
    best = min(np.linalg.lstsq(np.stack([r, 1 - r], 1), y)[1].item() for r in rest)
    assert found.sse.item() <= best * (1 + 1e-6)


def test_fit_of_many_curves_is_the_fit_of_each():
    y = np.array([curve(s=s) for s in (2, 5, 9)]) + noise((3, 21), 0)
    for form in fits.FORMS:
        together = fits.fit(EPOCHS, y, form)
        alone = [fits.fit(EPOCHS, one, form).asymptote.item() for one in y]
        np.testing.assert_allclose(together.asymptote, alone, rtol=1e-6)


@pytest.mark.parametrize("form", fits.FORMS)
def test_fit_keeps_start_and_asymptote_within_0_and_1(form):
    steep = np.clip(0.1 + 0.045 * EPOCHS, 0, 1)  # a straight line asks for an asymptote above 1
    late = np.clip(EPOCHS - 10, 0, 6) / 8
    found = fits.fit(EPOCHS, [steep, late, 1 - steep], form)
    for level in (found.start, found.asymptote):
        assert (level >= 0).all() and (level <= 1).all()
    assert found.asymptote[0] == 1


@pytest.mark.parametrize("form", fits.FORMS)
def test_fit_half_gain_time_is_where_half_of_the_rise_is_made(form):
    found = fits.fit(EPOCHS, curve(form, d=1 if form == "exponential" else 1.5), form)
    half = found.predict(found.half_gain_time)[0].item()
    assert half == pytest.approx((found.start + found.asymptote).item() / 2)


def test_fit_remaining_is_the_part_of_the_rise_still_to_come():
    assert fits.fit(EPOCHS, curve(s=10.0), "exponential").remaining == pytest.approx(np.exp(-2))


@pytest.mark.parametrize("form", ["exponential", "power"])
def test_fit_slope_at_start_is_the_derivative(form):
    found = fits.fit(EPOCHS, curve(form, d=1 if form == "exponential" else 2), form)
    assert found.slope_at_start.item() == pytest.approx(found.gain(0, 1e-6).item(), rel=1e-4)


def test_fit_slope_at_start_is_refused_where_it_is_0_or_infinite():
    with pytest.raises(ValueError, match="slope of MMF at epoch 0 is 0 or infinite: read `gain`"):
        _ = fits.fit(EPOCHS, curve(), "MMF").slope_at_start


@pytest.mark.parametrize("form", fits.FORMS)
def test_fit_jacobian_is_the_derivative_of_the_curve(form):
    found = fits.fit(EPOCHS, curve(form, d=1 if form == "exponential" else 1.7), form)
    h, names = 1e-6, ("start", "asymptote", "scale", "exponent")[: found.n_parameters]
    for i, name in enumerate(names):
        value, log = getattr(found, name), i > 1
        ends = [value * np.exp(by) if log else value + by for by in (h, -h)]
        high, low = (replace(found, **{name: end}).predict(EPOCHS)[0] for end in ends)
        numeric = (high - low) / (2 * h)
        np.testing.assert_allclose(found.jacobian()[0, :, i], numeric, atol=1e-7)
    assert found.jacobian().shape == (1, 21, found.n_parameters)


@pytest.mark.parametrize("form", fits.FORMS)
def test_scale_at_leaves_the_part_that_is_asked_for(form):
    d = 1.0 if form == "exponential" else 1.7
    log_scale = forms.scale_at(form, 20, 0.3, np.log([d]))
    assert RESTS[form](20, np.exp(log_scale), d) == pytest.approx(0.3)


def test_fit_says_what_is_wrong():
    with pytest.raises(ValueError, match="form='logistic': choose one of exponential, Weibull"):
        fits.fit(EPOCHS, curve(), "logistic")
    with pytest.raises(ValueError, match="3 points: MMF has 4 parameters"):
        fits.fit([0, 1, 2], [0.2, 0.5, 0.6], "MMF")
    with pytest.raises(ValueError, match="epochs from -1: count them from 0"):
        fits.fit(EPOCHS - 1, curve(), "MMF")
    with pytest.raises(ValueError, match="1 of 1 curves hold NaN"):
        fits.fit(EPOCHS, np.full(21, np.nan), "power")


def test_fit_refuses_epochs_and_windows_that_are_none():
    found = fits.fit(EPOCHS, curve("MMF", d=1.5), "MMF")
    with pytest.raises(ValueError, match="epoch -1: count epochs from 0"):
        found.predict([-1, 2])
    with pytest.raises(ValueError, match="from epoch 5 to 5: it must begin before it ends"):
        found.gain(5, 5)


def test_compare_says_what_it_needs():
    with pytest.raises(ValueError, match="5 points: to compare forms takes 7"):
        fits.compare(EPOCHS[:5], curve()[:5])
    with pytest.raises(ValueError, match="no forms: choose some of exponential"):
        fits.compare(EPOCHS, curve(), ())


def test_compare_puts_the_true_form_first():
    y = curve("MMF", d=3) + noise(21, 1, sd=0.002)
    found = fits.compare(EPOCHS, y)
    assert found.best == found.table.index[0] == "MMF"
    assert found.table["weight"].sum() == pytest.approx(1)
    assert found.table["AICc difference"].iloc[0] == 0


def test_compare_weighs_forms_by_their_aicc():
    table = fits.compare(EPOCHS, curve() + noise(21, 1)).table
    assert table["weight"].sum() == pytest.approx(1) and table["weight"].max() < 0.9
    ratio = table["weight"].iloc[1] / table["weight"].iloc[0]
    assert ratio == pytest.approx(np.exp(-table["AICc difference"].iloc[1] / 2))


def test_aicc_is_the_formula_written_out():
    found = fits.fit(EPOCHS, curve() + noise(21, 2), "Weibull")
    n, p = 21, 5  # a, c, s, d and the variance
    wanted = n * np.log(found.sse / n) + 2 * p + 2 * p * (p + 1) / (n - p - 1)
    np.testing.assert_allclose(found.aicc, wanted)


# Is the asymptote identified?


def share_identified(saturation, n_runs, n=80, n_epochs=20):
    """Part of simulated mean curves whose asymptote is called identified."""
    t = np.arange(n_epochs + 1.0)
    y = curve(s=n_epochs / saturation, t=t) + noise((n, n_runs, len(t)), 7).mean(axis=1)
    return np.mean([fits.identify(t, one).ok for one in y])


@pytest.mark.parametrize("n_runs", [1, 40])
def test_identify_refuses_curves_cut_at_a_quarter_of_saturation(n_runs):
    assert share_identified(0.5, n_runs) <= 0.05


@pytest.mark.parametrize("n_epochs", [20, 100])
def test_identify_refuses_mean_curves_on_the_border(n_epochs):
    """kT = 2, where as much is still to come as is allowed: a one-sided error of 2.5 %."""
    assert share_identified(2, n_runs=400, n_epochs=n_epochs) <= 0.07


def test_identify_accepts_saturated_mean_curves():
    assert share_identified(5, n_runs=40) >= 0.8
    assert share_identified(5, n_runs=40, n=40, n_epochs=100) == 1


def test_identify_refuses_mean_curves_that_fall_late():
    fall = 0.05 * np.clip(EPOCHS - 8, 0, None) / 12
    y = curve(s=2.0) - fall + noise((40, 10, 21), 8).mean(axis=1)
    found = [fits.identify(EPOCHS, one) for one in y]
    assert np.mean([one.ok for one in found]) <= 0.05
    assert np.mean(["it falls by 0.0" in one.reason for one in found]) > 0.5  # by this test alone


def test_identify_says_how_much_of_the_rise_is_made():
    """1 - exp(-0.5) = 39 % of it."""
    found = fits.identify(EPOCHS, curve(s=40.0))
    wanted = "it has made 39 % of its rise by epoch 20, by the forms that fit (exponential, Weibull"
    assert not found.ok and found.reason.startswith(f"not identified: {wanted}")
    found = fits.identify(EPOCHS, curve(s=8.0) + noise(21, 0))
    assert re.search(r"it has made [67]\d to 9\d % of its rise .* 86.5 % are needed", found.reason)


@pytest.mark.parametrize(
    ("y", "words"),
    [
        (np.full(21, 0.5), "the curve is flat"),
        (
            0.5 + noise(21, 4, sd=0.01, q=0),
            r"the curve is flat, as far as the noise lets see \(range 0.0",
        ),
        (curve(a=0.8, c=0.3), "it falls, from 0.800"),
        (curve(s=2.0) - 0.01 * np.clip(EPOCHS - 8, 0, None), "it falls by 0.11. after epoch 8"),
        (0.5 + 0.02 * np.minimum(EPOCHS, 20 - EPOCHS), "it falls by 0.200 after epoch 10"),
    ],
)
def test_identify_says_why_not(y, words):
    found = fits.identify(EPOCHS, y)
    assert not found.ok and re.search(words, found.reason)


def test_identify_wants_enough_points():
    found = fits.identify([0, 1, 2, 3], [0.2, 0.5, 0.6, 0.65])
    assert not found.ok and found.reason == "not identified: 4 points, and 7 are needed"
    with pytest.raises(ValueError, match="1 point"):
        fits.identify([0], [0.2])


def test_identify_refuses_when_forms_disagree():
    """One noisy run that heads for 0.80: a form that heads for 0.85 fits as well."""
    found = fits.identify(EPOCHS, curve() + noise(21, 8))
    assert not found.ok and "fit as well put the asymptote at 0.8" in found.reason


def test_identify_refuses_an_asymptote_at_its_bound():
    """Accuracy that heads for 1.02 cannot get there: all that fits is 1, the bound."""
    found = fits.identify(EPOCHS, curve(a=0.2, c=1.02, s=8.0))
    assert not found.ok and found.reason.endswith("the fitted asymptote is at its bound, 1")


def test_identify_asks_what_else_would_fit():
    """Noise bends a curve with 30 % still to come so that the best fits of all forms saturate."""
    y = curve("power", s=2.0, d=0.5) + noise(21, 5)
    found = fits.identify(EPOCHS, y)
    assert not found.ok
    assert "a curve that has made less than 86.5 % of its rise by epoch 20 fits" in found.reason


@pytest.mark.parametrize(("n", "q"), [(20, 0.0), (20, 0.5), (60, 0.7)])
def test_noise_variance_of_a_correlated_series(n, q):
    """v (1 + q) / (1 - q), though the fit has followed the noise; half of the draws lie below."""
    t = np.arange(n + 1.0)
    jacobian = fits.fit(t, curve(s=n / 5, t=t), "exponential").jacobian()[0]
    left = np.eye(n + 1) - jacobian @ np.linalg.pinv(jacobian)
    found = [fits.noise_variance(left @ one, jacobian) for one in noise((400, n + 1), 5, q=q)]
    assert np.median(found) == pytest.approx(0.01**2 * (1 + q) / (1 - q), rel=0.25)


def test_noise_variance_is_seen_around_a_mean_curve():
    """Bases differ in start, asymptote and rate as well; only what is left of them is noise."""
    rng = np.random.default_rng(6)
    rate = (1 + 0.02 * rng.standard_normal((60, 40, 1))) / 4
    start, end = (
        0.3 + 0.05 * rng.standard_normal((2, 60, 40, 1)) + np.array([0, 0.5])[:, None, None, None]
    )
    bases = end - (end - start) * np.exp(-rate * EPOCHS) + noise((60, 40, 21), 8)
    jacobian = fits.fit(EPOCHS, curve(), "exponential").jacobian()[0]
    found = [fits.noise_variance(np.zeros(21), jacobian, one - one.mean(axis=0)) for one in bases]
    assert np.mean(found) == pytest.approx(0.01**2 * 3 / 40, rel=0.1)  # q = 0.5, a mean of 40
    assert np.std(found) < np.mean(found) / 3


def test_identify_knows_more_where_it_sees_the_bases():
    bases = curve(s=20 / 3) + noise((60, 40, 21), 9)
    means = bases.mean(axis=1)
    alone = np.mean([fits.identify(EPOCHS, one).ok for one in means])
    around = [fits.identify(EPOCHS, m, one - m).ok for m, one in zip(means, bases, strict=True)]
    assert np.mean(around) >= 0.95 and alone < 0.9
    border = curve(s=10.0) + noise((60, 40, 21), 9)
    found = [fits.identify(EPOCHS, m := one.mean(axis=0), one - m).ok for one in border]
    assert np.mean(found) <= 0.07


@pytest.mark.parametrize("shape", [(1, 21), (5, 20), (21,)])
def test_identify_says_what_it_needs_around_a_curve(shape):
    with pytest.raises(ValueError, match=r"around of shape .* give \(n_bases, 21\), 2 or more"):
        fits.identify(EPOCHS, curve(), np.zeros(shape))


def test_identify_names_the_forms_that_fit():
    found = fits.identify(EPOCHS, curve("MMF", s=2.0, d=3))
    assert found.alike == ("MMF",) and "the forms that fit (MMF)" in found.reason
    assert fits.identify(EPOCHS, curve(s=40.0)).alike == ()


def test_noise_variance_of_a_perfect_fit_is_that_of_rounding():
    assert fits.noise_variance(np.zeros(21), np.ones((21, 1))) == fits.EXACT
