"""Asymptotes of fitted forms: how they move, and how sure their difference is."""

import numpy as np
import pytest
from known_curves import EPOCHS, curve, noisy

from lib.curves import Identified, asymptotes, fitting, forms
from lib.statistics import intervals


@pytest.mark.parametrize("form", forms.FORMS)
def test_asymptote_weights_are_what_refits_of_moved_curves_show(form):
    # the oracle: move the curve at one epoch, and fit again
    curve = noisy(20)[0].mean(axis=(0, 1))
    found = asymptotes.asymptote_weights(fitting.fit_form(EPOCHS, curve, form), curve)
    moves = 1e-4 * np.eye(21)
    up, down = (fitting.fit_form(EPOCHS, curve + sign * moves, form).asymptote for sign in (1, -1))
    np.testing.assert_allclose(found, (up - down) / 2e-4, atol=2e-3)
    assert found.sum() == pytest.approx(1, abs=1e-3)  # a shift of the whole curve shifts c


def test_asymptote_at_its_bound_does_not_move():
    curve_ = np.linspace(0.5, 0.9, 21)
    found = fitting.fit_form(EPOCHS, curve_, "exponential")
    assert found.asymptote.item() == pytest.approx(1)
    assert not asymptotes.asymptote_weights(found, curve_).any()


def test_weights_of_forms_move_as_refits_of_moved_curves_show():
    # the oracle: move the curve at one epoch, and fit and weigh all forms again
    curve = noisy(3, kt=4.0, seed=5)[0].mean(axis=(0, 1))

    def average(curves):
        return asymptotes.average(*asymptotes.fit_all(EPOCHS, curves))

    found, weights = asymptotes.fit_all(EPOCHS, curve[None])
    assert (weights > 0).sum() >= 2
    used = [(form, w) for form, w in zip(found, weights[:, 0], strict=True) if w]
    held, moving = asymptotes.moves(used, curve)
    step = 1e-5 * np.eye(21)
    oracle = (average(curve + step) - average(curve - step)) / 2e-5
    np.testing.assert_allclose(moving, oracle, atol=0.02 * np.abs(oracle).max())
    assert np.abs(held - oracle).max() > 0.1 * np.abs(oracle).max()


def test_asymptote_of_forms_that_disagree_is_their_average_with_a_wider_interval(monkeypatch):
    # bases differ by a shift of the whole curve: it shifts all forms alike, and no weight
    shift = np.linspace(-0.02, 0.02, 5)[:, None, None]
    transfer, scratch = curve(0.3, 0.3, 0.8) + shift, curve(0.2, 0.3, 0.7) - shift
    means = [arm.mean(axis=(0, 1)) for arm in (transfer, scratch)]
    found = [fitting.fit_form(EPOCHS, means, form) for form in ("exponential", "MMF")]

    def answer(*weights):
        monkeypatch.setattr(asymptotes, "fit_all", lambda *_: (found, np.array([weights] * 2).T))
        return asymptotes.asymptote_difference(EPOCHS, transfer, scratch).interval

    only_the_margin(monkeypatch)
    one, other, mixed = answer(1, 0), answer(0, 1), answer(0.75, 0.25)
    assert mixed.estimate == pytest.approx(0.75 * one.estimate + 0.25 * other.estimate)
    # by hand: of weights p and 1 - p, the variance over forms is p (1 - p) (c - c')^2 in each arm
    over_forms = 0.75 * 0.25 * ((found[0].asymptote - found[1].asymptote) ** 2).sum()
    assert np.sqrt(over_forms) > 0.005
    student = intervals.paired_t(2 * shift.ravel())
    margins = [student.high, np.hypot(student.high, 1.959964 * np.sqrt(over_forms))]
    assert one.high - one.estimate == pytest.approx(margins[0], rel=1e-4)
    assert mixed.high - mixed.estimate == pytest.approx(margins[1], rel=1e-4)


def only_the_margin(monkeypatch):
    """Whatever the fits, the asymptotes count as identified, and nothing is still to come."""
    known = Identified(True, "")
    monkeypatch.setattr(asymptotes, "judge_fits", lambda *_: known)
    monkeypatch.setattr(asymptotes, "UNSEEN", 0)


def test_asymptote_difference_where_forms_tie_is_no_wider_than_the_forms_are_apart(monkeypatch):
    """Bases differ as the misfit of one form does, so its weight would move without limit."""
    mean, scratch = curve(0.3, 0.3, 0.8), curve(0.2, 0.3, 0.7)
    found = [fitting.fit_form(EPOCHS, [mean, scratch], form) for form in ("exponential", "MMF")]
    weights = np.array([[0.5, 1], [0.5, 0]])  # a tie with transfer, none from scratch
    monkeypatch.setattr(asymptotes, "fit_all", lambda *_: (found, weights))
    only_the_margin(monkeypatch)
    misfit = mean - found[1].predict(EPOCHS)[0]
    signs = np.linspace(-1, 1, 7)[:, None, None]
    bases = mean + signs * (misfit + 0.04)
    got = asymptotes.asymptote_difference(EPOCHS, bases, np.tile(scratch, (7, 1, 1))).interval
    used = [(fitting.fit_form(EPOCHS, mean, form.form), 0.5) for form in found]
    held, moving = asymptotes.moves(used, mean) @ (bases[:, 0] - mean).T
    margins = [intervals.paired_t(values).high for values in (held, moving)]
    apart = abs(np.diff([form.asymptote.item() for form, _ in used]).item())
    assert margins[1] > 3 * apart
    assert got.high - got.estimate == pytest.approx(margins[0] + apart / 2, rel=1e-3)


def test_asymptote_difference_of_a_curve_that_is_cut_has_a_reason_and_no_number():
    transfer, scratch = noisy(5, kt=0.5), noisy(5)
    got = asymptotes.asymptote_difference(EPOCHS, transfer[0], scratch[1])
    assert got.interval is None and got.p_better is None
    assert got.reason.startswith("transfer: not identified: ")


def test_a_third_of_what_is_still_to_come_counts_as_uncertain(monkeypatch):
    """By hand: at kT = 3, exp(-3) of the rises of 0.4 and 0.5."""
    shift = np.linspace(-0.02, 0.02, 5)[:, None, None]
    arms = curve(0.4, 3 / 20, 0.8) + shift, curve(0.2, 3 / 20, 0.7) - shift
    got = asymptotes.asymptote_difference(EPOCHS, *arms).interval
    monkeypatch.setattr(asymptotes, "UNSEEN", 0)
    without = asymptotes.asymptote_difference(EPOCHS, *arms).interval
    unseen = np.hypot(0.4, 0.5) * np.exp(-3) / 3
    expected = np.hypot(without.high - without.estimate, unseen)
    assert got.high - got.estimate == pytest.approx(expected, rel=1e-4)
    assert got.estimate == without.estimate


def test_asymptote_difference_of_fits_is_that_of_the_curves():
    arms = noisy(6, kt=5.0)
    fits = asymptotes.fit_all(EPOCHS, [arm.mean(axis=(0, 1)) for arm in arms])
    again = asymptotes.difference_of_fits(EPOCHS, *arms, *fits)
    assert again == asymptotes.asymptote_difference(EPOCHS, *arms) and again.interval is not None
