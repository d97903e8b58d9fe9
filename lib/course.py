"""Run the course: every lesson in a kernel of its own, with what it took and what it found.

    python -m lib.course run [--profile smoke|class|full] [--lessons 00 03 ...]
    python -m lib.course table

`run` leaves in `build/<profile>/` the executed copy and the HTML page of each lesson, `index.html`
and `summary.json`, and prints a table. A lesson that failed does not stop the others. Interrupt it
and run it again: a finished lesson is kept unless something that it was made from has changed.
`table` brings README.md's lesson table up to date with `build/class/summary.json`.

Exit status: 0 all went well, 1 a lesson failed, 2 it could not run, 130 interrupted.
"""

import argparse
import hashlib
import json
import logging
import os
import re
import sys
import tempfile
import threading
import time
from pathlib import Path

from lib import report
from lib.profiles import get_profile

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS, BUILD, README = ROOT / "notebooks", ROOT / "build", ROOT / "README.md"


class CourseError(Exception):
    """The course cannot be run as asked; the message says what to do."""


def run(profile="class", lessons=(), notebooks=NOTEBOOKS, build=BUILD) -> dict:
    """Run lessons, except those that are finished already and whose sources are as they were.

    Args:
        profile: name of a profile in `lib.profiles`.
        lessons: numbers ("03") or names ("03_blobs_transfer"); all lessons if empty.
        notebooks: the folder of the lessons; their kernels start in it.
        build: results go to its subfolder named after the profile.

    Returns:
        Lesson name -> record (see `lib.report`), for the lessons asked for.

    Raises:
        CourseError: if profile or lesson is unknown, or the folder cannot be written to.
    """
    profile = _profile(profile)
    chosen = find_lessons(notebooks, lessons)
    folder = Path(build).resolve() / profile
    fingerprints = {path.stem: fingerprint(path, profile) for path in chosen}
    records = read_summary(folder)
    for path in chosen:
        if not _is_finished(records.get(path.stem), fingerprints[path.stem], folder / path.stem):
            records.pop(path.stem, None)
    save_summary(folder, profile, records)  # a folder that cannot be written to shows at once

    from tqdm import tqdm

    total = sum(n_code_cells(path) for path in chosen)
    pause = (
        0.2 if sys.stderr.isatty() else 30
    )  # seconds between two states of the bar: logs are short
    with tqdm(total=total, unit="cell", mininterval=pause, file=sys.stderr) as bar:
        for path in chosen:
            name, before = path.stem, bar.n
            kept = name in records
            if not kept:
                bar.set_description(name)
                record = run_lesson(path, profile, folder, on_cell=lambda **_: bar.update())
                records[name] = {**record, "fingerprint": fingerprints[name]}
                save_summary(folder, profile, records)
            bar.update(before + n_code_cells(path) - bar.n)  # also what was kept or never reached
            bar.write(f"{name}: {'kept' if kept else records[name]['status']}", file=sys.stderr)
    return {path.stem: records[path.stem] for path in chosen}


# Which lessons, and from what


def _profile(name):
    """The name, if there is such a profile."""
    try:
        return get_profile(name).name
    except ValueError as error:
        raise CourseError(str(error)) from None


def find_lessons(notebooks, wanted=()) -> list[Path]:
    """Lessons in their order.

    Args:
        notebooks: a folder with lessons named NN_name.ipynb.
        wanted: numbers or names; all lessons if empty.

    Raises:
        CourseError: if the folder has no lessons, or there is no such lesson.
    """
    found = sorted(Path(notebooks).glob("[0-9][0-9]_*.ipynb"))
    if not found:
        raise CourseError(f"no lesson NN_name.ipynb in {notebooks}: name another with --notebooks.")
    legal = {path.stem[:2] for path in found} | {path.stem for path in found}
    unknown = [name for name in wanted if name not in legal]
    if unknown:
        numbers = ", ".join(path.stem[:2] for path in found)
        raise CourseError(f"no lesson {', '.join(unknown)}: choose from {numbers}.")
    return [p for p in found if not wanted or p.stem in wanted or p.stem[:2] in wanted]


