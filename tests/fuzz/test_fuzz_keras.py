"""Hostile arguments for the public functions of `networks` that take or make a Keras model."""

import numpy as np
from fuzz_harness import Made, case, fuzz_tests, sound

from lib import networks
from lib.networks import convnet, mlp, streams

SMALL = Made(lambda: mlp.build(hidden=(2,), seed=0))
WEIGHTS = streams.initial_weights((2, 2, 3), [1, 2])


def model(one):
    """A Keras model with finite weights."""
    for array in one.get_weights():
        assert np.isfinite(array).all()


CASES = {
    "count_weights": case(sound, model=SMALL),
    "freeze": case(model, model=SMALL, n_frozen=1, learning_rate=0.1),
    "to_keras": case(model, weights=WEIGHTS, replicate=0, model=SMALL).says(weights="model has"),
    "convnet.copy_weights": case(
        sound, model=SMALL, weights=[(np.ones((2, 2)), np.zeros(2))], n_copied=1
    )
    .on(lambda: convnet.copy_weights)
    .says(weights="base model"),
}
EXEMPT = {
    name: "in test_fuzz_networks.py, or trains or reads files: with tests of its own"
    for name in networks.__all__
    if callable(getattr(networks, name)) and name not in CASES
}

test_names, test_valid, test_hostile, _ = fuzz_tests(networks, CASES, EXEMPT)
