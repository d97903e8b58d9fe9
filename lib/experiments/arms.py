"""Arms: what is copied from a base model, what is frozen, at which rate, in which phases."""

from dataclasses import dataclass

import numpy as np

from ..checks import check_number, check_text, check_whole, is_whole, shown
from ..networks import mlp
from ..networks.checks import MOST_UNITS, check_epochs, check_learning_rate
from .checks import check_arm

MOST_LAYERS = 100


@dataclass(frozen=True)
class Phase:
    """A part of a run.

    Attributes:
        n_frozen: first layers that stay as they are.
        learning_rate: of the network's own optimizer, above 0.
        epochs_fraction: part of the run's epochs, above 0, at most 1.

    Raises:
        ValueError: at once for a number or a rate that is none.
    """

    n_frozen: int = 0
    learning_rate: float = 0.01
    epochs_fraction: float = 1.0

    def __post_init__(self):
        check_whole("n_frozen", self.n_frozen, 0, MOST_LAYERS)
        check_learning_rate(self.learning_rate)
        check_number("epochs_fraction", self.epochs_fraction, 0, 1)


@dataclass(frozen=True)
class Arm:
    """One way to train on the target task.

    Attributes:
        label: for tables and figures.
        n_copied: first layers taken from the base model; the others start at random.
        phases: what is trained, one after the other; their fractions add up to 1.
        hidden: units of the hidden layers of the target model, on blobs.
        new_layers: among the copied, those that start at random all the same; 0 is the first.

    Raises:
        ValueError: at once for a number that is none, or phases that do not fill the run.
    """

    label: str
    n_copied: int = 0
    phases: tuple[Phase, ...] = (Phase(),)
    hidden: tuple[int, ...] = mlp.HIDDEN
    new_layers: tuple[int, ...] = ()

    def __post_init__(self):
        check_text("label", self.label)
        check_whole("n_copied", self.n_copied, 0, MOST_LAYERS)
        for name in ("phases", "hidden", "new_layers"):
            if not isinstance(getattr(self, name), tuple | list):
                raise ValueError(f"{name}={shown(getattr(self, name))}: give a tuple.")
        for layer in self.new_layers:
            if not is_whole(layer) or not 0 <= layer < self.n_copied:
                raise ValueError(
                    f"new_layers has {shown(layer)}, but n_copied={self.n_copied}: choose numbers "
                    "of copied layers, from 0 up."
                )
        for units in self.hidden:
            check_whole("hidden", units, 1, MOST_UNITS)
        if not self.phases or not all(isinstance(phase, Phase) for phase in self.phases):
            raise ValueError(
                f"phases={shown(self.phases)}: give one `Phase` or more, whose "
                "fractions add up to 1."
            )
        total = sum(phase.epochs_fraction for phase in self.phases)
        if not np.isclose(total, 1) or min(p.epochs_fraction for p in self.phases) <= 0:
            raise ValueError(
                f"{self.label}: the phases take {total:g} of the epochs: give fractions above 0 "
                "that add up to 1."
            )


SCRATCH = Arm("from scratch")
FIXED = tuple(Arm(f"fixed={n}", 3, (Phase(n),)) for n in range(3))  # the head is reused, too
PUBLISHED_ARMS = (SCRATCH, *FIXED)

# what the tutorial proposes as extensions, and the controls that tell the reasons apart
REINITIALISED = Arm("fixed=1, rest new", 1, (Phase(1),))
ADDED_LAYER = Arm("fixed=2, new layer", 2, (Phase(2),), (5, 5, 5))
SECOND_NEW = Arm("fixed=1, second new", 3, (Phase(1),), new_layers=(1,))
NEW_HEAD = Arm("fixed=2, new head", 2, (Phase(2),))
THEN_FINE_TUNED = Arm("freeze, fine-tune", 3, (Phase(2, 0.01, 0.5), Phase(0, 0.001, 0.5)))
RANDOM_FEATURES = Arm("random features", 0, (Phase(2),))
EXTENSION_ARMS = (REINITIALISED, ADDED_LAYER, NEW_HEAD, THEN_FINE_TUNED, RANDOM_FEATURES)


def phase_ends(arm: Arm, n_epochs: int) -> list[int]:
    """The last epoch of each phase of an arm.

    Raises:
        ValueError: if a phase would have no epoch.

    >>> phase_ends(THEN_FINE_TUNED, 100)
    [50, 100]
    """
    check_arm(arm, Arm)
    check_epochs(n_epochs)
    fractions = np.cumsum([phase.epochs_fraction for phase in arm.phases])
    ends = [round(n_epochs * fraction) for fraction in fractions.tolist()]
    if min(ends) < 1 or len(set(ends)) < len(ends):
        raise ValueError(
            f"{arm.label} has {len(ends)} phases, but n_epochs={n_epochs}: choose more epochs, so "
            "that each phase has one."
        )
    return ends
