"""Designs: pairing, seeds, phases, and arms that do not fit the bases."""

import numpy as np
import pytest

from lib.data import blobs
from lib.experiments import batches
from lib.experiments.arms import (
    ADDED_LAYER,
    EXTENSION_ARMS,
    FIXED,
    NEW_HEAD,
    PUBLISHED_ARMS,
    REINITIALISED,
    SCRATCH,
    THEN_FINE_TUNED,
)
from lib.networks import initial_weights, replicates, weights

SOURCE, TARGET = blobs(1), blobs(2)


@pytest.fixture(scope="module")
def bases():
    return batches.train_bases(SOURCE, 3, n_epochs=2).weights


def run(arms, bases, n_refits=2, n_epochs=2, **options):
    return batches.run_arms(arms, TARGET, bases, n_refits, n_epochs, **options)


def test_run_arms_shapes_and_pairing_of_the_start(bases):
    results = run(PUBLISHED_ARMS, bases)
    assert list(results) == ["from scratch", "fixed=0", "fixed=1", "fixed=2"]
    assert {curves.shape for curves in results.values()} == {(3, 2, 3)}
    # all reuse the whole base, so they are equal before training, and for both refits of a base
    starts = [results[f"fixed={n}"][:, :, 0] for n in range(3)]
    np.testing.assert_array_equal(starts[0], starts[2])
    np.testing.assert_array_equal(starts[0][:, 0], starts[0][:, 1])


def test_final_accuracy_is_the_last_epoch_in_double_precision(bases):
    curves = run(PUBLISHED_ARMS, bases)
    final = batches.final_accuracy(curves)
    assert list(final) == list(curves)
    for label, scores in final.items():
        assert scores.shape == (3, 2) and scores.dtype == "float64"
        np.testing.assert_array_equal(scores, curves[label][:, :, 2])


def test_run_arms_together_or_alone_is_the_same(bases):
    together = run(PUBLISHED_ARMS + EXTENSION_ARMS, bases)
    for arm in (FIXED[1], ADDED_LAYER, THEN_FINE_TUNED):
        np.testing.assert_array_equal(together[arm.label], run([arm], bases)[arm.label])


def test_run_arms_agrees_with_training_by_hand(bases):
    seeds = range(500, 506)
    start = weights.graft(weights.repeat(bases, 2), initial_weights((2, 5, 5, 3), seeds), 1)
    by_hand = replicates.train(TARGET, start, seeds, 2, n_frozen=1).accuracy
    found = run([REINITIALISED], bases, first_seed=500)["fixed=1, rest new"]
    np.testing.assert_array_equal(found.reshape(6, 3), by_hand)


def test_run_arms_from_scratch_takes_nothing_from_the_bases(bases):
    others = batches.train_bases(SOURCE, 3, n_epochs=1, first_seed=50).weights
    one, other = (run([SCRATCH], b)["from scratch"] for b in (bases, others))
    np.testing.assert_array_equal(one, other)


def test_run_arms_two_phases_last_as_long_as_one(bases):
    found = run([THEN_FINE_TUNED, FIXED[2]], bases, n_epochs=4)
    tuned, fixed = found["freeze, fine-tune"], found["fixed=2"]
    assert tuned.shape == fixed.shape == (3, 2, 5)
    np.testing.assert_array_equal(tuned[..., :3], fixed[..., :3])  # the first half is frozen


def test_run_arms_freeze_then_fine_tune_agrees_with_training_by_hand(bases):
    seeds = list(range(500, 506))
    start = weights.repeat(bases, 2)
    first = replicates.train(TARGET, start, seeds, 2, n_frozen=2, learning_rate=0.01)
    later = [seed + 1_000_000_000 for seed in seeds]  # data orders of its own
    second = replicates.train(TARGET, first.weights, later, 2, n_frozen=0, learning_rate=0.001)
    by_hand = np.concatenate([first.accuracy, second.accuracy[:, 1:]], axis=1)
    found = run([THEN_FINE_TUNED], bases, n_epochs=4, first_seed=500)["freeze, fine-tune"]
    np.testing.assert_array_equal(found.reshape(6, 5), by_hand)


def test_train_bases_seeds_never_meet_target_seeds():
    assert batches.FIRST_TARGET_SEED > 10_000
    scratch = run([SCRATCH], batches.train_bases(TARGET, 3, 2).weights)
    same_task_bases = batches.train_bases(TARGET, 3, 2).accuracy
    assert not np.array_equal(scratch["from scratch"][:, 0], same_task_bases)


def test_run_arms_refuses_labels_that_repeat(bases):
    with pytest.raises(ValueError, match="repeat"):
        run([SCRATCH, SCRATCH], bases)
    with pytest.raises(ValueError, match="n_refits=0"):
        run([SCRATCH], bases, n_refits=0)
    with pytest.raises(ValueError, match="2 phases, but n_epochs=1"):
        run([THEN_FINE_TUNED], bases, n_epochs=1)
    for wrong in (-1, 0.5, "0"):
        with pytest.raises(ValueError, match=f"first_seed={wrong!r}: choose a whole number from 0"):
            run([SCRATCH], bases, first_seed=wrong)


def test_run_arms_says_which_arm_does_not_fit_the_bases():
    four = batches.train_bases(blobs(1, n_classes=4), 2, n_epochs=1).weights
    with pytest.raises(ValueError, match="fixed=0 copies 3 layers of the base"):
        run(PUBLISHED_ARMS, four)
    run([NEW_HEAD], four)  # a new head makes other classes no problem


@pytest.mark.parametrize(
    ("options", "message"),
    [({"n_bases": 0}, "n_bases=0"), ({"n_bases": 1.5}, "n_bases=1.5"), ({"first_seed": -1}, "-1")],
)
def test_train_bases_say_what_is_no_number(options, message):
    with pytest.raises(ValueError, match=f"{message}: choose a whole number"):
        batches.train_bases(SOURCE, **{"n_bases": 1, **options})
