"""One lesson in a kernel of its own: what can go wrong is said in its record."""

import errno
import json
import os
import subprocess
import sys
import time

import psutil
import pytest
from small_lessons import MALFORMED, verdict, write_lesson

from lib.course import execution, run
from lib.course.errors import CourseError
from lib.course.records import read_summary
from lib.course.show import MIME


def test_kernel_that_dies_is_a_failed_lesson(folders):
    write_lesson(folders["notebooks"] / "00_dies.ipynb", "import os\nos._exit(1)")
    records = run.run_lessons("smoke", **folders)
    assert records["00_dies"]["status"] == "failed"
    error = records["00_dies"]["error"]
    assert error.startswith("In [3]: the kernel died, probably out of memory: close other lessons")


@pytest.mark.parametrize("code", ["import sys\nsys.exit()", "import sys\nsys.exit(0)"])
def test_lesson_that_ends_itself_has_failed(folders, code):
    write_lesson(folders["notebooks"] / "00_a.ipynb", code, "open('reached', 'w')")
    record = run.run_lessons("smoke", **folders)["00_a"]
    assert record["status"] == "failed"
    assert record["error"].startswith("In [3]: SystemExit: the lesson ended itself here")
    assert not (folders["notebooks"] / "reached").exists()


def test_lesson_that_ends_itself_with_a_status_tells_it(folders):
    write_lesson(folders["notebooks"] / "00_a.ipynb", "import sys\nsys.exit(3)")
    assert run.run_lessons("smoke", **folders)["00_a"]["error"] == "In [3]: SystemExit: 3"


def test_lesson_that_takes_too_long_is_stopped_and_the_next_one_runs(folders):
    write_lesson(folders["notebooks"] / "00_endless.ipynb", "while True: pass")
    write_lesson(folders["notebooks"] / "01_good.ipynb")
    begin = time.monotonic()
    records = run.run_lessons("smoke", **folders, timeout=0.05)
    assert time.monotonic() - begin < 30
    assert records["00_endless"]["error"] == (
        "In [3]: stopped after 0.05 minutes: --timeout MINUTES allows more"
    )
    assert records["01_good"]["status"] == "ok"


def test_time_limit_is_one_for_all_cells_of_a_lesson(folders):
    write_lesson(folders["notebooks"] / "00_a.ipynb", *["import time; time.sleep(1.5)"] * 4)
    error = run.run_lessons("smoke", **folders, timeout=0.05)["00_a"]["error"]
    assert error and "stopped after 0.05 minutes" in error


MALFORMED_RECORDS = [
    {"kind": "verdict"},
    {"kind": "verdict", "claim": "c", "verdict": "maybe", "evidence": "e"},
    {"kind": "verdict", "claim": 5, "verdict": "holds", "evidence": "e"},
    {"kind": "data", "text": None},
    {"kind": "other"},
    {},
    ["kind"],
    "kind",
    None,
]


def test_malformed_records_fail_their_lessons_and_spoil_nothing(folders):
    for i, content in enumerate(MALFORMED_RECORDS):
        bundle = {"text/plain": "shown", MIME: content}
        write_lesson(
            folders["notebooks"] / f"0{i}_bad.ipynb",
            f"from IPython.display import display\ndisplay({bundle!r}, raw=True)",
            verdict(f"still collected {i}", "holds"),
        )
    write_lesson(folders["notebooks"] / "09_good.ipynb", verdict("it holds", "holds"))
    records = run.run_lessons("smoke", **folders)
    page = (folders["build"] / "smoke" / "index.html").read_text()
    for i in range(len(MALFORMED_RECORDS)):
        record = records[f"0{i}_bad"]
        assert record["error"].startswith("malformed record "), MALFORMED_RECORDS[i]
        assert [one["claim"] for one in record["verdicts"]] == [f"still collected {i}"]
        assert f"still collected {i}" in page
    assert records["09_good"]["status"] == "ok"
    assert read_summary(folders["build"] / "smoke") == records


def test_error_without_message_names_its_line(folders):
    write_lesson(folders["notebooks"] / "00_a.ipynb", "x = 1\nassert x == 2")
    records = run.run_lessons("smoke", **folders)
    assert records["00_a"]["error"] == "In [3]: AssertionError: assert x == 2"


def test_file_that_is_no_notebook_is_a_failed_lesson(folders):
    (folders["notebooks"] / "00_torn.ipynb").write_text('{"cells": [')
    records = run.run_lessons("smoke", **folders)
    assert records["00_torn"]["error"].startswith("NotJSONError: Notebook does not appear")


def test_malformed_notebooks_fail_and_the_others_run(folders):
    for i, text in enumerate(MALFORMED):
        (folders["notebooks"] / f"0{i}_bad.ipynb").write_text(text)
    null = write_lesson(folders["notebooks"] / "07_null.ipynb", "'no source'")
    null.write_text(null.read_text().replace("\"'no source'\"", "null"))
    (folders["notebooks"] / "08_folder.ipynb").mkdir()
    write_lesson(folders["notebooks"] / "09_good.ipynb")
    records = run.run_lessons("smoke", **folders)
    statuses = {name: one["status"] for name, one in records.items()}
    bad = {f"0{i}_bad": "failed" for i in range(len(MALFORMED))}
    assert statuses == {**bad, "07_null": "failed", "09_good": "ok"}


def test_kernel_that_cannot_be_started_is_a_failed_lesson(folders, tmp_path, monkeypatch):
    path = write_lesson(folders["notebooks"] / "00_a.ipynb")
    path.write_text(path.read_text().replace('"python3"', '"broken"'))
    spec = {"argv": [str(tmp_path / "python"), "-f", "{connection_file}"], "display_name": "Broken"}
    (tmp_path / "kernels" / "broken").mkdir(parents=True)
    (tmp_path / "kernels" / "broken" / "kernel.json").write_text(
        json.dumps({**spec, "language": "python"})
    )
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    error = run.run_lessons("smoke", **folders)["00_a"]["error"]
    assert error.startswith("FileNotFoundError: ") and str(tmp_path / "python") in error


def test_processes_left_over_are_killed():
    with execution.Processes() as processes:
        command = [sys.executable, "-c", "import time; x = bytes(10**6); time.sleep(60)"]
        child = subprocess.Popen(command)
        time.sleep(0.5)
    assert not psutil.pid_exists(child.pid)
    assert 1 < processes.peak_mb < 100


def test_disk_that_fills_while_a_lesson_runs_is_one_clear_error(folders, arguments, monkeypatch):
    import papermill.iorw

    write_lesson(folders["notebooks"] / "00_a.ipynb")

    def refuse(self, buffer, path):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)

    monkeypatch.setattr(papermill.iorw.LocalHandler, "write", refuse)
    with pytest.raises(CourseError, match="cannot write .*No space left on device"):
        run.run_lessons("smoke", **folders)
    assert not list((folders["build"] / "smoke").glob(".*"))
