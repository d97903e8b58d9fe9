"""Training in plain Keras: what is kept; order, epochs, seconds; features computed once."""

from types import SimpleNamespace

import numpy as np
import pytest
from fake_clock import fake_clock
from noise_photographs import make_task

from lib.data import blobs
from lib.networks import convnet, curve_of, freeze, mlp, training


def test_fit_keeps_what_keras_measures_on_the_right_rows():
    from lib.backend import keras

    task = blobs(1, n_train=100)
    model = mlp.build(seed=0)
    history = training.fit(model, task, n_epochs=3)
    kept = ("train_loss", "train_accuracy", "test_loss", "test_accuracy")
    assert {len(getattr(history, name)) for name in kept} == {3}
    after = model.evaluate(task.x_test, task.y_test, verbose=0, return_dict=True)
    assert history.test_loss[-1] == pytest.approx(after["loss"], rel=1e-5)
    assert history.test_accuracy[-1] == pytest.approx(after["accuracy"])
    assert history.seconds > 0

    keras.utils.set_random_seed(1)
    training.fit(again := mlp.build(seed=0), task, n_epochs=1, batch_size=50)
    assert int(again.optimizer.iterations.numpy()) == 2  # 100 rows in batches of 50


def test_fit_tells_the_seconds_that_passed(monkeypatch):
    monkeypatch.setattr(training, "time", fake_clock(7, 1000))
    assert training.fit(mlp.build(seed=0), blobs(1, n_train=64), n_epochs=1).seconds == 7


def test_fit_says_what_does_not_fit():
    with pytest.raises(ValueError, match="batch_size=32, but Problem 1 has 20 rows"):
        training.fit(mlp.build(), blobs(1, n_train=20))
    with pytest.raises(ValueError, match="n_epochs=0: choose a whole number from 1 to"):
        training.fit(mlp.build(), blobs(1), n_epochs=0)
    with pytest.raises(ValueError, match=r"4 classes, but Problem 1 has \(2,\) and 3"):
        training.fit(mlp.build(n_classes=4), blobs(1))


@pytest.mark.parametrize("rate", [1e20, 1e30])
def test_fit_says_that_a_network_ran_away(rate):
    """Without this a lost network has an accuracy, that of the first class."""
    model = mlp.compile_sgd(mlp.build(seed=0), rate)
    with pytest.raises(ValueError, match="learning_rate=1e.*in epoch 1 .*beyond all bounds: choo"):
        training.fit(model, blobs(1), n_epochs=5)


def lost(model):
    """The same model, with one weight that is no number."""
    kernel, bias = model.layers[-2 if len(model.layers) > 4 else -1].get_weights()
    kernel[0, 0] = np.nan
    model.layers[-2 if len(model.layers) > 4 else -1].set_weights([kernel, bias])
    return model


def other(activation="softmax", **settings):
    """A network for blobs, compiled in another way."""
    from lib.backend import keras

    layers = [keras.Input((2,)), keras.layers.Dense(3, activation)]
    model = keras.Sequential(layers)
    if settings:
        model.compile("sgd", **settings)
    return model


RIGHT = {"loss": "sparse_categorical_crossentropy", "metrics": ["accuracy"]}


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (lambda: other(), "was never compiled"),
        (lambda: other(loss="mse", metrics=["accuracy"]), "compiled with the loss 'mse'"),
        (lambda: other(loss=RIGHT["loss"]), "without the metric 'accuracy'"),
        (lambda: other("linear", **RIGHT), "no probabilities: end it with a softmax"),
        (lambda: lost(mlp.build(seed=0)), "hold NaN or infinity"),
        (lambda: None, "model is of type NoneType, not a Keras model"),
    ],
)
def test_fit_says_what_is_wrong_with_a_model(model, message):
    with pytest.raises(ValueError, match=message):
        training.fit(model(), blobs(1), n_epochs=1)


def test_fit_takes_a_loss_of_logits():
    from lib.backend import keras

    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    history = training.fit(other("linear", loss=loss, metrics=["accuracy"]), blobs(1), n_epochs=1)
    assert np.isfinite(history.test_loss).all()


