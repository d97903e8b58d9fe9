"""A fair rate for each arm: chosen on rows held out, never on a test row."""

from dataclasses import replace

import numpy as np
import pytest

from lib.data import blobs
from lib.experiments import FIXED, SCRATCH, THEN_FINE_TUNED, rates, run_arms, train_bases
from lib.statistics import paired_t

TARGET = blobs(2, n_train=64)
BASES = train_bases(blobs(1), 2, 5).weights


def test_at_rate_keeps_the_ratio_of_phases_and_the_label():
    arm = rates.at_rate(THEN_FINE_TUNED, 0.1)
    assert [phase.learning_rate for phase in arm.phases] == pytest.approx([0.1, 0.01])
    assert replace(arm, phases=THEN_FINE_TUNED.phases) == THEN_FINE_TUNED


def test_hold_out_splits_the_training_rows_and_drops_the_test_rows():
    held = rates.hold_out(TARGET, 0.25, seed=3)
    assert (len(held.y_train), len(held.y_test)) == (48, 16)
    rows = np.concatenate([held.x_train, held.x_test])
    assert sorted(map(bytes, rows)) == sorted(map(bytes, TARGET.x_train))
    assert held.x_validation is None
    other = rates.hold_out(TARGET, 0.25, seed=4)
    assert not np.array_equal(held.x_test, other.x_test)


def test_on_validation_puts_validation_rows_in_place_of_test_rows():
    held = rates.on_validation(TARGET)
    np.testing.assert_array_equal(held.x_test, TARGET.x_validation)
    assert held.x_validation is None


def test_on_validation_refuses_rows_that_are_test_rows_too():
    x = TARGET.x_validation.copy()
    x[:2] = TARGET.x_test[:2]
    with pytest.raises(ValueError, match="2 validation rows of Problem 2 are test rows, too"):
        rates.on_validation(replace(TARGET, x_validation=x))
    with pytest.raises(ValueError, match="Problem 2 has no validation rows"):
        rates.on_validation(blobs(2, n_validation=0))


def test_choose_rates_takes_the_best_mean_on_the_rows_held_out():
    held = rates.hold_out(TARGET)
    grid = (0.001, 0.05)
    chosen = rates.choose_rates([SCRATCH, FIXED[2]], held, BASES, 2, 10, grid)
    for arm in (SCRATCH, FIXED[2]):
        for rate in grid:
            seed = rates.FIRST_CHOICE_SEED
            alone = run_arms([rates.at_rate(arm, rate)], held, BASES, 2, 10, seed)
            mean = alone[arm.label][..., -1].mean(dtype="float64")
            assert chosen[arm.label].accuracy[rate] == pytest.approx(mean)
        best = max(chosen[arm.label].accuracy, key=chosen[arm.label].accuracy.get)
        assert chosen[arm.label].rate == best
        assert chosen[arm.label].n_rows == len(held.y_test)


def test_choose_rates_passes_over_a_rate_at_which_a_network_is_lost():
    held = rates.hold_out(TARGET)
    chosen = rates.choose_rates([SCRATCH], held, BASES, 1, 3, (0.01, 1e30))["from scratch"]
    assert chosen.rate == 0.01 and np.isnan(chosen.accuracy[1e30])


def test_choose_rates_says_when_no_rate_works():
    with pytest.raises(ValueError, match="from scratch: at each rate of 1e.30 a network grew"):
        rates.choose_rates([SCRATCH], rates.hold_out(TARGET), BASES, 1, 3, (1e30,))


@pytest.mark.parametrize("grid", [(), (0.1, 0.1)])
def test_choose_rates_refuses_a_grid_that_is_none(grid):
    with pytest.raises(ValueError, match="give one learning rate or more, each once"):
        rates.choose_rates([SCRATCH], rates.hold_out(TARGET), BASES, rates=grid)


def test_choose_rates_of_equal_ones_takes_the_smaller():
    held = rates.hold_out(TARGET)
    chosen = rates.choose_rates([FIXED[0]], held, BASES, 1, 1, (2e-9, 1e-9))
    assert chosen["fixed=0"].rate == 1e-9


def test_with_rates_gives_each_arm_its_own():
    choices = {
        "from scratch": rates.RateChoice(0.1, {}, 1),
        "fixed=0": rates.RateChoice(0.03, {}, 1),
    }
    arms = rates.with_rates([SCRATCH, FIXED[0]], choices)
    assert [arm.phases[0].learning_rate for arm in arms] == pytest.approx([0.1, 0.03])
    with pytest.raises(ValueError, match="no rate was chosen for fixed=1"):
        rates.with_rates([FIXED[1]], choices)


@pytest.mark.parametrize("fraction", [0, 1, -0.1, float("nan")])
def test_hold_out_wants_a_part(fraction):
    with pytest.raises(ValueError, match="hold out a part above 0 and below 1"):
        rates.hold_out(TARGET, fraction)


def test_rate_effect_is_the_difference_of_paired_leads():
    rng = np.random.default_rng(0)
    equal, fair = (
        {label: rng.random(6) for label in ("control", "fixed=0", "fixed=1", "fixed=2")}
        for _ in range(2)
    )
    found = rates.rate_effect(equal, fair, control="control")
    assert [list(part) for part in found.values()] == [["fixed=0", "fixed=1", "fixed=2"]] * 3
    for label in ("fixed=0", "fixed=2"):
        at_one, at_fair = (scores[label] - scores["control"] for scores in (equal, fair))
        assert found["lead at 0.01"][label] == paired_t(at_one)
        assert found["lead at fair rates"][label] == paired_t(at_fair)
        assert found["the rate"][label] == paired_t(at_one - at_fair)


@pytest.mark.parametrize(
    ("fair", "message"),
    [
        ({"fixed=0": [0.1, 0.2]}, "fair has no from scratch: give scores of each arm"),
        ({"from scratch": [0.1, 0.2]}, "fair has no fixed=0: give scores"),
        ({"fixed=0": np.ones(3), "from scratch": np.ones(2)}, "scores of 2, 3 units: give each"),
        ({"fixed=0": np.ones(3), "from scratch": np.ones(3)}, "scores of 2, 3 units: give each"),
    ],
)
def test_rate_effect_says_which_scores_are_missing(fair, message):
    equal = {"fixed=0": np.array([0.3, 0.4]), "from scratch": np.array([0.1, 0.2])}
    with pytest.raises(ValueError, match=message):
        rates.rate_effect(equal, fair, FIXED[:1])
