"""Lesson 00's look at the set-up: what it finds, what it advises, and what it leaves alone."""

import subprocess
import sys
from importlib import metadata

import numpy as np
import psutil
import pytest
from IPython.utils.capture import capture_output
from small_lessons import write_lesson

from lib.course import setup
from lib.files import ROOT

LOCK = setup.read_lock(ROOT / "uv.lock")


def small_lock(**versions):
    """A lock of a course with these packages."""
    return {
        "requires-python": ">=3.11, <3.14",
        "package": [
            {
                "name": "the-course",
                "source": {"editable": "."},
                "dependencies": [{"name": name} for name in versions],
            },
            *({"name": name, "version": version} for name, version in versions.items()),
        ],
    }


def test_checks_start_neither_keras_nor_the_engine():
    code = (
        "import sys; from lib.course.setup import checks; found = checks(); "
        "print(len(found), *[m for m in ('tensorflow', 'keras', 'numba') if m in sys.modules])"
    )
    command = [sys.executable, "-c", code]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert said.split() == ["5"]


@pytest.mark.parametrize(
    ("version", "ready"), [("3.11.7", "yes"), ("3.13.0", "yes"), ("3.10.9", "no"), ("3.14.1", "no")]
)
def test_check_python(version, ready):
    found = setup.check_python(LOCK, version)
    assert found.ready == ready and (f"Python {version} is not" in found.advice) == (ready == "no")


def test_locked_versions_are_those_of_this_system():
    locked = setup.locked_versions(LOCK)
    assert {"numpy", "keras", "numba"} <= set(locked) and "lmfit" not in locked
    assert len({"tensorflow", "tensorflow-cpu"} & set(locked)) == 1


def test_locked_versions_take_the_version_for_this_python():
    lock = small_lock(one="1.0")
    course, one = lock["package"]
    course["dependencies"] = [
        {"name": "one", "version": "1.0", "marker": "python_full_version >= '3'"},
        {"name": "one", "version": "2.0", "marker": "python_full_version < '3'"},
    ]
    lock["package"].append(one | {"version": "2.0"})
    assert setup.locked_versions(lock) == {"one": "1.0"}


def test_check_packages_names_what_is_missing_and_what_differs():
    same = metadata.version("numpy")
    assert setup.check_packages(small_lock(numpy=same)).ready == "yes"
    found = setup.check_packages(small_lock(numpy="0.1", pandas=metadata.version("pandas")))
    assert (found.ready, found.found) == ("differs", "1 of 2 as in the lock")
    assert f"numpy {same} instead of 0.1" in found.advice and "make setup" in found.advice
    found = setup.check_packages(small_lock(numpy="0.1", nowhere="1.0"))
    assert found.ready == "no" and "missing: nowhere. To repair" in found.advice
    assert setup.check_packages(setup.read_lock(ROOT / "no.lock")).ready == "unknown"


def test_checks_stop_where_a_package_is_missing(monkeypatch):
    monkeypatch.setattr(setup, "read_lock", lambda path: small_lock(nowhere="1.0"))
    assert [one.what for one in setup.checks()] == ["Python", "packages"]


# Memory


def write_group(folder, limit, used, reclaimable, old=False):
    """A control group's files."""
    names = ("limit_in_bytes", "usage_in_bytes") if old else ("max", "current")
    folder.mkdir(parents=True, exist_ok=True)
    for name, value in zip(names, (limit, used), strict=True):
        (folder / f"memory.{name}").write_text(f"{value}\n")
    kind = "total_inactive_file" if old else "inactive_file"
    (folder / "memory.stat").write_text(f"anon 1\n{kind} {reclaimable}\n")


def write_own(root, text):
    """What a process reads about its own groups."""
    (root / "proc/self").mkdir(parents=True)
    (root / "proc/self/cgroup").write_text(text)


def test_container_memory_reads_new_groups_up_to_the_top(tmp_path):
    write_own(tmp_path, "0::/pod/one\n")
    top = tmp_path / "sys/fs/cgroup"
    write_group(top / "pod/one", "max", 50, 10)
    write_group(top / "pod", 2000, 700, 200)
    assert setup.container_memory(tmp_path) == [(2000, 500)]


def test_container_memory_reads_old_groups_mounted_as_the_top(tmp_path):
    write_own(tmp_path, "4:memory:/docker/abc\n1:cpu:/docker/abc\n0::/\n")
    write_group(tmp_path / "sys/fs/cgroup/memory", 3000, 900, 100, old=True)
    assert setup.container_memory(tmp_path) == [(3000, 800)]


def test_container_memory_of_a_system_without_groups_is_none(tmp_path):
    assert setup.container_memory(tmp_path) == []


