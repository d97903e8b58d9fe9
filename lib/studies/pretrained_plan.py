"""Which runs the study of lesson 12 has: its arms, sizes, passes, rates and questions."""

from typing import NamedTuple

from ..networks.imagenet import WRONG_PREPROCESSING

CLASSES = tuple(range(5, 10))
SIZES = (5, 25, 100, 500)  # photographs per class
SIZE = 96  # pixels of a side
PILOT = -1

FROM_FEATURES = "ImageNet features"
FROM_RANDOM = "random features"
FINE = "fine-tuned"
TRAINING_NORM = "fine-tuned, BatchNorm in training mode"
SAME = "from scratch, same network"
SMALL = "from scratch, small network"
PIXELS = "pixels"
# passes over the photographs, by photographs per class: as much as two cores can do in an hour
EPOCHS = {
    FINE: {5: 10, 25: 6, 100: 3, 500: 1},
    TRAINING_NORM: {25: 6},
    SAME: {5: 30, 25: 16, 100: 8, 500: 2},
    SMALL: {5: 80, 25: 40, 100: 30, 500: 15},
}
# tried by the pilot, for each number of photographs
RATES = {FINE: (3e-5, 1e-4, 3e-4), SAME: (1e-3, 3e-3, 1e-2), SMALL: (3e-4, 1e-3, 3e-3)}
TOO_HIGH = 10  # times the chosen rate
N_PROBED = 25  # per class, in the questions besides the arms
INPUT_SIZES = (32, 64, 96, 160)
LAYERS = "_bn0.relu", "_blocks.4.add", "_blocks.7.add", "_blocks.10.add", "_blocks.14.add"


class Run(NamedTuple):
    """One row of the table.

    Attributes:
        question: "arms", "pilot", "preprocessing", "input size", "depth", "target", "rate".
        target: which task.
        arm: who is trained how.
        n: training rows per class.
        draw: which photographs; -1 is the pilot.
        detail: what the question varies, in words; "" in the question "arms".
        rate: of a trained arm; None where a logistic regression chooses.
    """

    question: str
    target: str
    arm: str
    n: int
    draw: int
    detail: str = ""
    rate: float | None = None


def pilot_runs() -> list[Run]:
    """The runs that choose the rates."""
    return [
        Run("pilot", "photographs", arm, n, PILOT, rate=rate)
        for arm, rates in RATES.items()
        for n in EPOCHS[arm]
        for rate in rates
    ]


def draw_runs(draw: int, rates: dict) -> list[Run]:
    """The runs of one draw, those that answer most first.

    Args:
        rates: by arm and photographs per class, as `chosen_rates` gives them.
    """
    photographs = "photographs"
    runs = [
        Run("arms", photographs, arm, n, draw)
        for arm in (FROM_FEATURES, FROM_RANDOM)
        for n in SIZES
    ]
    runs += [
        Run("arms", photographs, arm, n, draw, rate=rates[FINE if arm == TRAINING_NORM else arm, n])
        for arm in (FINE, TRAINING_NORM, SMALL, SAME)
        for n in EPOCHS[arm]
    ]
    for question, details in (
        ("preprocessing", WRONG_PREPROCESSING),
        ("input size", INPUT_SIZES),
        ("depth", LAYERS),
    ):
        for detail in details:
            if (question, detail) != ("input size", SIZE):
                one = Run(question, photographs, FROM_FEATURES, N_PROBED, draw, str(detail))
                runs.append(one)
    high = rates[FINE, N_PROBED] * TOO_HIGH
    runs.append(Run("rate", photographs, FINE, N_PROBED, draw, "ten times too high", high))
    runs += [
        Run("target", target, arm, n, draw)
        for target in ("digits", "surfaces, split by block", "surfaces, split at random")
        for arm in (FROM_FEATURES, FROM_RANDOM, PIXELS)
        for n in (5, 25)
    ]
    return runs