def n_code_cells(path: Path) -> int:
    """How many cells of a notebook's file papermill will execute, the injected one included."""
    return 1 + sum(c["cell_type"] == "code" and bool("".join(c["source"]).strip())
                   for c in _cells(path))  # fmt: skip


def _cells(path):
    """The cells in a notebook's file; none if it is no notebook, which running it will tell."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))["cells"]
    except (ValueError, KeyError, TypeError):
        return []


def fingerprint(path: Path, profile: str) -> str:
    """A hash of all that a lesson's result is made from.

    The notebook's cells (sources and tags, not outputs), what `shared_sources` lists, the profile,
    and which file CIFAR10_PATH names (its path, size and time of change).
    """
    parts = [profile]
    for cell in _cells(path):
        tags = cell.get("metadata", {}).get("tags", [])
        parts.append([cell["cell_type"], "".join(cell["source"]), tags])
    for source in shared_sources():
        parts.append([source.name, hashlib.sha256(source.read_bytes()).hexdigest()])
    cifar10 = os.environ.get("CIFAR10_PATH")
    if cifar10 and os.path.exists(cifar10):
        status = os.stat(cifar10)
        parts.append([os.path.abspath(cifar10), status.st_size, status.st_mtime_ns])
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def shared_sources() -> list[Path]:
    """The files that every lesson depends on: `lib`, the lock, recorded results."""
    files = [*ROOT.glob("lib/**/*.py"), ROOT / "uv.lock", *ROOT.glob("data/reference/**/*")]
    return sorted(path for path in files if path.is_file())


# What a run leaves behind


def _is_finished(record, fingerprint, stem):
    """Whether a lesson ran well from these very sources and its two files are there."""
    files = (stem.with_name(f"{stem.name}{suffix}") for suffix in (".ipynb", ".html"))
    wanted = ("ok", fingerprint)
    return bool(record) and (record["status"], record["fingerprint"]) == wanted and all(
        file.exists() for file in files
    )  # fmt: skip


def read_summary(folder: Path) -> dict:
    """Lesson name -> record, of all lessons that have run into this folder; {} if none.

    Raises:
        CourseError: if there is a summary that this version cannot read.
    """
    path = Path(folder, "summary.json")
    try:
        return json.loads(path.read_text(encoding="utf-8"))["lessons"]
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (ValueError, KeyError, TypeError):
        raise CourseError(f"{path} is damaged: delete it and run again.") from None


def save_summary(folder: Path, profile: str, records: dict) -> None:
    """Write summary.json and index.html; what summary.json lists is finished."""
    records = dict(sorted(records.items()))
    summary = {"profile": profile, "lessons": records}
    with _writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        write_atomically(folder / "summary.json", json.dumps(summary, indent=2) + "\n")
        write_atomically(folder / "index.html", report.index_page(profile, records))


# Command line


def write_table(readme=README, notebooks=NOTEBOOKS, build=BUILD) -> None:
    """Bring README's lesson table up to date with the last run in profile `class`.

    Raises:
        CourseError: if a lesson has no finished run, or README has no place for the table.
    """
    import nbformat

    paths = find_lessons(notebooks)
    lessons = {path.stem: nbformat.read(path, as_version=4) for path in paths}
    try:
        text = Path(readme).read_text(encoding="utf-8")
        text = report.update_readme(text, lessons, read_summary(Path(build, "class")))
    except ValueError as error:
        raise CourseError(f"{Path(build, 'class', 'summary.json')}: {error}") from None
    write_atomically(Path(readme), text)


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
        records, status = run(profile, lessons, notebooks, build), 0
    except KeyboardInterrupt:
        names = [path.stem for path in find_lessons(notebooks, lessons)]
        finished = read_summary(Path(build, profile))
        records, status = {name: finished[name] for name in names if name in finished}, 130
    print(report.closing_table(records))
    if status:
        print(f"\nInterrupted: {len(records)} of {len(names)} lessons are done and kept; "
              "the same command goes on with the rest.")  # fmt: skip
        return status
    print(f"\nAll lessons, as pages: {Path(build, profile, 'index.html')}")
    return int(any(record["status"] == "failed" for record in records.values()))


if __name__ == "__main__":
    sys.exit(main())