def test_curve_of_names_what_keras_kept_from_epoch_1_on():
    kept = {"loss": [1.5, 1.0], "val_accuracy": [0.3, 0.6], "accuracy": [0.4, 0.5]}
    curve = curve_of(SimpleNamespace(history=kept))
    assert curve.index.tolist() == [1, 2] and curve.index.name == "epoch"
    assert curve.train_loss.tolist() == [1.5, 1.0]
    assert curve.train_accuracy.tolist() == [0.4, 0.5]
    assert curve.validation_accuracy.tolist() == [0.3, 0.6]
    assert "validation_loss" not in curve


@pytest.mark.parametrize(
    ("history", "words"),
    [
        (SimpleNamespace(history={}), "a history with nothing in it: give what model.fit"),
        (SimpleNamespace(history={"loss": [1.0]}), "a history with loss: give"),
        (None, "a history with nothing in it"),
    ],
)
def test_curve_of_refuses_a_history_without_accuracy(history, words):
    with pytest.raises(ValueError, match=words):
        curve_of(history)


# On photographs


@pytest.fixture(scope="module")
def task():
    return make_task()


def fit(task, seed=3, n_epochs=2, model_seed=1, **settings):
    model = convnet.build(seed=model_seed)
    return training.fit_epochs(model, task, n_epochs, seed, batch_size=16, **settings), model


def test_fit_epochs_has_a_row_an_epoch_and_one_before(task):
    curve, _ = fit(task)
    assert curve.epoch.tolist() == [0, 1, 2]
    assert curve.loc[0, "seconds"] == 0 and np.isnan(curve.loc[0, "train_loss"])
    assert (curve.loc[1:, ["seconds", "cpu_seconds", "train_loss"]] > 0).all(axis=None)
    columns = [f"{part}_{kind}" for part in ("test", "validation") for kind in ("loss", "accuracy")]
    assert np.isfinite(curve[columns]).all(axis=None)


def test_fit_epochs_tells_the_seconds_of_each_epoch_by_both_clocks(task, monkeypatch):
    monkeypatch.setattr(training, "time", fake_clock(7, 3))
    curve, _ = fit(task)
    assert curve.seconds.tolist() == [0, 7, 7] and curve.cpu_seconds.tolist() == [0, 3, 3]


def test_fit_epochs_measures_what_keras_measures(task):
    curve, model = fit(task)
    for part in ("test", "validation"):
        x, y = getattr(task, f"x_{part}"), getattr(task, f"y_{part}")
        loss, accuracy = model.evaluate(x.astype("float32"), y, verbose=0)
        assert curve[f"{part}_loss"].iloc[-1] == pytest.approx(loss, rel=1e-5)
        assert curve[f"{part}_accuracy"].iloc[-1] == pytest.approx(accuracy)


def test_fit_epochs_trains_as_keras_does_on_the_same_batches(task):
    curve, model = fit(task, n_epochs=1)
    other = convnet.build(seed=1)
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
    model = convnet.build(seed=1)
    parts = [training.fit_epochs(model, task, 1, 3, 16, first_epoch=i) for i in (0, 1)]
    assert [part.epoch.tolist() for part in parts] == [[0, 1], [2]]
    whole, _ = fit(task)
    assert parts[1].test_loss.iloc[0] == whole.test_loss.iloc[2]


def test_fit_epochs_says_what_does_not_fit(task):
    model = convnet.build(n_classes=4, seed=0)
    with pytest.raises(ValueError, match="tells 4 classes, but noise has"):
        training.fit_epochs(model, task, 1, 0, 16)
    with pytest.raises(ValueError, match="batch_size=128, but noise has 48 rows"):
        training.fit_epochs(convnet.build(seed=0), task, 1, 0)
    with pytest.raises(ValueError, match="n_epochs=0"):
        training.fit_epochs(convnet.build(seed=0), task, 0, 0, 16)
    with pytest.raises(ValueError, match="seed=-1: choose a whole number from 0 up"):
        training.fit_epochs(convnet.build(seed=0), task, 1, -1, 16)
    with pytest.raises(ValueError, match="first_epoch=0.5"):
        training.fit_epochs(convnet.build(seed=0), task, 1, 0, 16, first_epoch=0.5)


