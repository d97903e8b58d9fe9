"""What is recorded of the study of photographs: read it, or write it from finished places."""

import json
from pathlib import Path

import numpy as np

from ..checks import check_whole
from ..files import code_digest, whole
from .pairs import finished, pairs_folder
from .pairs_plan import (
    BASE_EPOCHS,
    N_TEST,
    N_VALIDATION,
    PAIR_STUDIES,
    PROBE,
    on_this_machine,
    places,
)
from .provenance import made
from .record import CURVE, REFERENCE, datasheet, load_study, write_table

PAIRS, CURVES, CORRECT = "cifar10_pairs", "cifar10_curves", "cifar10_correct"
PACKAGES = "tensorflow", "keras", "numpy", "scikit-learn"
CODE = "data", "networks", "experiments", "studies/pairs.py", "studies/pairs_plan.py"
PLACE = ["study", "split", "pair", "n_train"]
MEASURED = [*CURVE, "cpu_seconds"]


def write_pairs(n_pairs: int | None = None, folder=None, reference=REFERENCE, studies=PAIR_STUDIES):
    """Turn finished places into the three files of the study, with one datasheet.

    Args:
        n_pairs: at most so many run pairs of each split; None takes each study's own number. A run
            pair that lacks a size is left out as a whole.
        folder: of finished places.
        reference: where the files go. What is recorded there stays, but for the run pairs that are
            among the finished ones.

    Returns:
        The table of runs, as `load_study("cifar10_pairs")` gives it.

    Raises:
        ValueError: if no run pair is finished, or the recorded ones are of other data or settings.
    """
    import pandas as pd

    folder, reference = Path(folder or pairs_folder()), Path(reference)
    studies = [on_this_machine(study) for study in studies]
    rows, curves, correct = [], [], {}
    for study in studies:
        for place, outcome in _whole_pairs(study, n_pairs, folder):
            about = dict(zip(PLACE, (study.name, *place), strict=True)) | {"arm": outcome.arm}
            rows += _rows(about, outcome)
            if outcome.arm != PROBE:
                chosen = outcome.curves[outcome.curves.rate == outcome.rate]
                curves.append(chosen.reindex(columns=MEASURED).assign(**about))
            correct[_key(about)] = outcome.correct
    if not rows:
        raise ValueError(f"no finished run pair in {folder.name}: do `make reference` first.")
    fresh = {
        "data": studies[0].data,
        "choice": "lowest validation loss, over all rates and epochs",
        "settings": json.loads(json.dumps({study.name: _settings(study) for study in studies})),
    }
    history = [{"runs": len(rows)} | made(code_digest(*CODE), PACKAGES)]
    table, curves = pd.DataFrame(rows), pd.concat(curves, ignore_index=True)
    if Path(reference, f"{PAIRS}.json").is_file():
        table, curves, correct, history = _joined(reference, fresh, table, curves, correct, history)
    counts = table.groupby(["study", "split"]).pair.nunique()
    pairs = {f"{study}, {split}": int(n) for (study, split), n in counts.items()}
    sheet = fresh | {"run pairs": pairs, "runs": len(table), "made": history}
    write_table(reference, PAIRS, table, sheet)
    write_table(reference, CURVES, curves[[*PLACE, "arm", *MEASURED]], sheet)
    arrays = {}
    for key, right in correct.items():
        arrays |= {key: np.packbits(right), f"{key}:n": np.array(len(right))}
    with whole(reference / f"{CORRECT}.npz") as part, open(part, "wb") as file:
        np.savez_compressed(file, **arrays)
    return table


def _joined(reference, fresh, table, curves, correct, history):
    """What is recorded, and what is new: a run pair comes from one place as a whole."""
    import pandas as pd

    sheet = datasheet(PAIRS, reference)
    for what, value in fresh.items():
        if sheet[what] != value:
            raise ValueError(
                f"{PAIRS} is recorded with {what}={sheet[what]!r}, not {value!r}: use the same, or "
                f"move {PAIRS}, {CURVES} and {CORRECT} away first."
            )
    new = _run_pairs(table)
    kept = load_study(PAIRS, reference)
    kept = kept[~_run_pairs(kept).isin(new)]
    kept_curves = load_study(CURVES, reference)
    kept_curves = kept_curves[~_run_pairs(kept_curves).isin(new)]
    recorded = {_key(row): load_one(row, reference) for row in kept[kept.chosen].to_dict("records")}
    return (
        pd.concat([kept, table], ignore_index=True),
        pd.concat([kept_curves, curves], ignore_index=True),
        recorded | correct,
        (sheet["made"] if len(kept) else []) + history,
    )


