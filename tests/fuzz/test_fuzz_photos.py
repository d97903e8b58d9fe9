"""Hostile arguments for the functions of `experiments` that build a Keras model.

Five photographs of noise, and what cannot be is refused before a network is built. Arguments of
which many a value is valid, and trains, wait for `make test-all`.
"""

from functools import cache

import numpy as np
import pytest
from fuzz_harness import Made, case, fuzz_tests, of_type, sound
from noise_photographs import make_task

from lib import experiments
from lib.data import Task, blobs
from lib.experiments import FROZEN, Arm, Phase, chosen, photos, pretrained
from lib.networks import convnet, imagenet

PHOTOS, MANY = make_task(5), make_task(25)
BASE = [(np.full((3, 3, n, 64), 0.01, "float32"), np.zeros(64, "float32")) for n in (3, 64)]
LOST = [(BASE[0][0] * np.nan, BASE[0][1]), BASE[1]]
ODD_TASKS = {
    "blobs": lambda: blobs(1, n_train=40, n_validation=12),
    "ten_classes": lambda: make_task(25, 10),
    "no_validation": lambda: Task(**vars(MANY) | {"x_validation": None, "y_validation": None}),
}
TASK = Made(lambda: PHOTOS, blobs=ODD_TASKS["blobs"])
ARM = Made(
    lambda: FROZEN, five_copied=lambda: Arm("five", 5),
    five_frozen=lambda: Arm("five", 0, (Phase(5),)),
    three_copied=lambda: Arm("three", 3),
    two_phases=lambda: experiments.PHOTO_ARMS[4],
)  # fmt: skip
BASES = Made(
    lambda: BASE, none=lambda: (), one=lambda: BASE[:1], lost=lambda: LOST,
    backwards=lambda: BASE[::-1], text=lambda: "ab", one_text=lambda: ["x", BASE[1]],
)  # fmt: skip
BASE_SAYS = "base model, base's, weights of type, conv2d"
LATER = "as in `fit_epochs`, where its values are tried; it is handed on"


def colours(*sizes, input_shape=(32, 32, 3)):
    """A model from photographs to the mean of each colour."""
    from lib.backend import keras

    layers = [keras.layers.GlobalAveragePooling2D(), *map(keras.layers.Dense, sizes)]
    return keras.Sequential([keras.Input(input_shape), keras.layers.Rescaling(1 / 255), *layers])


def unbuilt():
    """A model that does not know what it takes."""
    from lib.backend import keras

    return keras.Sequential([keras.layers.Flatten()])


def lost():
    """A model whose weights are NaN."""
    model = colours(2)
    model.set_weights([a * np.nan for a in model.get_weights()])
    return model


@cache
def tuner():
    """One for all calls of this module: each run puts its first weights back."""
    return experiments.Tuner(colours(), 5)


def network(**changed):
    """A small network, as `pretrained` describes its own."""
    known = {
        "name": "colours", "model": None, "size": 32, "n_features": 3, "n_parameters": 0,
        "weights": "none", "preprocessing": "own", "licence": "none", "source": "here",
    }  # fmt: skip
    return imagenet.Pretrained(**known | {"model": colours()} | changed)


@pytest.fixture(autouse=True)
def a_cache_of_its_own(monkeypatch, tmp_path):
    """Where features are kept."""
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path))


def finite(curve):
    """A curve of finite numbers but for the training loss before training."""
    assert np.isfinite(curve.drop(columns=["train_loss", "train_accuracy"]).to_numpy()).all()


def run(found):
    """A curve, and finite weights."""
    finite(found.curve)
    sound(found.weights)


def best(found):
    """A rate of the grid, and labels of five or of ten classes."""
    assert found.epoch >= 1 and found.rate > 0 and (found.predicted < 10).all()
    finite(found.curves)


def score(one):
    """Accuracies from 0 to 1."""
    assert 0 <= one.test <= 1 and 0 <= one.validation <= 1 and one.seconds >= 0


def model(one):
    """A Keras model with finite weights."""
    sound(one.get_weights())


HOW = {"seed": 0, "n_epochs": 1, "batch_size": 5, "precision": "float32"}
CASES = {
    "run_arm": case(
        run, arm=ARM, task=TASK, base=BASES, **HOW, after_epoch=None, on_divergence="raise"
    )
    .says(arm="n_epochs, n_copied", base=BASE_SAYS)
    .without(LATER, "after_epoch")
    .slow_with("seed", "n_epochs", "batch_size"),
    "prepare": case(
        of_type(tuple, lambda found: model(found[0])), arm=ARM, task=TASK, base=BASES, seed=0,
        precision="float32",
    )
    .on(lambda: photos.prepare)
    .says(arm="phases, n_copied", base=BASE_SAYS)
    .slow_with("seed"),
    "run_chosen": case(best, arm=ARM, task=Made(lambda: PHOTOS, **ODD_TASKS), base=BASES, **HOW,
                       rates=(0.001,))
    .on(lambda: chosen.run_chosen)
    .says(arm="n_epochs, n_copied", base=BASE_SAYS, task="validation rows, batch_size")
    .slow_with("task", "seed", "n_epochs", "batch_size", "rates"),
    "run_probe": case(
        lambda found: score(found[0]), task=Made(lambda: PHOTOS, **ODD_TASKS), base=BASES,
        strengths=(0.1,),
    )
    .on(lambda: chosen.run_probe)
    .says(base=BASE_SAYS, task="validation rows, photographs")
    .slow_with("strengths", "task"),
    "small_network": case(model, seed=0),
    "features_task": case(of_type(Task), network=Made(network, no_model=lambda: network(model="x"),
                                                      other=lambda: network(n_features=4)),
                          task=Made(lambda: PHOTOS, blobs=ODD_TASKS["blobs"]), keep=True)
    .says(task="pictures"),
    "Tuner": case(
        of_type(experiments.Tuner),
        model=Made(colours, unbuilt=unbuilt, lost=lost, of_blobs=lambda: convnet.build(5, 0),
                   small=lambda: colours(input_shape=(8, 8, 3))),
        n_classes=5, norm="inference", momentum=0.9,
    ).says(model="weights of"),
    "Tuner.run": case(
        score, task=Made(lambda: MANY, few=lambda: PHOTOS, **ODD_TASKS), rate=0.001, n_epochs=1,
        seed=0, head=Made(
            lambda: pretrained.Head(np.ones((3, 5)), np.zeros(5)),
            other_shape=lambda: pretrained.Head(np.ones((3, 4)), np.zeros(4)),
            lost=lambda: pretrained.Head(np.full((3, 5), np.nan), np.zeros(5)),
            text=lambda: pretrained.Head("x", None),
        ),
    ).on(lambda: tuner().run).says(task="rows to train on"),
}  # fmt: skip
HERE = {name.split(".")[0] for name in CASES}
EXEMPT = {
    name: "builds no Keras model: test_fuzz_experiments.py has it"
    for name in experiments.__all__
    if callable(getattr(experiments, name)) and name not in HERE
}

test_names, test_valid, test_hostile, test_two_hostile = fuzz_tests(experiments, CASES, EXEMPT)