def test_fit_epochs_says_that_a_network_ran_away(task):
    """ReLU makes 0 of NaN, and the loss would be that of chance."""
    model = convnet.compile_adam(convnet.build(seed=1), 1e6)
    with pytest.raises(ValueError, match="learning_rate=1e.06: in epoch 1 .*beyond all bounds"):
        training.fit_epochs(model, task, 3, 0, 16)
    with pytest.raises(ValueError, match="hold NaN or infinity"):
        training.fit_epochs(lost(convnet.build(seed=1)), task, 1, 0, 16)


def test_fit_epochs_marks_a_lost_run_where_rates_are_tried(task):
    model = convnet.compile_adam(convnet.build(seed=1), 1e6)
    curve = training.fit_epochs(model, task, 3, 0, 16, on_divergence="nan")
    assert curve.epoch.tolist() == [0, 1]
    measured = [name for name in curve if name.endswith(("loss", "accuracy"))]
    assert len(measured) == 6 and curve.loc[1, measured].isna().all()
    assert np.isfinite(curve.loc[0, "test_loss"]) and curve.seconds[1] > 0
    with pytest.raises(ValueError, match="on_divergence='x': choose one of raise, nan"):
        training.fit_epochs(convnet.build(seed=1), task, 3, 0, 16, on_divergence="x")


def test_features_once_refuses_what_float16_cannot_hold(task):
    features, _ = convnet.split_at_dropout(convnet.build(seed=1))
    for factor in (np.nan, 1e6):
        features.layers[1].set_weights([a * factor for a in features.layers[1].get_weights()])
        features.layers[3].set_weights([abs(a) for a in features.layers[3].get_weights()])
        wrong = "hold NaN or numbers above 65504"
        if np.isnan(factor):
            features.layers[3].bias.assign(np.full(64, np.inf))  # ReLU would make 0 of NaN
        with pytest.raises(ValueError, match=wrong):
            training.features_once(features, task)
        features, _ = convnet.split_at_dropout(convnet.build(seed=1))


def test_features_once_keeps_labels_and_order(task):
    features, _ = convnet.split_at_dropout(convnet.build(seed=1))
    once = training.features_once(features, task, batch_size=7)
    assert once.x_train.shape == (48, 14, 14, 64) and once.x_train.dtype == "float16"
    assert once.y_validation is task.y_validation and once.parts == task.parts
    whole = features.predict_on_batch(task.x_train)
    np.testing.assert_allclose(once.x_train, whole, rtol=1e-3, atol=1e-4)


def test_features_once_lies_where_tensorflow_needs_no_copy(task):
    features, _ = convnet.split_at_dropout(convnet.build(seed=1))
    once = training.features_once(features, task)
    held, _ = training._in_memory(once, "train")
    once.x_train[0, 0, 0, 0] = 1234
    assert held[0, 0, 0, 0].numpy().view("float16") == 1234


def test_features_once_trains_the_head_as_through_the_frozen_layers(task):
    """Dropout draws from its layer's own seed, in the same order: equal up to 16-bit rounding."""
    through = freeze(convnet.build(seed=1), 2)
    long_way = training.fit_epochs(through, task, 3, 5, batch_size=16)
    model = freeze(convnet.build(seed=1), 2)
    features, head = convnet.split_at_dropout(model)
    short_way = training.fit_epochs(head, training.features_once(features, task), 3, 5, 16)
    columns = ["train_loss", "test_loss", "validation_loss"]
    np.testing.assert_allclose(short_way[columns], long_way[columns], rtol=2e-3)
    assert long_way.test_loss.iloc[-1] < 0.95 * long_way.test_loss.iloc[0]  # there was learning


def test_features_once_leaves_dropout_to_the_head(task):
    """Without Dropout in the head training differs, and far more than rounding explains."""
    losses = []
    for rate in (0.25, 0.0):
        model = freeze(convnet.build(seed=1), 2)
        features, head = convnet.split_at_dropout(model)
        head.layers[0].rate = rate
        once = training.features_once(features, task)
        losses.append(training.fit_epochs(head, once, 2, 5, 16).train_loss.iloc[-1])
    assert abs(losses[0] - losses[1]) > 0.01


def test_features_once_says_what_is_no_batch(task):
    with pytest.raises(ValueError, match="batch_size=0: choose a whole number from 1 up"):
        training.features_once(None, task, batch_size=0)
