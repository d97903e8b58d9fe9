"""The arms of lesson 12: a head on features, and a network that is tuned."""

from dataclasses import replace

import numpy as np
import pytest
from fake_clock import fake_clock

from lib.data import Task
from lib.experiments import pretrained as arms


def features(n=60, d=100, n_classes=3, seed=0):
    """A task of features in which each class has a mean of its own."""
    rng = np.random.default_rng(seed)
    middles = rng.normal(0, 1, (n_classes, d))
    parts = {}
    for part in ("train", "validation", "test"):
        y = np.arange(n) % n_classes
        parts[f"x_{part}"] = (middles[y] + rng.normal(0, 2, (n, d))).astype("float32") * 10 + 5
        parts[f"y_{part}"] = y
    names = tuple(f"class {k}" for k in range(n_classes))
    return Task(name="features", class_names=names, data="made here", **parts)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_fit_head_gives_a_head_for_features_as_they_are(n_classes):
    task = features(n_classes=n_classes)
    score, head = arms.fit_head(task)
    told = (task.x_test @ head.kernel + head.bias).argmax(axis=1)
    assert score.test == (told == task.y_test).mean() > 0.9


def test_fit_head_in_the_span_of_the_rows_equals_the_plain_regression():
    """The oracle works on all features; 60 rows span 60 of 100 directions."""
    from sklearn.linear_model import LogisticRegression

    task = features()
    _, head = arms.fit_head(task, [0.01])
    middle, spread = task.x_train.mean(axis=0), task.x_train.std(axis=0)
    plain = LogisticRegression(C=0.01, max_iter=1000, tol=1e-8)
    plain.fit((task.x_train - middle) / spread, task.y_train)
    np.testing.assert_allclose(head.kernel.T * spread, plain.coef_, atol=2e-3)


def test_fit_head_chooses_on_the_validation_rows():
    task = features()
    scores = {c: arms.fit_head(task, [c])[0] for c in (1e-6, 1e-2)}
    wanted = max(scores, key=lambda c: scores[c].validation)
    assert arms.fit_head(task, tuple(scores))[0].choice == wanted
    upside = replace(task, y_validation=(task.y_validation + 1) % 3)
    chosen, _ = arms.fit_head(upside, tuple(scores))
    worst = {c: arms.fit_head(upside, [c])[0].validation for c in scores}
    assert chosen.validation == max(worst.values())


def test_fit_head_survives_features_that_hardly_differ():
    task = features()
    tiny = replace(task, **{f"x_{part}": getattr(task, f"x_{part}") * 1e-9 for part in task.parts})
    assert arms.fit_head(tiny)[0].test == arms.fit_head(task)[0].test


def test_fit_head_needs_validation_rows():
    task = replace(features(), x_validation=None, y_validation=None)
    with pytest.raises(ValueError, match="features has no validation rows"):
        arms.fit_head(task)


def photographs(n=50, seed=0):
    """Bright and dark squares."""
    rng = np.random.default_rng(seed)
    parts = {}
    for part in ("train", "validation", "test"):
        y = np.arange(n) % 2
        x = rng.integers(0, 128, (n, 32, 32, 3)) + 100 * y[:, None, None, None]
        parts |= {f"x_{part}": x.astype("uint8"), f"y_{part}": y}
    return Task(name="squares", class_names=("dark", "bright"), data="made here", **parts)


def small(norm=True):
    """A model from photographs to 4 features, with BatchNorm."""
    from lib.backend import keras

    keras.utils.set_random_seed(0)
    layers = [keras.layers.Rescaling(1 / 255), keras.layers.Conv2D(4, 8, strides=8)]
    layers += [keras.layers.BatchNormalization(), keras.layers.GlobalAveragePooling2D()]
    return keras.Sequential([keras.Input((32, 32, 3)), *layers])


