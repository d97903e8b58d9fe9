"""Forms fitted by least squares against known curves and an independent library."""

import lmfit
import numpy as np
import pytest
from known_curves import EPOCHS, RESTS, form_curve, noise
from scipy.optimize import lsq_linear

from lib.curves import fitting, forms


@pytest.mark.parametrize(
    ("form", "d"),
    [("exponential", 1), ("Weibull", 1.6), ("Weibull", 0.7), ("power", 2), ("MMF", 2)],
)
def test_fit_form_recovers_the_curve_it_was_made_from(form, d):
    found = fitting.fit_form(EPOCHS, form_curve(form, d=d), form)
    got = [found.start, found.asymptote, found.scale, found.exponent]
    np.testing.assert_allclose(np.ravel(got), [0.3, 0.8, 4, d], rtol=1e-4)
    np.testing.assert_allclose(
        found.predict([0, 100])[0], form_curve(form, d=d, t=np.array([0, 100]))
    )


@pytest.mark.parametrize("form", forms.FORMS)
def test_fit_form_is_no_worse_than_an_independent_library(form):
    """lmfit, started at the truth, with the same bounds."""

    def model(t, a, c, s, d):
        return c - (c - a) * RESTS[form](t, s, d)

    low, high = forms.BY_NAME[form].exponents
    truth = lmfit.Parameters()
    truth.add("a", 0.3, min=0, max=1)
    truth.add("c", 0.8, min=0, max=1)
    truth.add("s", 4, min=0.1, max=600)
    truth.add("d", 1, min=low, max=high if high > low else low + 1, vary=high > low)
    y = np.array([form_curve(s=s) for s in np.linspace(2, 40, 50)]) + noise((50, 21), 3)
    ours = fitting.fit_form(EPOCHS, y, form)
    theirs = [
        lmfit.minimize(lambda p, one=one: model(EPOCHS, **p.valuesdict()) - one, truth) for one in y
    ]
    squares = np.array([one.chisqr for one in theirs])
    assert (ours.sse <= squares * (1 + 1e-6)).all()
    same = np.isclose(ours.sse, squares, rtol=1e-6)  # elsewhere lmfit stops short of the optimum
    assert same.mean() > 0.9
    asymptotes = np.array([one.params["c"].value for one in theirs])
    np.testing.assert_allclose(ours.asymptote[same], asymptotes[same], atol=1e-3)


def test_fit_form_finds_the_optimum_on_the_edge_of_the_ranges():
    """Steep after a slow begin, faster than any Weibull exponent that is searched, 0.2 to 5."""
    y = form_curve("Weibull", s=10.0, d=8.0)
    found = fitting.fit_form(EPOCHS, y, "Weibull")
    assert found.exponent.item() == pytest.approx(5)
    scales = np.linspace(8, 12, 4001)
    rest = np.exp(-((EPOCHS / scales[:, None]) ** 5))
    best = min(np.linalg.lstsq(np.stack([r, 1 - r], 1), y)[1].item() for r in rest)
    assert found.sse.item() <= best * (1 + 1e-6)


def test_fit_form_of_many_curves_is_the_fit_of_each():
    y = np.array([form_curve(s=s) for s in (2, 5, 9)]) + noise((3, 21), 0)
    for form in forms.FORMS:
        together = fitting.fit_form(EPOCHS, y, form)
        alone = [fitting.fit_form(EPOCHS, one, form).asymptote.item() for one in y]
        np.testing.assert_allclose(together.asymptote, alone, rtol=1e-6)


@pytest.mark.parametrize("form", forms.FORMS)
def test_fit_form_keeps_start_and_asymptote_within_0_and_1(form):
    steep = np.clip(0.1 + 0.045 * EPOCHS, 0, 1)  # a straight line asks for an asymptote above 1
    late = np.clip(EPOCHS - 10, 0, 6) / 8
    found = fitting.fit_form(EPOCHS, [steep, late, 1 - steep], form)
    for end in (found.start, found.asymptote):
        assert (end >= 0).all() and (end <= 1).all()
    assert found.asymptote[0] == 1


def test_fit_form_goes_on_to_the_optimum_of_a_narrow_valley():
    """A power curve with its asymptote at 1, where the first 60 steps do not get to the end."""
    y = form_curve(s=np.linspace(2, 40, 50)[39]) + noise((50, 21), 3)[39]
    found = fitting.fit_form(EPOCHS, y, "power")
    assert found.asymptote.item() == 1
    scale, exponent = np.meshgrid(
        found.scale * np.geomspace(0.95, 1.05, 201), np.geomspace(0.8, 1, 401)
    )
    rest = RESTS["power"](EPOCHS, scale[..., None], exponent[..., None])
    start = ((y - 1 + rest) * rest).sum(-1) / (rest**2).sum(-1)
    squares = ((y - 1 + (1 - start[..., None]) * rest) ** 2).sum(-1)
    assert found.sse.item() <= squares.min() * (1 + 1e-8)


def test_start_and_asymptote_are_bounded_least_squares():
    rest = RESTS["MMF"](EPOCHS, 6.0, 1.5)
    for y in (form_curve(), 1.1 - form_curve(), 0.2 + form_curve(), form_curve() - 0.35):
        oracle = lsq_linear(np.stack([rest, 1 - rest], 1), y, (0, 1), tol=1e-12)
        *ends, sse = fitting.start_and_asymptote(rest, y)
        np.testing.assert_allclose(ends, oracle.x, atol=1e-6)
        assert sse == pytest.approx(2 * oracle.cost)


def test_fit_form_says_what_is_wrong():
    with pytest.raises(ValueError, match="form='logistic': choose one of exponential, Weibull"):
        fitting.fit_form(EPOCHS, form_curve(), "logistic")
    with pytest.raises(ValueError, match="3 points: MMF has 4 parameters"):
        fitting.fit_form([0, 1, 2], [0.2, 0.5, 0.6], "MMF")
    with pytest.raises(ValueError, match="epochs from -1: count them from 0"):
        fitting.fit_form(EPOCHS - 1, form_curve(), "MMF")
    with pytest.raises(ValueError, match="21 of 21 values are NaN"):
        fitting.fit_form(EPOCHS, np.full(21, np.nan), "power")


def test_compare_says_what_it_needs():
    with pytest.raises(ValueError, match="5 points: to compare forms takes 7"):
        fitting.compare(EPOCHS[:5], form_curve()[:5])
    with pytest.raises(ValueError, match="give a list of some of exponential"):
        fitting.compare(EPOCHS, form_curve(), ())


def test_compare_puts_the_true_form_first():
    y = form_curve("MMF", d=3) + noise(21, 1, sd=0.002)
    found = fitting.compare(EPOCHS, y)
    assert found.best == found.table.index[0] == "MMF"
    assert found.table["weight"].sum() == pytest.approx(1)
    assert found.table["AICc difference"].iloc[0] == 0


def test_compare_weighs_forms_by_their_aicc():
    table = fitting.compare(EPOCHS, form_curve() + noise(21, 1)).table
    assert table["weight"].sum() == pytest.approx(1) and table["weight"].max() < 0.9
    ratio = table["weight"].iloc[1] / table["weight"].iloc[0]
    assert ratio == pytest.approx(np.exp(-table["AICc difference"].iloc[1] / 2))
