"""The commands of `python -m lib.course`: run every lesson, and say what it took and found.

    python -m lib.course run [--profile smoke|class|full] [--lessons 00 03 ...] [--timeout MINUTES]
    python -m lib.course table
    python -m lib.course findings
    python -m lib.course links
    python -m lib.course publish-check

`run` leaves in `build/<profile>/` the executed copy and the HTML page of each lesson, `index.html`
and `summary.json`, and prints a table. A lesson that failed does not stop the others. Interrupt it
and run it again: a finished lesson is kept unless something that it was made from has changed.
What lessons save goes to `build/` too: COURSE_BUILD in their environment names that folder.
`table` brings README.md's lesson table up to date with `build/class/summary.json`.
`findings` writes FINDINGS.md: what the lessons' stored outputs found.
`links` writes the repository's name, as pyproject.toml has it, into README.md and CITATION.cff.
`publish-check` tells what is missing before the course can be published.

Exit status: 0 all went well, 1 a lesson failed or something is missing, 2 it could not run,
130 interrupted.
"""

import argparse
import sys
from pathlib import Path

import nbformat

from ..files import write_atomically
from .errors import CourseError
from .findings import findings_page
from .lessons import find_lessons, fingerprint
from .publishing import citation_with, missing, repository
from .records import is_finished, read_summary, writing
from .run import BUILD, FINDINGS, MINUTES, NOTEBOOKS, README, run_lessons
from .tables import closing_table, malformed, update_links, update_readme


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
        text = Path(readme).read_text(encoding="utf-8")
        write_atomically(Path(readme), update_readme(text, lessons, records, repository()))
    except (OSError, ValueError) as error:
        raise CourseError(str(error)) from None


def write_findings(findings=FINDINGS, notebooks=NOTEBOOKS) -> None:
    """Write FINDINGS.md from the lessons as they are stored.

    Raises:
        CourseError: if a lesson, or a verdict in it, cannot be read, or the page not be written.
    """
    lessons = {}
    for path in find_lessons(notebooks):
        try:
            lessons[path.stem] = nbformat.read(path, as_version=4)
            nbformat.validate(lessons[path.stem])
        except (OSError, ValueError, TypeError, nbformat.ValidationError) as error:
            raise CourseError(f"{path.name} is no notebook: {error}".splitlines()[0]) from None
        trouble = malformed(lessons[path.stem])
        if trouble:  # a verdict would be left out, and nobody would see it
            raise CourseError(f"{path.name}: {trouble}.")
    with writing(findings):
        write_atomically(Path(findings), findings_page(lessons))


def write_links(readme=README, notebooks=NOTEBOOKS) -> None:
    """Write the repository's name, as pyproject.toml has it, into README's links and CITATION.cff.

    Raises:
        CourseError: if pyproject.toml names none, or a file has no place for it.
    """
    name, citation = repository(), Path(readme).with_name("CITATION.cff")
    try:
        names = [path.stem for path in find_lessons(notebooks)]
        text = update_links(Path(readme).read_text(encoding="utf-8"), names, name)
        cited = citation_with(name, citation.read_text(encoding="utf-8"))
        write_atomically(Path(readme), text)
        write_atomically(citation, cited)
    except (OSError, ValueError) as error:
        raise CourseError(str(error)) from None


def tell_missing() -> int:
    """Print what is to do before the course can be published; 1 if there is anything, else 0."""
    sentences = missing()
    print("\n".join(f"- {one}" for one in sentences) or "Nothing is missing: push, with the tag.")
    return int(bool(sentences))


def main(arguments=None) -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m lib.course", description="Run the course.")
    commands = parser.add_subparsers(dest="command", required=True)
    runner = commands.add_parser("run", help="run lessons; results in build/<profile>/")
    runner.add_argument("--profile", default="class", help="smoke, class (the default) or full")
    runner.add_argument("--lessons", nargs="+", default=[], metavar="NN", help="only these")
    limits = ", ".join(f"{minutes} in {profile}" for profile, minutes in MINUTES.items())
    runner.add_argument(
        "--timeout", type=float, metavar="MINUTES", help=f"for each lesson; {limits}"
    )
    table = commands.add_parser("table", help="write what was measured into README.md")
    table.add_argument("--readme", type=Path, default=README)
    page = commands.add_parser("findings", help="write what the stored outputs say to FINDINGS.md")
    page.add_argument("--findings", type=Path, default=FINDINGS)
    links = commands.add_parser("links", help="write the repository's name into README's links")
    links.add_argument("--readme", type=Path, default=README)
    commands.add_parser("publish-check", help="tell what is missing before it can be published")
    for command in (runner, table, page, links):
        command.add_argument("--notebooks", type=Path, default=NOTEBOOKS, metavar="FOLDER")
    for command in (runner, table):
        command.add_argument("--build", type=Path, default=BUILD, metavar="FOLDER")
    options = vars(parser.parse_args(arguments))
    try:
        command = options.pop("command")
        if command == "run":
            return _run_and_tell(**options)
        if command == "publish-check":
            return tell_missing()
        {"table": write_table, "findings": write_findings, "links": write_links}[command](**options)
        return 0
    except CourseError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def _run_and_tell(profile, lessons, notebooks, build, timeout):
    """Run, print the table, and say how it went."""
    try:
        records, interrupted = run_lessons(profile, lessons, notebooks, build, timeout), False
    except KeyboardInterrupt:
        records, interrupted = read_summary(Path(build, profile)), True
    print(closing_table(records))
    if interrupted:
        print("\nInterrupted. What is listed is finished and kept: run again for the rest.")
        return 130
    print(f"\nAll lessons, as pages: {Path(build, profile, 'index.html')}")
    return int(any(record["status"] == "failed" for record in records.values()))
