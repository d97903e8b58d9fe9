"""Kept results: read back, never reused after a change, lost to no fault."""

import errno
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from importlib import metadata

import numpy as np
import pytest

from lib import files
from lib.data import blobs
from lib.experiments import batches, resume
from lib.experiments.arms import PUBLISHED_ARMS, SCRATCH, Arm, Phase

SOURCE, TARGET = blobs(1), blobs(2)
LABELS = ["from scratch", "fixed=0", "fixed=1", "fixed=2"]


@pytest.fixture(scope="module")
def bases():
    return batches.train_bases(SOURCE, 3, n_epochs=2).weights


@pytest.fixture(autouse=True)
def told(monkeypatch):
    """What this process has said already: nothing."""
    monkeypatch.setattr(resume, "_told", set())


def run(folder, bases, arms=PUBLISHED_ARMS, **options):
    return resume.run_or_resume(folder, arms, TARGET, bases, 2, 2, **options)


def test_run_or_resume_reads_back_what_is_there(tmp_path, bases, monkeypatch, capsys):
    first = run(tmp_path, bases)
    monkeypatch.setattr(resume, "run_arms", lambda *_: pytest.fail("computed again"))
    again = run(tmp_path, bases)
    for label, curves in first.items():
        np.testing.assert_array_equal(curves, again[label])
    assert capsys.readouterr().out == ""


def test_run_or_resume_goes_on_after_an_interrupt(tmp_path, bases, monkeypatch):
    real, calls = batches.run_arms, []

    def interrupted(arms, *rest):
        calls.append(arms[0].label)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return real(arms, *rest)

    monkeypatch.setattr(resume, "run_arms", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, bases)
    assert list(run(tmp_path, bases)) == LABELS
    assert calls == ["from scratch", "fixed=0", "fixed=1", "fixed=1", "fixed=2"]


def test_run_or_resume_refuses_labels_that_repeat(tmp_path, bases):
    with pytest.raises(ValueError, match="repeat"):
        run(tmp_path, bases, [SCRATCH, SCRATCH])


# The key


def test_run_or_resume_computes_anew_for_another_seed_base_or_arm(tmp_path, bases):
    run(tmp_path, bases)
    n_files = len(list(tmp_path.iterdir()))
    run(tmp_path, bases, first_seed=1)
    run(tmp_path, [(kernel + 1, bias) for kernel, bias in bases])
    run(tmp_path, bases, [Arm("from scratch", phases=(Phase(0, 0.02),))])
    assert (n_files, len(list(tmp_path.iterdir()))) == (4, 4 + 4 + 4 + 1)


@pytest.fixture
def n_files(tmp_path, bases, monkeypatch):
    """Run one arm, which takes no training here, and count the files that are kept then."""

    def pretend(arms, target, bases, n_refits, n_epochs, first_seed):
        return {arms[0].label: np.zeros((3, n_refits, n_epochs + 1), "float32")}

    def count(target=TARGET, n_refits=2, n_epochs=2, arm=SCRATCH):
        resume.run_or_resume(tmp_path / "kept", [arm], target, bases, n_refits, n_epochs)
        return len(list((tmp_path / "kept").iterdir()))

    monkeypatch.setattr(resume, "run_arms", pretend)
    return count


def test_run_or_resume_computes_anew_for_another_target_or_number(n_files):
    assert n_files() == n_files() == n_files(n_refits=np.int64(2)) == 1
    assert n_files(arm=Arm("from scratch", phases=(Phase(np.int64(0)),))) == 1
    assert n_files(blobs(3)) == 2
    assert n_files(n_refits=1) == 3
    assert n_files(n_epochs=1) == 4


@pytest.mark.parametrize("part", ["train", "validation", "test"])
@pytest.mark.parametrize("axis", ["x", "y"])
def test_run_or_resume_computes_anew_for_one_other_number_of_the_target(n_files, axis, part):
    n_files()
    array = getattr(TARGET, f"{axis}_{part}").copy()
    array.flat[7] = array.flat[7] + 1 if axis == "x" else (array.flat[7] + 1) % 3
    assert n_files(replace(TARGET, **{f"{axis}_{part}": array})) == 2


@pytest.mark.parametrize("name", ["numpy", "numba", "llvmlite", "tensorflow", "keras"])
def test_run_or_resume_computes_anew_after_a_change_of_a_package(n_files, monkeypatch, name):
    assert n_files() == 1
    real = metadata.version

    def other(package):
        return "0.0" if package.removesuffix("-cpu") == name else real(package)

    monkeypatch.setattr(metadata, "version", other)
    assert n_files() == n_files() == 2


