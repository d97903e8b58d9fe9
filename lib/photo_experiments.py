"""Arms and designs on photographs: `lib.experiments` for the convolutional network.

An arm is the same record as on blobs. The network's layers with weights are the two convolutions,
the hidden dense layer and the output layer, so that `n_copied=2` copies the convolutions, and
`n_copied=4` the head as well.
"""

import time
from typing import NamedTuple

import numpy as np

from . import convnet, training
from .datasets import Task
from .experiments import Arm, Phase, phase_ends

RATE = convnet.LEARNING_RATE
LOW_RATE = RATE / 10


def _phases(n_frozen):
    return (Phase(n_frozen, RATE),)


SCRATCH = Arm("from scratch", 0, _phases(0))
FROZEN = Arm("frozen, fresh head", 2, _phases(2))
REUSED_HEAD = Arm("frozen, reused head", 4, _phases(2))  # what the tutorial ran
FINE_TUNED = Arm("fine-tuned", 2, _phases(0))
THEN_FINE_TUNED = Arm("freeze, fine-tune", 2, (Phase(2, RATE, 0.5), Phase(0, LOW_RATE, 0.5)))
RANDOM_FEATURES = Arm("random features", 0, _phases(2))
ONE_FROZEN = Arm("1 convolution, frozen", 1, _phases(1))
ONE_FINE_TUNED = Arm("1 convolution, fine-tuned", 1, _phases(0))
ARMS = (
    SCRATCH,
    FROZEN,
    REUSED_HEAD,
    FINE_TUNED,
    THEN_FINE_TUNED,
    RANDOM_FEATURES,
    ONE_FROZEN,
    ONE_FINE_TUNED,
)

ANIMALS, VEHICLES = (2, 3, 4, 5, 6, 7), (0, 1, 8, 9)


class Split(NamedTuple):
    """Two groups of classes, none in both."""

    source: tuple[int, ...]
    target: tuple[int, ...]


def split(name: str, seed: int = 0) -> Split:
    """Split the ten classes into a source and a target group.

    Args:
        name: "halves" (0-4, 5-9), "random" (five and five, drawn by the seed), "animals" (the six
            animals, then the four vehicles); with "-reverse" at the end, source and target swap.
        seed: 0 or more.

    >>> split("halves-reverse")
    Split(source=(5, 6, 7, 8, 9), target=(0, 1, 2, 3, 4))
    """
    base, _, reverse = name.partition("-")
    drawn = np.random.default_rng(seed).permutation(10).tolist()
    splits = {
        "halves": Split(tuple(range(5)), tuple(range(5, 10))),
        "random": Split(tuple(sorted(drawn[:5])), tuple(sorted(drawn[5:]))),
        "animals": Split(ANIMALS, VEHICLES),
    }
    if base not in splits or reverse not in ("", "reverse"):
        raise ValueError(
            f"split {name!r} is unknown: choose {', '.join(splits)}, or one of them with -reverse."
        )
    return Split(*reversed(splits[base])) if reverse else splits[base]


class PhotoRun(NamedTuple):
    """One run on photographs.

    Attributes:
        curve: a `pandas.DataFrame`, one row an epoch, as `lib.training.fit_epochs` gives it; what
            it took to compute features once is added to the first row of the frozen phase, which
            is epoch 0 if the run begins with it.
        weights: of each layer with weights after the last epoch.
    """

    curve: object
    weights: list


def run_arm(
    arm: Arm,
    task: Task,
    base,
    seed: int,
    n_epochs: int,
    batch_size: int = convnet.BATCH_SIZE,
    precision: str = "float32",
) -> PhotoRun:
    """Train one network on the target task as the arm says.

    While both convolutions are frozen, their features are computed once and only the head trains
    on them; Dropout stays with the head, so that the result is the same in distribution.

    Args:
        base: weights of a base model, as `lib.convnet.get_weights` gives them; as many layers as
            the arm copies.
        seed: start of what is not copied, order of the data, Dropout.
        precision: as in `lib.convnet.feature_layers`.

    Raises:
        ValueError: if the arm does not fit the base, the task or the number of epochs.
    """
    import pandas as pd

    ends = phase_ends(arm, n_epochs)
    model = convnet.convnet(task.n_classes, seed, precision)
    convnet.copy_weights(model, base, arm.n_copied)
    curves, done = [], 0
    for phase, end in zip(arm.phases, ends, strict=True):
        convnet.freeze(model, phase.n_frozen, phase.learning_rate)
        fit = _fit_head if phase.n_frozen >= convnet.N_CONVOLUTIONS else training.fit_epochs
        curves.append(fit(model, task, end - done, seed, batch_size, done))
        done = end
    return PhotoRun(pd.concat(curves, ignore_index=True), convnet.get_weights(model))


def _fit_head(model, task, n_epochs, seed, batch_size, first_epoch):
    """Train a network whose convolutions are frozen on features that are computed once."""
    features, head = convnet.split_at_dropout(model)
    begin = time.perf_counter(), time.process_time()
    once = training.features_once(features, task)
    took = time.perf_counter() - begin[0], time.process_time() - begin[1]
    curve = training.fit_epochs(head, once, n_epochs, seed, batch_size, first_epoch)
    curve.loc[0, ["seconds", "cpu_seconds"]] += took
    return curve
