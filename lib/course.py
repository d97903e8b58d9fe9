"""Run the course: every lesson in a kernel of its own, with what it took and what it found.

    python -m lib.course run [--profile smoke|class|full] [--lessons 00 03 ...]
    python -m lib.course table

`run` leaves in `build/<profile>/` the executed copy and the HTML page of each lesson, `index.html`
and `summary.json`, and prints a table. A lesson that failed does not stop the others. Interrupt it
and run it again: a finished lesson is kept unless something that it was made from has changed.
What lessons save goes to `build/` too: COURSE_BUILD in their environment names that folder.
`table` brings README.md's lesson table up to date with `build/class/summary.json`.

Exit status: 0 all went well, 1 a lesson failed, 2 it could not run, 130 interrupted.
"""

import argparse
import contextlib
import hashlib
import json
import os
import sys
from pathlib import Path

import nbformat
from tqdm import tqdm

from lib import report
from lib.cifar10 import ASK_FOR_DIGITS
from lib.execution import run_lesson
from lib.files import write_atomically
from lib.profiles import build_folder, get_profile
from lib.summary import (
    CourseError,
    is_finished,
    read_summary,
    remove_leftovers,
    save_summary,
    writing,
)

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS, BUILD, README = ROOT / "notebooks", build_folder(), ROOT / "README.md"


def run(profile="class", lessons=(), notebooks=NOTEBOOKS, build=BUILD) -> dict:
    """Run lessons, except those that are finished already and whose sources are as they were.

    Args:
        profile: name of a profile in `lib.profiles`.
        lessons: numbers ("03") or names ("03_blobs_transfer"); all lessons if empty.
        notebooks: the folder of the lessons; their kernels start in it.
        build: results go to its subfolder named after the profile; the lessons' own files, which
            `lib.profiles.build_folder` leads to, go to others.

    Returns:
        Lesson name -> record (see `lib.report`), for the lessons asked for.

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
        remove_leftovers(folder)
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


# Which lessons


def find_lessons(notebooks, wanted=()) -> list[Path]:
    """Lessons in their order.

    Args:
        notebooks: a folder with lessons named NN_name.ipynb.
        wanted: numbers or names; all lessons if empty.

    Raises:
        CourseError: if the folder has no lessons, or there is no such lesson.
    """
    found = sorted(p for p in Path(notebooks).glob("[0-9][0-9]_*.ipynb") if p.is_file())
    if not found:
        raise CourseError(f"no lesson NN_name.ipynb in {notebooks}: name another with --notebooks.")
    legal = {path.stem[:2] for path in found} | {path.stem for path in found}
    unknown = [name for name in wanted if name not in legal]
    if unknown:
        numbers = ", ".join(path.stem[:2] for path in found)
        raise CourseError(f"no lesson {', '.join(unknown)}: choose from {numbers}.")
    return [p for p in found if not wanted or p.stem in wanted or p.stem[:2] in wanted]


# What a lesson is made from


def n_code_cells(path: Path) -> int:
    """How many cells of a notebook's file papermill executes, the one it injects included."""
    cells = _cells(path) or []  # of what is no notebook none, which running it will tell
    return 1 + sum(kind == "code" and bool(source.strip()) for kind, source, _ in cells)


def _cells(path):
    """Type, source and tags of each cell in a notebook's file; None if they cannot be read."""
    try:
        return [
            (cell["cell_type"], "".join(cell["source"]), cell.get("metadata", {}).get("tags", []))
            for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]
        ]
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def fingerprint(path: Path, profile: str) -> str:
    """A hash of all that a lesson's result is made from.

    The notebook's cells (sources and tags, not outputs; the whole file if it holds no cells), what
    `shared_sources` lists, the profile, and which file CIFAR10_PATH names (its path, size and time
    of change), or that it asks for the stand-in.
    """
    cells = _cells(path)
    parts = [profile, _hash(path) if cells is None else cells]
    parts += [[source.name, _hash(source)] for source in shared_sources()]
    cifar10 = os.environ.get("CIFAR10_PATH")
    if cifar10 == ASK_FOR_DIGITS:
        parts.append(cifar10)
    elif cifar10 and os.path.exists(cifar10):
        status = os.stat(cifar10)
        parts.append([os.path.abspath(cifar10), status.st_size, status.st_mtime_ns])
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _hash(path):
    """A hash of a file's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def shared_sources() -> list[Path]:
    """The files that every lesson depends on: `lib`, the lock, recorded results."""
    files = [*ROOT.glob("lib/**/*.py"), ROOT / "uv.lock", *ROOT.glob("data/reference/**/*")]
    return sorted(path for path in files if path.is_file())


# Command line


def write_table(readme=README, notebooks=NOTEBOOKS, build=BUILD) -> None:
    """Bring README's lesson table up to date with the last run in profile `class`.

    Raises:
        CourseError: if a lesson has no finished run, or has changed since, or README has no place
            for the table.
    """
    paths, records = find_lessons(notebooks), read_summary(Path(build, "class"))
    missing = [
        path.stem
        for path in paths
        if not is_finished(records.get(path.stem), fingerprint(path, "class"))
    ]
    if missing:
        raise CourseError(
            f"no finished run of {', '.join(missing)} as it is now: do `make run` first."
        )
    try:
        lessons = {path.stem: nbformat.read(path, as_version=4) for path in paths}
        text = report.update_readme(Path(readme).read_text(encoding="utf-8"), lessons, records)
        write_atomically(Path(readme), text)
    except (OSError, ValueError) as error:
        raise CourseError(str(error)) from None


def main(arguments=None) -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m lib.course", description="Run the course.")
    commands = parser.add_subparsers(dest="command", required=True)
    runner = commands.add_parser("run", help="run lessons; results in build/<profile>/")
    runner.add_argument("--profile", default="class", help="smoke, class (the default) or full")
    runner.add_argument("--lessons", nargs="+", default=[], metavar="NN", help="only these")
    table = commands.add_parser("table", help="write what was measured into README.md")
    table.add_argument("--readme", type=Path, default=README)
    for command in (runner, table):
        command.add_argument("--notebooks", type=Path, default=NOTEBOOKS, metavar="FOLDER")
        command.add_argument("--build", type=Path, default=BUILD, metavar="FOLDER")
    options = vars(parser.parse_args(arguments))
    try:
        if options.pop("command") == "table":
            write_table(**options)
            return 0
        return _run_and_tell(**options)
    except CourseError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def _run_and_tell(profile, lessons, notebooks, build):
    """Run, print the table, and say how it went."""
    try:
        records, interrupted = run(profile, lessons, notebooks, build), False
    except KeyboardInterrupt:
        records, interrupted = read_summary(Path(build, profile)), True
    print(report.closing_table(records))
    if interrupted:
        print("\nInterrupted. What is listed is finished and kept: run again for the rest.")
        return 130
    print(f"\nAll lessons, as pages: {Path(build, profile, 'index.html')}")
    return int(any(record["status"] == "failed" for record in records.values()))


if __name__ == "__main__":
    sys.stdout.reconfigure(errors="replace")  # a claim may hold what a Windows console cannot show
    sys.exit(main())
