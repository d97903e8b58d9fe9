"""Train what a study still lacks, here or on a Dask cluster; each run is kept as it ends."""

import os
from pathlib import Path

from ..data.archive import DataError
from ..data.photos import photos
from ..experiments.photos import PhotoRun, run_arm
from ..files import build_folder, sweep
from ..networks.base_models import load_features
from ..networks.convnet import get_weights
from .cluster import workers
from .jobs import Job, Settings, Study, group_jobs
from .store import finished, keep, path_of


def run_study(
    study: Study, n_pairs: int = 3, folder=None, scheduler: str | None = None, progress=iter
) -> Path:
    """Train every run of a study that its folder does not hold yet.

    Args:
        study: on the data that this machine has, as `Study.on(data_words())` gives it.
        n_pairs: run pairs of each split.
        folder: finished runs go here; `runs_folder()` if None.
        scheduler: address of a Dask scheduler; None trains here, one run after the other.
        progress: wraps the runs of a stage, such as `tqdm.tqdm`.

    Returns:
        The folder.

    Raises:
        ValueError: if an arm starts from a base model that the study does not train.
        lib.data.DataError: if a machine has other data than the settings say.
    """
    folder = Path(folder or runs_folder())
    folder.mkdir(parents=True, exist_ok=True)
    sweep(folder)
    for group in study.arm_groups:
        for stage in _stages(study, group, n_pairs):
            missing = [run for run in stage if not path_of(*run, folder).exists()]
            _train(missing, study, folder, scheduler, progress)
    return folder


def run_job(job: Job, settings: Settings, base=()) -> PhotoRun:
    """Train one network of a study.

    Args:
        base: weights of the base model; empty if nothing is copied.

    Raises:
        lib.data.DataError: if this machine has other data than the settings say.
    """
    target = job.classes.target
    n = len(target)
    rows = {"n_train": settings.n_train, "n_test": settings.n_test}
    task = photos(
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
    return run_arm(
        job.how, task, base, job.seed, settings.n_epochs, settings.batch_size, settings.precision
    )


def data_words() -> str:
    """Which data a study would use on this machine."""
    return photos(range(5), n_train=5, n_test=5).data


def runs_folder() -> Path:
    """The folder of finished runs."""
    return build_folder() / "reference"


def _stages(study, group, n_pairs):
    """The runs of a group, (job, settings), in lists that are done one after the other."""
    plan = [(job, one) for job in group_jobs(group, n_pairs) for one in study.settings]
    if not study.trains_bases:
        return [plan]
    bases = [run for run in plan if run[0].from_scratch]
    others = [run for run in plan if not run[0].from_scratch]
    return [bases, others]


def _train(missing, study, folder, scheduler, progress):
    """Train runs that do not depend on each other; keep each as soon as it is finished."""
    from joblib import Parallel, delayed

    with workers(scheduler):
        results = Parallel(return_as="generator_unordered")(
            delayed(_named)(job, one, _base(study, job, one, folder), scheduler is not None)
            for job, one in missing
        )
        for job, one, result in progress(results):
            keep(job, one, result, folder)


def _named(job, settings, base, on_cluster):
    """A run together with what it is, since runs come back in the order in which they finish."""
    if on_cluster:  # before TensorFlow is imported there
        os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "0")
    return job, settings, run_job(job, settings, base)


def _base(study, job, settings, folder):
    """The weights that a job starts from."""
    if not job.how.n_copied:
        return ()
    if not study.trains_bases:
        return get_weights(load_features(f"{job.split}_{job.pair}"))
    base = finished(job.base, settings, folder)
    if base is None:
        raise ValueError(
            f"{job.arm} of {job.split} starts from a base model that is not there: add "
            f"{job.base.arm!r} of {job.base.split} to the study."
        )
    return base.weights
