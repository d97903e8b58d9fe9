"""Training on photographs: order, epochs, seconds; features computed once; arms."""

from dataclasses import replace

import numpy as np
import pytest

from lib import convnet, datasets, photo_experiments, training
from lib.photo_experiments import FROZEN, RANDOM_FEATURES, SCRATCH, THEN_FINE_TUNED


def make_task(n=48, n_classes=5, seed=0):
    """Noise, brighter for a higher class: a network can learn it in a few updates."""
    rng = np.random.default_rng(seed)

    def part(rows):
        y = np.arange(rows) % n_classes
        noise = rng.integers(0, 60, (rows, 32, 32, 3))
        return (noise + 40 * y[:, None, None, None]).astype("uint8"), y

    rows = [array for n_rows in (n, 30) for array in part(n_rows)]
    names = tuple("abcdefghij"[:n_classes])
    return datasets.Task("noise", *rows, names, "noise", *part(20))


@pytest.fixture(scope="module")
def task():
    return make_task()


def fit(task, seed=3, n_epochs=2, model_seed=1, **settings):
    model = convnet.convnet(seed=model_seed)
    return training.fit_epochs(model, task, n_epochs, seed, batch_size=16, **settings), model


def test_fit_epochs_has_a_row_an_epoch_and_one_before(task):
    curve, _ = fit(task)
    assert curve.epoch.tolist() == [0, 1, 2]
    assert curve.loc[0, "seconds"] == 0 and np.isnan(curve.loc[0, "train_loss"])
    assert (curve.loc[1:, ["seconds", "cpu_seconds", "train_loss"]] > 0).all(axis=None)
    columns = [f"{part}_{kind}" for part in ("test", "validation") for kind in ("loss", "accuracy")]
    assert np.isfinite(curve[columns]).all(axis=None)


def test_fit_epochs_measures_what_keras_measures(task):
    curve, model = fit(task)
    for part in ("test", "validation"):
        x, y = getattr(task, f"x_{part}"), getattr(task, f"y_{part}")
        loss, accuracy = model.evaluate(x.astype("float32"), y, verbose=0)
        assert curve[f"{part}_loss"].iloc[-1] == pytest.approx(loss, rel=1e-5)
        assert curve[f"{part}_accuracy"].iloc[-1] == pytest.approx(accuracy)


