"""The repository's folders, files that are there in full or not at all, digests of code.

ROOT            the repository
build_folder()  what lessons and runs write: saved models, results, pages
cache_folder()  what is downloaded or compiled once: CIFAR-10, compiled kernels
"""

import contextlib
import hashlib
import os
import re
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def build_folder() -> Path:
    """Return the folder that lessons write to: saved models, results.

    Returns:
        The absolute path of the folder that the environment variable COURSE_BUILD names, as
        `lib.course` sets it for the lessons it runs; else `build` in the repository; where nothing
        can be written there, as in a folder that many share, `build` in the user's cache. It need
        not exist.

    >>> build_folder().is_absolute()
    True
    """
    default = ROOT / "build"
    return _named("COURSE_BUILD") or (default if _writable(default) else _users_cache("build"))


def cache_folder() -> Path:
    """Return the folder of what is downloaded or compiled once.

    Returns:
        The absolute path of the folder that the environment variable COURSE_CACHE names, else
        `data/cache` in the repository; where that is not there and cannot be made, `cache` in the
        user's cache. It need not exist.
    """
    default = ROOT / "data" / "cache"
    there = default.is_dir() or _writable(default)
    return _named("COURSE_CACHE") or (default if there else _users_cache("cache"))


def _named(variable):
    """The folder that an environment variable names, if it does."""
    name = os.environ.get(variable)
    return Path(name).expanduser().absolute() if name else None


def _writable(folder):
    """Whether one can write in a folder, or make it."""
    there = next(place for place in (folder, *folder.parents) if place.exists())
    return there.is_dir() and os.access(there, os.W_OK | os.X_OK)


def _users_cache(name):
    """A folder in the user's cache, as the system has it."""
    import pooch

    return Path(pooch.os_cache("transfer-learning-measured")).absolute() / name


_COURSE = "lib/files.py", "notebooks/00_start_here.ipynb"


def refuse_another_course(folder: Path | None = None) -> None:
    """Make sure that a folder is not in another copy of the course than this code.

    A kernel imports the `lib` that is installed. In a copy of the course's folder it would run the
    code of the old one, and nobody would see it.

    Args:
        folder: None for the one that the process works in.

    Raises:
        ImportError: if it is.
    """
    if folder is None:
        try:
            folder = Path.cwd()
        except OSError:  # it was deleted
            return
    for place in (folder, *folder.parents):
        if not all((place / name).is_file() for name in _COURSE):
            continue
        if not place.samefile(ROOT):
            raise ImportError(
                f"`lib` comes from {ROOT}, but this is another copy of the course, {place}: "
                "install that one, by `make setup` there (conda, Windows: README.md), and restart "
                "the kernel."
            )
        return


@contextlib.contextmanager
def whole(path: Path):
    """Give a name beside `path` to write to; it becomes `path` when all went well.

    After an error or an interrupt nothing of it is left, and an earlier file is as it was. The name
    ends as that of `path` does (Keras insists on it); what a killed process leaves, `sweep` finds.

    Raises:
        OSError: if it cannot be written.
    """
    path = Path(path)
    part = path.with_name(f".{path.stem}.{os.getpid()}.part{path.suffix}")  # another may write too
    try:
        yield part
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


_LEFTOVER = re.compile(r"\.running-(\d+)-|\..+\.(\d+)\.part(?:\.\w+)?$")


def sweep(folder: Path) -> None:
    """Remove what processes that were killed left half written in a folder and its subfolders.

    That is what `whole` writes to, and folders named `.running-PID-...`. What belongs to another
    process that still runs stays. Call it before this process writes (in a container a new process
    often has the number of the last).

    Args:
        folder: it need not exist; of its subfolders, those directly in it are swept too.
    """
    import psutil

    for path in [*Path(folder).glob(".*"), *Path(folder).glob("*/.*")]:
        match = _LEFTOVER.match(path.name)
        pid = match and int(match[1] or match[2])
        if not match or (pid != os.getpid() and psutil.pid_exists(pid)):
            continue
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def write_atomically(path: Path, text: str) -> None:
    """Write a text file so that it is there in full or not at all.

    Raises:
        OSError: if it cannot be written.
    """
    with whole(path) as part:
        part.write_text(text, encoding="utf-8", newline="\n")


def code_digest(*places: str) -> str:
    """Twelve digits that change with any source file of the course in some places.

    Args:
        places: rooms of `lib`, or files in them, such as "networks" or "experiments/arms.py".

    Raises:
        ValueError: if there is no source at a place.

    >>> len(code_digest("networks", "files.py"))
    12
    """
    found = hashlib.sha256()
    for place in places:
        path = ROOT / "lib" / place
        sources = [path] if path.is_file() else sorted(path.rglob("*.py"))
        if not sources:
            raise ValueError(f"no source at {place!r}: name a room of lib, or a file in one.")
        for source in sources:
            found.update(source.relative_to(ROOT).as_posix().encode() + source.read_bytes())
    return found.hexdigest()[:12]


def package_versions(*names: str) -> dict[str, str]:
    """Versions of packages, for a datasheet or a key; "not installed" where one is missing.

    TensorFlow is found under the name that it has on this system.

    >>> sorted(package_versions("numpy", "tensorflow"))
    ['numpy', 'tensorflow']
    """
    return {name: _version(name) for name in names}


def _version(name: str) -> str:
    from importlib import metadata

    for one in (name, f"{name}-cpu"):
        with contextlib.suppress(metadata.PackageNotFoundError):
            return metadata.version(one)
    return "not installed"
