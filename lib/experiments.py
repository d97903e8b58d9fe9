"""Arms and designs: what is reused, what is frozen, how often it is repeated.

An arm says how a base model becomes a model of the target task. A design runs every arm from the
same bases with the same seeds, so that two arms can be compared run by run.
"""

import hashlib
import json
import zipfile
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path

import numpy as np

from . import models, replicates
from .datasets import Task
from .files import whole
from .replicates import Runs, Weights


@dataclass(frozen=True)
class Phase:
    """A part of a run.

    Attributes:
        n_frozen: first layers that stay as they are.
        learning_rate: of plain gradient descent.
        epochs_fraction: part of the run's epochs, above 0, at most 1.
    """

    n_frozen: int = 0
    learning_rate: float = 0.01
    epochs_fraction: float = 1.0


@dataclass(frozen=True)
class Arm:
    """One way to train on the target task.

    Attributes:
        label: for tables and figures.
        n_copied: first layers taken from the base model; the others start at random.
        phases: what is trained, one after the other; their fractions add up to 1.
        hidden: units of the hidden layers of the target model.
    """

    label: str
    n_copied: int = 0
    phases: tuple[Phase, ...] = (Phase(),)
    hidden: tuple[int, ...] = models.HIDDEN

    def __post_init__(self):
        total = sum(phase.epochs_fraction for phase in self.phases)
        if not np.isclose(total, 1) or min(p.epochs_fraction for p in self.phases) <= 0:
            raise ValueError(
                f"{self.label}: the phases take {total:g} of the epochs: give fractions above 0 "
                "that add up to 1."
            )


SCRATCH = Arm("from scratch")
FIXED = tuple(Arm(f"fixed={n}", 3, (Phase(n),)) for n in range(3))  # the head is reused, too
PUBLISHED_ARMS = (SCRATCH, *FIXED)

# what the tutorial proposes as extensions, and the controls that tell the reasons apart
REINITIALISED = Arm("fixed=1, rest new", 1, (Phase(1),))
ADDED_LAYER = Arm("fixed=2, new layer", 2, (Phase(2),), (5, 5, 5))
NEW_HEAD = Arm("fixed=2, new head", 2, (Phase(2),))
FINE_TUNED = Arm("freeze, fine-tune", 3, (Phase(2, 0.01, 0.5), Phase(0, 0.001, 0.5)))
RANDOM_FEATURES = Arm("random features", 0, (Phase(2),))
EXTENSION_ARMS = (REINITIALISED, ADDED_LAYER, NEW_HEAD, FINE_TUNED, RANDOM_FEATURES)


# Base models take their seeds from 0 up, runs on the target task from here up, so that a run from
# scratch never repeats the start of a base model.
FIRST_TARGET_SEED = 100_000


class ResultsError(Exception):
    """Results that could not be kept on disk, or read back.

    Attributes:
        results: what was computed so far, by arm label; nothing of it is lost.
    """

    def __init__(self, message: str, results: dict | None = None):
        super().__init__(message)
        self.results = results or {}


def train_bases(source: Task, n_bases: int, n_epochs: int = 100, first_seed: int = 0) -> Runs:
    """Train independent base models on the source task, each with its own start and data order.

    Returns:
        Runs of seeds `first_seed` .. `first_seed + n_bases - 1`.
    """
    seeds = range(first_seed, first_seed + n_bases)
    sizes = models.layer_sizes(source.n_features, source.n_classes)
    start = replicates.initial_weights(sizes, seeds)
    return replicates.train(source, start, seeds, n_epochs)


def run_arms(
    arms,
    target: Task,
    bases: Weights,
    n_refits: int,
    n_epochs: int = 100,
    first_seed: int = FIRST_TARGET_SEED,
) -> dict[str, np.ndarray]:
    """Run every arm from every base, `n_refits` times each, with the same seeds in every arm.

    Args:
        arms: `Arm` records with different labels.
        bases: weights of B base models.
        n_refits: runs from each base; each has its own data order, and its own start where the arm
            does not copy a layer.

    Returns:
        By label: test accuracy, float32 (B, n_refits, n_epochs + 1); epoch 0 is before training.

    Raises:
        ValueError: if labels repeat, or an arm does not fit the bases.
    """
    _check_design(arms, target, bases, n_refits, n_epochs)
    results = {}
    for group in _alike(arms):
        results |= _run_alike(group, target, bases, n_refits, n_epochs, first_seed)
    return {arm.label: results[arm.label] for arm in arms}


def run_or_resume(
    folder,
    arms,
    target: Task,
    bases: Weights,
    n_refits: int,
    n_epochs: int = 100,
    first_seed: int = FIRST_TARGET_SEED,
    progress=iter,
) -> dict[str, np.ndarray]:
    """Do as `run_arms`, and keep each arm in a file; read back what is there already.

    After an interrupt, the same call goes on where the last one stopped. A file counts only for the
    very same arm, data, bases, seeds and epochs, and for the same code that trains.

    Args:
        folder: where the files go; made if it is missing.
        progress: wraps the arms, such as `tqdm.tqdm`.

    Raises:
        ResultsError: if a file cannot be written; `.results` holds all that was computed.
    """
    _check_design(arms, target, bases, n_refits, n_epochs)
    folder, results = Path(folder), {}
    for arm in progress(arms):
        key = _fingerprint(arm, target, bases, n_refits, n_epochs, first_seed)
        path = folder / f"{key[:16]}.npz"
        accuracy = _read(path)
        if accuracy is None:
            accuracy = run_arms([arm], target, bases, n_refits, n_epochs, first_seed)[arm.label]
            results[arm.label] = accuracy
            try:
                _write(path, accuracy)
            except OSError as error:
                raise ResultsError(
                    f"{path.name} could not be written to {folder.name} "
                    f"({error.strerror or error}): free some space or choose another folder, then "
                    f"run this again. Finished arms: {', '.join(results)}; they are kept on disk "
                    "or in this error's `.results`.",
                    results,
                ) from error
        results[arm.label] = accuracy
    return results


