"""The recorded studies, and their jobs: which network is trained on what, from which base model.

A run pair is one base model and one start on the target task. Networks of run pair k have seed k on
the first group of classes and 100 + k on the second. A network trained from scratch on one group
serves both as the control there and as the base model of the reverse direction.

To add a study, write one more `Study` and put it into `STUDIES`. Lessons 07, 08 and 11 read the
two that are here.
"""

from typing import NamedTuple

from ..data.photos import ClassSplit, class_split
from ..experiments.arms import Arm
from ..experiments.photos import (
    FINE_TUNED,
    FROZEN,
    PHOTO_ARMS,
    PHOTO_RANDOM_FEATURES,
    PHOTO_SCRATCH,
)
from ..networks.convnet import BATCH_SIZE


class Settings(NamedTuple):
    """What runs of a study share.

    Attributes:
        data: which data, in the words of `Task.data`; a run on other data is refused. None in the
            studies of this module: `Study.on` puts it in.
        n_epochs: passes over the data.
        n_train: photographs per class to train on; None takes all but the validation ones.
        n_validation: photographs per class held out from training.
        n_test: test photographs per class; None takes all.
        batch_size: photographs in an update.
        precision: Keras dtype policy.
        new_rows: whether each run pair draws its own photographs to train on, or all have the same.
    """

    data: str | None = None
    n_epochs: int = 10
    n_train: int | None = None
    n_validation: int = 500
    n_test: int | None = None
    batch_size: int = BATCH_SIZE
    precision: str = "mixed_bfloat16"
    new_rows: bool = False


class Job(NamedTuple):
    """One run: a network from scratch, or an arm that starts from a base model.

    Attributes:
        split, pair, arm: which row of the study: name of the class split, number of the run pair,
            label of the arm.
    """

    split: str
    pair: int
    arm: str

    @property
    def how(self) -> Arm:
        """The arm with this label."""
        return next(arm for arm in PHOTO_ARMS if arm.label == self.arm)

    @property
    def classes(self) -> ClassSplit:
        """The source and target classes."""
        return class_split(self.split, self.pair)

    @property
    def seed(self) -> int:
        """Of the run on the target task."""
        return self.pair + (0 if self.split.endswith("-reverse") else 100)

    @property
    def from_scratch(self) -> bool:
        """Whether it is the control, which is also a base model of the other direction."""
        return self.arm == PHOTO_SCRATCH.label

    @property
    def base(self) -> "Job":
        """The job that trains the base model: from scratch in the other direction."""
        turned = self.split.removesuffix("-reverse")
        turned = turned if turned != self.split else f"{self.split}-reverse"
        return Job(turned, self.pair, PHOTO_SCRATCH.label)


class Study(NamedTuple):
    """A recorded study: every arm, with every setting, from several base models.

    Attributes:
        name: of its table and datasheet in `data/reference`.
        arm_groups: arms of each split, in groups that are done one after the other.
        settings: one record for each number of photographs to train on; no two have the same.
        trains_bases: whether its own runs from scratch are its base models; else `data/models`
            holds them.
        models: splits whose base models it brings to `data/models`.
    """

    name: str
    arm_groups: tuple[dict[str, tuple[Arm, ...]], ...]
    settings: tuple[Settings, ...]
    trains_bases: bool = True
    models: tuple[str, ...] = ()

    def on(self, data: str, n_epochs: int | None = None, precision: str | None = None) -> "Study":
        """The same study on some data and, where they are given, with other epochs or precision.

        Args:
            n_epochs: counts where all runs have the same number; a study in which it depends on the
                number of photographs keeps its own.

        >>> ARMS_STUDY.on("CIFAR-10", n_epochs=3).settings[0][:2]
        ('CIFAR-10', 3)
        """
        changes = {"data": data, "precision": precision}
        if len({one.n_epochs for one in self.settings}) == 1:
            changes["n_epochs"] = n_epochs
        changes = {what: value for what, value in changes.items() if value is not None}
        return self._replace(settings=tuple(one._replace(**changes) for one in self.settings))

    def jobs(self, n_pairs: int) -> list[Job]:
        """Every job, to be done once with each of the settings."""
        return [job for group in self.arm_groups for job in group_jobs(group, n_pairs)]

    def shared_settings(self) -> dict:
        """By name of the setting: its value, or the list of values where settings differ in it.

        >>> SIZES_STUDY.shared_settings()["batch_size"]
        32
        """
        columns = zip(*self.settings, strict=True)
        return {
            what: values[0] if len(set(values)) == 1 else list(values)
            for what, values in zip(Settings._fields, columns, strict=True)
        }


def group_jobs(group: dict[str, tuple[Arm, ...]], n_pairs: int) -> list[Job]:
    """The jobs of one group of arms, run pair by run pair."""
    return [
        Job(split, pair, arm.label)
        for pair in range(n_pairs)
        for split, arms in group.items()
        for arm in arms
    ]


_TWO_ARMS = (PHOTO_SCRATCH, FROZEN)
ARMS_STUDY = Study(  # lessons 07, 08 and 11
    "cifar10_arms",
    (
        {"halves": PHOTO_ARMS, "halves-reverse": _TWO_ARMS},
        {"random": _TWO_ARMS, "random-reverse": _TWO_ARMS},
        {"animals": _TWO_ARMS, "animals-reverse": _TWO_ARMS},
    ),
    (Settings(),),
    models=("halves", "random", "animals"),
)

# photographs per class to train on -> epochs, so that each run has settled
_EPOCHS = {25: 60, 50: 60, 100: 60, 250: 60, 500: 40, 1000: 20, 2000: 12}
# few photographs allow few updates, so batches are of 32; the test is on half the photographs
_SIZES = Settings(n_validation=100, n_test=500, batch_size=32, new_rows=True)
SIZES_STUDY = Study(  # learning curves: lesson 11
    "cifar10_sizes",
    ({"halves": (PHOTO_SCRATCH, FROZEN, FINE_TUNED, PHOTO_RANDOM_FEATURES)},),
    tuple(_SIZES._replace(n_train=n, n_epochs=epochs) for n, epochs in _EPOCHS.items()),
    trains_bases=False,
)

STUDIES = (ARMS_STUDY, SIZES_STUDY)
