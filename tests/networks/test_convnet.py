"""The convolutional network: its size, its weights, its two halves."""

import numpy as np
import pytest

from lib.networks import convnet, count_weights, freeze


@pytest.fixture(scope="module")
def network():
    return convnet.build(seed=1)


@pytest.fixture(scope="module")
def photographs():
    return np.random.default_rng(0).integers(0, 256, (6, 32, 32, 3)).astype("uint8")


def by_hand(photograph, layers):
    """The two convolutions and the pooling in NumPy, for one photograph."""
    x = photograph.astype("float64") / 255
    for kernel, bias in layers:
        height, width = x.shape[0] - 2, x.shape[1] - 2
        total = np.zeros((height, width, kernel.shape[-1])) + bias
        for i in range(3):
            for j in range(3):
                total += x[i : i + height, j : j + width] @ kernel[i, j]
        x = np.maximum(total, 0)
    return x.reshape(14, 2, 14, 2, 64).max(axis=(1, 3))


def test_convnet_has_the_published_numbers_of_weights(network):
    kernel, bias = 3 * 3 * 3 * 64 + 3 * 3 * 64 * 64, 64 + 64
    assert kernel + bias == 38_720
    assert count_weights(network) == (1_645_125, 0)
    freeze(network, 2)
    assert count_weights(network) == (1_606_405, 38_720)
    freeze(network, 0)
    assert network.output_shape == (None, 5)


def test_convnet_computes_what_numpy_computes(network, photographs):
    features, _ = convnet.split_at_dropout(network)
    found = features.predict_on_batch(photographs)
    wanted = [by_hand(one, convnet.get_weights(network)[:2]) for one in photographs]
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-5)


def test_convnet_layers_are_the_tutorials(network):
    kinds = [layer.__class__.__name__ for layer in network.layers]
    assert kinds == (
        "Rescaling Conv2D Activation Conv2D Activation MaxPooling2D Dropout Flatten "
        "Dense Activation Dropout Dense Activation".split()
    )
    rates = [layer.rate for layer in network.layers if hasattr(layer, "rate")]
    assert rates == [0.25, 0.25]
    assert network.optimizer.__class__.__name__ == "Adam"
    assert float(network.optimizer.learning_rate.numpy()) == np.float32(1e-3)


def test_convnet_seed_decides_every_weight():
    first, again, other = (convnet.get_weights(convnet.build(seed=s)) for s in (3, 3, 4))
    for (a, _), (b, _), (c, _) in zip(first, again, other, strict=True):
        assert np.array_equal(a, b) and not np.array_equal(a, c)


def test_convnet_says_what_it_needs():
    with pytest.raises(ValueError, match="n_classes=1: choose a whole number from 2 to 10000"):
        convnet.build(n_classes=1)


def test_split_at_dropout_shares_layers_and_gives_the_same_probabilities(network, photographs):
    features, head = convnet.split_at_dropout(network)
    whole = network.predict_on_batch(photographs)
    parts = head.predict_on_batch(features.predict_on_batch(photographs))
    np.testing.assert_allclose(parts, whole, atol=1e-6)
    assert head.layers[-2] is network.layers[-2]
    assert features.output_shape == (None, 14, 14, 64)


def test_split_at_dropout_keeps_the_learning_rate():
    model = freeze(convnet.build(seed=0), 2, learning_rate=1e-4)
    _, head = convnet.split_at_dropout(model)
    assert float(head.optimizer.learning_rate.numpy()) == np.float32(1e-4)


def test_copy_weights_copies_the_first_layers_only(network):
    model = convnet.build(seed=9)
    fresh = convnet.get_weights(model)
    base = convnet.get_weights(network)
    convnet.copy_weights(model, base, 1)
    found = convnet.get_weights(model)
    assert np.array_equal(found[0][0], base[0][0]) and np.array_equal(found[0][1], base[0][1])
    for i in (1, 2, 3):
        assert np.array_equal(found[i][0], fresh[i][0])


def test_copy_weights_says_what_does_not_fit(network):
    base = convnet.get_weights(network)
    with pytest.raises(ValueError, match="n_copied=4, but the base model gives 2 layers"):
        convnet.copy_weights(convnet.build(seed=0), base[:2], 4)
    with pytest.raises(ValueError, match="take a base model with as many classes"):
        convnet.copy_weights(convnet.build(n_classes=4, seed=0), base, 4)
    with pytest.raises(ValueError, match="choose 0 to 4"):
        convnet.copy_weights(network, base, 5)


def test_convnet_says_what_is_no_seed_or_rate():
    with pytest.raises(ValueError, match="seed=-1: choose a whole number from 0 up"):
        convnet.build(seed=-1)
    with pytest.raises(ValueError, match="learning_rate=nan: choose a number above 0"):
        convnet.stack([], [], learning_rate=float("nan"))
