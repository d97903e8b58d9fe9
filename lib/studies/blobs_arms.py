"""The recorded runs of lessons 04 and 05: the published arms on blobs, from many base models.

`python -m lib.studies blobs` trains them in seconds, and gets the same numbers on every machine.
They are the runs that lesson 04 trains in profile `class` for its question "Is my number normal?".

    table    one row for each run: base, seed, and of each arm the right answers among the test rows
    scores   test accuracy after the last epoch, float64 (n_bases, n_refits)
"""

from pathlib import Path

import numpy as np

from ..checks import check_whole
from ..data.blobs import blobs
from ..experiments.arms import PUBLISHED_ARMS
from ..experiments.batches import FIRST_TARGET_SEED, run_arms, train_bases
from ..files import code_digest
from .provenance import made
from .record import REFERENCE, write_table

NAME = "blobs_arms"
N_BASES, N_REFITS, N_EPOCHS = 500, 2, 100  # of profile `class`
FIRST_BASE_SEED = 1_000  # none of the bases that the lessons look at one by one
ABOUT = ["base", "seed"]  # columns of the table before those of the arms
PACKAGES = "numpy", "numba", "scikit-learn"
CODE = (  # all that decides the numbers
    "data/blobs.py",
    "experiments/arms.py",
    "experiments/batches.py",
    *(f"networks/{name}.py" for name in ("kernel_languages", "kernel_source", "kernels", "lanes")),
    *(f"networks/{name}.py" for name in ("mlp", "plain", "replicates", "streams", "vectors")),
    "networks/weights.py",
    "studies/blobs_arms.py",
)


def run_blobs(n_bases: int = N_BASES):
    """Train base models on Problem 1, and refit each in every published arm on Problem 2.

    Args:
        n_bases: 2 or more; the first ones are the same for every number.

    Returns:
        A `pandas.DataFrame`, one row for each base and refit: `base`, the seed of the base model;
        `seed`, of the run on Problem 2, the same in all arms; and for each arm, under its label,
        how many of the 500 test rows are right after the last epoch.

    Raises:
        ValueError: for fewer than two bases.
    """
    import pandas as pd

    check_whole("n_bases", n_bases, 2)
    target = blobs(2)
    bases = train_bases(blobs(1), n_bases, N_EPOCHS, FIRST_BASE_SEED).weights
    curves = run_arms(PUBLISHED_ARMS, target, bases, N_REFITS, N_EPOCHS, FIRST_TARGET_SEED)
    table = pd.DataFrame({"base": FIRST_BASE_SEED + np.repeat(np.arange(n_bases), N_REFITS)})
    table["seed"] = FIRST_TARGET_SEED + np.arange(n_bases * N_REFITS)
    for label, accuracy in curves.items():
        right = accuracy[..., -1].ravel().astype("float64") * len(target.y_test)
        table[label] = np.rint(right).astype(int)  # whole but for the rounding of 32-bit numbers
    return table


def record_blobs(n_bases: int = N_BASES, folder=REFERENCE):
    """Train, and write `blobs_arms.csv` and its datasheet.

    Args:
        n_bases: as in `run_blobs`.
        folder: of the table and its datasheet.

    Returns:
        The table, as `run_blobs` gives it.

    Raises:
        ValueError: for fewer than two bases.
        OSError: if the files cannot be written.
    """
    source, target, provenance = blobs(1), blobs(2), made(code_digest(*CODE), PACKAGES)
    table = run_blobs(n_bases)
    n_runs = len(table) * len(PUBLISHED_ARMS)
    sheet = {
        "data": f"{source.data}; {target.data}",
        "settings": {
            "n_bases": n_bases,
            "n_refits": N_REFITS,
            "n_epochs": N_EPOCHS,
            "n_train": len(target.y_train),
            "n_test": len(target.y_test),
            "first_base_seed": FIRST_BASE_SEED,
            "first_target_seed": FIRST_TARGET_SEED,
        },
        "runs": n_runs,
        "optimizer": "SGD, 0.01, batches of 32",
        "made": [{"runs": n_runs} | provenance],
    }
    write_table(Path(folder), NAME, table, sheet)
    return table
