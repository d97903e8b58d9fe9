"""Files that are there in full or not at all."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lib import files


def test_build_folder_is_in_the_repository_unless_told_otherwise(tmp_path, monkeypatch):
    monkeypatch.delenv("COURSE_BUILD", raising=False)
    assert files.build_folder() == files.ROOT / "build"
    monkeypatch.setenv("COURSE_BUILD", str(tmp_path / "b"))
    assert files.build_folder() == tmp_path / "b"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COURSE_BUILD", "c")
    assert files.build_folder() == tmp_path / "c"


@pytest.fixture
def read_only(tmp_path, monkeypatch):
    """A course folder that one may only read, and a user's cache."""
    course, cache = tmp_path / "course", tmp_path / "users"
    (course / "data").mkdir(parents=True)
    may = os.access
    monkeypatch.setattr(  # a mode does not keep root from writing
        os, "access", lambda path, mode: course not in (path, *path.parents) and may(path, mode)
    )
    monkeypatch.setattr(files, "ROOT", course)
    for variable in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(variable, str(cache))
    for variable in ("COURSE_BUILD", "COURSE_CACHE"):
        monkeypatch.delenv(variable, raising=False)
    return course


def test_folders_of_a_course_that_one_may_only_read_are_in_the_users_cache(read_only):
    for found, name in ((files.build_folder(), "build"), (files.cache_folder(), "cache")):
        assert found.name == name and "transfer-learning-measured" in found.parts
        assert read_only not in found.parents
    (read_only / "build").mkdir()
    assert files.build_folder().parent != read_only, "it is there, but for others"


def test_cache_that_somebody_filled_for_all_is_used(read_only):
    (read_only / "data" / "cache").mkdir()
    assert files.cache_folder() == read_only / "data" / "cache"


def test_folders_that_are_named_are_taken_as_named(read_only, monkeypatch):
    monkeypatch.setenv("HOME", "/home-of-jane")
    monkeypatch.setenv("USERPROFILE", "/home-of-jane")
    monkeypatch.setenv("COURSE_BUILD", "~/b")
    assert files.build_folder() == Path("~/b").expanduser().absolute()


# Which copy of the course


def write_course(root, says=""):
    """A folder that looks like the course: its door, and one lesson."""
    (root / "lib").mkdir(parents=True)
    for name in ("__init__", "files"):
        shutil.copy(files.ROOT / "lib" / f"{name}.py", root / "lib")
    (root / "notebooks").mkdir()
    (root / "notebooks" / "00_start_here.ipynb").write_text(says)
    return root


