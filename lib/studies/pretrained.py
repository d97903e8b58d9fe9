"""The recorded study of lesson 12: what an ImageNet network brings, over draws of photographs.

`python -m lib.studies pretrained` does what is missing, keeps each run in
`build/reference/pretrained/`, so that the same command goes on after an interrupt, and writes
`pretrained.csv` and its datasheet to `data/reference/`. Draw -1 is a pilot on photographs of its
own, which choose the rates of the trained arms for each number of photographs. Every other draw has
photographs of its own, too.
"""

import hashlib
import json
import os
from dataclasses import asdict, replace
from functools import cached_property
from pathlib import Path

from ..checks import check_text, check_whole, numbers, shown
from ..data.archive import DataError
from ..data.cifar10 import DIGITS
from ..data.targets import (
    N_TEST,
    N_VALIDATION,
    drawn_digits,
    drawn_photos,
    drawn_surfaces,
    first_per_class,
)
from ..experiments.pretrained import (
    BATCH_SIZE,
    QUICK_MOMENTUM,
    STRENGTHS,
    Tuner,
    features_task,
    fit_head,
    small_network,
)
from ..files import build_folder, code_digest, sweep, write_atomically
from ..networks.imagenet import pretrained
from .pretrained_plan import (
    CLASSES,
    EPOCHS,
    FINE,
    FROM_RANDOM,
    PILOT,
    PIXELS,
    RATES,
    SAME,
    SIZE,
    SIZES,
    SMALL,
    TRAINING_NORM,
    Run,
    draw_runs,
    pilot_runs,
)
from .provenance import made
from .record import REFERENCE, write_table

NAME = "pretrained"


def chosen_rates(folder) -> dict:
    """By arm and photographs per class: the rate that was best in the pilot; of equals, the lower.

    All of the pilot's photographs serve to choose, its test photographs too: no draw has them.

    Raises:
        ValueError: if the pilot is not finished.
    """
    rates, best = {}, {}
    for run in sorted(pilot_runs(), key=lambda run: run.rate):
        found = finished(run, folder)
        if found is None:
            raise ValueError("the pilot is not finished: `run` does it first.")
        right = found["validation"] * N_VALIDATION + found["test"] * N_TEST
        place = run.arm, run.n
        if right > best.get(place, -1):
            rates[place], best[place] = run.rate, right
    return rates


class Bench:
    """What the runs of one draw share: tasks, networks, compiled models; each made when asked."""

    def __init__(self, draw: int):
        self.draw = draw
        self.place = draw - PILOT  # the pilot has the first photographs
        self.tuners = {}

    def task(self, target: str, n: int):
        """A target task with `n` training rows per class."""
        if target == "photographs":
            return first_per_class(self.photographs, n)
        if target == "digits":
            return drawn_digits(n, self.place)
        return drawn_surfaces(n, self.place, split=target.removeprefix("surfaces, split "))

    @cached_property
    def photographs(self):
        """The draw's photographs, as many as the largest size needs."""
        return drawn_photos(CLASSES, max(SIZES), self.place)

    @cached_property
    def imagenet(self):
        """The network with its ImageNet weights."""
        return pretrained(size=SIZE)

    @cached_property
    def random(self):
        """The same layers at a start of this draw's own."""
        return pretrained(size=SIZE, weights="random", seed=self.place)

    def do(self, run: Run):
        """Do one run."""
        task = self.task(run.target, run.n)
        if run.rate is not None:
            return self._train(run, task)
        if run.arm == PIXELS:
            flat = {f"x_{part}": _flat(getattr(task, f"x_{part}")) for part in task.parts}
            return fit_head(replace(task, **flat))[0]
        return fit_head(features_task(self._network(run), task))[0]

    def _network(self, run):
        if run.question == "preprocessing":
            return pretrained(size=SIZE, preprocessing=run.detail)
        if run.question == "input size":
            return pretrained(size=int(run.detail))
        if run.question == "depth":
            return pretrained(size=SIZE, layer=run.detail)
        return self.random if run.arm == FROM_RANDOM else self.imagenet

    def _train(self, run, task):
        if run.arm not in self.tuners:
            self.tuners[run.arm] = self._tuner(run.arm, task.n_classes)
        head = None
        if run.arm in (FINE, TRAINING_NORM):
            head = fit_head(features_task(self.imagenet, task))[1]
        epochs = EPOCHS[run.arm][run.n]
        return self.tuners[run.arm].run(task, run.rate, epochs, self.place, head)

    def _tuner(self, arm, n_classes):
        if arm == SMALL:
            return Tuner(small_network(self.place), n_classes, "training")
        if arm == SAME:
            network = pretrained(size=SIZE, weights="random", seed=self.place)
            return Tuner(network.model, n_classes, "training", QUICK_MOMENTUM)
        norm = "training" if arm == TRAINING_NORM else "inference"
        return Tuner(pretrained(size=SIZE).model, n_classes, norm)


def _flat(pictures):
    return pictures.reshape(len(pictures), -1).astype("float32") / 255


