"""The explorer that cuts training curves: interval and verdict change with the cut."""

import html
import re

import numpy as np
import pytest
from matplotlib import pyplot as plt

from lib.course.explorers import cut
from lib.curves import cut_answers, fit_form

EPOCHS = np.arange(41)


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def curves(start, asymptote, rate, seed, n_bases=12):
    """Exponential curves with base effects and noise, (n_bases, 2, 41)."""
    rng = np.random.default_rng(seed)
    rest = np.exp(-rate * EPOCHS)
    base = rng.normal(0, 0.01, (n_bases, 1, 1)) + rng.normal(0, 0.005, (n_bases, 2, len(EPOCHS)))
    return asymptote - (asymptote - start) * rest + base


@pytest.fixture
def explorer():
    """(controls by description, the status line, the picture)."""
    scratch = curves(0.2, 0.70, 0.15, 0)
    cases = {
        "higher": ("fixed=0", curves(0.4, 0.85, 0.15, 1), scratch),
        "lower": ("fixed=2", curves(0.2, 0.55, 0.15, 2), scratch),
    }
    *controls, status, picture = cut.curve_cut_explorer(EPOCHS, cases).children
    return {control.description: control for control in controls}, status, picture


def said(status):
    return html.unescape(status.value)


def test_curve_cut_explorer_starts_at_the_last_epoch_with_an_interval(explorer):
    controls, status, picture = explorer
    assert controls["stop at epoch"].value == 40
    found = re.search(r"higher asymptote: (\+0\.\d+) \[.*?\] holds", said(status))
    assert float(found[1]) == pytest.approx(0.15, abs=0.03)
    assert "<img" in picture.value


def test_curve_cut_explorer_early_cut_is_not_identified_but_has_a_late_level(explorer):
    controls, status, _ = explorer
    controls["stop at epoch"].value = 6
    assert "Training cut at epoch 6." in said(status)
    assert "higher asymptote: not identified" in said(status)
    assert re.search(r"higher late level .*?: \+0\.\d+ \[.*?\] holds", said(status))


def test_curve_cut_explorer_case_changes_the_answer_and_its_arm(explorer):
    controls, status, picture = explorer
    before = picture.value
    controls["case"].value = "lower"
    assert "fixed=2 minus from scratch" in said(status)
    assert re.search(r"higher asymptote: -0\.\d+ \[.*?\] does not hold", said(status))
    assert picture.value != before


def test_curve_cut_explorer_offers_epochs_that_leave_enough_points(explorer):
    controls, _, _ = explorer
    offered = [epoch for _, epoch in controls["stop at epoch"].options]
    assert offered == list(range(6, 41))


def test_cut_figure_takes_runs_without_refits_too():
    flat = curves(0.2, 0.7, 0.15, 0)[:, 0]
    found = cut_answers(EPOCHS, flat + 0.1, flat, 40, label="fixed=0")
    figure = cut.cut_figure(EPOCHS, found, 40, "a case")
    assert "12 pairs of runs" in cut.cut_words(found, 40)
    assert figure.get_suptitle() == "a case"
    assert len(figure.axes) == 2


def test_cut_figure_lines_are_forms_fitted_up_to_the_cut_only():
    scratch, transfer = curves(0.2, 0.7, 0.15, 0), curves(0.4, 0.85, 0.15, 1)
    figure = cut.cut_figure(EPOCHS, cut_answers(EPOCHS, transfer, scratch, 10), 10)
    drawn = [line for line in figure.axes[0].lines if line.get_gid() == "exponential"]
    for line, arm in zip(drawn, (scratch, transfer), strict=True):
        fitted = fit_form(EPOCHS[:11], arm.mean(axis=(0, 1))[:11], "exponential")
        np.testing.assert_allclose(line.get_ydata(), fitted.predict(line.get_xdata())[0])
