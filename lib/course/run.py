"""Run the lessons that are not finished yet, one after the other, and record each when it is."""

import contextlib
import os
from pathlib import Path

from ..data.cifar10 import ASK_FOR_DIGITS
from ..files import ROOT, build_folder, sweep
from .errors import CourseError
from .execution import run_lesson
from .lessons import find_lessons, fingerprint, n_code_cells
from .profiles import get_profile
from .progress import Progress
from .records import is_finished, read_summary, save_summary, writing

NOTEBOOKS, BUILD = ROOT / "notebooks", build_folder()
README, FINDINGS = ROOT / "README.md", ROOT / "FINDINGS.md"
# after so many minutes a lesson hangs: many times what it takes on two cores
MINUTES = {"smoke": 15, "class": 60, "full": 1440}


def run_lessons(
    profile="class", lessons=(), notebooks=NOTEBOOKS, build=BUILD, timeout: float | None = None
) -> dict:
    """Run lessons, except those that are finished already and whose sources are as they were.

    Args:
        profile: name of a profile in `lib.course.PROFILES`.
        lessons: numbers ("03") or names ("03_blobs_transfer"); all lessons if empty.
        notebooks: the folder of the lessons; their kernels start in it.
        build: results go to its subfolder named after the profile; the lessons' own files, which
            `lib.files.build_folder` leads to, go to others.
        timeout: minutes that a lesson may take before it is stopped; None for the profile's limit
            in `MINUTES`.

    Returns:
        Lesson name -> record, for the lessons asked for. A record has title, status ("ok" or
        "failed"), seconds, peak_mb (megabytes), data (list of str), verdicts (list of dictionaries
        with claim, verdict, evidence), error (str or None) and fingerprint.

    Raises:
        CourseError: if profile or lesson is unknown, if the limit is no time, or the folder cannot
            be written to.
    """
    try:
        get_profile(profile)
    except ValueError as error:
        raise CourseError(str(error)) from None
    minutes = MINUTES[profile] if timeout is None else timeout
    if not minutes > 0:
        raise CourseError(f"--timeout {minutes:g} is no time: choose minutes above 0.")
    chosen = find_lessons(notebooks, lessons)
    folder = Path(build).resolve() / profile
    fingerprints = {path.stem: fingerprint(path, profile) for path in chosen}
    records = read_summary(folder)
    outdated = records.keys() - {path.stem for path in find_lessons(notebooks)}  # lessons removed
    for name in fingerprints:
        there = all(Path(folder, f"{name}{suffix}").exists() for suffix in (".ipynb", ".html"))
        if not (there and is_finished(records.get(name), fingerprints[name])):
            outdated.add(name)
            records.pop(name, None)
    save_summary(folder, profile, {}, outdated)  # a folder that cannot be written to shows at once
    with writing(folder):
        sweep(folder.parent)
    with kernel_environment(folder.parent):
        _run_missing(chosen, profile, folder, records, fingerprints, minutes)
    return {path.stem: records[path.stem] for path in chosen}


@contextlib.contextmanager
def kernel_environment(build: Path):
    """Set for a while what kernels inherit, wherever they start.

    PYTHONPATH begins with this repository: a kernel imports the `lib` that runs it, not the one of
    another folder that happens to be installed. COURSE_BUILD names the build folder. Paths in
    CIFAR10_PATH and COURSE_CACHE count from here, where the command was typed.
    """
    others = os.environ.get("PYTHONPATH")
    changes = {
        "COURSE_BUILD": str(Path(build).absolute()),
        "PYTHONPATH": os.pathsep.join([str(ROOT), *([others] if others else [])]),
    }
    for name in ("CIFAR10_PATH", "COURSE_CACHE"):
        own = os.environ.get(name)
        if own and own != ASK_FOR_DIGITS and "://" not in own:
            changes[name] = str(Path(own).expanduser().absolute())
    before = {name: os.environ.get(name) for name in changes}
    os.environ.update(changes)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _run_missing(chosen, profile, folder, records, fingerprints, minutes):
    """Run the chosen lessons that have no record."""
    with Progress(len(chosen)) as progress:
        for path in chosen:
            name, outcome = path.stem, "kept from an earlier run"
            if name not in records:
                progress.begin(name, n_code_cells(path))
                with writing(folder):
                    record = run_lesson(path, profile, folder, progress.cell, minutes)
                records[name] = {**record, "fingerprint": fingerprints[name]}
                save_summary(folder, profile, {name: records[name]})
                outcome = f"{record['status']}, {record['seconds']:.1f} s"
            progress.end(f"{name}: {outcome}")