def test_tuner_runs_again_from_the_same_start():
    tuner, task = arms.Tuner(small(), 2, "training"), photographs()
    one = tuner.run(task, 0.01, 2, seed=0)
    weights = tuner.model.get_weights()
    tuner.run(task, 0.1, 1, seed=1)
    again = tuner.run(task, 0.01, 2, seed=0)
    assert (one.validation, one.test) == (again.validation, again.test)
    for a, b in zip(weights, tuner.model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_tuner_starts_a_new_head_from_its_seed():
    """Not from what Keras drew before."""
    from lib.backend import keras

    heads = []
    for seed in (0, 0, 1):
        keras.utils.set_random_seed(10 + len(heads))
        tuner = arms.Tuner(small(), 2)
        tuner.run(photographs(), 1e-12, 1, seed=seed)
        heads.append(tuner.model.layers[-1].get_weights()[0])
    np.testing.assert_allclose(heads[0], heads[1], atol=1e-6)
    assert np.abs(heads[0] - heads[2]).max() > 0.1


def test_tuner_learns_and_says_what_it_used():
    score = arms.Tuner(small(), 2).run(photographs(), 0.03, 40, seed=0)
    assert score.test > 0.9 and score.choice == 0.03 and score.seconds > 0


def test_tuner_and_head_tell_the_processor_seconds_that_passed(monkeypatch):
    monkeypatch.setattr(arms, "time", fake_clock(1000, 3))
    assert arms.Tuner(small(), 2).run(photographs(), 0.03, 1, seed=0).seconds == 3
    assert arms.fit_head(features(), [0.01])[0].seconds == 3


def test_tuner_in_inference_mode_leaves_batch_norm_alone():
    task = photographs()
    for norm, moved in (("inference", False), ("training", True)):
        model = small()
        before = [array.copy() for array in model.layers[2].get_weights()]
        arms.Tuner(model, 2, norm).run(task, 0.01, 2, seed=0)
        equal = [
            np.array_equal(a, b) for a, b in zip(before, model.layers[2].get_weights(), strict=True)
        ]
        assert equal == [not moved] * 4


def test_tuner_does_what_the_lesson_does_by_hand():
    from lib.backend import keras
    from lib.networks import convnet

    task, tuned = photographs(), small()
    tuner = arms.Tuner(small(), 2)
    head = arms.Head(np.ones((4, 2), "float32"), np.zeros(2, "float32"))
    tuner.run(task, 0.01, 2, seed=5, head=head)
    for layer in tuned.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.trainable = False
    inputs = keras.Input((32, 32, 3), dtype="uint8")
    model = keras.Model(inputs, keras.layers.Dense(2, "softmax")(tuned(inputs)))
    model.layers[-1].set_weights([head.kernel, head.bias])
    convnet.compile_adam(model, 0.01)
    rng = np.random.default_rng(5)
    for _ in range(2):
        for rows in np.split(rng.permutation(50), 2):
            model.train_on_batch(task.x_train[rows], task.y_train[rows])
    for a, b in zip(tuner.model.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


def test_tuner_begins_with_the_head_that_is_given():
    tuner, task = arms.Tuner(small(), 2), photographs()
    head = arms.Head(np.ones((4, 2), "float32"), np.array([0.5, -0.5], "float32"))
    tuner.run(task, 1e-12, 1, seed=0, head=head)
    kernel, bias = tuner.model.layers[-1].get_weights()
    np.testing.assert_allclose(kernel, head.kernel, atol=1e-6)
    np.testing.assert_allclose(bias, head.bias, atol=1e-6)


def test_tuner_accuracy_counts_by_hand():
    tuner, task = arms.Tuner(small(), 2), photographs()
    told = tuner.model.predict_on_batch(task.x_test).argmax(axis=1)
    assert tuner.accuracy(task.x_test, task.y_test) == (told == task.y_test).mean()


def test_tuner_refuses_what_it_cannot_do():
    with pytest.raises(ValueError, match="norm='off': choose one of inference, training"):
        arms.Tuner(small(), 2, "off")
    tuner, task = arms.Tuner(small(), 2), photographs(20)
    with pytest.raises(ValueError, match="20 rows to train on: choose 25 or more"):
        tuner.run(task, 0.01, 1, seed=0)
    with pytest.raises(ValueError, match="rate=0"):
        tuner.run(photographs(), 0, 1, seed=0)


def test_small_network_is_that_of_lesson_07_without_output():
    model = arms.small_network(3)
    assert model.output_shape == (None, 128)
    assert model.count_params() == 1_645_125 - (128 * 5 + 5)