def _run_pairs(table):
    """Of each row, its run pair."""
    import pandas as pd

    return pd.MultiIndex.from_frame(table[["study", "split", "pair"]])


def load_one(row: dict, folder=REFERENCE):
    """Which test photographs one chosen network tells right, (n_photographs,), bool.

    Args:
        row: with the columns that tell runs apart: study, split, pair, n_train and arm.
    """
    key = _key(row)
    with np.load(Path(folder) / f"{CORRECT}.npz", allow_pickle=False) as file:
        return np.unpackbits(file[key], count=int(file[f"{key}:n"])).astype(bool)


def load_correct(study: str, n_train: int, arm: str, split: str = "halves", folder=REFERENCE):
    """Which test photographs each run pair's chosen network tells right.

    Args:
        study: "disjoint", where each run pair has test photographs of its own, "splits" (the same),
            or "shared", where all have the same.
        n_train: photographs per class to train on.

    Returns:
        Boolean array (n_pairs, n_photographs); row k is run pair k.

    Raises:
        FileNotFoundError: if the study is not there.
        ValueError: if it has no such runs.
    """
    check_whole("n_train", n_train, 1)
    table = load_study(PAIRS, folder)
    here = table[(table.study == study) & (table.split == split) & (table.n_train == n_train)]
    pairs = sorted(set(here[here.arm == arm].pair))
    if not pairs:
        known = ", ".join(sorted(set(here.arm))) or "none with this study, split and size"
        raise ValueError(f"no runs of arm {arm!r}: choose one of {known}.")
    about = {"study": study, "split": split, "n_train": n_train, "arm": arm}
    return np.stack([load_one(about | {"pair": pair}, folder) for pair in pairs])


def _whole_pairs(study, n_pairs, folder):
    """(place, outcome) of all run pairs that have every size."""
    by_pair = {}
    for place in places(study, n_pairs):
        by_pair.setdefault((place.split, place.pair), []).append(place)
    for mine in by_pair.values():
        found = [(place, finished(study, place, folder)) for place in mine]
        if all(outcomes is not None for _, outcomes in found):
            yield from ((place, one) for place, outcomes in found for one in outcomes)


def _rows(about, outcome):
    """A row for each rate, at its own epoch of lowest validation loss."""
    rows = []
    for rate, curve in outcome.curves.groupby("rate"):
        trained = curve[curve.epoch > 0] if "validation_loss" in curve else curve
        if "validation_loss" in curve and not np.isfinite(trained.validation_loss).any():
            continue
        best = trained.validation_loss.idxmin() if "validation_loss" in curve else trained.index[0]
        row = trained.loc[best].reindex(MEASURED).to_dict()
        row["cpu_seconds"] = curve.cpu_seconds[curve.epoch <= row["epoch"]].sum()
        row["all_epochs_cpu_seconds"] = curve.cpu_seconds.sum()
        rows.append(about | {"rate": rate, "chosen": rate == outcome.rate} | row)
        rows[-1]["epoch"] = int(row["epoch"])
    return rows


def _key(about):
    return "/".join(str(about[column]) for column in [*PLACE, "arm"])


def _settings(study):
    return {
        "epochs by photographs per class": study.epochs,
        "rates": study.rates,
        "batch size": study.batch_size,
        "precision": study.precision,
        "own photographs": not study.shared,
        "validation photographs per class": "a fifth of all labelled ones, at most "
        f"{N_VALIDATION if not study.shared else 500}",
        "test photographs per class": N_TEST if not study.shared else "all",
        "base model": f"epoch of lowest validation loss among {BASE_EPOCHS}",
    }
