"""A fair learning rate for each arm, chosen where no test row is seen.  Lessons 06 and 11.

One rate for all arms suits some of them: 0.01 suits networks that start from a base, and starves
networks from scratch that have few updates. So each arm gets that rate of a grid, declared before,
at which it does best on rows held out of the target's own training rows: what a learner with that
many rows could do. Bases and seeds of the choice are not those of the comparison.

    RATES   the grid
    held    a task whose training rows are a part of the target's, and whose test part is the rest
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from ..checks import check_text, check_whole, is_finite, shown
from ..data.task import Task
from ..networks.checks import check_learning_rate, check_task
from ..networks.weights import Weights
from ..statistics import paired_t
from .arms import FIXED, Arm
from .batches import run_arms
from .checks import check_arm, check_arms, check_by_label, check_rates, scores_of

RATES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3)
FIRST_CHOICE_SEED = 50_000  # of the runs that choose a rate; those of a comparison lie elsewhere
HELD_OUT = 0.2  # part of the training rows


class RateChoice(NamedTuple):
    """The rate of one arm.

    Attributes:
        rate: chosen; of several phases that of the first.
        accuracy: by rate, mean accuracy on the rows held out; NaN where a network was lost.
        n_rows: held out.
    """

    rate: float
    accuracy: dict[float, float]
    n_rows: int


def at_rate(arm: Arm, rate: float) -> Arm:
    """The arm at another rate; later phases keep their ratio to the first.

    >>> from lib.experiments import THEN_FINE_TUNED
    >>> [round(phase.learning_rate, 6) for phase in at_rate(THEN_FINE_TUNED, 0.1).phases]
    [0.1, 0.01]
    """
    check_arm(arm, Arm)
    check_learning_rate(rate, "rate")
    first = arm.phases[0].learning_rate
    phases = [replace(p, learning_rate=rate * (p.learning_rate / first)) for p in arm.phases]
    return replace(arm, phases=tuple(phases))


def hold_out(task: Task, fraction: float = HELD_OUT, seed: int = 0) -> Task:
    """Hold a part of a task's own training rows out, to make choices with; the test rows go.

    Args:
        fraction: above 0, below 1; at least one row is held out and one left.
        seed: decides which rows.

    Returns:
        A task that trains on the rest and "tests" on the rows held out, so that whoever gets it
        cannot see a test row.

    Raises:
        ValueError: for a fraction that is none, or a task of one row.

    >>> from lib.data import blobs
    >>> held = hold_out(blobs(2, n_train=64))
    >>> len(held.y_train), len(held.y_test)
    (51, 13)
    """
    check_task(task)
    if not is_finite(fraction) or not 0 < fraction < 1:
        raise ValueError(f"fraction={shown(fraction)}: hold out a part above 0 and below 1.")
    check_whole("seed", seed, 0)
    n = len(task.y_train)
    n_held = min(max(round(n * fraction), 1), n - 1)
    if n < 2:
        raise ValueError(f"{task.name} has {n} row to train on: none can be held out.")
    order = np.random.default_rng(seed).permutation(n)
    held, left = np.sort(order[:n_held]), np.sort(order[n_held:])
    return replace(
        task,
        x_train=task.x_train[left],
        y_train=task.y_train[left],
        x_test=task.x_train[held],
        y_test=task.y_train[held],
        x_validation=None,
        y_validation=None,
    )


def on_validation(task: Task) -> Task:
    """The task with its validation rows in place of its test rows: a choice that few can afford.

    Raises:
        ValueError: if there are none, or if one of them is a test row, too.
    """
    check_task(task)
    if task.x_validation is None:
        raise ValueError(f"{task.name} has no validation rows: hold some out with `hold_out`.")
    test = {row.tobytes() for row in np.ascontiguousarray(task.x_test)}
    n_both = sum(row.tobytes() in test for row in np.ascontiguousarray(task.x_validation))
    if n_both:
        raise ValueError(
            f"{n_both} validation rows of {task.name} are test rows, too: choose with others."
        )
    parts = {"x_test": task.x_validation, "y_test": task.y_validation}
    return replace(task, **parts, x_validation=None, y_validation=None)


def choose_rates(
    arms,
    held: Task,
    bases: Weights,
    n_refits: int = 1,
    n_epochs: int = 100,
    rates=RATES,
    first_seed: int = FIRST_CHOICE_SEED,
) -> dict[str, RateChoice]:
    """Choose each arm's rate: the one with the highest mean accuracy on the rows held out.

    Args:
        arms: `Arm` records with different labels.
        held: as `hold_out` or `on_validation` gives it; never the task with its test rows.
        bases: weights of base models that the comparison does not use.
        n_refits, n_epochs: as in `run_arms`.
        rates: the grid, declared beforehand. A rate at which a network is lost is no candidate; of
            equal ones the smaller is taken.

    Returns:
        By label, `RateChoice`.

    Raises:
        ValueError: for an empty grid, or an arm for which no rate of it works.
    """
    rates, arms = check_rates(rates), check_arms(arms, Arm)
    for rate in rates:
        check_learning_rate(rate, "rates")
    check_task(held, "held")
    variants = {
        (arm.label, rate): replace(at_rate(arm, rate), label=f"{arm.label} at {rate!r}")
        for arm in arms
        for rate in sorted(rates)
    }
    found = run_arms(
        variants.values(), held, bases, n_refits, n_epochs, first_seed, on_divergence="nan"
    )
    choices = {}
    for arm in arms:
        accuracy = {
            rate: float(found[variants[arm.label, rate].label][..., -1].mean(dtype="float64"))
            for rate in sorted(rates)
        }
        working = {rate: value for rate, value in accuracy.items() if np.isfinite(value)}
        if not working:
            raise ValueError(
                f"{arm.label}: at each rate of {', '.join(map(str, rates))} a network grew beyond "
                "all bounds: add smaller rates to the grid."
            )
        choices[arm.label] = RateChoice(max(working, key=working.get), accuracy, len(held.y_test))
    return choices


def with_rates(arms, choices: dict[str, RateChoice]) -> tuple[Arm, ...]:
    """The arms, each at its own chosen rate, under the same labels.

    Raises:
        ValueError: if an arm has no choice.
    """
    arms = check_arms(arms, Arm)
    check_by_label("choices", choices, RateChoice)
    missing = [arm.label for arm in arms if arm.label not in choices]
    if missing:
        raise ValueError(
            f"choices: no rate was chosen for {', '.join(missing)}: choose for all arms."
        )
    for arm in arms:
        check_learning_rate(choices[arm.label].rate, "choices: rate")
    return tuple(at_rate(arm, choices[arm.label].rate) for arm in arms)


def rate_effect(equal, fair, arms=FIXED, control: str = "from scratch") -> dict:
    """What the rate did to the lead of each arm: the lead at one rate, at fair rates, the gap.

    Args:
        equal, fair: by label, one number a unit, (n_units,) each: all arms at one rate, 0.01, and
            each at its own. Arms and control are paired, unit by unit.
        arms: `Arm` records whose leads are asked for.
        control: label of the arm that they lead, or trail.

    Returns:
        By name of the column, by label: 95 % `Interval` over units, by Student's t.

    Raises:
        ValueError: if an arm or the control has no scores, or not as many as the others.

    >>> equal = {"from scratch": np.array([0.7, 0.6]), "fixed=0": np.array([0.8, 0.8])}
    >>> fair = {"from scratch": np.array([0.8, 0.8]), "fixed=0": np.array([0.8, 0.9])}
    >>> found = rate_effect(equal, fair, FIXED[:1])
    >>> {name: round(part["fixed=0"].estimate, 3) for name, part in found.items()}
    {'lead at 0.01': 0.15, 'lead at fair rates': 0.05, 'the rate': 0.1}
    """
    arms = check_arms(arms, Arm)
    check_text("control", control)
    if not isinstance(equal, Mapping) or control not in equal:
        raise ValueError(f"equal has no {control!r} (control): give the scores of each arm.")
    labels = [control, *(arm.label for arm in arms)]
    equal, fair = scores_of("equal", equal, labels), scores_of("fair", fair, labels)
    counts = {len(scores[label]) for scores in (equal, fair) for label in labels}
    if len(counts) > 1:
        raise ValueError(
            f"equal and fair have scores of {', '.join(map(str, sorted(counts)))} units: give each "
            "arm one number for each of the same units, at one rate and at fair rates."
        )
    one, other = (
        {arm.label: scores[arm.label] - scores[control] for arm in arms} for scores in (equal, fair)
    )
    gap = {label: one[label] - other[label] for label in one}
    parts = {"lead at 0.01": one, "lead at fair rates": other, "the rate": gap}
    return {
        name: {label: paired_t(lead) for label, lead in part.items()}
        for name, part in parts.items()
    }