@pytest.mark.parametrize(
    ("groups", "found", "ready"),
    [
        ([], "6.0 GB free of 8.0 GB", "yes"),
        ([(2 * 2**30, 2**29)], "1.5 GB free of 2.0 GB", "yes"),
        ([(2 * 2**30, 2**30), (4 * 2**30, 2**30)], "1.0 GB free of 2.0 GB", "tight"),
        ([(2**30, 2**31)], "0.0 GB free of 1.0 GB", "tight"),
        ([(2**62, 0)], "6.0 GB free of 8.0 GB", "yes"),  # how an old group says "no limit"
    ],
)
def test_check_memory_takes_the_tightest_limit(monkeypatch, groups, found, ready):
    machine = type("Memory", (), {"total": 8 * 2**30, "available": 6 * 2**30})
    monkeypatch.setattr(psutil, "virtual_memory", lambda: machine)
    monkeypatch.setattr(setup, "container_memory", lambda: groups)
    got = setup.check_memory()
    assert (got.found, got.ready) == (found, ready)
    assert ("shut down" in got.advice) == (ready == "tight")


@pytest.mark.parametrize(("n", "ready"), [(1, "slow"), (2, "yes"), (16, "yes")])
def test_check_cores_counts_what_this_process_may_use(monkeypatch, n, ready):
    monkeypatch.setattr("joblib.cpu_count", lambda: n)
    found = setup.check_cores()
    assert (found.found, found.ready) == (str(n), ready)
    assert ("longer" in found.advice) == (ready == "slow")


# Data and lessons


@pytest.mark.parametrize(
    ("own", "found", "ready"),
    [
        ("here.npz", "the file that CIFAR10_PATH names", "yes"),
        ("~/here.npz", "the file that CIFAR10_PATH names", "yes"),
        ("gone.npz", "CIFAR10_PATH names no copy", "no"),
        (".", "CIFAR10_PATH names no copy", "no"),
        ("https://example.com/cifar10.npz", "CIFAR10_PATH names no copy", "no"),
        ("digits", "digits in its place, as CIFAR10_PATH asks", "yes"),
    ],
)
def test_check_photographs_with_cifar10_path(monkeypatch, tmp_path, own, found, ready):
    monkeypatch.chdir(tmp_path)
    np.savez("here.npz", x=0)
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("CIFAR10_PATH", own)
    got = setup.check_photographs()
    assert (got.found, got.ready, bool(got.advice)) == (found, ready, ready == "no")


def test_check_photographs_without_cifar10_path(monkeypatch, tmp_path):
    monkeypatch.delenv("CIFAR10_PATH", raising=False)
    for name in ("COURSE_CACHE", "KERAS_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    assert "fetches 170 MB" in setup.check_photographs().found
    (tmp_path / "datasets").mkdir()
    (tmp_path / "datasets" / "cifar-10-batches-py.tar.gz").touch()
    assert "in Keras' cache" in setup.check_photographs().found
    np.savez(tmp_path / "cifar10.npz", x=0)
    assert setup.check_photographs().found == "in the course's cache"


@pytest.mark.usefixtures("shell")
def test_check_setup_shows_a_table_and_what_there_is_to_do(monkeypatch):
    found = [
        setup.Check("Python", "3.11.7", "3.11"),
        setup.Check("memory", "1 GB", "2 GB", "tight", "Buy some."),
    ]
    monkeypatch.setattr(setup, "checks", lambda: found)
    with capture_output() as said:
        setup.check_setup()
    text = said.outputs[0].data["text/plain"]
    assert "tight" in text and "advice" not in text and "/" not in text
    assert said.stdout == "Buy some.\n"
    monkeypatch.setattr(setup, "checks", lambda: found[:1])
    with capture_output() as said:
        setup.check_setup()
    assert said.stdout == "Everything is ready.\n"


def test_check_setup_without_pandas_prints(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "pandas", None)
    monkeypatch.setattr(
        setup, "checks", lambda: [setup.Check("packages", "1 of 2", "all", "no", "Repair it.")]
    )
    setup.check_setup()
    assert capsys.readouterr().out == "packages: 1 of 2 (needed: all)\nRepair it.\n"


@pytest.mark.usefixtures("shell")
def test_show_lessons_links_to_each_lesson(tmp_path):
    write_lesson(tmp_path / "00_a.ipynb")
    write_lesson(tmp_path / "01_b.ipynb", goal="tell <a> from b", intro="# 01. B & C")
    with capture_output() as said:
        setup.show_lessons(tmp_path)
    (data,) = (one.data for one in said.outputs)
    assert data["text/plain"].splitlines()[1] == "01. B & C: tell <a> from b"
    assert '<a href="01_b.ipynb">01. B &amp; C</a>' in data["text/html"]
    assert "tell &lt;a&gt; from b" in data["text/html"]
