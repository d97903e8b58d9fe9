"""The runner, on throw-away lessons of a few cells that need no TensorFlow."""

import errno
import json
import os
import re
import signal
import subprocess
import sys
import time

import nbformat
import psutil
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from lib import cifar10, course, execution, profiles, report
from lib.show import MIME

MALFORMED = [  # cells that no notebook may have
    '{"cells": [{}]}',
    '{"cells": 5}',
    '{"cells": ["x"]}',
    '{"cells": [{"cell_type": "code", "source": null}]}',
]
KERNELSPEC = {"name": "python3", "display_name": "Python 3", "language": "python"}


def fact(**content):
    """Source of a cell that displays a fact as `lib.show` does."""
    bundle = {"text/plain": "shown", MIME: content}
    return f"from IPython.display import display\ndisplay({bundle!r}, raw=True)"


def verdict(claim, outcome):
    """Source of a cell that displays a verdict."""
    return fact(kind="verdict", claim=claim, verdict=outcome, evidence="n = 3")


def write_lesson(path, *codes, intro="# A lesson\n\nLearning objectives:\n\n- Count to three.\n"):
    """Write a lesson with a heading, the parameters cell and one cell for each code."""
    parameters = new_code_cell('PROFILE = "class"', metadata={"tags": ["parameters"]})
    cells = [new_markdown_cell(intro), parameters, *map(new_code_cell, codes)]
    notebook = new_notebook(cells=cells, metadata={"kernelspec": KERNELSPEC})
    path.parent.mkdir(exist_ok=True)
    nbformat.write(notebook, path)
    return path


def record(**changes):
    """A record as `run` returns it."""
    plain = {"title": "A lesson", "status": "ok", "seconds": 61.0, "peak_mb": 412.4}
    return {**plain, "data": [], "verdicts": [], "error": None, "fingerprint": "f"} | changes


@pytest.fixture
def folders(tmp_path):
    """Where throw-away lessons and their results go, as arguments of `run`."""
    (tmp_path / "notebooks").mkdir()
    return {"notebooks": tmp_path / "notebooks", "build": tmp_path / "build"}


@pytest.fixture
def arguments(folders):
    """The same two folders as options of the command line, in front of further options."""
    options = [text for name, path in folders.items() for text in (f"--{name}", str(path))]
    return lambda command, *more: [command, *more, *options]


@pytest.fixture
def counted(monkeypatch):
    """The lessons whose execution was asked for; they end at once, as if they had run."""
    names = []

    def pretend(path, profile, folder, on_cell=None):
        names.append(path.stem)
        for suffix in (".ipynb", ".html"):
            (folder / f"{path.stem}{suffix}").write_text("done")
        return {k: v for k, v in record().items() if k != "fingerprint"}

    monkeypatch.setattr(course, "run_lesson", pretend)
    return names


# One whole run


