"""What a run leaves behind: summaries that cannot be read or written are one clear error."""

import errno
import json
import os

import pytest
from small_lessons import record, write_lesson

from lib.course import __main__
from lib.course.records import read_summary


def test_build_folder_that_is_a_file_is_one_clear_error(folders, arguments, counted, capsys):
    write_lesson(folders["notebooks"] / "00_a.ipynb")
    folders["build"].write_text("in the way")
    assert __main__.main(arguments("run", "--profile", "smoke")) == 2
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
    assert __main__.main(arguments("run", "--profile", "smoke")) == 2
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
        '{"lessons": {"00_a": {"status": "ok"}}}',
        json.dumps({"lessons": {"00_a": record(seconds="61")}}),
        json.dumps({"lessons": {"00_a": record(data=[5])}}),
        json.dumps({"lessons": {"00_a": record(verdicts=[{"claim": "c", "evidence": "e"}])}}),
    ],
)
def test_damaged_summary_is_one_clear_error(folders, arguments, capsys, text):
    write_lesson(folders["notebooks"] / "00_a.ipynb")
    path = folders["build"] / "smoke" / "summary.json"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    assert __main__.main(arguments("run", "--profile", "smoke")) == 2
    message = capsys.readouterr().err
    assert message == f"error: {path} is damaged: delete it and run again.\n"