def run_pretrained(n_draws: int, folder=None, n_jobs: int = 2) -> Path:
    """Do every run that the folder does not hold yet: the pilot, then the draws side by side.

    Args:
        n_draws: 1 or more.
        folder: of finished runs.
        n_jobs: processes, each with one thread.

    Raises:
        lib.data.DataError: if there is no copy of CIFAR-10.
    """
    from joblib import Parallel, delayed

    if drawn_photos(CLASSES, 1, 0, 1, 1).data == DIGITS:
        raise DataError("the recorded study needs CIFAR-10: set CIFAR10_PATH to a copy.")
    folder = Path(folder or runs_folder())
    folder.mkdir(parents=True, exist_ok=True)
    sweep(folder)
    halves = pilot_runs()[::2], pilot_runs()[1::2]
    parallel = Parallel(n_jobs=n_jobs)
    parallel(delayed(_do_missing)(PILOT, runs, folder) for runs in halves)
    rates = chosen_rates(folder)
    parallel(delayed(_do_missing)(k, draw_runs(k, rates), folder) for k in range(n_draws))
    return folder


def _do_missing(draw, runs, folder):
    """Do the runs of a draw that are not there; keep each as it ends."""
    os.environ["TF_NUM_INTRAOP_THREADS"] = "1"  # before TensorFlow is imported
    bench = Bench(draw)
    for run in runs:
        if finished(run, folder) is None:
            score = bench.do(run)
            text = json.dumps({"run": run._asdict()} | asdict(score))
            write_atomically(path_of(run, folder), text)


def runs_folder() -> Path:
    """The folder of finished runs."""
    return build_folder() / "reference" / NAME


def path_of(run: Run, folder) -> Path:
    """The file of a run, named after all that decides its result, code apart."""
    settings = run, EPOCHS.get(run.arm), SIZE, STRENGTHS, BATCH_SIZE, N_VALIDATION, N_TEST
    digest = hashlib.sha256(json.dumps(settings).encode()).hexdigest()
    return Path(folder) / f"{digest[:16]}.json"


def finished(run: Run, folder) -> dict | None:
    """A finished run's score as a dictionary; None if it is not there."""
    path = path_of(run, folder)
    if not path.is_file():
        return None
    return json.loads(path.read_text(encoding="utf-8"))


def write_pretrained(n_draws: int, folder=None, reference=REFERENCE):
    """Write what is finished to `pretrained.csv`, with its datasheet.

    Returns:
        The table, a `pandas.DataFrame`, one row per run.

    Raises:
        ValueError: if the pilot is not finished.
    """
    import pandas as pd

    folder = Path(folder or runs_folder())
    rates = chosen_rates(folder)
    runs = pilot_runs() + [run for k in range(n_draws) for run in draw_runs(k, rates)]
    rows = []
    for run in runs:
        score = finished(run, folder)
        if score is not None:
            row = run._asdict() | {"n_per_class": run.n, **score}
            rows.append({k: v for k, v in row.items() if k not in ("n", "run", "rate")})
    table = pd.DataFrame(rows)
    settings = {
        "classes": CLASSES,
        "pixels": SIZE,
        "per class": {"train": SIZES, "validation": N_VALIDATION, "test": N_TEST},
        "epochs": EPOCHS,
        "batch size": BATCH_SIZE,
        "rates tried by the pilot": RATES,
        "rates": {arm: {n: rates[arm, n] for n in EPOCHS[arm]} for arm in RATES},
        "regularisation tried": STRENGTHS,
    }
    code = code_digest(
        "data",
        "networks",
        "experiments/pretrained.py",
        "studies/pretrained.py",
        "studies/pretrained_plan.py",
    )
    sheet = {
        "data": drawn_photos(CLASSES, 1, 0, 1, 1).data,
        "settings": settings,
        "draws": n_draws,
        "runs": len(table),
        "made": [made(code, ("tensorflow", "keras", "numpy", "scikit-learn"))],
    }
    write_table(Path(reference), NAME, table, sheet)
    return table


def by_draw(table, question: str, columns):
    """Test accuracy of one question, a row per draw; draws that lack a run are left out.

    Args:
        table: as `load_study("pretrained")` gives it, or some of its rows.
        question: as in `Run`.
        columns: names of the columns that tell runs apart, one or a list.

    Returns:
        A `pandas.DataFrame` with the draw as index.

    Raises:
        ValueError: for a question that the table has not.
    """
    columns = [columns] if isinstance(columns, str) else columns
    if not isinstance(columns, list | tuple) or not all(isinstance(one, str) for one in columns):
        raise ValueError(f"columns={shown(columns)}: give the name of a column, or a list of them.")
    if not hasattr(table, "pivot_table"):
        raise ValueError(f"table={shown(table)}: give what load_study returns, or some of it.")
    for column in ("question", "draw", "test", *columns):
        if column not in table:
            raise ValueError(
                f"table has no column {column!r}: choose columns of {', '.join(map(str, table))}."
            )
    if len(table):
        numbers("table, column test", table["test"], ("n",))
    check_text("question", question)
    rows = table[table["question"] == question]
    if not len(rows):
        known = ", ".join(sorted(map(str, set(table["question"])))) or "none, it has no rows"
        raise ValueError(f"question={question!r} is not in the table: choose one of {known}.")
    return rows.pivot_table(index="draw", columns=columns, values="test").dropna()


def record_pretrained(n_draws: int = 6, folder=None, reference=REFERENCE):
    """Do what is missing, and write the table.

    Returns:
        The table.

    Raises:
        ValueError: for no draws.
        lib.data.DataError: if there is no copy of CIFAR-10.
    """
    check_whole("n_draws", n_draws, 1)
    return write_pretrained(n_draws, run_pretrained(n_draws, folder), reference)
