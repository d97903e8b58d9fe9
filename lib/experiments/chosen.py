"""Photographs at a fair rate: rate and epoch of each arm, chosen on validation rows.

Lessons 08 to 11.

The rule is the same everywhere: of all rates and epochs, the lowest validation loss; a run stops
early when its loss has not fallen for `PATIENCE` epochs. Loss moves less by luck than accuracy does
where there are few validation photographs. The test photographs are read at the choice, and do not
make it.
"""

from dataclasses import dataclass, field, replace

import numpy as np

from ..data.task import Task
from ..networks import convnet
from ..networks.checks import check_batch_size, check_learning_rate, check_task
from ..networks.training import fit_epochs
from .arms import Arm, phase_ends
from .checks import check_rates
from .photos import check_run, prepare, run_arm
from .pretrained import Score, check_strengths, fit_head
from .rates import at_rate

PHOTO_RATES = (1e-4, 3e-4, 1e-3)
PROBE_STRENGTHS = (1e-6, 1e-5, 1e-4, 1e-3, 1e-2)  # scikit-learn's C, for 12,544 features
PATIENCE = 8  # epochs


@dataclass
class Chosen:
    """An arm at its chosen rate, at its chosen epoch.

    Attributes:
        rate: of the optimizer, one of those tried.
        epoch: 1 or later.
        row: loss, accuracy and seconds at that epoch, as `networks.training.fit_epochs` gives them.
        predicted: labels of the test rows there, (n_test,).
        weights: there, of the layers that the arm trains with the convolutions free; else empty.
        curves: a `pandas.DataFrame` of all runs, one row per rate and epoch.
    """

    rate: float = 0.0
    epoch: int = 0
    row: dict = field(default_factory=dict)
    predicted: np.ndarray | None = None
    weights: list = field(default_factory=list)
    curves: object = None


def run_chosen(
    arm: Arm,
    task: Task,
    base,
    seed: int,
    n_epochs: int,
    rates=PHOTO_RATES,
    batch_size: int = 32,
    precision: str = "float32",
) -> Chosen:
    """Train an arm at each rate, and keep what stood at the lowest validation loss.

    Args:
        arm, base, seed, batch_size, precision: as in `run_arm`.
        n_epochs: at most; an arm of several phases runs them all.
        task: with validation rows.
        rates: to try; a run that is lost (a loss of NaN or infinity) is no candidate.

    Raises:
        ValueError: without validation rows, for an empty or repeated grid, or if no rate works.
    """
    import pandas as pd

    rates = check_rates(rates)
    for rate in rates:
        check_learning_rate(rate, "rates")
    phase_ends(arm, n_epochs)
    check_run(arm, task, base, seed, precision)
    check_batch_size(batch_size, task)
    if task.x_validation is None:
        raise ValueError(
            f"{task.name} has no validation rows to choose a rate and an epoch with: give a task "
            "that has some."
        )
    run = _runner(arm, task, base, seed, n_epochs, batch_size, precision)
    best, curves = Chosen(), []
    for rate in rates:
        lowest = [(np.inf, 0)]  # of this run: validation loss, epoch

        def watch(row, model, predict, rate=rate, lowest=lowest):
            loss, epoch = row["validation_loss"], row["epoch"]
            if loss < lowest[0][0]:
                lowest[0] = loss, epoch
                if loss < best.row.get("validation_loss", np.inf):
                    best.rate, best.epoch, best.row = rate, epoch, row
                    best.predicted = predict("test")
                    free = tuple(model.input_shape[1:]) == convnet.IMAGE_SHAPE
                    best.weights = convnet.get_weights(model) if free else []
            return len(arm.phases) == 1 and epoch - lowest[0][1] >= PATIENCE

        curves.append(run(rate, watch).assign(rate=rate))
    if not best.epoch:
        raise ValueError(f"{arm.label}: no rate of {rates} works: add smaller ones to the grid.")
    best.curves = pd.concat(curves, ignore_index=True)
    return best


def _runner(arm, task, base, seed, n_epochs, batch_size, precision):
    """A function from a rate, and what watches, to the curve of a run.

    An arm of one phase is compiled once, and its features are computed once: for each rate the
    network gets back its first weights, state of the optimizer and seeds of Dropout.
    """
    if len(arm.phases) > 1:
        return lambda rate, watch: (
            run_arm(
                at_rate(arm, rate), task, base, seed, n_epochs, batch_size, precision, watch, "nan"
            ).curve
        )
    model, rows = prepare(arm, task, base, seed, precision)
    model.optimizer.build(model.trainable_variables)
    variables = [*model.variables, *model.optimizer.variables]
    first = [variable.numpy() for variable in variables]

    def run(rate, watch):
        for variable, value in zip(variables, first, strict=True):
            variable.assign(value)
        model.optimizer.learning_rate.assign(rate)
        return fit_epochs(model, rows, n_epochs, seed, batch_size, 0, watch, "nan")

    return run


def run_probe(task: Task, base, strengths=PROBE_STRENGTHS) -> tuple[Score, np.ndarray]:
    """A linear probe: logistic regression on the features of a base model's convolutions.

    Args:
        task: with validation rows, which choose the regularisation by their accuracy.
        base: weights, as `convnet.get_weights` gives them; the two convolutions are used.

    Returns:
        The score, and the predicted labels of the test rows, (n_test,).

    Raises:
        ValueError: as `fit_head`.
    """
    from ..networks.training import features_once

    check_task(task)
    strengths = check_strengths(strengths)
    convnet.pairs(base)
    model = convnet.build(task.n_classes, 0)
    convnet.copy_weights(model, base, convnet.N_CONVOLUTIONS)
    once = features_once(convnet.split_at_dropout(model)[0], task)
    flat = {f"x_{part}": _flat(getattr(once, f"x_{part}")) for part in once.parts}
    once = replace(once, **flat)
    score, head = fit_head(once, strengths)
    return score, (once.x_test @ head.kernel + head.bias).argmax(axis=1)


def _flat(features):
    return features.reshape(len(features), -1).astype("float32")