@pytest.fixture(scope="module")
def one_run(tmp_path_factory):
    """Three lessons, the second of which fails, run once from the command line."""
    root = tmp_path_factory.mktemp("run")
    notebooks = root / "notebooks"
    write_lesson(
        notebooks / "00_good.ipynb",
        "import os\nprint(PROFILE, os.getcwd(), os.environ['COURSE_BUILD'])",
        fact(kind="data", text="blobs"),
        fact(kind="data", text="blobs"),
        verdict("transfer helps", "holds"),
        verdict("it always helps", "does not hold"),
        intro="# Good\n\nGo on with [the next](01_bad.ipynb).",
    )
    write_lesson(
        notebooks / "01_bad.ipynb",
        verdict("still collected", "undecided"),
        "raise ValueError('too few rows\\nsecond line')",
        "print('never reached')",
    )
    write_lesson(notebooks / "02_big.ipynb", "full = bytearray(b'x') * 2**28  # 256 MB")
    sources = {path.name: path.read_bytes() for path in notebooks.iterdir()}
    options = ["--notebooks", str(notebooks), "--build", str(root / "build")]
    finished = subprocess.run(
        [*[sys.executable, "-m", "lib.course", "run", "--profile", "smoke"], *options],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    folder = root / "build" / "smoke"
    records = json.loads((folder / "summary.json").read_text())["lessons"]
    return {
        "finished": finished,
        "folder": folder,
        "notebooks": notebooks,
        "records": records,
        "sources": sources,
    }


def test_run_failing_lesson_does_not_stop_the_others(one_run):
    statuses = {name: one["status"] for name, one in one_run["records"].items()}
    assert statuses == {"00_good": "ok", "01_bad": "failed", "02_big": "ok"}
    assert one_run["finished"].returncode == 1


def test_run_collects_data_and_verdicts(one_run):
    good, bad = one_run["records"]["00_good"], one_run["records"]["01_bad"]
    assert good["data"] == ["blobs"]
    assert good["verdicts"] == [
        {"claim": "transfer helps", "verdict": "holds", "evidence": "n = 3"},
        {"claim": "it always helps", "verdict": "does not hold", "evidence": "n = 3"},
    ]
    assert [one["claim"] for one in bad["verdicts"]] == ["still collected"]


def test_run_gives_the_failing_cell_and_its_error_in_one_line(one_run):
    assert one_run["records"]["01_bad"]["error"] == "In [4]: ValueError: too few rows"
    assert "    FAILED  In [4]: ValueError: too few rows\n" in one_run["finished"].stdout


def test_run_prints_a_table(one_run):
    lines = one_run["finished"].stdout.splitlines()
    assert lines[0].split() == ["lesson", "seconds", "peak", "MB", "verdicts", "data"]
    row = next(line for line in lines if line.startswith("00_good"))
    assert row.endswith("1 holds, 1 does not hold  blobs")
    assert "    does not hold: it always helps" in lines


def test_run_injects_profile_and_starts_kernels_in_the_notebooks_folder(one_run):
    executed = nbformat.read(one_run["folder"] / "00_good.ipynb", as_version=4)
    printed = "".join(o.text for c in executed.cells for o in c.get("outputs", []) if "text" in o)
    build = one_run["folder"].parent.resolve()
    assert printed == f"smoke {one_run['notebooks'].resolve()} {build}\n"


def test_run_never_changes_a_source(one_run):
    now = {path.name: path.read_bytes() for path in one_run["notebooks"].iterdir()}
    assert now == one_run["sources"]


def test_run_writes_pages_whose_links_lead_to_pages(one_run):
    page = (one_run["folder"] / "00_good.html").read_text(encoding="utf-8")
    assert 'lang="en"' in page and "<title>00_good</title>" in page
    assert 'href="01_bad.html"' in page and "01_bad.ipynb" not in page


def test_run_keeps_the_executed_copy_of_a_failed_lesson(one_run):
    executed = nbformat.read(one_run["folder"] / "01_bad.ipynb", as_version=4)
    kinds = [o.output_type for c in executed.cells for o in c.get("outputs", [])]
    assert "error" in kinds
    assert "ValueError" in (one_run["folder"] / "01_bad.html").read_text(encoding="utf-8")


def test_run_measures_seconds_and_peak_memory_of_the_kernel(one_run):
    plain, big = one_run["records"]["00_good"], one_run["records"]["02_big"]
    assert 0.1 < plain["seconds"] < 60
    assert 20 < plain["peak_mb"] < 200
    assert 250 <= big["peak_mb"] - plain["peak_mb"] < 300


def test_run_shows_which_lesson_runs_and_nothing_else_on_stderr(one_run):
    bar = one_run["finished"].stderr
    for name in one_run["records"]:
        assert f"{name} (lesson " in bar
    assert "15/15" in bar, "all cells count, those never reached too"
    for noise in ("WARNING", "Warning", "Traceback", "papermill"):
        assert noise not in bar, bar


def test_run_leaves_nothing_half_written(one_run):
    names = {path.name for path in one_run["folder"].iterdir()}
    lessons = {f"{n}{s}" for n in one_run["records"] for s in (".ipynb", ".html")}
    assert names == lessons | {"index.html", "summary.json"}


def test_import_of_the_runner_is_free_of_tensorflow():
    code = "import sys, lib.course; print({'tensorflow', 'keras'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


# Where lessons save what they make


def test_build_folder_is_in_the_repository_unless_told_otherwise(tmp_path, monkeypatch):
    monkeypatch.delenv("COURSE_BUILD", raising=False)
    assert profiles.build_folder() == course.ROOT / "build"
    monkeypatch.setenv("COURSE_BUILD", str(tmp_path / "b"))
    assert profiles.build_folder() == tmp_path / "b"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COURSE_BUILD", "c")
    assert profiles.build_folder() == tmp_path / "c"


@pytest.mark.parametrize("before", [None, "elsewhere"])
def test_run_names_the_build_folder_to_lessons_while_it_runs(folders, counted, monkeypatch, before):
    write_lesson(folders["notebooks"] / "00_a.ipynb")
    monkeypatch.delenv("COURSE_BUILD", raising=False)
    if before:
        monkeypatch.setenv("COURSE_BUILD", before)
    monkeypatch.chdir(folders["build"].parent)
    pretend, seen = course.run_lesson, []

    def look(*arguments, **named):
        seen.append(os.environ["COURSE_BUILD"])
        return pretend(*arguments, **named)

    monkeypatch.setattr(course, "run_lesson", look)
    course.run("smoke", notebooks=folders["notebooks"], build="build")
    assert seen == [str(folders["build"].resolve())]
    assert os.environ.get("COURSE_BUILD") == before


# What is kept, and what runs again


def test_run_keeps_finished_lessons(folders, counted):
    write_lesson(folders["notebooks"] / "00_a.ipynb")
    first = course.run("smoke", **folders)
    assert course.run("smoke", **folders) == first
    assert counted == ["00_a"]


def test_run_runs_a_changed_lesson_again_and_only_that(folders, counted):
    write_lesson(folders["notebooks"] / "00_a.ipynb")
    changed = write_lesson(folders["notebooks"] / "01_b.ipynb", "1 + 1")
    course.run("smoke", **folders)
    write_lesson(changed, "1 + 2")
    course.run("smoke", **folders)
    assert counted == ["00_a", "01_b", "01_b"]


def test_run_runs_a_lesson_again_that_had_to_take_the_stand_in(folders, counted, monkeypatch):
    monkeypatch.delenv("CIFAR10_PATH", raising=False)
    write_lesson(folders["notebooks"] / "00_a.ipynb")
    counts = []
    for asked_for in (None, None, "digits", "digits"):
        if asked_for:
            monkeypatch.setenv("CIFAR10_PATH", asked_for)
        course.run("smoke", **folders)
        summary = folders["build"] / "smoke" / "summary.json"
        text = json.loads(summary.read_text())
        text["lessons"]["00_a"]["data"] = [cifar10.DIGITS]
        summary.write_text(json.dumps(text))
        counts.append(len(counted))
    assert counts == [1, 2, 3, 3]


def test_run_runs_a_failed_lesson_again(folders, counted):
    write_lesson(folders["notebooks"] / "00_a.ipynb")
    course.run("smoke", **folders)
    summary = folders["build"] / "smoke" / "summary.json"
    summary.write_text(summary.read_text().replace('"ok"', '"failed"'))
    course.run("smoke", **folders)
    assert counted == ["00_a", "00_a"]


@pytest.mark.parametrize("suffix", [".ipynb", ".html"])
def test_run_runs_a_lesson_again_whose_result_was_deleted(folders, counted, suffix):
    write_lesson(folders["notebooks"] / "00_a.ipynb")
    course.run("smoke", **folders)
    (folders["build"] / "smoke" / f"00_a{suffix}").unlink()
    course.run("smoke", **folders)
    assert counted == ["00_a", "00_a"]


def test_run_of_one_lesson_keeps_the_records_of_the_others(folders, counted):
    for name in ("00_a", "01_b"):
        write_lesson(folders["notebooks"] / f"{name}.ipynb")
    course.run("smoke", **folders)
    assert list(course.run("smoke", ["01"], **folders)) == ["01_b"]
    assert list(course.read_summary(folders["build"] / "smoke")) == ["00_a", "01_b"]


def test_run_keeps_what_another_run_recorded_meanwhile(folders, counted, monkeypatch):
    for name in ("00_a", "01_b"):
        write_lesson(folders["notebooks"] / f"{name}.ipynb")
    pretend = course.run_lesson

    def meanwhile(path, *rest, **named):
        if path.stem == "00_a":
            course.run("smoke", ["01"], **folders)
        return pretend(path, *rest, **named)

    monkeypatch.setattr(course, "run_lesson", meanwhile)
    course.run("smoke", ["00"], **folders)
    assert list(course.read_summary(folders["build"] / "smoke")) == ["00_a", "01_b"]


def test_run_forgets_lessons_that_are_gone(folders, counted):
    write_lesson(folders["notebooks"] / "00_a.ipynb")
    gone = write_lesson(folders["notebooks"] / "01_b.ipynb")
    course.run("smoke", **folders)
    gone.unlink()
    course.run("smoke", **folders)
    assert list(course.read_summary(folders["build"] / "smoke")) == ["00_a"]
    assert "01_b" not in (folders["build"] / "smoke" / "index.html").read_text()


@pytest.fixture
def fingerprinted(tmp_path, monkeypatch):
    """A lesson, a shared source, and the lesson's fingerprint as a function of the profile."""
    monkeypatch.delenv("CIFAR10_PATH", raising=False)
    path, shared = write_lesson(tmp_path / "00_a.ipynb", "1"), tmp_path / "shared.py"
    shared.write_text("x = 1")
    monkeypatch.setattr(course, "shared_sources", lambda: [shared])
    return path, shared, lambda profile="class": course.fingerprint(path, profile)


def test_fingerprint_ignores_outputs_ids_and_counts(fingerprinted):
    path, _, fingerprint = fingerprinted
    before = fingerprint()
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[-1].update(execution_count=7, id="another")
    notebook.cells[-1].outputs = [nbformat.v4.new_output("stream", text="1\n")]
    nbformat.write(notebook, path)
    assert fingerprint() == before


def test_fingerprint_changes_with_tags_and_prose(fingerprinted):
    path, _, fingerprint = fingerprinted
    seen = {fingerprint()}
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[-1].metadata["tags"] = ["nbval-check-output"]
    nbformat.write(notebook, path)
    seen.add(fingerprint())
    notebook.cells[0].source += " More."
    nbformat.write(notebook, path)
    assert len(seen | {fingerprint()}) == 3


def test_fingerprint_of_what_is_no_notebook_changes_with_its_bytes(fingerprinted):
    path, _, fingerprint = fingerprinted
    seen = set()
    for text in MALFORMED:
        path.write_text(text)
        seen.add(fingerprint())
    assert len(seen) == len(MALFORMED)


def test_fingerprint_changes_with_shared_sources_and_profile(fingerprinted):
    _, shared, fingerprint = fingerprinted
    seen = {fingerprint(), fingerprint("full")}
    shared.write_text("x = 2")
    assert len(seen | {fingerprint()}) == 3


def test_fingerprint_changes_with_the_cifar10_file(fingerprinted, tmp_path, monkeypatch):
    fingerprint, data = fingerprinted[2], tmp_path / "cifar10.npz"
    seen = {fingerprint()}
    monkeypatch.setenv("CIFAR10_PATH", str(data))
    assert fingerprint() in seen, "a file that is not there changes nothing"
    data.write_bytes(b"1")
    os.utime(data, (1, 1))
    seen.add(fingerprint())
    os.utime(data, (2, 2))
    seen.add(fingerprint())
    data.write_bytes(b"12")
    os.utime(data, (2, 2))
    seen.add(fingerprint())
    monkeypatch.setenv("CIFAR10_PATH", "digits")
    assert len(seen | {fingerprint()}) == 5


def test_shared_sources_are_the_library_and_the_lock():
    names = {path.relative_to(course.ROOT).as_posix() for path in course.shared_sources()}
    assert {"lib/__init__.py", "lib/course.py", "lib/datasets.py", "uv.lock"} <= names


# Interrupted, killed, no space


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT to send to one process")
def test_interrupt_stops_the_kernel_and_keeps_what_is_finished(folders, arguments):
    write_lesson(folders["notebooks"] / "00_quick.ipynb")
    marker = folders["notebooks"] / "started"
    write_lesson(
        folders["notebooks"] / "01_endless.ipynb",
        "import time, pathlib\npathlib.Path('started').touch()\ntime.sleep(600)",
    )
    program = (  # an ignored signal is inherited, as from a shell's background job
        "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from lib.course import main; sys.exit(main())"
    )
    runner = subprocess.Popen(
        [sys.executable, "-c", program, *arguments("run", "--profile", "smoke")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        deadline = time.monotonic() + 60
        while not marker.exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        assert marker.exists(), "the second lesson did not start"
        kernels = psutil.Process(runner.pid).children(recursive=True)
        assert kernels
        runner.send_signal(signal.SIGINT)
        printed, noise = runner.communicate(timeout=30)
    finally:
        runner.kill()
    assert runner.returncode == 130
    assert not any(kernel.is_running() for kernel in kernels)
    assert "00_quick" in printed and "01_endless" not in printed and "Interrupted" in printed
    assert "Traceback" not in noise
    names = {path.name for path in (folders["build"] / "smoke").iterdir()}
    assert names == {"00_quick.ipynb", "00_quick.html", "index.html", "summary.json"}
    assert list(course.read_summary(folders["build"] / "smoke")) == ["00_quick"]


def test_interrupt_then_run_again_goes_on(folders, counted, monkeypatch, arguments, capsys):
    for name in ("00_a", "01_b"):
        write_lesson(folders["notebooks"] / f"{name}.ipynb")
    pretend = course.run_lesson

    def interrupted(path, *rest, **named):
        if path.stem == "01_b":
            raise KeyboardInterrupt
        return pretend(path, *rest, **named)

    with monkeypatch.context() as patch:
        patch.setattr(course, "run_lesson", interrupted)
        assert course.main(arguments("run")) == 130
    assert "00_a" in capsys.readouterr().out
    assert course.main(arguments("run")) == 0
    assert counted == ["00_a", "01_b"]


def test_kernel_that_dies_is_a_failed_lesson(folders):
    write_lesson(folders["notebooks"] / "00_dies.ipynb", "import os\nos._exit(1)")
    records = course.run("smoke", **folders)
    assert records["00_dies"]["status"] == "failed"
    assert records["00_dies"]["error"] == "DeadKernelError: Kernel died"


def test_error_without_message_names_its_line(folders):
    write_lesson(folders["notebooks"] / "00_a.ipynb", "x = 1\nassert x == 2")
    records = course.run("smoke", **folders)
    assert records["00_a"]["error"] == "In [3]: AssertionError: assert x == 2"


def test_file_that_is_no_notebook_is_a_failed_lesson(folders):
    (folders["notebooks"] / "00_torn.ipynb").write_text('{"cells": [')
    records = course.run("smoke", **folders)
    assert records["00_torn"]["error"].startswith("NotJSONError: Notebook does not appear")


def test_malformed_notebooks_fail_and_the_others_run(folders):
    for i, text in enumerate(MALFORMED):
        (folders["notebooks"] / f"0{i}_bad.ipynb").write_text(text)
    null = write_lesson(folders["notebooks"] / "07_null.ipynb", "'no source'")
    null.write_text(null.read_text().replace("\"'no source'\"", "null"))
    (folders["notebooks"] / "08_folder.ipynb").mkdir()
    write_lesson(folders["notebooks"] / "09_good.ipynb")
    records = course.run("smoke", **folders)
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
    error = course.run("smoke", **folders)["00_a"]["error"]
    assert error.startswith("FileNotFoundError: ") and str(tmp_path / "python") in error


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
    course.run("smoke", **folders)
    left = {path.name for path in folder.glob(".*")}
    assert left == {f".running-{alive}-x_y", f".summary.json.{alive}.part", ".hidden"}


def test_processes_left_over_are_killed():
    with execution.Processes() as processes:
        command = [sys.executable, "-c", "import time; x = bytes(10**6); time.sleep(60)"]
        child = subprocess.Popen(command)
        time.sleep(0.5)
    assert not psutil.pid_exists(child.pid)
    assert 1 < processes.peak_mb < 100


def test_build_folder_that_is_a_file_is_one_clear_error(folders, arguments, counted, capsys):
    write_lesson(folders["notebooks"] / "00_a.ipynb")
    folders["build"].write_text("in the way")
    assert course.main(arguments("run", "--profile", "smoke")) == 2
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

    monkeypatch.setattr(execution.os, "replace", refuse)
    assert course.main(arguments("run", "--profile", "smoke")) == 2
    message = capsys.readouterr().err.splitlines()[-1]
    folder = folders["build"] / "smoke"
    assert f"error: cannot write {folder / 'summary.json'}: {os.strerror(number)}." in message
    assert list(course.read_summary(folder)) == ["00_a"]
    assert not list(folder.glob(".*")), "no half file stays behind"


def test_disk_that_fills_while_a_lesson_runs_is_one_clear_error(folders, arguments, monkeypatch):
    import papermill.iorw

    write_lesson(folders["notebooks"] / "00_a.ipynb")

    def refuse(self, buffer, path):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)

    monkeypatch.setattr(papermill.iorw.LocalHandler, "write", refuse)
    with pytest.raises(course.CourseError, match="cannot write .*No space left on device"):
        course.run("smoke", **folders)
    assert not list((folders["build"] / "smoke").glob(".*"))


def test_write_atomically_leaves_the_old_file_when_it_fails(tmp_path, monkeypatch):
    path = tmp_path / "a.txt"
    execution.write_atomically(path, "old")
    with pytest.raises(UnicodeEncodeError):
        execution.write_atomically(path, "new \ud800")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_write_atomically_lets_two_processes_write_one_file(tmp_path, monkeypatch):
    path, replace = tmp_path / "a.txt", os.replace

    def other_first(source, target):
        with monkeypatch.context() as patch:
            patch.setattr(execution.os, "replace", replace)
            patch.setattr(execution.os, "getpid", lambda: -1)
            execution.write_atomically(path, "other")
        replace(source, target)

    monkeypatch.setattr(execution.os, "replace", other_first)
    execution.write_atomically(path, "own")
    assert path.read_text() == "own"
    assert list(tmp_path.iterdir()) == [path]


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
    assert course.main(arguments("run", "--profile", "smoke")) == 2
    message = capsys.readouterr().err
    assert message == f"error: {path} is damaged: delete it and run again.\n"


# Unknown names


def test_unknown_profile_names_the_legal_ones(folders, arguments, capsys):
    write_lesson(folders["notebooks"] / "00_a.ipynb")
    assert course.main(arguments("run", "--profile", "quick")) == 2
    message = capsys.readouterr().err
    assert message == "error: PROFILE='quick' is unknown: choose one of smoke, class, full.\n"


def test_unknown_lesson_names_the_legal_ones(folders, arguments, capsys):
    write_lesson(folders["notebooks"] / "00_a.ipynb")
    assert course.main(arguments("run", "--lessons", "00", "17")) == 2
    assert capsys.readouterr().err == "error: no lesson 17: choose from 00.\n"


def test_folder_without_lessons_is_an_error(folders, arguments, capsys):
    write_lesson(folders["notebooks"] / "notes.ipynb")
    assert course.main(arguments("run")) == 2
    assert "error: no lesson NN_name.ipynb in" in capsys.readouterr().err


def test_find_lessons_by_number_or_name_in_order(tmp_path):
    for number in (7, 3, 11, 0, 5, 2, 9, 1, 10, 4, 8, 6):
        write_lesson(tmp_path / f"{number:02}_a.ipynb")
    numbers = [path.stem[:2] for path in course.find_lessons(tmp_path)]
    assert numbers == [f"{n:02}" for n in range(12)]
    names = [path.stem for path in course.find_lessons(tmp_path, ["09", "02_a"])]
    assert names == ["02_a", "09_a"]


# Reports


def test_index_page_lists_and_escapes():
    verdicts = [{"claim": "a < b", "verdict": "undecided", "evidence": "n = 2"}]
    page = report.index_page(
        "class",
        {
            "00_a": record(verdicts=verdicts, data=["blobs & more"]),
            "01_b": record(status="failed", error="In [2]: KeyError: <x>"),
        },
    )
    assert '<html lang="en">' in page and "<caption>" in page and '<th scope="col">' in page
    assert '<a href="00_a.html">00 A lesson</a>' in page and 'href="00_a.ipynb"' in page
    assert "? <b>undecided</b>: a &lt; b" in page and "blobs &amp; more" in page
    assert "Failed: In [2]: KeyError: &lt;x&gt;" in page
    assert "2 lessons run, 1 failed" in page


def test_closing_table_aligns_numbers():
    lines = report.closing_table({"00_a": record(), "01_long": record(seconds=7.0)}).splitlines()
    assert lines[2] == "00_a        61.0      412  none      none"
    assert lines[3] == "01_long      7.0      412  none      none"


@pytest.mark.parametrize(
    "prose",
    [
        "**Learning objectives**\n\n- Count to three.\n- Count on.",
        "## Objectives\n* Count to three\n* Count on",
        "Learning objectives. After this lesson you can:\n\n1. Count to three;\n2. count on.",
        "## Learning objectives\n\nAfter this lesson you can\n\n- Count to three",
    ],
)
def test_objective_is_the_first_item_of_the_list(prose):
    notebook = new_notebook(
        cells=[new_markdown_cell("# T\n\n- not this"), new_markdown_cell(prose)]
    )
    assert report.objective(notebook) == "Count to three"


README = """# The course

<!-- lessons:begin -->
| old |
<!-- lessons:end -->

<!-- links:begin -->
[binder-badge]: https://mybinder.org/badge_logo.svg
[binder]: https://mybinder.org/v2/gh/jane/course/HEAD
[binder-07]: https://mybinder.org/v2/gh/jane/course/HEAD?labpath=notebooks%2F07_gone.ipynb
<!-- links:end -->
"""


def save_class_run(folders, **records):
    """Save records of a run in profile class; their fingerprints are those of the lessons."""
    for path in course.find_lessons(folders["notebooks"]):
        if path.stem in records:
            records[path.stem]["fingerprint"] = course.fingerprint(path, "class")
    course.save_summary(folders["build"] / "class", "class", records)


@pytest.fixture
def table(folders, arguments, tmp_path):
    """A README, and a function that writes the lesson table into it; it returns the status."""
    readme = tmp_path / "README.md"
    readme.write_text(README)
    return readme, lambda: course.main(arguments("table", "--readme", str(readme)))


def test_table_writes_what_was_measured(folders, table):
    write_lesson(folders["notebooks"] / "00_a.ipynb")
    write_lesson(folders["notebooks"] / "01_b.ipynb", intro="# 01 · B | C\n\nobjectives\n- R | y")
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
        f"[binder]: {hub}\n"
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
    text = course.README.read_text(encoding="utf-8")
    rows = re.findall(r"^\| \[.*\]\(notebooks/(\w+)\.ipynb\) \|.*?\|(.*?)\|(.*?)\|", text, re.M)
    lessons = [path.stem for path in course.find_lessons(course.NOTEBOOKS)]
    assert [name for name, _, _ in rows] == lessons
    for name, minutes, memory in rows:
        assert minutes.strip() and memory.strip(), f"{name} is not measured: do `make table`"
        assert float(minutes) > 0
        assert 0 < int(memory.removesuffix(" MB ")) <= 1500, f"{name} takes {memory}"
