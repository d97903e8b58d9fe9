"""Which lessons a run executes, which it keeps, and what it tells them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from small_lessons import write_lesson

from lib.course import PROFILES, run
from lib.course.records import read_summary
from lib.data.cifar10 import DIGITS
from lib.files import ROOT


def test_run_gives_each_profile_a_generous_time_limit(folders, counted, monkeypatch):
    write_lesson(folders["notebooks"] / "00_a.ipynb")
    pretend, limits = run.run_lesson, []

    def look(*arguments):
        limits.append(arguments[-1])
        return pretend(*arguments)

    monkeypatch.setattr(run, "run_lesson", look)
    for profile in PROFILES:
        run.run_lessons(profile, **folders)
    run.run_lessons("smoke", timeout=7, **folders | {"build": folders["build"] / "2"})
    assert limits == [run.MINUTES[profile] for profile in PROFILES] + [7]
    assert 60 * run.MINUTES["class"] >= 20 * 90, "20 times what a lesson may take"


PRINT_WHERE = """
import os, sys, lib
from pathlib import Path
print(lib.__file__, *(os.environ.get(n) for n in ("CIFAR10_PATH", "COURSE_CACHE")), sep="|")
"""


@pytest.mark.parametrize(
    ("own", "expected"),
    [("my.npz", "{here}/my.npz"), ("digits", "digits"), ("~/my.npz", "{home}/my.npz"),
     ("https://example.org/a", "https://example.org/a")],
)  # fmt: skip
def test_kernels_import_this_lib_and_find_files_from_where_the_command_was_typed(
    folders, monkeypatch, tmp_path, own, expected
):
    other = tmp_path / "other"  # of another folder, which would be found first
    (other / "lib").mkdir(parents=True)
    (other / "lib" / "__init__.py").write_text("")
    monkeypatch.setenv("PYTHONPATH", str(other))
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CIFAR10_PATH", own)
    monkeypatch.setenv("COURSE_CACHE", "cache")
    monkeypatch.chdir(tmp_path)
    write_lesson(folders["notebooks"] / "00_a.ipynb", PRINT_WHERE)
    record = run.run_lessons("smoke", **folders)["00_a"]
    assert record["error"] is None
    executed = nbformat.read(folders["build"] / "smoke" / "00_a.ipynb", as_version=4)
    where = executed.cells[-1].outputs[0].text.strip().split("|")
    here = Path.cwd()
    data = expected.format(here=here, home=tmp_path / "home")
    assert where == [str(ROOT / "lib" / "__init__.py"), data, str(here / "cache")]
    assert os.environ["CIFAR10_PATH"] == own and os.environ["PYTHONPATH"] == str(other)


@pytest.mark.parametrize("before", [None, "elsewhere"])
def test_run_names_the_build_folder_to_lessons_while_it_runs(folders, counted, monkeypatch, before):
    write_lesson(folders["notebooks"] / "00_a.ipynb")
    monkeypatch.delenv("COURSE_BUILD", raising=False)
    if before:
        monkeypatch.setenv("COURSE_BUILD", before)
    monkeypatch.chdir(folders["build"].parent)
    pretend, seen = run.run_lesson, []

    def look(*arguments, **named):
        seen.append(os.environ["COURSE_BUILD"])
        return pretend(*arguments, **named)

    monkeypatch.setattr(run, "run_lesson", look)
    run.run_lessons("smoke", notebooks=folders["notebooks"], build="build")
    assert seen == [str(folders["build"].resolve())]
    assert os.environ.get("COURSE_BUILD") == before


def test_run_keeps_finished_lessons(folders, counted):
    write_lesson(folders["notebooks"] / "00_a.ipynb")
    first = run.run_lessons("smoke", **folders)
    assert run.run_lessons("smoke", **folders) == first
    assert counted == ["00_a"]


def test_run_runs_a_changed_lesson_again_and_only_that(folders, counted):
    write_lesson(folders["notebooks"] / "00_a.ipynb")
    changed = write_lesson(folders["notebooks"] / "01_b.ipynb", "1 + 1")
    run.run_lessons("smoke", **folders)
    write_lesson(changed, "1 + 2")
    run.run_lessons("smoke", **folders)
    assert counted == ["00_a", "01_b", "01_b"]


def test_run_runs_a_lesson_again_that_had_to_take_the_stand_in(folders, counted, monkeypatch):
    monkeypatch.delenv("CIFAR10_PATH", raising=False)
    write_lesson(folders["notebooks"] / "00_a.ipynb")
    counts = []
    for asked_for in (None, None, "digits", "digits"):
        if asked_for:
            monkeypatch.setenv("CIFAR10_PATH", asked_for)
        run.run_lessons("smoke", **folders)
        summary = folders["build"] / "smoke" / "summary.json"
        text = json.loads(summary.read_text())
        text["lessons"]["00_a"]["data"] = [DIGITS]
        summary.write_text(json.dumps(text))
        counts.append(len(counted))
    assert counts == [1, 2, 3, 3]


def test_run_runs_a_failed_lesson_again(folders, counted):
    write_lesson(folders["notebooks"] / "00_a.ipynb")
    run.run_lessons("smoke", **folders)
    summary = folders["build"] / "smoke" / "summary.json"
    summary.write_text(summary.read_text().replace('"ok"', '"failed"'))
    run.run_lessons("smoke", **folders)
    assert counted == ["00_a", "00_a"]


@pytest.mark.parametrize("suffix", [".ipynb", ".html"])
def test_run_runs_a_lesson_again_whose_result_was_deleted(folders, counted, suffix):
    write_lesson(folders["notebooks"] / "00_a.ipynb")
    run.run_lessons("smoke", **folders)
    (folders["build"] / "smoke" / f"00_a{suffix}").unlink()
    run.run_lessons("smoke", **folders)
    assert counted == ["00_a", "00_a"]


def test_run_of_one_lesson_keeps_the_records_of_the_others(folders, counted):
    for name in ("00_a", "01_b"):
        write_lesson(folders["notebooks"] / f"{name}.ipynb")
    run.run_lessons("smoke", **folders)
    assert list(run.run_lessons("smoke", ["01"], **folders)) == ["01_b"]
    assert list(read_summary(folders["build"] / "smoke")) == ["00_a", "01_b"]


def test_run_keeps_what_another_run_recorded_meanwhile(folders, counted, monkeypatch):
    for name in ("00_a", "01_b"):
        write_lesson(folders["notebooks"] / f"{name}.ipynb")
    pretend = run.run_lesson

    def meanwhile(path, *rest, **named):
        if path.stem == "00_a":
            run.run_lessons("smoke", ["01"], **folders)
        return pretend(path, *rest, **named)

    monkeypatch.setattr(run, "run_lesson", meanwhile)
    run.run_lessons("smoke", ["00"], **folders)
    assert list(read_summary(folders["build"] / "smoke")) == ["00_a", "01_b"]


def test_run_forgets_lessons_that_are_gone(folders, counted):
    write_lesson(folders["notebooks"] / "00_a.ipynb")
    gone = write_lesson(folders["notebooks"] / "01_b.ipynb")
    run.run_lessons("smoke", **folders)
    gone.unlink()
    run.run_lessons("smoke", **folders)
    assert list(read_summary(folders["build"] / "smoke")) == ["00_a"]
    assert "01_b" not in (folders["build"] / "smoke" / "index.html").read_text()


def test_run_removes_what_killed_lessons_left_in_other_folders_of_build(folders, counted):
    write_lesson(folders["notebooks"] / "00_a.ipynb")
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    for folder in ("models", "results", "reference", "full"):
        (folders["build"] / folder).mkdir(parents=True)
        (folders["build"] / folder / f".base.{ended.pid}.part.keras").touch()
        (folders["build"] / folder / "base.keras").touch()
    run.run_lessons("smoke", **folders)
    left = [path.name for path in folders["build"].glob("[!s]*/*")]  # all but smoke
    assert left == ["base.keras"] * 4


def test_run_removes_what_killed_runs_left_and_nothing_else(folders, counted):
    write_lesson(folders["notebooks"] / "00_a.ipynb")
    folder = folders["build"] / "smoke"
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    alive = os.getppid()
    for pid in (ended.pid, alive):
        (folder / f".running-{pid}-x_y").mkdir(parents=True)
        (folder / f".running-{pid}-x_y" / "00_a.ipynb").touch()
        (folder / f".summary.json.{pid}.part").touch()
    (folder / ".hidden").touch()
    run.run_lessons("smoke", **folders)
    left = {path.name for path in folder.glob(".*")}
    assert left == {f".running-{alive}-x_y", f".summary.json.{alive}.part", ".hidden"}
