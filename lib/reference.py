"""The recorded studies: made by a command, kept in the repository, read by lessons.

    python -m lib.reference run [--study arms|sizes] [--pairs 3] [--epochs 10]
                                [--precision mixed_bfloat16] [--scheduler tcp://HOST:PORT]
    python -m lib.reference write [the same options]

Without `--study` both are done: the arms of lesson 07, then the learning curves of lesson 09, whose
sizes have numbers of epochs of their own. `run` trains what is missing (`lib.study`) and keeps each
finished run in `build/reference/`, so that the same command goes on after an interrupt. With the
address of a Dask scheduler it spreads the runs over that cluster; each worker needs the course and
a copy of CIFAR-10 of its own. `write` turns what is finished into a table and its datasheet in
`data/reference/`, and the base models' feature layers in `data/models/`.

Exit status: 0 all went well, 1 it could not go on, 130 interrupted.
"""

import argparse
import hashlib
import json
import os
import sys
from pathlib import Path

from . import convnet, provenance, study
from .cifar10 import DIGITS, DataError
from .files import write_atomically
from .profiles import build_folder
from .study import Settings

REFERENCE = provenance.ROOT / "data" / "reference"
ARMS = "cifar10_arms"  # name of the recorded study of lesson 07
SIZES = "cifar10_sizes"  # and of lesson 09
RUN = ["n_train", "split", "pair", "arm"]  # columns that tell runs apart
PACKAGES = "tensorflow", "keras", "numpy"
COMMITTED = ("halves", "random", "animals")  # base models of these splits go to data/models


def load(name: str = ARMS, folder=REFERENCE):
    """Read a recorded study.

    Returns:
        A `pandas.DataFrame`, one row an epoch of a run; `data/README.md` explains its columns.

    Raises:
        FileNotFoundError: if there is no study of that name.
    """
    import pandas as pd

    return pd.read_csv(_there(folder, name, ".csv"))


def datasheet(name: str = ARMS, folder=REFERENCE) -> dict:
    """Read what a recorded study was made from: data, settings, packages, machine, code."""
    return json.loads(_there(folder, name, ".json").read_text(encoding="utf-8"))


def _there(folder, name, suffix) -> Path:
    path = Path(folder, name + suffix)
    if not path.is_file():
        known = ", ".join(sorted(p.stem for p in Path(folder).glob("*.csv"))) or "none is there"
        raise FileNotFoundError(f"no recorded study {name!r}: choose one of {known}.")
    return path


def write(settings: Settings, n_pairs: int, runs, folder=REFERENCE, models_folder=None):
    """Turn finished runs into a table with its datasheet, and base models into files.

    Args:
        settings, n_pairs: of the study.
        runs: the folder that `lib.study.run` filled; what is missing there is left out.
        folder: of the table; `models_folder`: of the base models, none are written if None.

    Returns:
        The table, as `load` gives it. What is recorded already stays in it, but for the pairs of
        those splits that are among the new runs: a pair comes from one place as a whole.

    Raises:
        ValueError: if no run is finished, or the recorded ones had other settings.
    """
    plan = [(job, settings) for job in study.jobs(n_pairs)]
    table, weights = _record(ARMS, plan, settings._asdict(), runs, folder)
    if models_folder is not None:
        _write_models(weights, Path(models_folder))
    return table


def write_sizes(settings: list[Settings], n_pairs: int, runs, folder=REFERENCE):
    """Turn finished runs of the learning curves into a table with its datasheet.

    Args:
        settings: as `lib.study.size_settings` gives them.
        n_pairs, runs, folder: as in `write`; errors as there.

    Returns:
        The table, with the column `n_train`: photographs of a class.
    """
    jobs = study.jobs(n_pairs, study.SIZE_ARMS)
    plan = [(job, one) for one in settings for job in jobs]
    shared = settings[0]._asdict() | {
        "n_train": [one.n_train for one in settings],
        "n_epochs": [one.n_epochs for one in settings],
    }
    return _record(SIZES, plan, shared, runs, folder)[0]


