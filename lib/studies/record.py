"""What is recorded of a study: read it, or write it from finished runs."""

import json
from pathlib import Path

from ..checks import check_text, shown
from ..files import ROOT, code_digest, sweep, write_atomically
from ..networks.base_models import save_features
from ..networks.convnet import LEARNING_RATE
from .jobs import ARMS_STUDY, Settings, Study
from .provenance import made
from .store import finished

REFERENCE = ROOT / "data" / "reference"
CURVE = [  # columns of a training curve that every recorded study of photographs has
    "epoch",
    "train_accuracy",
    "validation_loss",
    "validation_accuracy",
    "test_loss",
    "test_accuracy",
]
RUN = ["n_train", "split", "pair", "arm"]  # columns that tell runs apart
PACKAGES = "tensorflow", "keras", "numpy"


def load_study(name: str = ARMS_STUDY.name, folder=REFERENCE):
    """Read a recorded study.

    Args:
        name: "blobs_arms", "cifar10_arms", "cifar10_sizes" or "coverage".

    Returns:
        A `pandas.DataFrame`; `data/README.md` explains its rows and columns.

    Raises:
        FileNotFoundError: if there is no study of that name.
    """
    import pandas as pd

    return pd.read_csv(_there(folder, name, ".csv"))


def datasheet(name: str = ARMS_STUDY.name, folder=REFERENCE) -> dict:
    """Read what a recorded study was made from: data, settings, packages, machine, code.

    Raises:
        FileNotFoundError: if there is no study of that name.
    """
    return json.loads(_there(folder, name, ".json").read_text(encoding="utf-8"))


def _there(folder, name, suffix) -> Path:
    if not isinstance(folder, str | Path):
        raise ValueError(f"folder={shown(folder)}: give the folder of the recorded studies.")
    check_text("name", name)
    path = Path(folder, name + suffix)
    if not name or Path(name).name != name or not path.is_file():
        known = ", ".join(sorted(p.stem for p in Path(folder).glob("*.csv"))) or "none is there"
        raise FileNotFoundError(f"no recorded study {name!r}: choose one of {known}.")
    return path


def write_study(study: Study, n_pairs: int, runs, folder=REFERENCE, models_folder=None):
    """Turn finished runs into a table with its datasheet, and base models into files.

    Args:
        study, n_pairs: as they were run.
        runs: the folder that `run_study` filled; what is missing there is left out.
        folder: of the table.
        models_folder: of the base models that the study brings; none are written if None.

    Returns:
        The table, as `load_study` gives it. What is recorded already stays in it, but for the run
        pairs of those splits that are among the new runs: a run pair comes from one place as a
        whole.

    Raises:
        ValueError: if no run is finished, or the recorded ones had other settings.
    """
    import pandas as pd

    shared = study.shared_settings()
    parts, models = _collect(study, n_pairs, runs)
    if not parts:
        raise ValueError(f"no finished run in {Path(runs).name}: do `make reference` first.")
    history = [{"runs": len(parts)} | made(training_digest(), PACKAGES)]
    kept, before = _recorded(study.name, folder, shared)
    if kept is not None:
        kept = kept[~_run_pairs(kept).isin(_run_pairs(pd.concat(parts)))]
        if len(kept):
            parts.insert(0, kept)
            history = before["made"] + history
    table = pd.concat(parts, ignore_index=True)
    sheet = {
        "data": shared["data"],
        "settings": shared,
        "pairs": int(table.pair.max()) + 1,
        "runs": count_runs(table),
        "optimizer": f"Adam, {LEARNING_RATE}, batches of {shared['batch_size']}",
        "made": history,
    }
    write_table(Path(folder), study.name, table, sheet)
    if models_folder is not None and models:
        for model, layers in models.items():
            save_features(layers, model, models_folder)
    return table


def write_table(folder: Path, name: str, table, sheet: dict) -> None:
    """Write a table and its datasheet, each whole or not at all.

    Raises:
        OSError: if they cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    sweep(folder)
    write_atomically(folder / f"{name}.csv", table.to_csv(index=False, float_format="%.6g"))
    write_atomically(folder / f"{name}.json", json.dumps(sheet, indent=2) + "\n")


def training_digest() -> str:
    """A digest of the code that trains; for the record, since not every change matters."""
    return code_digest("data", "networks", "experiments", "studies/jobs.py", "studies/runs.py")


def count_runs(table) -> int:
    """The number of runs in a table that `write_study` or `load_study` gives."""
    return table.groupby([column for column in RUN if column in table]).ngroups


def _collect(study, n_pairs, runs):
    """The tables of the finished runs, and the weights of base models by name."""
    tables, models = [], {}
    several = len({one.n_train for one in study.settings}) > 1
    for settings in study.settings:
        for job in study.jobs(n_pairs):
            run = finished(job, settings, runs)
            if run is None:
                continue
            about = {"n_train": settings.n_train} if several else {}
            about |= {"split": job.split, "pair": job.pair, "arm": job.arm, "seed": job.seed}
            tables.append(run.curve.assign(**about)[[*about, *run.curve.columns]])
            if run.weights and job.base.split in study.models:  # the base model of that split
                models[f"{job.base.split}_{job.pair}"] = run.weights
    return tables, models


def _recorded(name, folder, shared):
    """The table and datasheet that are there, if what is about to be written may join them."""
    if not Path(folder, f"{name}.json").is_file():
        return None, None
    before = datasheet(name, folder)
    # a setting that is not in the datasheet came later, with a default that changed nothing
    settings = Settings._field_defaults | before["settings"]
    for what, value in shared.items():
        if settings[what] != value:
            raise ValueError(
                f"{name} is recorded with {what}={settings[what]!r}, not {value!r}: "
                f"use the same, or move {name}.csv and {name}.json away first."
            )
    return load_study(name, folder), before


def _run_pairs(table):
    """Of each row, its run pair: size, split without direction, and number."""
    import pandas as pd

    size = table.n_train if "n_train" in table else table.pair * 0
    return pd.MultiIndex.from_arrays([size, table.split.str.removesuffix("-reverse"), table.pair])
