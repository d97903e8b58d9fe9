"""`python -m lib.course` from the outside: one whole run, an interrupt, names that do not exist."""

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
from small_lessons import fact, verdict, write_lesson

from lib.course import command, run
from lib.course.records import read_summary


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
    assert lines[0].split() == ["lesson", "seconds", "peak", "MB", "verdicts"]
    row = next(line for line in lines if line.startswith("00_good"))
    assert row.endswith("1 holds, 1 does not hold")
    assert "    data: blobs" in lines
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


def test_run_tells_how_far_it_is_and_nothing_else_on_stderr(one_run):
    lines = one_run["finished"].stderr.splitlines()
    told = [(r"00_good: ok", 1), (r"01_bad: failed", 2), (r"02_big: ok", 3)]
    assert len(lines) == len(told), lines
    for line, (outcome, n) in zip(lines, told, strict=True):
        state = rf"{n} of 3 lessons done, \d:\d\d min"
        assert re.fullmatch(rf"{outcome}, [\d.]+ s \({state}\)", line), line


def test_run_leaves_nothing_half_written(one_run):
    names = {path.name for path in one_run["folder"].iterdir()}
    lessons = {f"{n}{s}" for n in one_run["records"] for s in (".ipynb", ".html")}
    assert names == lessons | {"index.html", "summary.json"}


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        ("lib.course", {"tensorflow", "keras", "papermill", "ipywidgets", "matplotlib", "IPython"}),
        ("lib.course.command", {"tensorflow", "keras"}),
    ],
)
def test_import_of_the_room_and_of_the_runner_is_light(module, heavy):
    code = f"import sys, {module}; print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


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
        "from lib.course.command import main; sys.exit(main())"
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
    assert list(read_summary(folders["build"] / "smoke")) == ["00_quick"]


def test_interrupt_while_the_runner_starts_is_no_traceback(tmp_path):
    (tmp_path / "papermill.py").write_text("raise KeyboardInterrupt")
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-m", "lib.course", "run"],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "Interrupted.\n")


def test_interrupt_then_run_again_goes_on(folders, counted, monkeypatch, arguments, capsys):
    for name in ("00_a", "01_b"):
        write_lesson(folders["notebooks"] / f"{name}.ipynb")
    pretend = run.run_lesson

    def interrupted(path, *rest, **named):
        if path.stem == "01_b":
            raise KeyboardInterrupt
        return pretend(path, *rest, **named)

    with monkeypatch.context() as patch:
        patch.setattr(run, "run_lesson", interrupted)
        assert command.main(arguments("run")) == 130
    assert "00_a" in capsys.readouterr().out
    assert command.main(arguments("run")) == 0
    assert counted == ["00_a", "01_b"]


def test_unknown_profile_names_the_legal_ones(folders, arguments, capsys):
    write_lesson(folders["notebooks"] / "00_a.ipynb")
    assert command.main(arguments("run", "--profile", "quick")) == 2
    message = capsys.readouterr().err
    assert message == "error: PROFILE='quick' is unknown: choose one of smoke, class, full.\n"


def test_unknown_lesson_names_the_legal_ones(folders, arguments, capsys):
    write_lesson(folders["notebooks"] / "00_a.ipynb")
    assert command.main(arguments("run", "--lessons", "00", "17")) == 2
    assert capsys.readouterr().err == "error: no lesson 17: choose from 00.\n"


@pytest.mark.parametrize("minutes", ["0", "-1", "nan"])
def test_time_limit_that_is_none_is_one_clear_error(folders, arguments, capsys, minutes):
    write_lesson(folders["notebooks"] / "00_a.ipynb")
    assert command.main(arguments("run", f"--timeout={minutes}")) == 2
    message = capsys.readouterr().err
    assert message == f"error: --timeout {minutes} is no time: choose minutes above 0.\n"


def test_folder_without_lessons_is_an_error(folders, arguments, capsys):
    write_lesson(folders["notebooks"] / "notes.ipynb")
    assert command.main(arguments("run")) == 2
    assert "error: no lesson NN_name.ipynb in" in capsys.readouterr().err
