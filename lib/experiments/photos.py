"""Arms on photographs, and one run of an arm with the convolutional network.  Lessons 08 to 11.

An arm is the same record as on blobs. The network's layers with weights are the two convolutions,
the hidden dense layer and the output layer, so that `n_copied=2` copies the convolutions, and
`n_copied=4` the head as well.
"""

import time
from typing import NamedTuple

import numpy as np

from ..checks import check_choice
from ..data.task import Task
from ..networks import convnet, training
from ..networks.checks import check_batch_size, check_task
from ..networks.freezing import freeze
from .arms import Arm, Phase, phase_ends
from .checks import check_arm

RATE = convnet.LEARNING_RATE
LOW_RATE = RATE / 10


def _phases(n_frozen):
    """The whole run in one phase, at the published rate."""
    return (Phase(n_frozen, RATE),)


PHOTO_SCRATCH = Arm("from scratch", 0, _phases(0))
FROZEN = Arm("frozen, fresh head", 2, _phases(2))
REUSED_HEAD = Arm("frozen, reused head", 4, _phases(2))  # what the tutorial ran
FINE_TUNED = Arm("fine-tuned", 2, _phases(0))
PHOTO_THEN_FINE_TUNED = Arm("freeze, fine-tune", 2, (Phase(2, RATE, 0.5), Phase(0, LOW_RATE, 0.5)))
PHOTO_RANDOM_FEATURES = Arm("random features", 0, _phases(2))
BNB = Arm("frozen, own base", 2, _phases(2))  # Yosinski's BnB: the base learned the target itself
ONE_FROZEN = Arm("1 convolution, frozen", 1, _phases(1))
ONE_FINE_TUNED = Arm("1 convolution, fine-tuned", 1, _phases(0))
PHOTO_ARMS = (
    PHOTO_SCRATCH,
    FROZEN,
    REUSED_HEAD,
    FINE_TUNED,
    PHOTO_THEN_FINE_TUNED,
    PHOTO_RANDOM_FEATURES,
    ONE_FROZEN,
    ONE_FINE_TUNED,
)


class PhotoRun(NamedTuple):
    """One run on photographs.

    Attributes:
        curve: a `pandas.DataFrame`, one row per epoch, as `fit_epochs` gives it; what it took to
            compute features once is added to the first row of the frozen phase, which is epoch 0 if
            the run begins with it.
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
    after_epoch=None,
    on_divergence: str = "raise",
) -> PhotoRun:
    """Train one network on the target task as the arm says.

    While both convolutions are frozen, their features are computed once and only the head trains
    on them; Dropout stays with the head, so that the result is the same in distribution.

    Args:
        base: weights of a base model, as `convnet.get_weights` gives them; as many layers as
            the arm copies.
        seed: start of what is not copied, order of the data, Dropout.
        precision: as in `convnet.feature_layers`.
        after_epoch: as in `networks.training.fit_epochs`; while both convolutions are frozen, the
            model that it gets is the head alone.
        on_divergence: as in `networks.training.fit_epochs`; with "nan" a lost run ends there.

    Raises:
        ValueError: if the arm does not fit the base, the task or the number of epochs, if the
            base's weights are NaN, or if the network runs away to infinity.
    """
    import pandas as pd

    ends = phase_ends(arm, n_epochs)
    check_run(arm, task, base, seed, precision)
    check_batch_size(batch_size, task)
    training.check_how(seed, after_epoch, on_divergence)
    model = convnet.build(task.n_classes, seed, precision)
    convnet.copy_weights(model, base, arm.n_copied)
    curves, done = [], 0
    for phase, end in zip(arm.phases, ends, strict=True):
        freeze(model, phase.n_frozen, phase.learning_rate)
        fit = _fit_head if phase.n_frozen >= convnet.N_CONVOLUTIONS else training.fit_epochs
        to_fit = task, end - done, seed, batch_size, done, after_epoch, on_divergence
        curves.append(fit(model, *to_fit))
        done = end
        if np.isnan(curves[-1].test_loss.iloc[-1]):
            break
    return PhotoRun(pd.concat(curves, ignore_index=True), convnet.get_weights(model))


def prepare(arm: Arm, task: Task, base, seed: int, precision: str = "float32"):
    """A network ready to run an arm of one phase, and the task that it trains on.

    Where the arm freezes both convolutions, these are the head alone, and a task of features that
    are computed once. `training.fit_epochs` on the two does what `run_arm` does.

    Args:
        arm, task, base, seed, precision: as in `run_arm`.

    Raises:
        ValueError: for an arm of several phases, or one that does not fit the base or the task.
    """
    check_run(arm, task, base, seed, precision)
    if len(arm.phases) > 1:
        raise ValueError(f"{arm.label} has {len(arm.phases)} phases: give one of a single phase.")
    phase = arm.phases[0]
    model = convnet.build(task.n_classes, seed, precision)
    convnet.copy_weights(model, base, arm.n_copied)
    freeze(model, phase.n_frozen, phase.learning_rate)
    if phase.n_frozen < convnet.N_CONVOLUTIONS:
        return model, task
    features, head = convnet.split_at_dropout(model)
    return head, training.features_once(features, task)


def check_run(arm, task, base, seed, precision) -> None:
    """Raise one clear error unless an arm can run on these photographs; before a network is built.

    Raises:
        ValueError: for what is no arm, no task of photographs, no weights, no seed or no
            precision.
    """
    check_arm(arm, Arm)
    check_task(task)
    if task.x_train.shape[1:] != convnet.IMAGE_SHAPE:
        raise ValueError(
            f"task: {task.name} has rows of shape {task.x_train.shape[1:]}: give photographs of "
            f"shape {convnet.IMAGE_SHAPE}."
        )
    convnet.pairs(base)
    training.check_how(seed)
    check_choice("precision", precision, convnet.PRECISIONS)
    most = max([arm.n_copied, *(phase.n_frozen for phase in arm.phases)])
    if most > convnet.N_LAYERS:
        raise ValueError(
            f"arm: {arm.label} copies or freezes {most} layers, but the network has "
            f"{convnet.N_LAYERS} with weights: choose 0 to {convnet.N_LAYERS}."
        )


def _fit_head(model, task, *how):
    """Train a network whose convolutions are frozen on features that are computed once."""
    features, head = convnet.split_at_dropout(model)
    begin = time.perf_counter(), time.process_time()
    once = training.features_once(features, task)
    took = time.perf_counter() - begin[0], time.process_time() - begin[1]
    curve = training.fit_epochs(head, once, *how)
    curve.loc[0, ["seconds", "cpu_seconds"]] += took
    return curve