def _record(name, plan, shared, runs, folder):
    """Write the table and datasheet of a study; return the table, and weights by base model."""
    import pandas as pd

    parts, weights = [], {}
    for job, settings in plan:
        found = study.finished(job, settings, runs)
        if found is None:
            continue
        about = {"n_train": settings.n_train} if name == SIZES else {}
        about |= {"split": job.split, "pair": job.pair, "arm": job.arm, "seed": job.seed}
        parts.append(found.curve.assign(**about)[[*about, *found.curve.columns]])
        if found.weights and job.base.split in COMMITTED:  # it is the base model of that split
            weights[f"{job.base.split}_{job.pair}"] = found.weights
    if not parts:
        raise ValueError(f"no finished run in {Path(runs).name}: do `make reference` first.")
    made = [{"runs": len(parts)} | provenance.made(study.code_version(), PACKAGES)]
    kept, before = _recorded(name, folder, shared)
    if kept is not None:
        kept = kept[~_pairs(kept).isin(_pairs(pd.concat(parts)))]
        if len(kept):
            parts.insert(0, kept)
            made = before["made"] + made
    table = pd.concat(parts, ignore_index=True)
    run = [column for column in RUN if column in table]
    sheet = {
        "data": shared["data"],
        "settings": shared,
        "pairs": int(table.pair.max()) + 1,
        "runs": len(table.groupby(run)),
        "optimizer": f"Adam, {convnet.LEARNING_RATE}, batches of {shared['batch_size']}",
        "made": made,
    }
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(folder / f"{name}.csv", table.to_csv(index=False, float_format="%.6g"))
    write_atomically(folder / f"{name}.json", json.dumps(sheet, indent=2) + "\n")
    return table, weights


def _write_models(weights, folder):
    """Write feature layers, and their checksums as `sha256sum` does."""
    for name, layers in weights.items():
        convnet.save_features(layers, folder / f"{name}.keras")
    sums = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n"
        for path in sorted(folder.glob("*.keras"))
    ]
    write_atomically(folder / "SHA256SUMS", "".join(sums))


def _recorded(name, folder, shared):
    """The table and datasheet that are there, if what is about to be written may join them."""
    if not Path(folder, f"{name}.json").is_file():
        return None, None
    before = datasheet(name, folder)
    for what, value in shared.items():
        if before["settings"].get(what) != value:
            raise ValueError(
                f"{name} is recorded with {what}={before['settings'].get(what)!r}, not {value!r}: "
                f"use the same, or move {name}.csv and {name}.json away first."
            )
    return load(name, folder), before


def _pairs(table):
    """Of each row, the pair that it belongs to: size, split without direction, and number."""
    import pandas as pd

    size = table.n_train if "n_train" in table else table.pair * 0
    return pd.MultiIndex.from_arrays([size, table.split.str.removesuffix("-reverse"), table.pair])


def main(
    arguments=None,
    arms=study.ARMS,
    folder=REFERENCE,
    models_folder=convnet.MODELS,
    size_arms=study.SIZE_ARMS,
) -> int:
    """The command line; returns the exit status."""
    from tqdm import tqdm

    layout = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        "python -m lib.reference", description=__doc__, formatter_class=layout
    )
    parser.add_argument("command", choices=("run", "write"))
    parser.add_argument("--study", choices=("arms", "sizes"), default=None)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--precision", default="mixed_bfloat16")
    parser.add_argument("--scheduler", default=None, metavar="ADDRESS")
    chosen = parser.parse_args(arguments)
    runs, designs = build_folder() / "reference", {"arms": arms, "sizes": size_arms}
    try:
        settings = Settings(study.data_words(), chosen.epochs, precision=chosen.precision)
        if settings.data == DIGITS:
            raise DataError("the recorded study needs CIFAR-10: set CIFAR10_PATH to a copy (.npz).")
        sizes = study.size_settings(settings.data)
        sizes = [one._replace(precision=chosen.precision) for one in sizes]
        for name in (chosen.study,) if chosen.study else ("arms", "sizes"):
            if chosen.command == "run":
                start, what = (study.run, settings) if name == "arms" else (study.run_sizes, sizes)
                start(what, chosen.pairs, designs[name], runs, chosen.scheduler, tqdm)
            elif name == "arms":
                _tell(ARMS, write(settings, chosen.pairs, runs, folder, models_folder))
            else:
                _tell(SIZES, write_sizes(sizes, chosen.pairs, runs, folder))
    except (DataError, ValueError, OSError) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted: finished runs are kept; the same command goes on.", file=sys.stderr)
        return 130
    return 0


def _tell(name, table):
    """Say what was recorded."""
    runs = table.groupby([column for column in RUN if column in table]).ngroups
    print(f"{name}: {len(table)} rows of {runs} runs")


if __name__ == "__main__":
    os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "0")  # before TensorFlow is imported
    sys.exit(main())