def _alike(arms):
    """Group arms that differ in what is copied and frozen only: these train as one batch."""
    groups = {}
    for arm in arms:
        shape = arm.hidden, tuple((p.learning_rate, p.epochs_fraction) for p in arm.phases)
        groups.setdefault(shape, []).append(arm)
    return groups.values()


def _run_alike(arms, target, bases, n_refits, n_epochs, first_seed):
    """Train all runs of arms of the same shape as one batch of replicates."""
    n_bases = len(bases[0][0])
    seeds = range(first_seed, first_seed + n_bases * n_refits)
    repeated = replicates.repeat(bases, n_refits)
    sizes = models.layer_sizes(target.n_features, target.n_classes, arms[0].hidden)
    fresh = replicates.initial_weights(sizes, seeds)
    starts = [replicates.graft(repeated, fresh, arm.n_copied) for arm in arms]
    weights = [
        tuple(np.concatenate(arrays) for arrays in zip(*layers, strict=True))
        for layers in zip(*starts, strict=True)
    ]
    curves, done = [], 0
    for i, (phase, end) in enumerate(
        zip(arms[0].phases, phase_ends(arms[0], n_epochs), strict=True)
    ):
        n_frozen = np.repeat([arm.phases[i].n_frozen for arm in arms], len(seeds))
        # a later phase must not repeat the data orders of an earlier one
        orders = [seed + i * 1_000_000_000 for seed in seeds] * len(arms)
        runs = replicates.train(target, weights, orders, end - done, n_frozen, phase.learning_rate)
        curves.append(runs.accuracy[:, min(i, 1) :])
        weights, done = runs.weights, end
    accuracy = np.concatenate(curves, axis=1).reshape(len(arms), n_bases, n_refits, -1)
    return {arm.label: accuracy[i] for i, arm in enumerate(arms)}


def _fingerprint(arm, target, bases, *numbers) -> str:
    """A hash of everything that decides a result: arm, seeds, data, bases, code, packages."""
    digest = hashlib.sha256(json.dumps([asdict(arm), *map(int, numbers)]).encode())
    arrays = (target.x_train, target.y_train, target.x_test, target.y_test)
    for array in (*arrays, *(array for layer in bases for array in layer)):
        digest.update(str(array.shape).encode() + np.ascontiguousarray(array).tobytes())
    for name in ("experiments", "replicates", "lanes"):
        digest.update(Path(__file__).with_name(f"{name}.py").read_bytes())
    digest.update(f"{np.__version__} {metadata.version('keras')}".encode())
    return digest.hexdigest()


def _check_design(arms, target, bases, n_refits, n_epochs):
    """Raise one clear error for arms that cannot be run together, or not from these bases."""
    labels = [arm.label for arm in arms]
    if len(set(labels)) < len(labels):
        raise ValueError(f"arm labels {labels} repeat: give every arm its own.")
    models.check_positive("n_refits", n_refits)
    models.check_positive("n_epochs", n_epochs)
    for arm in arms:
        sizes = models.layer_sizes(target.n_features, target.n_classes, arm.hidden)
        copied = [kernel.shape[1:] for kernel, _ in bases[: arm.n_copied]]
        wanted = list(zip(sizes[:-1], sizes[1:], strict=True))[: arm.n_copied]
        if copied != wanted:
            raise ValueError(
                f"{arm.label} copies {arm.n_copied} layers of the base, which are {copied} "
                f"(inputs, units), but on {target.name} they must be {wanted}: choose other bases "
                "or copy fewer layers."
            )
        phase_ends(arm, n_epochs)


def phase_ends(arm: Arm, n_epochs: int) -> list[int]:
    """The last epoch of each phase of an arm.

    Raises:
        ValueError: if a phase would have no epoch.
    """
    fractions = np.cumsum([phase.epochs_fraction for phase in arm.phases])
    ends = [round(n_epochs * fraction) for fraction in fractions.tolist()]
    if min(ends) < 1 or len(set(ends)) < len(ends):
        raise ValueError(
            f"{arm.label} has {len(ends)} phases, but n_epochs={n_epochs}: choose more epochs, so "
            "that each phase has one."
        )
    return ends


def _read(path: Path):
    """The accuracy in a file, or None if there is no whole file; nothing in it is unpickled."""
    try:
        with open(path, "rb") as file:
            return np.load(file, allow_pickle=False)["accuracy"]
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None  # cut short or foreign: computed anew and written over


def _write(path: Path, accuracy) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole(path) as part, open(part, "wb") as file:
        np.savez(file, accuracy=accuracy)
