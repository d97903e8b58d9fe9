"""The closing table of a run, and README's lesson table."""

import re

import pytest
from nbformat.v4 import new_notebook
from small_lessons import MALFORMED, record, write_lesson

from lib.course import command, lessons, run, tables
from lib.course.records import save_summary
from lib.course.show import VERDICTS


def test_closing_table_aligns_numbers():
    lines = tables.closing_table({"00_a": record(), "01_long": record(seconds=7.0)}).splitlines()
    assert lines[2] == "00_a        61.0      412  none"
    assert lines[3] == "01_long      7.0      412  none"


@pytest.mark.parametrize("width", [50, 60, 80, 110, 239])
def test_closing_table_fits_the_terminal(width):
    full = record(
        data=["blobs, seed 1, spread 2", "CIFAR-10 (JPEG copy), classes 0 to 4, 1,000 each"] * 3,
        verdicts=[
            {"claim": "transfer always helps, " * 5, "verdict": one, "evidence": "n = 3"}
            for one in VERDICTS
        ],
    )
    failed = record(status="failed", error="In [4]: ValueError: " + "too few rows " * 20)
    text = tables.closing_table({"08_cifar10_freeze_features": full, "01_b": failed}, width)
    assert max(map(len, text.splitlines())) <= width
    flat = " ".join(text.split())
    for words in ("1 practically equal", "1,000 each; blobs", "FAILED In [4]", "always helps, tr"):
        assert words in flat, "nothing is left out"


def test_closing_table_keeps_a_path_whole(monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    path = "/a-folder/" * 8
    failed = record(status="failed", error=f"In [4]: DataError: CIFAR10_PATH={path} is no file")
    assert path in tables.closing_table({"00_a": failed})


def test_goal_is_what_the_metadata_say():
    notebook = new_notebook(metadata={"course": {"goal": "count to three"}})
    assert tables.goal(notebook) == "count to three"
    assert tables.goal(new_notebook()) == ""


README = """# The course

<!-- lessons:begin -->
| old |
<!-- lessons:end -->

<!-- links:begin -->
[binder]: https://mybinder.org/v2/gh/joe/course/HEAD
[binder-07]: https://mybinder.org/v2/gh/joe/course/HEAD?labpath=notebooks%2F07_gone.ipynb
<!-- links:end -->
"""


def save_class_run(folders, **records):
    """Save records of a run in profile class; their fingerprints are those of the lessons."""
    for path in lessons.find_lessons(folders["notebooks"]):
        if path.stem in records:
            records[path.stem]["fingerprint"] = lessons.fingerprint(path, "class")
    save_summary(folders["build"] / "class", "class", records)


@pytest.fixture
def table(folders, arguments, tmp_path):
    """A README, and a function that writes the lesson table into it; it returns the status."""
    readme = tmp_path / "README.md"
    readme.write_text(README)
    return readme, lambda: command.main(arguments("table", "--readme", str(readme)))


def test_table_writes_what_was_measured(folders, table, monkeypatch):
    monkeypatch.setattr(command, "repository", lambda: "jane/course")
    write_lesson(folders["notebooks"] / "00_a.ipynb")
    write_lesson(folders["notebooks"] / "01_b.ipynb", goal="R | y", intro="# 01 · B | C")
    save_class_run(folders, **{"00_a": record(), "01_b": record(seconds=1.0)})
    readme, write = table
    assert write() == 0
    text = readme.read_text()
    hub = "https://mybinder.org/v2/gh/jane/course/HEAD"
    assert text == (
        "# The course\n\n<!-- lessons:begin -->\n"
        "| lesson | after it you can | minutes | memory | Binder |\n|---|---|---|---|---|\n"
        "| [00 A lesson](notebooks/00_a.ipynb) | count to three | 1.0 | 412 MB "
        "| [open][binder-00] |\n"
        "| [01 · B / C](notebooks/01_b.ipynb) | R / y | 0.1 | 412 MB | [open][binder-01] |\n"
        "<!-- lessons:end -->\n\n<!-- links:begin -->\n"
        "[binder-badge]: https://mybinder.org/badge_logo.svg\n"
        f"[binder]: {hub}?labpath=notebooks%2F00_a.ipynb\n"
        "[codespace]: https://codespaces.new/jane/course\n"
        f"[binder-00]: {hub}?labpath=notebooks%2F00_a.ipynb\n"
        f"[binder-01]: {hub}?labpath=notebooks%2F01_b.ipynb\n"
        "<!-- links:end -->\n"
    )
    assert write() == 0
    assert readme.read_text() == text, "a second time changes nothing"


@pytest.mark.parametrize("records", [{}, {"00_a": record(status="failed")}])
def test_table_needs_a_finished_run_of_every_lesson(folders, table, capsys, records):
    write_lesson(folders["notebooks"] / "00_a.ipynb")
    save_class_run(folders, **records)
    readme, write = table
    assert write() == 2
    message = capsys.readouterr().err
    assert message == "error: no finished run of 00_a as it is now: do `make run` first.\n"
    assert readme.read_text() == README


def test_table_needs_runs_of_the_lessons_as_they_are_now(folders, table, capsys):
    for name in ("00_a", "01_b", "02_c"):
        write_lesson(folders["notebooks"] / f"{name}.ipynb")
    save_class_run(folders, **{name: record() for name in ("00_a", "01_b", "02_c")})
    write_lesson(folders["notebooks"] / "01_b.ipynb", "1 + 1")
    (folders["notebooks"] / "02_c.ipynb").write_text(MALFORMED[0])
    readme, write = table
    assert write() == 2
    assert "no finished run of 01_b, 02_c as it is now" in capsys.readouterr().err
    assert readme.read_text() == README


@pytest.mark.parametrize("marker", ["<!-- lessons:end -->", "<!-- links:begin -->"])
def test_table_needs_its_markers(folders, table, capsys, marker):
    write_lesson(folders["notebooks"] / "00_a.ipynb")
    save_class_run(folders, **{"00_a": record()})
    readme, write = table
    readme.write_text(README.replace(marker, ""))
    assert write() == 2
    assert "error: README needs one line" in capsys.readouterr().err


def test_readme_tells_minutes_and_memory_of_every_lesson():
    text = run.README.read_text(encoding="utf-8")
    rows = re.findall(r"^\| \[.*\]\(notebooks/(\w+)\.ipynb\) \|.*?\|(.*?)\|(.*?)\|", text, re.M)
    names = [path.stem for path in lessons.find_lessons(run.NOTEBOOKS)]
    assert [name for name, _, _ in rows] == names
    for name, minutes, memory in rows:
        assert minutes.strip() and memory.strip(), f"{name} is not measured: do `make table`"
        assert float(minutes) > 0
        # the goal is 1,400, and machines differ
        assert 0 < int(memory.removesuffix(" MB ")) <= 1500, f"{name} takes {memory}"
