"""Is my number normal?  Where a number stands among the recorded runs of a lesson.

Lessons 04, 05 and 08.  `lib.statistics.place` has the rule; here are the runs that it needs.

    number   the test accuracy in question, 0 to 1
    scores   recorded test accuracies after the last epoch, float64 (n_bases, n_refits)
"""

from dataclasses import dataclass

import numpy as np

from ..checks import LARGEST, is_within
from ..statistics.intervals import ROUNDING
from ..statistics.places import Place, place
from .blobs_arms import ABOUT, NAME
from .jobs import ARMS_STUDY
from .record import REFERENCE, datasheet, load_study

LESSONS = {"04": NAME, "05": NAME, "08": ARMS_STUDY.name}  # lesson: its recorded study
SPLIT = "halves"  # of lesson 08: from classes 0-4 to 5-9
N_CLASSES, N_TRAIN, N_TEST = 5, 5_000, 1_000  # of its target; CIFAR-10 photographs per class
TOO_FEW = "too few recorded runs"


@dataclass(frozen=True)
class FewRuns:
    """Where a number stands among runs that are too few to name a cause.

    Attributes:
        value: the number.
        n_below: recorded runs below it, ties left out.
        smallest, largest: of the recorded runs.
        n_bases, n_refits: recorded: run pairs, and one refit in each.
        recorded: in words, how the recorded runs were trained.
        cause: always "too few recorded runs", where a `Place` names a cause.
    """

    value: float
    n_below: int
    smallest: float
    largest: float
    n_bases: int
    n_refits: int
    recorded: str
    cause: str = TOO_FEW

    @property
    def outside(self) -> float:
        """Part of further normal runs that is expected outside the range of the recorded ones.

        Source: order statistics; one more run is as likely to be the smallest of n + 1 as any
        other, and to be the largest.

        >>> FewRuns(0.8, 1, 0.7, 0.9, 3, 1, "").outside
        0.5
        """
        return 2 / (self.n_bases * self.n_refits + 1)

    def __str__(self) -> str:
        n = self.n_bases * self.n_refits
        return (
            f"{self.value:.3f} is above {self.n_below} of {n} recorded runs "
            f"({self.smallest:.3f} to {self.largest:.3f}; {n} run pairs; {self.recorded}). "
            f"What would explain it, {n} cannot say: of further normal runs about "
            f"{100 * self.outside:.0f} % would lie outside their range, and a run pair changes "
            "base and start together, so nobody can tell another refit from another base."
        )


def place_in_lesson(
    number: float, lesson: str = "04", arm: str = "fixed=0", folder=REFERENCE
) -> Place | FewRuns:
    """Put a number into the recorded runs of a lesson's arm, and say what would explain it.

    The recorded runs are trained as in the lesson's published comparison: those of lessons 04 and
    05 for 100 epochs on 500 rows, those of lesson 08 for 10 epochs on 22,500 photographs. A number
    from other training, such as the profile `smoke`, is no case for comparison.

    Args:
        number: test accuracy of one run, 0 to 1; a learner's or a published one.
        lesson: "04" or "05", which share their runs, or "08".
        arm: a label of that lesson, such as "from scratch", "fixed=0" or "frozen, fresh head".
        folder: of the recorded studies.

    Returns:
        The place among the runs, as `lib.statistics.place` finds it. In lesson 08 few runs are
        recorded, with one refit for each base: then what these can say, and why no more. Both tell
        it in words when printed, and both have a `cause`.

    Raises:
        ValueError: for a number that is no accuracy, or a lesson or an arm without recorded runs.
        FileNotFoundError: if the recorded study is not there.

    >>> place_in_lesson(0.25, lesson="04", arm="fixed=0").cause
    'a likely fault'
    >>> print(place_in_lesson(0.8594, lesson="08", arm="frozen, reused head"))
    0.859 is above 3 of 3 recorded runs (0.849 to 0.853; 3 run pairs; 22,500 training photographs,
    10 epochs, CIFAR-10 (JPEG copy)). What would explain it, 3 cannot say: of further normal runs
    about 50 % would lie outside their range, and a run pair changes base and start together, so
    nobody can tell another refit from another base.
    """
    number = _accuracy(number)
    if not isinstance(lesson, str) or lesson not in LESSONS:
        raise ValueError(
            f"lesson={lesson!r} has no recorded runs: choose one of {_listed(LESSONS)}."
        )
    if LESSONS[lesson] == NAME:
        scores, n_test = _blobs_scores(lesson, arm, folder)
        return place(_as_fraction(number, n_test), scores, n_test)
    scores, n_test, recorded = _photo_scores(lesson, arm, folder)
    number = _as_fraction(number, n_test)
    below, ends = int((scores < number).sum()), (float(scores.min()), float(scores.max()))
    return FewRuns(number, below, *ends, *scores.shape, recorded)


def _accuracy(number) -> float:
    """The number as Python's own; one clear error if it is no accuracy."""
    if not is_within(number, -LARGEST, LARGEST):
        raise ValueError(f"number={number!r}: give one accuracy, a fraction from 0 to 1 like 0.79.")
    number = float(number)
    if 1 < number <= 100:
        raise ValueError(
            f"number={number:g}: an accuracy is a fraction from 0 to 1; if this is a percentage, "
            f"give {number / 100:g}."
        )
    if not 0 <= number <= 1:
        raise ValueError(
            f"number={number:g}: an accuracy is a fraction from 0 to 1: give the right answers "
            "divided by the test rows, like 0.79."
        )
    return number


def _as_fraction(number, n_test):
    """The number, and where rounding alone parts it from a fraction of the test rows, that.

    Otherwise an accuracy that came as a 32-bit number would not tie with its equals.
    """
    exact = round(number * n_test) / n_test
    return exact if abs(exact - number) < ROUNDING else number


def _blobs_scores(lesson, arm, folder):
    """Scores (n_bases, n_refits) of an arm on blobs, and the number of test rows."""
    table, n_test = load_study(NAME, folder), datasheet(NAME, folder)["settings"]["n_test"]
    _check_arm(arm, lesson, table.columns.drop(ABOUT))
    return table[arm].to_numpy().reshape(table["base"].nunique(), -1) / n_test, n_test


def _photo_scores(lesson, arm, folder):
    """Scores (n_run_pairs, 1) of an arm on photographs, test rows, and how they were trained."""
    table, sheet = load_study(ARMS_STUDY.name, folder), datasheet(ARMS_STUDY.name, folder)
    settings = sheet["settings"]
    n_epochs = settings["n_epochs"]
    ends = table[(table["split"] == SPLIT) & (table["epoch"] == n_epochs)]
    _check_arm(arm, lesson, ends["arm"].unique())
    scores = ends.loc[ends["arm"] == arm, "test_accuracy"].to_numpy()[:, np.newaxis]
    n_train = N_CLASSES * (settings["n_train"] or N_TRAIN - settings["n_validation"])
    n_test = N_CLASSES * (settings["n_test"] or N_TEST)
    recorded = f"{n_train:,} training photographs, {n_epochs} epochs, {sheet['data']}"
    return scores, n_test, recorded


def _check_arm(arm, lesson, known):
    """Raise one clear error for an arm that is not recorded."""
    if not isinstance(arm, str) or arm not in set(known):
        raise ValueError(
            f"arm={arm!r} is not recorded for lesson {lesson}: choose one of {_listed(known)}."
        )


def _listed(names) -> str:
    return ", ".join(f"{name!r}" for name in names)
