"""The network of lesson 07 at full size: recorded runs on classes 0 to 4.

What a base model learns is read here and nowhere else. The runs are those from scratch on the
source classes, which `cifar10_arms` keeps in the split "halves-reverse"; of the columns only those
are handed on that every recorded study of photographs has.
"""

from dataclasses import dataclass

from .places import N_CLASSES, N_TEST, N_TRAIN
from .record import CURVE, REFERENCE, datasheet, load_study

STUDY, SPLIT, ARM = "cifar10_arms", "halves-reverse", "from scratch"
COLUMNS = ["pair", *CURVE]


@dataclass(frozen=True)
class BaseRuns:
    """Recorded runs of base models that share their photographs.

    Attributes:
        curves: a `pandas.DataFrame`, one row per run and epoch; `pair` is the number of the run,
            epoch 0 is before training, loss in nats, accuracy 0 to 1.
        data: which photographs, in words.
        n_train, n_validation, n_test: photographs, of all five classes together.
    """

    curves: object
    data: str
    n_train: int
    n_validation: int
    n_test: int

    @property
    def n_runs(self) -> int:
        return int(self.curves.pair.nunique())

    @property
    def n_epochs(self) -> int:
        return int(self.curves.epoch.max())

    def __str__(self) -> str:
        return (
            f"{self.n_runs} base models, {self.n_epochs} epochs, {self.data}: {self.n_train:,} "
            f"photographs to train on, {self.n_validation:,} to choose with, {self.n_test:,} to "
            "test on"
        )

    def ends(self):
        """What each run comes to, by the rule of the course and at its end.

        Returns:
            A `pandas.DataFrame`, one row per run: `chosen`, the epoch of lowest validation loss;
            test accuracy and test loss there (`..., chosen`) and at the last epoch (`..., last`);
            `highest test accuracy` of all epochs; the gap between training and test accuracy half
            way (`gap, half way`) and at the last epoch (`gap, last`).
        """
        import pandas as pd

        rows = {f"base model {pair}": _ends(run) for pair, run in self.curves.groupby("pair")}
        return pd.DataFrame.from_dict(rows, orient="index").astype({"chosen": int})


def _ends(run):
    """One run's row of `ends`."""
    run = run[run.epoch > 0].set_index("epoch")
    chosen, last = run.validation_loss.idxmin(), run.index.max()
    gap = run.train_accuracy - run.test_accuracy
    return {
        "chosen": chosen,
        "test accuracy, chosen": run.test_accuracy[chosen],
        "test accuracy, last": run.test_accuracy[last],
        "highest test accuracy": run.test_accuracy.max(),
        "test loss, chosen": run.test_loss[chosen],
        "test loss, last": run.test_loss[last],
        "gap, half way": gap[last // 2],
        "gap, last": gap[last],
    }


def base_runs(folder=REFERENCE) -> BaseRuns:
    """Read the recorded runs of the network of lesson 07.

    Args:
        folder: of the recorded studies.

    Raises:
        FileNotFoundError: if the study is not there.
        ValueError: if it has no such runs.
    """
    table, sheet = load_study(STUDY, folder), datasheet(STUDY, folder)
    rows = table[(table.split == SPLIT) & (table.arm == ARM)]
    if not len(rows):
        raise ValueError(f"{STUDY} has no runs of {ARM!r} on {SPLIT!r}: do `make reference` first.")
    settings = sheet["settings"]  # None: all that CIFAR-10 has
    n_validation = settings["n_validation"]
    per_class = settings["n_train"] or N_TRAIN - n_validation, settings["n_test"] or N_TEST
    return BaseRuns(
        rows[COLUMNS].reset_index(drop=True),
        sheet["data"],
        N_CLASSES * per_class[0],
        N_CLASSES * n_validation,
        N_CLASSES * per_class[1],
    )
