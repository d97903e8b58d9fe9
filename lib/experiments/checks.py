"""Checks that the experiments share: one clear error each."""

from collections.abc import Mapping

import numpy as np

from ..checks import check_names, check_whole, numbers, shown

MOST_SEED = 2**62  # of a first seed: those that follow stay below 2 ** 63


def check_first_seed(first_seed, name: str = "first_seed") -> None:
    """Raise one clear error unless seeds can be counted from here."""
    check_whole(name, first_seed, 0, MOST_SEED)


def check_arm(arm, kind, name: str = "arm") -> None:
    """Raise one clear error unless this is an `Arm` (`kind`)."""
    if not isinstance(arm, kind):
        raise ValueError(f"{name}: {shown(arm)} is no `Arm`: give one, such as `SCRATCH`.")


def check_arms(arms, kind) -> tuple:
    """The arms as a tuple, or one clear error unless they are one or more with different labels."""
    try:
        arms = tuple(arms)
    except TypeError:
        raise ValueError(f"arms={shown(arms)}: give `Arm` records in a list.") from None
    if not arms:
        raise ValueError("no arms: give one `Arm` or more.")
    for arm in arms:
        check_arm(arm, kind, "arms")
    labels = [arm.label for arm in arms]
    if len(set(labels)) < len(labels):
        raise ValueError(f"arm labels {labels} repeat: give every arm its own.")
    return arms


def check_by_label(name: str, found, kind=object) -> None:
    """Raise one clear error unless this maps labels to something, one or more."""
    if not isinstance(found, Mapping) or not found:
        raise ValueError(f"{name}={shown(found)}: give a dict from labels, one or more.")
    check_names(f"labels of {name}", [*found])
    for label, one in found.items():
        if not isinstance(one, kind):
            raise ValueError(
                f"{name}: {label} has {shown(one)}: give a {kind.__name__} for each label."
            )


def check_rates(rates) -> tuple:
    """The rates as a tuple, or one clear error unless they are one or more, each once."""
    try:
        rates = tuple(rates)
        known = set(rates)
    except TypeError:
        raise ValueError(f"rates={shown(rates)}: give learning rates in a tuple.") from None
    if not rates or len(known) < len(rates):
        raise ValueError(f"rates={shown(rates)}: give one learning rate or more, each once.")
    return rates


def scores_of(name: str, scores, labels) -> dict[str, np.ndarray]:
    """Scores of some labels as float64 (n_units,), or one clear error."""
    check_by_label(name, scores)
    missing = [label for label in labels if label not in scores]
    if missing:
        raise ValueError(f"{name} has no {', '.join(missing)}: give scores of each arm.")
    return {label: numbers(f"{name} of {label}", scores[label], ("n_units",)) for label in labels}
