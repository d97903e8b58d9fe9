"""Arms: what is copied, frozen and trained, at which rate, in which phases."""

import numpy as np
import pytest

from lib.experiments.arms import (
    ADDED_LAYER,
    FIXED,
    NEW_HEAD,
    RANDOM_FEATURES,
    REINITIALISED,
    SCRATCH,
    THEN_FINE_TUNED,
    Arm,
    Phase,
    phase_ends,
)


@pytest.mark.parametrize(
    ("arm", "n_copied", "phases", "hidden"),
    [
        (SCRATCH, 0, [(0, 0.01, 1)], (5, 5)),
        (FIXED[0], 3, [(0, 0.01, 1)], (5, 5)),
        (FIXED[1], 3, [(1, 0.01, 1)], (5, 5)),
        (FIXED[2], 3, [(2, 0.01, 1)], (5, 5)),
        (REINITIALISED, 1, [(1, 0.01, 1)], (5, 5)),
        (ADDED_LAYER, 2, [(2, 0.01, 1)], (5, 5, 5)),
        (NEW_HEAD, 2, [(2, 0.01, 1)], (5, 5)),
        (THEN_FINE_TUNED, 3, [(2, 0.01, 0.5), (0, 0.001, 0.5)], (5, 5)),
        (RANDOM_FEATURES, 0, [(2, 0.01, 1)], (5, 5)),
    ],
)
def test_arms_are_what_their_labels_say(arm, n_copied, phases, hidden):
    found = [(p.n_frozen, p.learning_rate, p.epochs_fraction) for p in arm.phases]
    assert (arm.n_copied, found, arm.hidden) == (n_copied, phases, hidden)


@pytest.mark.parametrize("phases", [(), (Phase(0, 0.01, 0.6),), (Phase(0, 0.01, 0.0), Phase())])
def test_arm_refuses_phases_that_do_not_fill_the_run(phases):
    with pytest.raises(ValueError, match="add up to 1"):
        Arm("odd", phases=phases)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Phase(1.5), "n_frozen=1.5: choose a whole number from 0 to 100"),
        (lambda: Phase(-1), "n_frozen=-1"),
        (lambda: Phase(0, 0), "learning_rate=0: choose a number above 0"),
        (lambda: Phase(0, float("nan")), "learning_rate=nan"),
        (lambda: Arm("odd", "2"), "n_copied='2': choose a whole number from 0 to 100"),
    ],
)
def test_arms_refuse_what_is_no_number(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_phase_ends_are_the_last_epoch_of_each_phase():
    assert phase_ends(SCRATCH, 3) == [3]
    assert phase_ends(THEN_FINE_TUNED, 5) == [2, 5]
    with pytest.raises(ValueError, match="2 phases, but n_epochs=1: choose more epochs"):
        phase_ends(THEN_FINE_TUNED, 1)
    for wrong in (0, 2.5, np.inf):
        with pytest.raises(ValueError, match=f"n_epochs={wrong}: choose a whole number from 1 to"):
            phase_ends(SCRATCH, wrong)
