"""Training curves as if training had stopped earlier."""

import numpy as np
import pytest
from known_curves import EPOCHS, arms, noisy

from lib.curves import benefits, cuts, fitting, forms

SCRATCH = "from scratch"


def test_cut_keeps_the_epochs_up_to_the_last():
    transfer, *_ = arms()
    epochs, short = cuts.cut(EPOCHS, transfer, 8)
    np.testing.assert_array_equal(epochs, np.arange(9))
    np.testing.assert_array_equal(short, transfer[..., :9])


def test_cut_answers_are_those_of_the_curves_up_to_the_cut():
    transfer, scratch = noisy(6)
    found = cuts.cut_answers(EPOCHS, transfer, scratch, 15, label="fixed=0").benefits
    short = EPOCHS[:16], transfer[..., :16], scratch[..., :16]
    assert found == benefits.three_benefits(*short, window=(0, 5), n_last=2)  # 14 and 15
    assert "epoch 0 to 5" in found.slope.reason and "epochs 14 to 15" in found.late_level.benefit


def test_cut_answers_pass_on_the_number_of_refits():
    found = cuts.cut_answers(EPOCHS, *noisy(6), 20, n_resamples=20)
    assert "20 refits" in found.benefits.asymptote.reason


def test_cut_answers_fit_every_form_to_both_mean_curves_up_to_the_cut():
    transfer, scratch = noisy(6)
    found = cuts.cut_answers(EPOCHS, transfer, scratch, 10, label="fixed=0")
    assert list(found.means) == list(found.fits) == [SCRATCH, "fixed=0"]
    for arm, curves in ((SCRATCH, scratch), ("fixed=0", transfer)):
        mean = curves.mean(axis=(0, 1))
        np.testing.assert_allclose(found.means[arm], mean)
        assert tuple(found.fits[arm]) == forms.FORMS
        fitted = fitting.fit_form(EPOCHS[:11], mean[:11], "exponential")
        np.testing.assert_allclose(found.fits[arm]["exponential"].asymptote, fitted.asymptote)


def test_cut_answers_take_runs_without_bases_and_late_first_epochs():
    transfer, scratch, *_ = arms(n_refits=1)
    found = cuts.cut_answers(EPOCHS[1:], transfer[:, 0, 1:], scratch[:, 0, 1:], 20)
    assert "accuracy at epoch 1," in found.benefits.start.reason
    assert "epoch 1 to 6" in found.benefits.slope.reason
    np.testing.assert_allclose(found.means["with transfer"], transfer.mean(axis=(0, 1))[1:])


CURVES = np.full((3, 2, 3), 0.5)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: cuts.cut([0, 1, 2], CURVES, 0), "last=0: choose a recorded epoch, 1 to 2"),
        (lambda: cuts.cut([0, 1, 2], CURVES, 1.5), "last=1.5: choose a recorded epoch"),
        (lambda: cuts.cut([0, 1, 2], CURVES * np.nan, 2), "NaN"),
        (lambda: cuts.cut_answers([0, 1, 2], CURVES, CURVES, 1.5), "last=1.5: choose a recorded"),
        (
            lambda: cuts.cut_answers(EPOCHS, *noisy(3), 4),
            "last=4 leaves 5 recorded epochs: the slope takes 6.",
        ),
    ],
)
def test_cuts_name_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()