@pytest.mark.parametrize("place", ["data/blobs.py", "networks/lanes.py", "experiments/batches.py"])
def test_run_or_resume_computes_anew_after_a_change_of_code(n_files, monkeypatch, tmp_path, place):
    assert n_files() == 1
    for room in ("data", "networks", "experiments"):
        shutil.copytree(files.ROOT / "lib" / room, tmp_path / "lib" / room)
    monkeypatch.setattr(files, "ROOT", tmp_path)
    assert n_files() == 1  # the same code in another place
    with open(tmp_path / "lib" / place, "a") as file:
        file.write("# other code\n")
    assert n_files() == 2


# Faults


def test_run_or_resume_computes_a_damaged_file_again_and_says_so_once(tmp_path, bases, capsys):
    first = run(tmp_path, bases)
    for path in tmp_path.iterdir():
        path.write_bytes(path.read_bytes()[:60])
    again = run(tmp_path, bases)
    np.testing.assert_array_equal(first["fixed=1"], again["fixed=1"])
    said = capsys.readouterr().out
    assert said.startswith(f"In {tmp_path.name}, ") and said.count("\n") == 1
    assert "cannot be read (damaged): its arm is trained anew." in said
    run(tmp_path, bases)  # whole again
    assert capsys.readouterr().out == ""


def test_run_or_resume_reads_no_flipped_byte_as_a_result(tmp_path, bases, n_files):
    n_files()
    (path,) = (tmp_path / "kept").iterdir()
    whole = path.read_bytes()
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x21]) + whole[place + 1 :])
        found = resume._read(path, (3, 2, 3))
        assert found is None or not found.any()


def test_run_or_resume_unpickles_nothing(tmp_path, bases):
    run(tmp_path, bases, [SCRATCH])
    (path,) = tmp_path.iterdir()
    np.savez(path, accuracy=np.array([{"a": 1}], dtype=object))
    assert run(tmp_path, bases, [SCRATCH])["from scratch"].dtype == "float32"


@pytest.mark.parametrize("wrong", [np.zeros((3, 2, 9), "float32"), np.zeros((3, 2, 3))])
def test_run_or_resume_computes_anew_where_a_file_holds_something_else(tmp_path, bases, wrong):
    first = run(tmp_path, bases, [SCRATCH])["from scratch"]
    (path,) = tmp_path.iterdir()
    np.savez(path, accuracy=wrong)
    np.testing.assert_array_equal(run(tmp_path, bases, [SCRATCH])["from scratch"], first)


def test_run_or_resume_on_a_full_disk_loses_nothing(tmp_path, bases, monkeypatch, capsys):
    real, n_written = np.savez, []

    def full(file, **arrays):
        n_written.append(1)
        if len(n_written) >= 2:
            file.write(b"half")
            raise OSError(errno.ENOSPC, "No space left on device")
        real(file, **arrays)

    monkeypatch.setattr(np, "savez", full)
    assert list(run(tmp_path, bases)) == LABELS
    assert len(list(tmp_path.iterdir())) == 1  # the whole file of the first arm, nothing partial
    run(tmp_path, bases)
    assert capsys.readouterr().out == (
        f"In {tmp_path.name}, results cannot be kept (No space left on device): the run goes on, "
        "but after an interrupt it starts anew.\n"
    )


@pytest.mark.parametrize("place", ["folder", "file/folder"])
def test_run_or_resume_where_no_folder_can_be_made(tmp_path, bases, monkeypatch, capsys, place):
    (tmp_path / "file").write_text("not a folder")

    def read_only(*args, **options):
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(resume.Path, "mkdir", read_only)
    for _ in range(2):
        results = run(tmp_path / place, bases, [SCRATCH])
        assert results["from scratch"].shape == (3, 2, 3)
    said = capsys.readouterr().out
    assert said.startswith("In folder, results cannot be kept (Read-only file system): ")
    assert said.count("\n") == 1


def test_run_or_resume_where_the_folder_is_a_file(tmp_path, bases, capsys):
    (tmp_path / "file").write_text("not a folder")
    assert list(run(tmp_path / "file", bases, [SCRATCH])) == ["from scratch"]
    assert "In file, results cannot be kept (File exists)" in capsys.readouterr().out
    assert (tmp_path / "file").read_text() == "not a folder"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="may write anywhere")
def test_run_or_resume_in_a_folder_that_is_read_only(tmp_path, bases, capsys):
    tmp_path.chmod(0o500)
    try:
        assert list(run(tmp_path, bases)) == LABELS
    finally:
        tmp_path.chmod(0o700)
    assert "results cannot be kept (Permission denied)" in capsys.readouterr().out


def test_run_or_resume_sweeps_up_what_a_killed_run_left(tmp_path, bases):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    (tmp_path / f".0123456789abcdef.{ended.pid}.part.npz").write_bytes(b"half")
    (tmp_path / "mine.txt").touch()
    run(tmp_path, bases, [SCRATCH])
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".npz", ".txt"]
    (tmp_path / f".0123456789abcdef.{ended.pid}.part.npz").write_bytes(b"half")
    run(tmp_path, bases, [SCRATCH])  # also where nothing is left to keep
    assert len(list(tmp_path.iterdir())) == 2
