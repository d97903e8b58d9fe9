"""Freezing: which bits stay, and with what a model is compiled again."""

import numpy as np
import pytest

from lib.data import blobs
from lib.networks import convnet, count_weights, freeze, mlp


@pytest.mark.parametrize(("n_frozen", "counts"), [(0, (63, 0)), (1, (48, 15)), (2, (18, 45))])
def test_freeze_counts_and_keeps_the_frozen_bits(n_frozen, counts):
    task = blobs(2, n_train=64)
    model = freeze(mlp.build(seed=0), n_frozen)
    assert count_weights(model) == counts
    before = [weight.copy() for weight in model.get_weights()]
    model.fit(task.x_train, task.y_train, verbose=0)
    same = [a.tobytes() == b.tobytes() for a, b in zip(before, model.get_weights(), strict=True)]
    assert same == [i < 2 * n_frozen for i in range(6)]


def test_freeze_can_be_taken_back():
    model = freeze(freeze(mlp.build(), 2), 0)
    assert count_weights(model).frozen == 0


def test_freeze_says_how_many_layers_there_are():
    with pytest.raises(ValueError, match="n_frozen=7, but this model has 3 layers with weights"):
        freeze(mlp.build(), 7)
    with pytest.raises(ValueError, match="n_frozen=1.5"):
        freeze(mlp.build(), 1.5)


def seen(model):
    """What a model is compiled with, but for the optimizer's weights."""
    settings = model.get_compile_config()
    return {name: settings[name] for name in settings if name != "optimizer"}


@pytest.mark.parametrize(
    ("build", "optimizer", "rate", "steps"),
    [(mlp.build, "SGD", 0.01, 1), (convnet.build, "Adam", 1e-3, 16)],
)
def test_freeze_compiles_again_as_the_model_was(build, optimizer, rate, steps):
    model = build(seed=0)
    settings, earlier = seen(model), model.optimizer
    assert freeze(model, 1) is model
    assert seen(model) == settings and model.optimizer is not earlier
    assert model.optimizer.__class__.__name__ == optimizer
    assert model.optimizer.get_config() == earlier.get_config()
    assert float(model.optimizer.learning_rate.numpy()) == np.float32(rate)
    assert model.steps_per_execution == steps
    freeze(model, 1, learning_rate=0.3)
    assert float(model.optimizer.learning_rate.numpy()) == np.float32(0.3)
    freeze(model, 0)  # keeps the new rate
    assert float(model.optimizer.learning_rate.numpy()) == np.float32(0.3)
    assert (seen(model), model.steps_per_execution) == (settings, steps)


def test_freeze_keeps_every_setting_of_an_optimizer_and_a_rate_that_was_changed():
    from lib.backend import keras

    model = mlp.build(seed=0)
    model.compile(keras.optimizers.SGD(0.1, momentum=0.9, nesterov=True, clipnorm=2.0), "mse")
    model.optimizer.learning_rate = 0.05
    freeze(model, 2)
    found = model.optimizer.get_config()
    assert (found["momentum"], found["nesterov"], found["clipnorm"]) == (0.9, True, 2.0)
    assert found["learning_rate"] == pytest.approx(0.05)
    assert model.loss == "mse"


@pytest.mark.filterwarnings("ignore:Skipping variable loading")  # it was saved untrained
def test_freeze_takes_a_model_that_was_loaded(tmp_path):
    from lib.networks import load_model, save_model

    model = load_model(save_model(convnet.build(seed=0), tmp_path / "a.keras"))
    freeze(model, 2)
    assert (model.optimizer.__class__.__name__, model.steps_per_execution) == ("Adam", 16)
    assert count_weights(model).frozen == 38_720


def test_freeze_starts_the_optimizer_anew():
    task, model = blobs(2, n_train=64), mlp.build(seed=0)
    model.fit(task.x_train, task.y_train, verbose=0)
    assert int(model.optimizer.iterations.numpy()) == 2
    freeze(model, 1)
    assert int(model.optimizer.iterations.numpy()) == 0


def test_freeze_trains_as_a_model_compiled_by_hand():
    task, weights = blobs(2, n_train=64), []
    for by_hand in (False, True):
        model = mlp.build(seed=0)
        if by_hand:
            model.layers[0].trainable = False
            mlp.compile_sgd(model, 0.1)
        else:
            freeze(model, 1, 0.1)
        model.fit(task.x_train, task.y_train, shuffle=False, verbose=0)
        weights.append(model.get_weights())
    for ours, theirs in zip(*weights, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_freeze_of_a_model_that_was_never_compiled_leaves_it_as_it_was():
    from lib.backend import keras

    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3), keras.layers.Dense(3)])
    with pytest.raises(ValueError, match="was never compiled, .*: call its compile"):
        freeze(model, 1)
    assert count_weights(model).frozen == 0


@pytest.mark.parametrize("rate", [0, -1, float("nan"), "fast"])
def test_freeze_says_what_is_no_rate(rate):
    model = mlp.build()
    with pytest.raises(ValueError, match=f"learning_rate={rate!r}: choose a number above 0"):
        freeze(model, 1, rate)
    assert count_weights(model).frozen == 0
