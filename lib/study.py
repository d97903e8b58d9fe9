"""A study on photographs: every arm from several base models, run or resumed, here or on a cluster.

A pair is one base model and one start on the target task. Networks of pair k have seed k on the
first group of classes and 100 + k on the second. A network trained from scratch on one group serves
both as the control there and as the base model of the reverse direction.
"""

import contextlib
import os
from pathlib import Path
from typing import NamedTuple

from . import convnet, datasets, photo_experiments, provenance, training
from .cifar10 import DataError
from .finished import finished, keep, path_of
from .photo_experiments import FROZEN, SCRATCH, PhotoRun
from .profiles import build_folder

# the arms of each split, in groups that are done one after the other
ARMS = (
    {"halves": photo_experiments.ARMS, "halves-reverse": (SCRATCH, FROZEN)},
    {"random": (SCRATCH, FROZEN), "random-reverse": (SCRATCH, FROZEN)},
    {"animals": (SCRATCH, FROZEN), "animals-reverse": (SCRATCH, FROZEN)},
)


# learning curves: photographs of a class to train on -> epochs, so that each run has settled
SIZES = {25: 60, 50: 60, 100: 60, 250: 60, 500: 40, 1000: 20, 2000: 12}
SIZE_ARMS = (
    {"halves": (SCRATCH, FROZEN, photo_experiments.FINE_TUNED, photo_experiments.RANDOM_FEATURES)},
)


class Settings(NamedTuple):
    """What all runs of a study share.

    Attributes:
        data: which data, in the words of `datasets.Task.data`; a run on other data is refused.
        n_epochs: passes over the data.
        n_train: photographs of a class to train on; None takes all but the validation ones.
        n_validation: photographs of a class held out from training.
        n_test: test photographs of a class; None takes all.
        batch_size: photographs in an update.
        precision: Keras dtype policy.
        new_rows: whether each pair draws its own photographs to train on, or all have the same.
    """

    data: str
    n_epochs: int = 10
    n_train: int | None = None
    n_validation: int = 500
    n_test: int | None = None
    batch_size: int = convnet.BATCH_SIZE
    precision: str = "mixed_bfloat16"
    new_rows: bool = False


def size_settings(data: str, sizes=SIZES) -> list[Settings]:
    """What the runs of the learning curves share, one record a size.

    Few photographs allow few updates, so batches are of 32; the test is on half the photographs.
    """
    return [Settings(data, epochs, n, 100, 500, 32, new_rows=True) for n, epochs in sizes.items()]


class Job(NamedTuple):
    """One run: a network from scratch, or an arm that starts from a base model.

    Attributes:
        split, pair, arm: which row of the study; `arm` is a label.
    """

    split: str
    pair: int
    arm: str

    @property
    def how(self) -> photo_experiments.Arm:
        """The arm with this label."""
        return next(arm for arm in photo_experiments.ARMS if arm.label == self.arm)

    @property
    def classes(self):
        return photo_experiments.split(self.split, self.pair)

    @property
    def seed(self) -> int:
        """Of the run on the target task."""
        return self.pair + (0 if self.split.endswith("-reverse") else 100)

    @property
    def base(self) -> "Job":
        """The job that trains the base model: from scratch in the other direction."""
        turned = self.split.removesuffix("-reverse")
        turned = turned if turned != self.split else f"{self.split}-reverse"
        return Job(turned, self.pair, SCRATCH.label)


def run_job(job: Job, settings: Settings, base=()) -> PhotoRun:
    """Train one network of the study.

    Args:
        base: weights of `job.base`; empty from scratch.

    Raises:
        lib.cifar10.DataError: if this machine has other data than the settings say.
    """
    target = job.classes.target
    n = len(target)
    rows = {"n_train": settings.n_train, "n_test": settings.n_test}
    task = datasets.photos(
        target,
        n_validation=settings.n_validation * n,
        seed=job.pair if settings.new_rows else 0,
        **{name: one and one * n for name, one in rows.items()},
    )
    if task.data != settings.data:
        raise DataError(
            f"the study is on {settings.data!r}, but here there is {task.data!r}: let CIFAR10_PATH "
            "name the same copy on every machine."
        )
    return photo_experiments.run_arm(
        job.how, task, base, job.seed, settings.n_epochs, settings.batch_size, settings.precision
    )