def import_lib(folder, installed):
    """Import `lib` in a process that works in a folder."""
    return subprocess.run(
        [sys.executable, "-c", "import lib; print(lib.__file__)"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(installed), "PYTHONSAFEPATH": "1"},
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("where", ["", "notebooks", "notebooks/of/mine"])
def test_import_in_a_copy_of_the_course_refuses_the_code_of_the_old_one(tmp_path, where):
    old, new = write_course(tmp_path / "old"), write_course(tmp_path / "new")
    (new / where).mkdir(parents=True, exist_ok=True)
    said = import_lib(new / where, installed=old)
    assert said.returncode != 0
    assert f"`lib` comes from {old.resolve()}, but this is another copy" in said.stderr
    assert str(new.resolve()) in said.stderr and "make setup" in said.stderr
    said = import_lib(new / where, installed=new)
    assert said.stdout.strip() == str(new / "lib" / "__init__.py"), said.stderr


def test_import_works_in_any_other_folder(tmp_path):
    course, project = write_course(tmp_path / "course"), tmp_path / "project"
    for name in ("lib", "notebooks"):  # of somebody's own
        (project / name).mkdir(parents=True)
    inner = write_course(project / "vendor" / "course")  # a course within a project
    assert import_lib(project / "notebooks", installed=course).returncode == 0
    assert import_lib(inner / "notebooks", installed=inner).returncode == 0


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps a folder that is in use")
def test_import_works_in_a_folder_that_is_gone(tmp_path):
    course, gone = write_course(tmp_path / "course"), tmp_path / "gone"
    gone.mkdir()
    code = f"import os, shutil; shutil.rmtree({str(gone)!r}); import lib"
    environment = {**os.environ, "PYTHONPATH": str(course), "PYTHONSAFEPATH": "1"}
    subprocess.run([sys.executable, "-c", code], cwd=gone, env=environment, check=True)


def test_whole_puts_the_file_in_place_when_all_went_well(tmp_path):
    path = tmp_path / "a.txt"
    with files.whole(path) as part:
        part.write_text("new")
        assert not path.exists() and part.parent == path.parent
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_whole_leaves_the_earlier_file_after_an_error(tmp_path, error):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(type(error)), files.whole(path) as part:
        part.write_text("half of the n")
        raise error
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_whole_keeps_the_ending_of_the_name_and_hides_the_rest(tmp_path):
    with files.whole(tmp_path / "a.keras") as part:
        part.touch()
        assert part.suffix == ".keras" and part.name.startswith(".a.")


@pytest.fixture
def ended():
    """The number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_sweep_removes_what_a_killed_writer_left_also_in_subfolders(tmp_path):
    program = (
        "import os, sys; from lib import files\n"
        "for name in sys.argv[1:]:\n"
        "    with files.whole(name) as part:\n"
        "        part.write_text('half')\n"
        "        if name == sys.argv[-1]: os._exit(9)\n"
    )
    (tmp_path / "models").mkdir()
    for name in ("summary.json", "models/base.keras", "no_ending"):
        subprocess.run([sys.executable, "-c", program, str(tmp_path / name)], check=False)
    assert len(list(tmp_path.rglob(".*.part*"))) == 3
    files.sweep(tmp_path)
    assert [path.name for path in tmp_path.rglob("*")] == ["models"]


def test_sweep_leaves_what_running_processes_write_and_what_is_not_ours(tmp_path, ended):
    alive = os.getppid()
    for pid in (ended, alive, os.getpid()):  # an earlier process may have had our number
        (tmp_path / f".running-{pid}-x_y").mkdir()
        (tmp_path / f".running-{pid}-x_y" / "00_a.ipynb").touch()
        (tmp_path / f".summary.json.{pid}.part").touch()
    others = {".hidden", ".a.part", f"a.{ended}.part.json", f".a.{ended}.json", f".a.part.{ended}"}
    for name in others:
        (tmp_path / name).touch()
    files.sweep(tmp_path)
    left = {path.name for path in tmp_path.iterdir()}
    assert left == others | {f".running-{alive}-x_y", f".summary.json.{alive}.part"}


def test_sweep_of_a_folder_that_is_not_there_does_nothing(tmp_path):
    files.sweep(tmp_path / "none")
    (tmp_path / "file").touch()
    files.sweep(tmp_path / "file")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_write_atomically_writes_the_same_bytes_on_every_system(tmp_path):
    files.write_atomically(tmp_path / "a.txt", "é\n")
    assert (tmp_path / "a.txt").read_bytes() == "é\n".encode()


def test_write_atomically_leaves_the_old_file_when_it_fails(tmp_path, monkeypatch):
    path = tmp_path / "a.txt"
    files.write_atomically(path, "old")
    with pytest.raises(UnicodeEncodeError):
        files.write_atomically(path, "new \ud800")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_write_atomically_lets_two_processes_write_one_file(tmp_path, monkeypatch):
    path, replace = tmp_path / "a.txt", os.replace

    def other_first(source, target):
        with monkeypatch.context() as patch:
            patch.setattr(os, "replace", replace)
            patch.setattr(os, "getpid", lambda: -1)
            files.write_atomically(path, "other")
        replace(source, target)

    monkeypatch.setattr(os, "replace", other_first)
    files.write_atomically(path, "own")
    assert path.read_text() == "own"
    assert list(tmp_path.iterdir()) == [path]


def test_cache_folder_is_in_the_repository_unless_told_otherwise(tmp_path, monkeypatch):
    monkeypatch.delenv("COURSE_CACHE", raising=False)
    assert files.cache_folder() == files.ROOT / "data" / "cache"
    monkeypatch.setenv("COURSE_CACHE", "")
    assert files.cache_folder() == files.ROOT / "data" / "cache"
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("COURSE_CACHE", "~/kept")
    assert files.cache_folder() == tmp_path / "kept"


def test_code_digest_changes_with_any_source_in_its_places_only(tmp_path, monkeypatch):
    for place in ("data/task.py", "data/more/deep.py", "files.py", "networks/mlp.py"):
        (tmp_path / "lib" / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "lib" / place).write_text("old")
    monkeypatch.setattr(files, "ROOT", tmp_path)
    before = files.code_digest("data", "files.py")
    assert before == files.code_digest("data", "files.py") and len(before) == 12
    (tmp_path / "lib/networks/mlp.py").write_text("new")
    assert files.code_digest("data", "files.py") == before
    for place in ("data/more/deep.py", "files.py"):
        (tmp_path / "lib" / place).write_text("new")
        assert files.code_digest("data", "files.py") != before
        (tmp_path / "lib" / place).write_text("old")
    (tmp_path / "lib/data/task.py").rename(tmp_path / "lib/data/job.py")
    assert files.code_digest("data", "files.py") != before
    with pytest.raises(ValueError, match="no source at 'dat': name a room of lib"):
        files.code_digest("dat")


def test_package_versions_name_what_is_missing_and_find_tensorflow_by_either_name():
    found = files.package_versions("numpy", "tensorflow", "no-such-package")
    assert found["no-such-package"] == "not installed"
    assert all(found[name][0].isdigit() for name in ("numpy", "tensorflow"))
