"""Train what the study of photographs still lacks, here or on a Dask cluster; keep what is done.

`python -m lib.studies photos` does what is missing, keeps each finished place (a run pair at one
size) in `build/reference/photos/`, so that the same command goes on after an interrupt, and writes
three files to `data/reference/`:

cifar10_pairs.csv    a row per run pair, size, arm and rate, at the epoch of lowest validation loss
cifar10_curves.csv   every epoch of each run at its chosen rate
cifar10_correct.npz  which test photographs each chosen network tells right, packed bits
"""

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..data.archive import DataError
from ..data.cifar10 import DIGITS
from ..experiments.chosen import PATIENCE, PROBE_STRENGTHS, Chosen, run_chosen, run_probe
from ..experiments.photos import BNB, PHOTO_SCRATCH
from ..files import build_folder, sweep, whole
from .cluster import workers
from .pairs_plan import (
    BASE,
    BASE_BATCH,
    BASE_EPOCHS,
    BASE_RATES,
    N_SOURCE_VALIDATION,
    N_TEST,
    N_TRAIN,
    N_VALIDATION,
    PROBE,
    PairStudy,
    Place,
    on_this_machine,
    places,
    source_task,
    target_task,
)

RECIPE = 1  # raise it when a change of the code changes results: then all is done anew


@dataclass
class Outcome:
    """What is kept of one arm at one place.

    Attributes:
        arm: its label.
        rate, epoch: chosen; of the linear probe, the regularisation, and 0.
        curves: a `pandas.DataFrame`, one row per rate and epoch; of the linear probe, one row.
        correct: which test photographs are told right, (n_test,), bool.
        weights: of the two convolutions, where another arm starts from them; else empty.
    """

    arm: str
    rate: float
    epoch: int
    curves: object
    correct: np.ndarray
    weights: list


def run_pairs(
    study: PairStudy,
    n_pairs: int | None = None,
    folder=None,
    scheduler: str | None = None,
    n_jobs: int = 2,
    progress=iter,
) -> Path:
    """Train every place of a study that the folder does not hold yet.

    Args:
        n_pairs: at most so many run pairs of each split; None takes the study's own number.
        folder: finished places go here; `pairs_folder()` if None.
        scheduler: address of a Dask scheduler; None trains here.
        n_jobs: processes here, each with one thread.
        progress: wraps the places of a stage, such as `tqdm.tqdm`.

    Returns:
        The folder.

    Raises:
        lib.data.DataError: if there is no copy of CIFAR-10.
    """
    from joblib import Parallel, delayed

    study = on_this_machine(study)
    if study.data == DIGITS:
        raise DataError("the recorded study needs CIFAR-10: set CIFAR10_PATH to a copy (.npz).")
    folder = Path(folder or pairs_folder())
    folder.mkdir(parents=True, exist_ok=True)
    sweep(folder)
    plan = places(study, n_pairs)
    for stage in ([p for p in plan if not p.n], [p for p in plan if p.n]):
        missing = [place for place in stage if not path_of(study, place, folder).exists()]
        with workers(scheduler, n_jobs):
            results = Parallel(return_as="generator_unordered")(
                delayed(_named)(study, place, base_weights(study, place, folder))
                for place in missing
            )
            for place, outcomes in progress(results):
                keep(study, place, outcomes, folder)
    return folder


def run_place(study: PairStudy, place: Place, base=()) -> list[Outcome]:
    """Train the base model of a run pair, or all arms of a run pair at one size.

    Args:
        study: on some data, as `on_this_machine` gives it.
        base: weights of the base model, for arms that start from it.

    Raises:
        lib.data.DataError: if this machine has other data.
    """
    task = target_task(study, place) if place.n else source_task(place)
    if task.data != study.data:
        raise DataError(
            f"the study is on {study.data!r}, but here there is {task.data!r}: let CIFAR10_PATH "
            "name the same copy on every machine."
        )
    if not place.n:
        found = run_chosen(
            PHOTO_SCRATCH,
            task,
            (),
            place.seed,
            BASE_EPOCHS,
            BASE_RATES,
            BASE_BATCH,
            study.precision,
        )
        return [_outcome(BASE, found, task, found.weights)]
    outcomes, own = [], ()
    for arm in study.arms:
        start = own if arm == BNB else base
        settings = study.epochs[place.n], study.rates, study.batch_size, study.precision
        found = run_chosen(arm, task, start, place.seed, *settings)
        if arm == PHOTO_SCRATCH:
            own = found.weights
        outcomes.append(_outcome(arm.label, found, task, []))
        _forget()
    if study.probe:
        outcomes.append(_probed(task, base))
    return outcomes