def run(
    settings: Settings,
    n_pairs: int = 3,
    arms=ARMS,
    folder=None,
    scheduler: str | None = None,
    progress=iter,
) -> Path:
    """Train every run of a study that its folder does not hold yet.

    Args:
        n_pairs: base models (and starts on the target task) of each split.
        arms: groups of split -> arms, as `ARMS`.
        folder: finished runs go here; `build/reference` if None.
        scheduler: address of a Dask scheduler; None trains here, one run after the other.
        progress: wraps the jobs of a stage, such as `tqdm.tqdm`.

    Returns:
        The folder.
    """
    folder = _folder(folder)
    for group in arms:
        for stage in (True, False):  # base models first
            chosen = [job for job in jobs(n_pairs, [group]) if (job.arm == SCRATCH.label) is stage]
            plan = [(job, settings) for job in chosen]
            _run_missing(
                plan, folder, scheduler, progress, lambda job: _base(job, settings, folder)
            )
    return folder


def run_sizes(
    settings: list[Settings],
    n_pairs: int = 3,
    arms=SIZE_ARMS,
    folder=None,
    scheduler: str | None = None,
    progress=iter,
) -> Path:
    """Train the runs of the learning curves, from the base models that the course brings.

    Args:
        settings: as `size_settings` gives them; the other arguments as in `run`.
    """
    folder = _folder(folder)
    for group in arms:
        plan = [(job, one) for job in jobs(n_pairs, [group]) for one in settings]
        _run_missing(plan, folder, scheduler, progress, _recorded_base)
    return folder


def jobs(n_pairs: int, arms=ARMS) -> list[Job]:
    """Every run of a study, pair by pair within each group."""
    return [
        Job(split, pair, arm.label)
        for group in arms
        for pair in range(n_pairs)
        for split, chosen in group.items()
        for arm in chosen
    ]


def code_version() -> str:
    """A digest of the modules that train; for the record, since not every change matters."""
    return provenance.digest((convnet, training, photo_experiments))


def data_words() -> str:
    """Which data a study would use on this machine."""
    return datasets.photos(range(5), n_train=5, n_test=5).data


def _folder(folder) -> Path:
    """The folder of finished runs, made if it is missing."""
    folder = Path(folder or build_folder() / "reference")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _run_missing(plan, folder, scheduler, progress, base):
    """Run jobs that do not depend on each other; keep each as soon as it is finished."""
    from joblib import Parallel, delayed

    missing = [(job, one) for job, one in plan if not path_of(job, one, folder).exists()]
    with _backend(scheduler):
        results = Parallel(return_as="generator_unordered")(
            delayed(_named)(job, one, base(job), scheduler is not None) for job, one in missing
        )
        for job, one, result in progress(results):
            keep(job, one, result, folder)


def _named(job, settings, base, on_cluster):
    """A run together with what it is, since runs come back in the order in which they finish."""
    if on_cluster:  # before TensorFlow is imported there
        os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "0")
    return job, settings, run_job(job, settings, base)


def _base(job, settings, folder):
    """The weights that a job starts from."""
    if job.arm == SCRATCH.label:
        return ()
    base = finished(job.base, settings, folder)
    if base is None:
        raise ValueError(
            f"{job.arm} of {job.split} starts from a base model that is not there: add "
            f"{SCRATCH.label!r} of {job.base.split} to the study."
        )
    return base.weights


def _recorded_base(job):
    """The convolutions that a job starts from, as the course brings them."""
    if job.arm in (SCRATCH.label, photo_experiments.RANDOM_FEATURES.label):
        return ()
    return convnet.get_weights(convnet.load_features(f"{job.split}_{job.pair}"))


@contextlib.contextmanager
def _backend(scheduler):
    """Let joblib use a Dask cluster, or this process."""
    from joblib import parallel_config

    if scheduler is None:
        with parallel_config(backend="sequential"):
            yield
        return
    from dask.distributed import Client

    with Client(scheduler, timeout=10), parallel_config(backend="dask", n_jobs=-1):
        yield
