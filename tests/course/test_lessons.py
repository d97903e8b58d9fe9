"""Which lessons there are, and what a lesson's fingerprint is made from."""

import os

import nbformat
import pytest
from small_lessons import MALFORMED, write_lesson

from lib.course import lessons
from lib.course.errors import CourseError

SHARED = [
    "uv.lock",
    "lib/files.py",
    "lib/data/blobs.py",
    "lib/course/explorers/cut.py",
    "data/reference/arms.csv",
    "data/models/halves_0.npz",
]


@pytest.fixture
def fingerprinted(tmp_path, monkeypatch):
    """A lesson, its repository, and the lesson's fingerprint as a function of the profile."""
    monkeypatch.delenv("CIFAR10_PATH", raising=False)
    path, root = write_lesson(tmp_path / "00_a.ipynb", "1"), tmp_path / "repository"
    for place in SHARED:
        (root / place).parent.mkdir(parents=True, exist_ok=True)
        (root / place).write_text("1")
    monkeypatch.setattr(lessons, "ROOT", root)
    return path, root, lambda profile="class": lessons.fingerprint(path, profile)


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
    _, root, fingerprint = fingerprinted
    seen = {fingerprint(), fingerprint("full")}
    for place in SHARED:
        (root / place).write_text("2")
        seen.add(fingerprint())
    assert len(seen) == 2 + len(SHARED)


def test_fingerprint_changes_when_a_module_moves_to_another_room(fingerprinted):
    _, root, fingerprint = fingerprinted
    before = fingerprint()
    (root / "lib" / "data_more").mkdir()
    (root / "lib" / "data" / "blobs.py").rename(root / "lib" / "data_more" / "blobs.py")
    assert fingerprint() != before


def test_fingerprint_ignores_compiled_code(fingerprinted):
    _, root, fingerprint = fingerprinted
    before = fingerprint()
    (root / "lib" / "data" / "__pycache__").mkdir()
    (root / "lib" / "data" / "__pycache__" / "blobs.cpython-311.pyc").write_text("1")
    assert fingerprint() == before


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
    names = {path.relative_to(lessons.ROOT).as_posix() for path in lessons.shared_sources()}
    rooms = {"lib/__init__.py", "lib/data/blobs.py", "lib/course/explorers/cut.py"}
    assert rooms | {"uv.lock", "data/models/halves_0.npz"} <= names


def test_find_lessons_by_number_or_name_in_order(tmp_path):
    for number in (7, 3, 11, 0, 5, 2, 9, 1, 10, 4, 8, 6):
        write_lesson(tmp_path / f"{number:02}_a.ipynb")
    numbers = [path.stem[:2] for path in lessons.find_lessons(tmp_path)]
    assert numbers == [f"{n:02}" for n in range(12)]
    names = [path.stem for path in lessons.find_lessons(tmp_path, ["09", "02_a"])]
    assert names == ["02_a", "09_a"]


def test_find_lessons_does_not_mind_a_gap_in_the_numbers(tmp_path):
    for number in (5, 7, 11):
        write_lesson(tmp_path / f"{number:02}_a.ipynb")
    assert [path.stem for path in lessons.find_lessons(tmp_path)] == ["05_a", "07_a", "11_a"]
    with pytest.raises(CourseError, match="no lesson 06: choose from 05, 07, 11."):
        lessons.find_lessons(tmp_path, ["06"])
