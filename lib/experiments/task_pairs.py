"""Many task pairs, each studied as Problems 1 and 2 are: bases, rates, runs.  Lesson 06.

Where the task pair is the unit, each gives one number an arm: the mean over its few bases. Every
task pair has a hundred seeds of its own, from `first_seed` up:

    0, 10    base models: those that are compared, those that choose the rates
    20, 30   new weights of their matched twins
    50, 60   runs on the target: the comparison, the choice
"""

from collections.abc import Mapping

import numpy as np

from ..checks import check_flag, check_function, check_names, check_whole, shown
from ..networks.checks import check_epochs, check_task
from ..networks.weights import matched as matched_weights
from .arms import Arm
from .batches import final_accuracy, run_arms, train_bases
from .checks import check_arms, check_first_seed
from .rates import choose_rates, with_rates

MOST_BASES = 10  # seeds between two kinds of them


def run_task_pairs(
    task_pairs,
    arms,
    ways,
    n_bases: int = 8,
    n_epochs: int = 100,
    first_seed: int = 0,
    matched: bool = False,
) -> dict[str, dict[str, np.ndarray]]:
    """Run the arms on many task pairs, at the rates they have and at rates chosen for each pair.

    Args:
        task_pairs: (source, target) each, `Task` records.
        arms: `Arm` records with different labels.
        ways: by name, how to choose a rate: a function that makes of the target the task to choose
            with, such as `hold_out` or `on_validation`.
        n_bases: of each task pair, 1 to 10; as many others choose the rates. All learn the source
            for 100 epochs; each is refitted once.
        n_epochs: of a run on the target.
        first_seed: of the first task pair; the next one's is a hundred higher.
        matched: whether each base is replaced by its twin, new weights of equal mean and spread.

    Returns:
        By way, and under "0.01" for the arms as they are; by label: mean test accuracy over the
        bases after the last epoch, float64 (n_task_pairs,).

    Raises:
        ValueError: for no task pair, a number that is none, or a way of the name "0.01".
    """
    task_pairs = _check_pairs(task_pairs)
    arms = check_arms(arms, Arm)
    check_whole("n_bases", n_bases, 1, MOST_BASES)
    check_epochs(n_epochs)
    check_first_seed(first_seed)
    check_flag("matched", matched)
    if not isinstance(ways, Mapping):
        raise ValueError(f"ways={shown(ways)}: give a dict from names to functions.")
    check_names("names of ways", [*ways], 0)
    for way, part in ways.items():
        check_function(f"ways: {way}", part, "`hold_out`")
    if "0.01" in ways:
        raise ValueError("ways has the name '0.01', the arms as they are: choose another name.")
    found = []
    for number, (source, target) in enumerate(task_pairs):
        first = first_seed + 100 * number
        bases, others = (
            train_bases(source, n_bases, 100, first + n).weights for n in (0, MOST_BASES)
        )
        if matched:
            bases = matched_weights(bases, range(first + 20, first + 20 + n_bases))
            others = matched_weights(others, range(first + 30, first + 30 + n_bases))
        plans = {"0.01": arms}
        for way, part in ways.items():
            chosen = choose_rates(
                arms, part(target), others, n_epochs=n_epochs, first_seed=first + 60
            )
            plans[way] = with_rates(arms, chosen)
        found.append(
            {
                way: final_accuracy(run_arms(plan, target, bases, 1, n_epochs, first + 50))
                for way, plan in plans.items()
            }
        )
    return {
        way: {arm.label: np.array([one[way][arm.label].mean() for one in found]) for arm in arms}
        for way in found[0]
    }


def _check_pairs(task_pairs) -> list:
    """The task pairs as a list, or one clear error."""
    try:
        task_pairs = [tuple(pair) for pair in task_pairs]
    except TypeError:
        task_pairs = [()]
    if not task_pairs:
        raise ValueError("task_pairs is empty: give one (source, target) or more.")
    for pair in task_pairs:
        if len(pair) != 2:
            raise ValueError(
                "task_pairs: give a list of (source, target), two `Task` records each."
            )
        for task in pair:
            check_task(task, "task_pairs")
    return task_pairs
