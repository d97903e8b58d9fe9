"""What a run leaves behind: summaries that cannot be read or written are one clear error."""

import errno
import json
import os

import pytest
from small_lessons import record, write_lesson

from lib.course import command, records
from lib.course.errors import CourseError
from lib.course.records import read_summary


def test_build_folder_that_is_a_file_is_one_clear_error(folders, arguments, counted, capsys):
    write_lesson(folders["notebooks"] / "00_a.ipynb")
    folders["build"].write_text("in the way")
    assert command.main(arguments("run", "--profile", "smoke")) == 2
    message = capsys.readouterr().err
    assert message.startswith(f"error: cannot write {folders['build'] / 'smoke'}: ")
    assert "choose another folder with --build" in message and message.count("\n") == 1
    assert counted == [], "nothing runs when nothing can be written"


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS], ids=["full", "read-only"])
def test_disk_trouble_is_one_clear_error_and_keeps_what_is_finished(
    folders, arguments, counted, capsys, monkeypatch, number
):
    for name in ("00_a", "01_b"):
        write_lesson(folders["notebooks"] / f"{name}.ipynb")
    replace = os.replace

    def refuse(source, target):
        if counted == ["00_a", "01_b"]:
            raise OSError(number, os.strerror(number), str(target))
        replace(source, target)

    monkeypatch.setattr(os, "replace", refuse)
    assert command.main(arguments("run", "--profile", "smoke")) == 2
    message = capsys.readouterr().err.splitlines()[-1]
    folder = folders["build"] / "smoke"
    assert f"error: cannot write {folder / 'summary.json'}: {os.strerror(number)}." in message
    assert list(read_summary(folder)) == ["00_a"]
    assert not list(folder.glob(".*")), "no half file stays behind"


@pytest.mark.parametrize(
    "text",
    [
        '{"lessons": ',
        "[]",
        '{"lessons": []}',
    ],
)
def test_damaged_summary_is_one_clear_error(folders, arguments, capsys, text):
    write_lesson(folders["notebooks"] / "00_a.ipynb")
    path = folders["build"] / "smoke" / "summary.json"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    assert command.main(arguments("run", "--profile", "smoke")) == 2
    message = capsys.readouterr().err
    assert message == f"error: {path} is damaged: delete it and run again.\n"


@pytest.mark.parametrize(
    "bad",
    [
        None,
        5,
        {"status": "ok"},
        record(seconds="61"),
        record(data=[5]),
        record(data=None),
        record(verdicts=[5]),
        record(verdicts=[{"claim": "c", "evidence": "e"}]),
        record(verdicts=[{"claim": "c", "verdict": "maybe", "evidence": "e"}]),
    ],
)
def test_malformed_record_of_one_lesson_runs_that_lesson_again_and_keeps_the_others(
    folders, arguments, counted, bad
):
    for name in ("00_a", "01_b"):
        write_lesson(folders["notebooks"] / f"{name}.ipynb")
    assert command.main(arguments("run", "--profile", "smoke")) == 0
    path = folders["build"] / "smoke" / "summary.json"
    summary = json.loads(path.read_text())
    summary["lessons"]["00_a"] = bad
    path.write_text(json.dumps(summary))
    assert command.main(arguments("run", "--profile", "smoke")) == 0
    assert counted == ["00_a", "01_b", "00_a"]
    assert list(read_summary(folders["build"] / "smoke")) == ["00_a", "01_b"]


def test_run_needs_no_repository_to_write_its_pages(folders, arguments, counted, monkeypatch):
    def none():
        raise CourseError("pyproject.toml cannot be read")

    monkeypatch.setattr(records, "repository", none)
    write_lesson(folders["notebooks"] / "00_a.ipynb")
    assert command.main(arguments("run", "--profile", "smoke")) == 0
    assert "mybinder" not in (folders["build"] / "smoke" / "index.html").read_text()