def _outcome(label, found: Chosen, task, weights):
    correct = found.predicted == task.y_test
    return Outcome(label, found.rate, found.epoch, found.curves, correct, weights)


def _probed(task, base):
    import pandas as pd

    score, predicted = run_probe(task, base)
    correct = predicted == task.y_test
    row = {
        "epoch": 0,
        "cpu_seconds": score.seconds,
        "validation_accuracy": score.validation,
        "test_accuracy": score.test,
        "rate": score.choice,
    }
    return Outcome(PROBE, score.choice, 0, pd.DataFrame([row]), correct, [])


def _forget():
    """Let go of TensorFlow's graphs: a process trains hundreds of networks."""
    from ..backend import keras

    keras.backend.clear_session()


def _named(study, place, base):
    """Outcomes together with where they belong, since they come back as they finish."""
    os.environ["TF_NUM_INTRAOP_THREADS"] = "1"  # before TensorFlow is imported
    return place, run_place(study, place, base)


def base_weights(study: PairStudy, place: Place, folder) -> list:
    """The weights of a place's base model; empty for the base model itself."""
    if not place.n:
        return []
    return finished(study, place._replace(n=0), folder)[0].weights


def pairs_folder() -> Path:
    """The folder of finished places."""
    return build_folder() / "reference" / "photos"


def path_of(study: PairStudy, place: Place, folder) -> Path:
    """The file of a place, named after all that decides its result, code apart."""
    if place.n:
        arms = [repr(arm) for arm in study.arms]
        own = [arms, study.probe, study.shared, study.batch_size, study.rates]
        settings = [*own, study.epochs[place.n], N_TRAIN, N_VALIDATION, N_TEST, PROBE_STRENGTHS]
    else:
        settings = [BASE_EPOCHS, BASE_BATCH, BASE_RATES, N_SOURCE_VALIDATION]
    text = json.dumps([RECIPE, place, settings, PATIENCE, study.precision, study.data])
    digest = hashlib.sha256(text.encode()).hexdigest()[:12]
    return Path(folder) / f"{place.split}-{place.pair}-{place.n}-{digest}.npz"


def keep(study: PairStudy, place: Place, outcomes: list[Outcome], folder) -> None:
    """Write what is finished at a place, whole or not at all.

    Raises:
        OSError: if it cannot be written.
    """
    arrays, about = {}, []
    for i, one in enumerate(outcomes):
        about.append([one.arm, float(one.rate), int(one.epoch), list(one.curves.columns)])
        arrays[f"curves_{i}"] = one.curves.to_numpy("float64")
        arrays[f"correct_{i}"] = one.correct
        for j, (kernel, bias) in enumerate(one.weights[:2]):
            arrays |= {f"kernel_{i}_{j}": kernel, f"bias_{i}_{j}": bias}
    with whole(path_of(study, place, folder)) as part, open(part, "wb") as file:
        np.savez_compressed(file, about=np.array(json.dumps(about)), **arrays)


def finished(study: PairStudy, place: Place, folder) -> list[Outcome] | None:
    """Read what is finished at a place; None if nothing is there."""
    import pandas as pd

    path = path_of(study, place, folder)
    if not path.is_file():
        return None
    outcomes = []
    with np.load(path, allow_pickle=False) as file:
        for i, (arm, rate, epoch, columns) in enumerate(json.loads(str(file["about"]))):
            curves = pd.DataFrame(file[f"curves_{i}"], columns=columns)
            weights = [
                (file[f"kernel_{i}_{j}"], file[f"bias_{i}_{j}"])
                for j in range(2)
                if f"kernel_{i}_{j}" in file
            ]
            outcomes.append(Outcome(arm, rate, epoch, curves, file[f"correct_{i}"], weights))
    return outcomes
