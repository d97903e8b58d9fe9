"""Finished runs of a study on disk: each whole or not there, and named after what decides it."""

import hashlib
import json
from dataclasses import fields
from pathlib import Path

import numpy as np

from ..experiments.arms import Arm
from ..experiments.photos import PhotoRun
from ..files import whole
from .jobs import Job, Settings

RECIPE = 2  # raise it when a change of the code changes results: then all runs are done anew
FIRST_FIELDS = ("label", "n_copied", "phases", "hidden")  # of an arm, always in a run's name


def finished(job: Job, settings: Settings, folder) -> PhotoRun | None:
    """Read a finished run; None if it is not there. Weights are kept from scratch only."""
    import pandas as pd

    path = path_of(job, settings, folder)
    if not path.exists():
        return None
    weights = []
    if job.from_scratch:
        with np.load(path.with_suffix(".npz"), allow_pickle=False) as file:
            weights = [(file[f"kernel_{i}"], file[f"bias_{i}"]) for i in range(len(file) // 2)]
    return PhotoRun(pd.read_csv(path), weights)


def keep(job: Job, settings: Settings, result: PhotoRun, folder) -> None:
    """Write a run whole or not at all; the table last, since it says that the run is there."""
    path = path_of(job, settings, folder)
    if job.from_scratch:
        arrays = {}
        for i, (kernel, bias) in enumerate(result.weights):
            arrays |= {f"kernel_{i}": kernel, f"bias_{i}": bias}
        with whole(path.with_suffix(".npz")) as partial, open(partial, "wb") as file:
            np.savez(file, **arrays)
    with whole(path) as partial:
        result.curve.to_csv(partial, index=False)


def path_of(job: Job, settings: Settings, folder) -> Path:
    """The file of a run: named after the job, and all that decides its result.

    Where base models come from is not in the name: two studies that take them from different
    places must differ in their settings.
    """
    parts = [RECIPE, job, settings, job.classes, job.seed, _words(job.how)]
    digest = hashlib.sha256(json.dumps(parts).encode()).hexdigest()
    name = "-".join([job.split, str(job.pair), job.arm.replace(" ", "_").replace(",", "")])
    return Path(folder) / f"{name}-{digest[:12]}.csv"


def _words(arm: Arm) -> str:
    """An arm in words: a field that arms got later only where it is not at its default.

    So a new field does not make finished runs of the other arms worthless.
    """
    told = [
        f"{field.name}={getattr(arm, field.name)!r}"
        for field in fields(arm)
        if field.name in FIRST_FIELDS or getattr(arm, field.name) != field.default
    ]
    return f"Arm({', '.join(told)})"
