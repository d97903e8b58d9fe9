"""The multilayer perceptron: layers, sizes, starts."""

import numpy as np
import pytest

from lib.networks import count_weights, mlp


def test_mlp_is_the_published_network():
    from lib.backend import keras

    model = mlp.build()
    assert [layer.units for layer in model.layers] == [5, 5, 3]
    assert [layer.activation.__name__ for layer in model.layers] == ["relu", "relu", "softmax"]
    starts = [type(layer.kernel_initializer).__name__ for layer in model.layers]
    assert starts == ["HeUniform", "HeUniform", "GlorotUniform"]
    assert count_weights(model) == (15 + 30 + 18, 0)
    assert isinstance(model.optimizer, keras.optimizers.SGD)
    assert float(model.optimizer.learning_rate) == pytest.approx(0.01)


def test_mlp_equal_seeds_agree_and_different_seeds_differ():
    first, same, other = (mlp.build(seed=seed).get_weights() for seed in (3, 3, 4))
    for i in (0, 2, 4):  # the kernels
        np.testing.assert_array_equal(first[i], same[i])
        assert not np.array_equal(first[i], other[i])


def test_mlp_layers_of_one_model_start_from_different_numbers():
    first, second = mlp.build(n_features=5, seed=3).get_weights()[0:4:2]
    assert first.shape == second.shape and not np.array_equal(first, second)


def test_layer_sizes_refuse_a_network_that_cannot_be():
    with pytest.raises(ValueError, match="n_classes=1"):
        mlp.layer_sizes(n_classes=1)
    with pytest.raises(ValueError, match="give two or more whole numbers from 1 to"):
        mlp.layer_sizes(hidden=(5, 0))


@pytest.mark.parametrize("sizes", [{"hidden": (5.5,)}, {"n_features": "2"}, {"n_features": True}])
def test_layer_sizes_refuse_what_is_no_size(sizes):
    with pytest.raises(
        ValueError, match="layer sizes .*: give two or more whole numbers from 1 to"
    ):
        mlp.layer_sizes(**sizes)


def test_mlp_says_what_is_no_seed_or_rate():
    with pytest.raises(ValueError, match="seed=1.5: choose a whole number from 0 up"):
        mlp.build(seed=1.5)
    with pytest.raises(ValueError, match="learning_rate=0: choose a number above 0"):
        mlp.compile_sgd(mlp.build(), 0)
