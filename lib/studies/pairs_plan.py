"""Which runs the study of photographs has: run pairs, arms, sizes, epochs.  Lessons 08 to 11.

A run pair is one base model and one start on the target task. In `DISJOINT` every run pair has
photographs of its own to train on, to choose with and to test on, so that a plain interval over run
pairs counts every source of error but one: all base models share the source half. Larger samples
leave no room for that: in `SHARED` all run pairs see the same photographs, and which of them each
network tells right is kept, so that an interval can cross run pairs with photographs.
"""

from typing import NamedTuple

from ..data.photos import class_split, photos
from ..data.targets import drawn_photos, first_per_class
from ..data.task import Task
from ..experiments.arms import Arm
from ..experiments.chosen import PHOTO_RATES
from ..experiments.photos import (
    BNB,
    FINE_TUNED,
    FROZEN,
    PHOTO_RANDOM_FEATURES,
    PHOTO_SCRATCH,
    PHOTO_THEN_FINE_TUNED,
    REUSED_HEAD,
)
from .runs import data_words

BASE, PROBE = "base model", "linear probe"
N_TRAIN, N_VALIDATION, N_TEST = 400, 50, 100  # per class, of a run pair's own photographs
N_SOURCE_VALIDATION = 500  # per class, to choose a base model's epoch with
BASE_EPOCHS, BASE_BATCH, BASE_RATES = 8, 128, (1e-3,)
THREE_ARMS = (PHOTO_SCRATCH, FROZEN, FINE_TUNED)


class PairStudy(NamedTuple):
    """A study of run pairs.

    Attributes:
        name: of its rows in the table.
        splits: name of a class split -> number of run pairs.
        epochs: photographs per class to train on -> epochs at most (`run_chosen` stops early).
        arms: `Arm` records; `BNB` comes after from scratch, whose convolutions it copies.
        probe: whether a linear probe is among the arms.
        shared: whether all run pairs have the same photographs.
        batch_size: photographs in an update.
        rates: learning rates to choose from.
        precision: Keras dtype policy.
        data: which data, in the words of `Task.data`; a place on other data is refused. None in the
            studies of this module: `on_this_machine` puts it in.
    """

    name: str
    splits: dict[str, int]
    epochs: dict[int, int]
    arms: tuple[Arm, ...]
    probe: bool = False
    shared: bool = False
    batch_size: int = 32
    rates: tuple[float, ...] = PHOTO_RATES
    precision: str = "mixed_bfloat16"
    data: str | None = None


class Place(NamedTuple):
    """What is trained together: all arms of one run pair at one size.

    Attributes:
        split: name of the class split.
        pair: number of the run pair.
        n: photographs per class to train on; 0 is the base model.
    """

    split: str
    pair: int
    n: int

    @property
    def seed(self) -> int:
        """Of starts and data orders: `pair` on the source task, 100 + `pair` on the target."""
        return self.pair + 100 * (self.n > 0)


DISJOINT = PairStudy(
    "disjoint",
    {"halves": 10},
    {25: 60, 50: 50, 100: 40, 200: 30, 400: 25},
    (PHOTO_SCRATCH, FROZEN, FINE_TUNED, PHOTO_RANDOM_FEATURES, BNB),
    probe=True,
)
SPLITS = PairStudy("splits", {"random": 6, "animals": 6}, {50: 50, 400: 25}, THREE_ARMS)
SHARED = PairStudy(
    "shared",
    {"halves": 5},
    {1000: 20, 2000: 12, 4500: 8},
    (*THREE_ARMS, REUSED_HEAD, PHOTO_RANDOM_FEATURES, PHOTO_THEN_FINE_TUNED),
    shared=True,
    batch_size=128,
)
PAIR_STUDIES = (DISJOINT, SPLITS, SHARED)


def places(study: PairStudy, n_pairs: int | None = None) -> list[Place]:
    """Every place of a study, base models first, then run pair by run pair.

    Args:
        n_pairs: at most so many run pairs of each split; None takes the study's own number.
    """
    pairs = {
        split: range(n if n_pairs is None else min(n, n_pairs)) for split, n in study.splits.items()
    }
    bases = [Place(split, pair, 0) for split, numbers in pairs.items() for pair in numbers]
    return bases + [place._replace(n=n) for place in bases for n in study.epochs]


def n_validation(n: int, most: int = N_VALIDATION) -> int:
    """Validation photographs per class beside `n` to train on: a fifth of all, up to `most`.

    >>> [n_validation(n) for n in (25, 100, 400)]
    [6, 25, 50]
    """
    return min(n // 4, most)


def source_task(place: Place) -> Task:
    """The task that a base model learns: all photographs of the source classes."""
    source = class_split(place.split, place.pair).source
    return photos(source, n_validation=N_SOURCE_VALIDATION * len(source))


def target_task(study: PairStudy, place: Place) -> Task:
    """The target task of a run pair, with its photographs.

    Raises:
        ValueError: if there are too few photographs, as in the digits stand-in.
    """
    target = class_split(place.split, place.pair).target
    if study.shared:
        held = n_validation(place.n, N_SOURCE_VALIDATION) * len(target)
        return photos(target, place.n * len(target), held)
    task = drawn_photos(target, N_TRAIN, place.pair, N_VALIDATION, N_TEST)
    return first_per_class(task, place.n, n_validation(place.n))


def on_this_machine(study: PairStudy) -> PairStudy:
    """The study with the data that this machine has."""
    return study._replace(data=data_words())
