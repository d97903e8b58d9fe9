"""The recorded studies: made by a command, kept in the repository, read by lessons.

    python -m lib.reference run [--pairs 3] [--epochs 10] [--precision mixed_bfloat16]
                                [--scheduler tcp://HOST:PORT]
    python -m lib.reference write [the same options]

`run` trains what is missing (`lib.study`) and keeps each finished run in `build/reference/`, so
that the same command goes on after an interrupt. With the address of a Dask scheduler it spreads
the runs over that cluster; each worker needs the course and a copy of CIFAR-10 of its own. `write`
turns what is finished into a table and its datasheet in `data/reference/`, and the base models'
feature layers in `data/models/`.

Exit status: 0 all went well, 1 it could not go on, 130 interrupted.
"""

import argparse
import hashlib
import json
import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from . import convnet, study
from .cifar10 import DIGITS, DataError
from .files import write_atomically
from .profiles import build_folder
from .study import Settings

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = ROOT / "data" / "reference"
ARMS = "cifar10_arms"  # name of the recorded study of lesson 07
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
    import pandas as pd

    parts, weights = [], {}
    for job in study.jobs(n_pairs):
        found = study.finished(job, settings, runs)
        if found is None:
            continue
        about = {"split": job.split, "pair": job.pair, "arm": job.arm, "seed": job.seed}
        parts.append(found.curve.assign(**about)[[*about, *found.curve.columns]])
        if found.weights and job.base.split in COMMITTED:  # it is the base model of that split
            weights[f"{job.base.split}_{job.pair}"] = found.weights
    if not parts:
        raise ValueError(f"no finished run in {Path(runs).name}: do `make reference` first.")
    made = [_made(len(parts))]
    kept, before = _recorded(folder, settings)
    if kept is not None:
        kept = kept[~_pairs(kept).isin(_pairs(pd.concat(parts)))]
        if len(kept):
            parts.insert(0, kept)
            made = before["made"] + made
    table = pd.concat(parts, ignore_index=True)
    sheet = {
        "data": settings.data,
        "settings": settings._asdict(),
        "pairs": int(table.pair.max()) + 1,
        "runs": len(table.groupby(["split", "pair", "arm"])),
        "optimizer": f"Adam, {convnet.LEARNING_RATE}, batches of {convnet.BATCH_SIZE}",
        "made": made,
    }
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(folder / f"{ARMS}.csv", table.to_csv(index=False, float_format="%.6g"))
    write_atomically(folder / f"{ARMS}.json", json.dumps(sheet, indent=2) + "\n")
    if models_folder is not None:
        _write_models(weights, Path(models_folder))
    return table


def _write_models(weights, folder):
    """Write feature layers, and their checksums as `sha256sum` does."""
    for name, layers in weights.items():
        convnet.save_features(layers, folder / f"{name}.keras")
    sums = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n"
        for path in sorted(folder.glob("*.keras"))
    ]
    write_atomically(folder / "SHA256SUMS", "".join(sums))


def _recorded(folder, settings):
    """The table and datasheet that are there, if what is about to be written may join them."""
    if not Path(folder, f"{ARMS}.json").is_file():
        return None, None
    before = datasheet(folder=folder)
    for what, value in settings._asdict().items():
        if before["settings"][what] != value:
            raise ValueError(
                f"{ARMS} is recorded with {what}={before['settings'][what]!r}, not {value!r}: use "
                f"the same, or move {ARMS}.csv and {ARMS}.json away first."
            )
    return load(folder=folder), before


def _pairs(table):
    """Of each row, the pair that it belongs to: split without direction, and number."""
    import pandas as pd

    return pd.MultiIndex.from_arrays([table.split.str.removesuffix("-reverse"), table.pair])


def _made(n_runs) -> dict:
    """Which code ran where: one record for each call that wrote runs."""
    return {
        "runs": n_runs,
        "code": study.code_version(),
        "commit": _commit(),
        "packages": {name: _version(name) for name in ("tensorflow", "keras", "numpy")},
        "python": platform.python_version(),
        "machine": f"{_processor()}, {os.cpu_count()} cores",
        "written": datetime.now(UTC).strftime("%Y-%m-%d"),
    }


def _version(name):
    """Version of a package; TensorFlow has another name on some systems."""
    for one in (name, f"{name}-cpu"):
        try:
            return metadata.version(one)
        except metadata.PackageNotFoundError:
            continue
    return "not installed"


def _processor() -> str:
    """The processor's name as the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.split(":")[1].strip() for line in lines if "model name" in line), "unknown")


def _commit() -> str:
    """The commit that is checked out, and whether files differ from it; if git knows."""
    command = ["git", "-C", str(ROOT), "describe", "--always", "--dirty", "--exclude", "*"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def main(arguments=None, arms=study.ARMS, folder=REFERENCE, models_folder=convnet.MODELS) -> int:
    """The command line; returns the exit status."""
    from tqdm import tqdm

    layout = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        "python -m lib.reference", description=__doc__, formatter_class=layout
    )
    parser.add_argument("command", choices=("run", "write"))
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--precision", default="mixed_bfloat16")
    parser.add_argument("--scheduler", default=None, metavar="ADDRESS")
    chosen = parser.parse_args(arguments)
    runs = build_folder() / "reference"
    try:
        settings = Settings(study.data_words(), chosen.epochs, precision=chosen.precision)
        if settings.data == DIGITS:
            raise DataError("the recorded study needs CIFAR-10: set CIFAR10_PATH to a copy (.npz).")
        if chosen.command == "run":
            study.run(settings, chosen.pairs, arms, runs, chosen.scheduler, tqdm)
        else:
            table = write(settings, chosen.pairs, runs, folder, models_folder)
            print(f"{ARMS}: {len(table)} rows, {settings.data}")
    except (DataError, ValueError, OSError) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted: finished runs are kept; the same command goes on.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "0")  # before TensorFlow is imported
    sys.exit(main())
