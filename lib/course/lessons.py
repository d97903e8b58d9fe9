"""Which lessons there are, and what each is made from."""

import hashlib
import json
import os
from pathlib import Path

from ..data.cifar10 import ASK_FOR_DIGITS
from ..files import ROOT
from .errors import CourseError


def find_lessons(notebooks, wanted=()) -> list[Path]:
    """Lessons in their order.

    Args:
        notebooks: a folder with lessons named NN_name.ipynb.
        wanted: numbers or names; all lessons if empty.

    Raises:
        CourseError: if the folder has no lessons, or there is no such lesson.
    """
    found = sorted(p for p in Path(notebooks).glob("[0-9][0-9]_*.ipynb") if p.is_file())
    if not found:
        raise CourseError(f"no lesson NN_name.ipynb in {notebooks}: name another with --notebooks.")
    legal = {path.stem[:2] for path in found} | {path.stem for path in found}
    unknown = [name for name in wanted if name not in legal]
    if unknown:
        numbers = ", ".join(path.stem[:2] for path in found)
        raise CourseError(f"no lesson {', '.join(unknown)}: choose from {numbers}.")
    return [p for p in found if not wanted or p.stem in wanted or p.stem[:2] in wanted]


def n_code_cells(path: Path) -> int:
    """How many cells of a notebook's file papermill executes, the one it injects included."""
    cells = _cells(path) or []  # of what is no notebook none, which running it will tell
    return 1 + sum(kind == "code" and bool(source.strip()) for kind, source, _ in cells)


def _cells(path):
    """Type, source and tags of each cell in a notebook's file; None if they cannot be read."""
    try:
        return [
            (cell["cell_type"], "".join(cell["source"]), cell.get("metadata", {}).get("tags", []))
            for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]
        ]
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def fingerprint(path: Path, profile: str) -> str:
    """A hash of all that a lesson's result is made from.

    The notebook's cells (sources and tags, not outputs; the whole file if it holds no cells), what
    `shared_sources` lists, the profile, and which file CIFAR10_PATH names (its path, size and time
    of change), or that it asks for the stand-in.
    """
    cells = _cells(path)
    parts = [profile, _hash(path) if cells is None else cells]
    parts += [[os.path.relpath(source, ROOT), _hash(source)] for source in shared_sources()]
    cifar10 = os.environ.get("CIFAR10_PATH")
    if cifar10 == ASK_FOR_DIGITS:
        parts.append(cifar10)
    elif cifar10 and os.path.exists(cifar10 := os.path.expanduser(cifar10)):
        status = os.stat(cifar10)
        parts.append([os.path.abspath(cifar10), status.st_size, status.st_mtime_ns])
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _hash(path):
    """A hash of a file's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def shared_sources() -> list[Path]:
    """The files that every lesson depends on: `lib`, the lock, recorded studies, base models."""
    folders = ROOT / "lib", ROOT / "data" / "reference", ROOT / "data" / "models"
    files = [ROOT / "uv.lock", *(path for folder in folders for path in folder.rglob("*"))]
    return sorted(path for path in files if path.is_file() and "__pycache__" not in path.parts)
