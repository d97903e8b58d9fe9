"""Every public name of `lib.curves` with hostile arguments."""

import numpy as np
import pytest
from fuzz_harness import array, case, fuzz_tests, interval, of_type, sound

from lib import curves
from lib.curves import Answer, Benefits, Fit
from lib.statistics import Interval

EPOCHS = list(range(9))
RISE = 1 - np.exp(-0.8 * np.arange(9))
LEVELS = np.array([[0.5, 0.52], [0.53, 0.49], [0.51, 0.5]])
RUNS = np.round(0.3 + LEVELS[..., None] * RISE, 3)  # (n_bases, n_refits, T)
SCRATCH = np.round(0.2 + (LEVELS[::-1, ::-1, None] + 0.02) * RISE, 3)
ONE = RUNS[0, 0]
AROUND = RUNS.mean(axis=1) - RUNS.mean(axis=(0, 1))
CHANGE = array(..., low=-1, high=1)
ACCURACY = array(..., low=0, high=1)
FITTED = curves.fit_form(EPOCHS, RUNS[0], "exponential")
ANSWER = Answer("higher start", Interval(0.1, 0.0, 0.2), 0.7, "undecided", "why")
NAMES = {"epochs": EPOCHS, "transfer": RUNS, "scratch": SCRATCH}


def answers(one):
    """Numbers that can be, or none with a reason."""
    for answer in one:
        assert (answer.interval is None) == (answer.p_better is None) and str(answer)
        if answer.interval is not None:
            interval(answer.interval)
            assert 0 <= answer.p_better <= 1


def difference(one):
    assert one.reason and (one.interval is None) == (one.p_better is None)
    if one.interval is not None:
        interval(one.interval)


def fit(one):
    for values in (one.start, one.asymptote, one.remaining):
        assert (values >= 0).all() and (values <= 1).all()
    assert (one.scale > 0).all() and (one.exponent > 0).all() and (one.sse >= 0).all()
    assert np.isfinite(one.predict(one.epochs)).all()


def comparison(one):
    assert one.best in one.fits and one.table["weight"].sum() == pytest.approx(1)
    for found in one.fits.values():
        fit(found)


def identified(one):
    assert one.reason and isinstance(one.ok, bool) and bool(one.alike) == one.ok


def cut_answers(one):
    answers(one.benefits)
    sound(one.means)


def times(one):
    """Infinite is an answer here: not reached."""
    assert (np.asarray(one) >= 0).all()


def benefit_curves(one):
    for curve in one.values():
        ACCURACY(curve.accuracy)
        assert np.isfinite(curve.slope) and curve.tangent_end > 0


CASES = {
    "at_epoch": case(ACCURACY, epochs=EPOCHS, curves=RUNS, epoch=3),
    "jumpstart": case(CHANGE, **NAMES, epoch=3),
    "gain": case(CHANGE, epochs=EPOCHS, curves=RUNS, begin=0, end=3).says(
        begin="epoch", end="epoch"
    ),
    "late_level": case(ACCURACY, epochs=EPOCHS, curves=RUNS, n_last=3),
    "time_to_threshold": case(times, epochs=EPOCHS, accuracy=RUNS, threshold=0.7),
    "area_ratio": case(times, **NAMES),
    "benefit_curves": case(benefit_curves, start=0.1, slope=2.0, asymptote=0.1, n_epochs=50),
    "rests": case(ACCURACY, form="power", epochs=EPOCHS, shapes=[[0.0, 0.0], [1.0, 0.2]]),
    "scale_at": case(
        array(...), form="power", epoch=8, rest=0.1, log_exponents=np.array([0.0, 0.1])
    ),
    "fit_form": case(fit, epochs=EPOCHS, curves=RUNS[0], form="exponential"),
    "Fit.rest": case(ACCURACY, t=[0, 4, 20]).on(lambda: FITTED.rest),
    "Fit.predict": case(ACCURACY, t=[0, 4, 20]).on(lambda: FITTED.predict),
    "Fit.gain": case(array(None, low=-1, high=1), begin=0, end=3)
    .on(lambda: FITTED.gain)
    .says(begin="epochs", end="epochs"),
    "compare": case(comparison, epochs=EPOCHS, curve=ONE, forms=["exponential", "power"]),
    "identify": case(identified, epochs=EPOCHS, curve=RUNS.mean(axis=(0, 1)), around=AROUND),
    "asymptote_difference": case(
        difference, **NAMES, n_resamples=0, seed=1, level=0.9
    ),
    "three_benefits": case(
        answers, **NAMES, start_epoch=0, window=(0, 3), n_last=3, n_resamples=0, seed=1, level=0.9
    ).says(start_epoch="epoch", window="epoch"),
    "Answer": case(
        str, benefit="higher start", interval=ANSWER.interval, p_better=0.7, verdict="holds",
        reason="why",
    ),
    "benefits_table": case(
        of_type(object), answers_by_arm={"fixed=0": Benefits(ANSWER, ANSWER, ANSWER, ANSWER)}
    ),
    "cut": case(sound, epochs=EPOCHS, curves=RUNS, last=6),
    "cut_answers": case(cut_answers, **NAMES, last=6, label="with transfer", n_resamples=0),
}  # fmt: skip
EXEMPT = {
    "AsymptoteDifference": "a record that asymptote_difference makes",
    "BenefitCurve": "a record that benefit_curves makes",
    "Benefits": "a record that three_benefits makes",
    "CutAnswers": "a record that cut_answers makes",
    "Identified": "a record that identify makes",
}
assert isinstance(FITTED, Fit)
test_names, test_valid, test_hostile, test_two_hostile = fuzz_tests(curves, CASES, EXEMPT)
