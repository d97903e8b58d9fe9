"""Run arms and keep each in a file, so that an interrupted run goes on where it stopped."""

import contextlib
import hashlib
import json
from dataclasses import asdict
from pathlib import Path

import numpy as np

from ..checks import shown
from ..data.task import Task
from ..files import code_digest, package_versions, sweep, whole
from ..networks.weights import Weights
from .batches import FIRST_TARGET_SEED, check_design, run_arms

DECIDING_ROOMS = ("data", "networks", "experiments")
DECIDING_PACKAGES = ("numpy", "numba", "llvmlite", "tensorflow", "keras")

_told = set()  # (folder, consequence): each is said once per process


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
    very same arm, data, bases, seeds and epochs, and for the same code and packages that train.
    Where nothing can be kept or read back, the run goes on without and says so once.

    Args:
        folder: where the files go; made if it is missing.
        progress: wraps the arms, such as `tqdm.tqdm`.

    Raises:
        ValueError: as `run_arms`.
    """
    arms = check_design(arms, target, bases, n_refits, n_epochs, first_seed)
    if not callable(progress):
        raise ValueError(f"progress={shown(progress)}: give a function, such as `tqdm.tqdm`.")
    folder, results = Path(folder), {}
    with contextlib.suppress(OSError):  # left by runs that were killed
        sweep(folder)
    for arm in progress(arms):
        key = _fingerprint(arm, target, bases, n_refits, n_epochs, first_seed)
        path = folder / f"{key[:16]}.npz"
        accuracy = _read(path, (len(bases[0][0]), n_refits, n_epochs + 1))
        if accuracy is None:
            accuracy = run_arms([arm], target, bases, n_refits, n_epochs, first_seed)[arm.label]
            _write(path, accuracy)
        results[arm.label] = accuracy
    return results


def _fingerprint(arm, target, bases, *numbers) -> str:
    """A hash of everything that decides a result: arm, seeds, data, bases, code, packages."""
    code = code_digest(*DECIDING_ROOMS), package_versions(*DECIDING_PACKAGES)
    settings = json.dumps([asdict(arm), numbers, code], default=np.generic.item)
    digest = hashlib.sha256(settings.encode())
    data = [getattr(target, f"{axis}_{part}") for part in target.parts for axis in "xy"]
    for array in (*data, *(array for layer in bases for array in layer)):
        digest.update(
            f"{array.dtype}{array.shape}".encode() + np.ascontiguousarray(array).tobytes()
        )
    return digest.hexdigest()


def _read(path: Path, shape):
    """The accuracy in a file, or None if there is no whole file; nothing in it is unpickled."""
    try:
        with open(path, "rb") as file:
            accuracy = np.load(file, allow_pickle=False)["accuracy"]
        if accuracy.shape != shape or accuracy.dtype != "float32":
            raise ValueError(f"{accuracy.dtype} {accuracy.shape}")
        return accuracy
    except (FileNotFoundError, NotADirectoryError):
        return None
    except Exception as error:  # a damaged file can fail in any way
        reason = error.strerror if isinstance(error, OSError) else "damaged"
        _say_once(path.parent, f"{path.name} cannot be read ({reason})", "its arm is trained anew")
        return None


def _write(path: Path, accuracy) -> None:
    """Write a file whole or not at all; say so if neither the file nor its folder can be."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole(path) as part, open(part, "wb") as file:
            np.savez(file, accuracy=accuracy)
    except OSError as error:
        trouble = f"results cannot be kept ({error.strerror or error})"
        _say_once(path.parent, trouble, "the run goes on, but after an interrupt it starts anew")


def _say_once(folder, trouble, consequence):
    """Print one sentence about a folder, once per process and consequence."""
    if (folder.absolute(), consequence) not in _told:
        _told.add((folder.absolute(), consequence))
        print(f"In {folder.name}, {trouble}: {consequence}.")
