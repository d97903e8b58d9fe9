"""Arms on photographs: what is copied, frozen and trained, at which rate, and its seconds."""

import numpy as np
import pytest
from fake_clock import fake_clock
from noise_photographs import make_task

from lib.experiments import photos
from lib.networks import convnet


@pytest.fixture(scope="module")
def task():
    return make_task()


def test_run_arm_leaves_frozen_layers_bit_identical_and_trains_the_rest(task):
    base = photos.run_arm(photos.PHOTO_SCRATCH, make_task(seed=1), (), 0, 1, 16).weights
    start = convnet.get_weights(convnet.build(seed=100))
    for arm in photos.PHOTO_ARMS:
        found = photos.run_arm(arm, task, base, 100, 2, 16)
        for i, (kernel, _) in enumerate(found.weights):
            copied = i < arm.n_copied
            frozen = all(i < phase.n_frozen for phase in arm.phases)
            before = (base if copied else start)[i][0]
            assert np.array_equal(kernel, before) is frozen, (arm.label, i)
        assert found.curve.epoch.tolist() == [0, 1, 2]


def test_run_arm_starts_where_the_arm_says(task):
    base = photos.run_arm(photos.PHOTO_SCRATCH, make_task(seed=1), (), 0, 1, 16).weights
    model = convnet.build(seed=100)
    convnet.copy_weights(model, base, 2)
    wanted = model.evaluate(task.x_test.astype("float32"), task.y_test, verbose=0)[0]
    curve = photos.run_arm(photos.FROZEN, task, base, 100, 1, 16).curve
    assert curve.test_loss.iloc[0] == pytest.approx(wanted, rel=1e-3)


def test_run_arm_lowers_the_rate_in_the_second_phase(task):
    """At a tenth of the rate Adam moves a weight by at most about a tenth as far in an epoch."""
    base = convnet.get_weights(convnet.build(seed=0))
    found = photos.run_arm(photos.PHOTO_THEN_FINE_TUNED, task, base, 100, 2, 16)
    moved = np.abs(found.weights[0][0] - base[0][0]).max()
    assert 0 < moved < 3 * 1e-4 * 1.5  # three updates, each by about the rate


def test_run_arm_counts_the_seconds_of_the_features_apart(task):
    scratch = photos.run_arm(photos.PHOTO_SCRATCH, task, (), 100, 1, 16).curve
    random = photos.run_arm(photos.PHOTO_RANDOM_FEATURES, task, (), 100, 1, 16).curve
    assert scratch.seconds.iloc[0] == 0 and random.seconds.iloc[0] > 0


def test_run_arm_adds_the_seconds_of_the_features_to_those_before_the_first_epoch(
    task, monkeypatch
):
    monkeypatch.setattr(photos, "time", fake_clock(7, 3))
    curve = photos.run_arm(photos.PHOTO_RANDOM_FEATURES, task, (), 100, 1, 16).curve
    assert (curve.seconds.iloc[0], curve.cpu_seconds.iloc[0]) == (7, 3)


def test_run_arm_says_that_the_base_lacks_a_head(task):
    base = convnet.get_weights(convnet.build(seed=0))[:2]
    with pytest.raises(ValueError, match="the base model gives 2 layers: copy 0 to 2"):
        photos.run_arm(photos.REUSED_HEAD, task, base, 0, 1, 16)
    with pytest.raises(ValueError, match="2 phases, but n_epochs=1"):
        photos.run_arm(photos.PHOTO_THEN_FINE_TUNED, task, base, 0, 1, 16)
