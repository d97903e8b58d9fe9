"""Run the lessons that are not finished yet, one after the other, and record each when it is."""

import contextlib
import os
import sys
from pathlib import Path

from tqdm import tqdm

from ..files import ROOT, build_folder, sweep
from .execution import run_lesson
from .lessons import find_lessons, fingerprint, n_code_cells
from .profiles import get_profile
from .records import CourseError, is_finished, read_summary, save_summary, writing

NOTEBOOKS, BUILD = ROOT / "notebooks", build_folder()
README, FINDINGS = ROOT / "README.md", ROOT / "FINDINGS.md"


def run_lessons(profile="class", lessons=(), notebooks=NOTEBOOKS, build=BUILD) -> dict:
    """Run lessons, except those that are finished already and whose sources are as they were.

    Args:
        profile: name of a profile in `lib.course.PROFILES`.
        lessons: numbers ("03") or names ("03_blobs_transfer"); all lessons if empty.
        notebooks: the folder of the lessons; their kernels start in it.
        build: results go to its subfolder named after the profile; the lessons' own files, which
            `lib.files.build_folder` leads to, go to others.

    Returns:
        Lesson name -> record, for the lessons asked for. A record has title, status ("ok" or
        "failed"), seconds, peak_mb (megabytes), data (list of str), verdicts (list of dictionaries
        with claim, verdict, evidence), error (str or None) and fingerprint.

    Raises:
        CourseError: if profile or lesson is unknown, or the folder cannot be written to.
    """
    try:
        get_profile(profile)
    except ValueError as error:
        raise CourseError(str(error)) from None
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
    with _course_build(folder.parent):
        _run_missing(chosen, profile, folder, records, fingerprints)
    return {path.stem: records[path.stem] for path in chosen}


@contextlib.contextmanager
def _course_build(folder):
    """Let COURSE_BUILD name a folder for a while; kernels inherit it."""
    before = os.environ.get("COURSE_BUILD")
    os.environ["COURSE_BUILD"] = str(folder)
    try:
        yield
    finally:
        del os.environ["COURSE_BUILD"]
        if before is not None:
            os.environ["COURSE_BUILD"] = before


def _run_missing(chosen, profile, folder, records, fingerprints):
    """Run the chosen lessons that have no record, under a progress bar over the cells of all."""
    n_cells = [n_code_cells(path) for path in chosen]
    pause = 0.2 if sys.stderr.isatty() else 30  # seconds; a log file gets few states of the bar
    with tqdm(total=sum(n_cells), unit="cell", mininterval=pause, file=sys.stderr) as bar:
        for i, path in enumerate(chosen):
            name, outcome = path.stem, "kept from an earlier run"
            if name not in records:
                bar.set_description(f"{name} (lesson {i + 1} of {len(chosen)})")
                with writing(folder):
                    record = run_lesson(path, profile, folder, on_cell=bar.update)
                records[name] = {**record, "fingerprint": fingerprints[name]}
                save_summary(folder, profile, {name: records[name]})
                outcome = f"{record['status']}, {record['seconds']:.1f} s"
            bar.update(sum(n_cells[: i + 1]) - bar.n)  # cells that were kept, or never reached
            bar.write(f"{name}: {outcome}", file=sys.stderr)
