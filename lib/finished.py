"""Finished runs of a study on disk: each whole or not there, and named after what decides it."""

import hashlib
import json
from pathlib import Path

import numpy as np

from .files import whole
from .photo_experiments import SCRATCH, PhotoRun

RECIPE = 2  # raise it when a change of the code changes results: then all runs are done anew


def finished(job, settings, folder) -> PhotoRun | None:
    """Read a finished run; None if it is not there. Weights are kept from scratch only."""
    import pandas as pd

    path = path_of(job, settings, folder)
    if not path.exists():
        return None
    weights = []
    if job.arm == SCRATCH.label:
        with np.load(path.with_suffix(".npz"), allow_pickle=False) as file:
            weights = [(file[f"kernel_{i}"], file[f"bias_{i}"]) for i in range(len(file) // 2)]
    return PhotoRun(pd.read_csv(path), weights)


def keep(job, settings, result: PhotoRun, folder) -> None:
    """Write a run whole or not at all; the table last, since it says that the run is there."""
    path = path_of(job, settings, folder)
    if job.arm == SCRATCH.label:
        arrays = {}
        for i, (kernel, bias) in enumerate(result.weights):
            arrays |= {f"kernel_{i}": kernel, f"bias_{i}": bias}
        with whole(path.with_suffix(".npz")) as partial, open(partial, "wb") as file:
            np.savez(file, **arrays)
    with whole(path) as partial:
        result.curve.to_csv(partial, index=False)


def path_of(job, settings, folder) -> Path:
    """The file of a run: named after the job, and all that decides its result."""
    parts = [RECIPE, job, settings, job.classes, job.seed, repr(job.how)]
    digest = hashlib.sha256(json.dumps(parts).encode()).hexdigest()
    name = "-".join([job.split, str(job.pair), job.arm.replace(" ", "_").replace(",", "")])
    return Path(folder) / f"{name}-{digest[:12]}.csv"