def test_fit_epochs_trains_as_keras_does_on_the_same_batches(task):
    curve, model = fit(task, n_epochs=1)
    other = convnet.convnet(seed=1)
    order = np.random.default_rng([3, 1]).permutation(len(task.y_train))
    for rows in np.split(order, 3):
        other.train_on_batch(task.x_train[rows].astype("float32"), task.y_train[rows])
    for ours, theirs in zip(model.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_fit_epochs_gives_the_same_again_and_another_order_with_another_seed(task):
    first, again, other = (fit(task, seed=seed)[0].test_loss.tolist() for seed in (3, 3, 4))
    assert first == again
    assert first[0] == other[0] and first[1:] != other[1:]


def test_fit_epochs_goes_on_after_earlier_epochs(task):
    """Two epochs, and one after one, see the same batches; only Adam starts anew here or not."""
    model = convnet.convnet(seed=1)
    parts = [training.fit_epochs(model, task, 1, 3, 16, first_epoch=i) for i in (0, 1)]
    assert [part.epoch.tolist() for part in parts] == [[0, 1], [2]]
    whole, _ = fit(task)
    assert parts[1].test_loss.iloc[0] == whole.test_loss.iloc[2]


def test_fit_epochs_says_what_does_not_fit(task):
    model = convnet.convnet(n_classes=4, seed=0)
    with pytest.raises(ValueError, match="tells 4 classes, but noise has"):
        training.fit_epochs(model, task, 1, 0, 16)
    with pytest.raises(ValueError, match="batch_size=128, but noise has 48 rows"):
        training.fit_epochs(convnet.convnet(seed=0), task, 1, 0)
    with pytest.raises(ValueError, match="n_epochs=0"):
        training.fit_epochs(convnet.convnet(seed=0), task, 0, 0, 16)


def test_features_once_keeps_labels_and_order(task):
    features, _ = convnet.split_at_dropout(convnet.convnet(seed=1))
    once = training.features_once(features, task, batch_size=7)
    assert once.x_train.shape == (48, 14, 14, 64) and once.x_train.dtype == "float16"
    assert once.y_validation is task.y_validation and once.parts == task.parts
    whole = features.predict_on_batch(task.x_train)
    np.testing.assert_allclose(once.x_train, whole, rtol=1e-3, atol=1e-4)


def test_features_once_lies_where_tensorflow_needs_no_copy(task):
    features, _ = convnet.split_at_dropout(convnet.convnet(seed=1))
    once = training.features_once(features, task)
    held, _ = training._in_memory(once, "train")
    once.x_train[0, 0, 0, 0] = 1234
    assert held[0, 0, 0, 0].numpy().view("float16") == 1234


def test_features_once_trains_the_head_as_through_the_frozen_layers(task):
    """Dropout draws from its layer's own seed, in the same order: equal up to 16-bit rounding."""
    through = convnet.freeze(convnet.convnet(seed=1), 2)
    long_way = training.fit_epochs(through, task, 3, 5, batch_size=16)
    model = convnet.freeze(convnet.convnet(seed=1), 2)
    features, head = convnet.split_at_dropout(model)
    short_way = training.fit_epochs(head, training.features_once(features, task), 3, 5, 16)
    columns = ["train_loss", "test_loss", "validation_loss"]
    np.testing.assert_allclose(short_way[columns], long_way[columns], rtol=2e-3)
    assert long_way.test_loss.iloc[-1] < 0.95 * long_way.test_loss.iloc[0]  # there was learning


def test_features_once_leaves_dropout_to_the_head(task):
    """Without Dropout in the head training differs, and far more than rounding explains."""
    losses = []
    for rate in (0.25, 0.0):
        model = convnet.freeze(convnet.convnet(seed=1), 2)
        features, head = convnet.split_at_dropout(model)
        head.layers[0].rate = rate
        once = training.features_once(features, task)
        losses.append(training.fit_epochs(head, once, 2, 5, 16).train_loss.iloc[-1])
    assert abs(losses[0] - losses[1]) > 0.01


def test_run_arm_leaves_frozen_layers_bit_identical_and_trains_the_rest(task):
    base = photo_experiments.run_arm(SCRATCH, make_task(seed=1), (), 0, 1, 16).weights
    start = convnet.get_weights(convnet.convnet(seed=100))
    for arm in photo_experiments.ARMS:
        found = photo_experiments.run_arm(arm, task, base, 100, 2, 16)
        for i, (kernel, _) in enumerate(found.weights):
            copied = i < arm.n_copied
            frozen = all(i < phase.n_frozen for phase in arm.phases)
            before = (base if copied else start)[i][0]
            assert np.array_equal(kernel, before) is frozen, (arm.label, i)
        assert found.curve.epoch.tolist() == [0, 1, 2]


def test_run_arm_starts_where_the_arm_says(task):
    base = photo_experiments.run_arm(SCRATCH, make_task(seed=1), (), 0, 1, 16).weights
    model = convnet.convnet(seed=100)
    convnet.copy_weights(model, base, 2)
    wanted = model.evaluate(task.x_test.astype("float32"), task.y_test, verbose=0)[0]
    curve = photo_experiments.run_arm(FROZEN, task, base, 100, 1, 16).curve
    assert curve.test_loss.iloc[0] == pytest.approx(wanted, rel=1e-3)


def test_run_arm_lowers_the_rate_in_the_second_phase(task):
    """At a tenth of the rate Adam moves a weight by at most about a tenth as far in an epoch."""
    base = convnet.get_weights(convnet.convnet(seed=0))
    found = photo_experiments.run_arm(THEN_FINE_TUNED, task, base, 100, 2, 16)
    moved = np.abs(found.weights[0][0] - base[0][0]).max()
    assert 0 < moved < 3 * 1e-4 * 1.5  # three updates, each by about the rate


def test_run_arm_counts_the_seconds_of_the_features_apart(task):
    scratch = photo_experiments.run_arm(SCRATCH, task, (), 100, 1, 16).curve
    random = photo_experiments.run_arm(RANDOM_FEATURES, task, (), 100, 1, 16).curve
    assert scratch.seconds.iloc[0] == 0 and random.seconds.iloc[0] > 0


def test_run_arm_says_that_the_base_lacks_a_head(task):
    base = convnet.get_weights(convnet.convnet(seed=0))[:2]
    with pytest.raises(ValueError, match="the base model gives 2 layers: copy 0 to 2"):
        photo_experiments.run_arm(photo_experiments.REUSED_HEAD, task, base, 0, 1, 16)
    with pytest.raises(ValueError, match="2 phases, but n_epochs=1"):
        photo_experiments.run_arm(THEN_FINE_TUNED, task, base, 0, 1, 16)


def test_split_halves_random_and_animals():
    for name in ("halves", "random", "animals"):
        source, target = photo_experiments.split(name, 3)
        assert sorted(source + target) == list(range(10))
        assert photo_experiments.split(f"{name}-reverse", 3) == (target, source)
    assert photo_experiments.split("random", 3) != photo_experiments.split("random", 4)
    assert photo_experiments.split("animals").target == (0, 1, 8, 9)
    with pytest.raises(ValueError, match="split 'thirds' is unknown: choose halves, random"):
        photo_experiments.split("thirds")


def test_task_checks_the_validation_part(task):
    with pytest.raises(ValueError, match="20 rows in x_validation but 19 in y_validation"):
        replace(task, y_validation=task.y_validation[:-1])
