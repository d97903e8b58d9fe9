"""Find CIFAR-10 on this machine, or fetch it; read it safely; only the classes asked for.

The first of these is used: what CIFAR10_PATH names (an `.npz`, the official archive, or `digits`
for the stand-in); the course's cache, in the folder COURSE_CACHE or else `data/cache`; the archive
that Keras keeps; a download, which like every official archive becomes the cache; without a
network, scikit-learn's digits.
"""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..checks import is_whole
from ..files import cache_folder
from .archive import N_ROWS, SHAPE, DataError, is_published, keras_files, make_cache, unpack
from .own_copy import own_copy, refused

CLASS_NAMES = tuple("airplane automobile bird cat deer dog frog horse ship truck".split())
ASK_FOR_DIGITS = "digits"  # what CIFAR10_PATH says to get the stand-in
DIGITS = "digits stand-in (8x8 handwriting, not CIFAR-10)"
# SHA-256 of the bytes of x_test in a copy -> its words; data/README.md describes that copy
WORDS = {"6b309d7b8f755aea6946a7402ab7b9188f88fa7e64c6f74d3e226ebca1d16add": "CIFAR-10 (JPEG copy)"}
CHUNK = 1_000  # photographs read at a time: 3 MB
HOW_TO_GET = (
    "set CIFAR10_PATH to a copy (an .npz, or the official cifar-10-python.tar.gz), or unset it and "
    "connect; then restart the kernel."
)

_announced = set()
_no_network = None  # why; a process tries once, so that all its tasks are of one data set


@dataclass(frozen=True)
class Photos:
    """Photographs of some classes.

    Attributes:
        x_train, x_test: uint8, 0 to 255, (n_rows, 32, 32, 3).
        y_train, y_test: uint8 labels 0 to 9, (n_rows,).
        class_names: of all 10 classes.
        data: which data this is, in words; figures name it.
    """

    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    class_names: tuple[str, ...]
    data: str


def load_photos(classes) -> Photos:
    """Load some classes of CIFAR-10, or of the digits stand-in: original labels, original order.

    Args:
        classes: different whole numbers from 0 to 9, at least one.

    Raises:
        ValueError: for impossible classes.
        DataError: if a copy is there but cannot be used, or a download went wrong.
    """
    global _no_network
    classes = check_classes(classes)
    own = os.environ.get("CIFAR10_PATH")
    if own == ASK_FOR_DIGITS:
        return _digits(classes, "CIFAR10_PATH=digits asks for it.")
    path = _cache()
    if own:
        path, kind = own_copy(own)
        if kind == "archive":
            return _of_archive(own, path, classes)
    elif not os.path.exists(path):
        _no_network = _no_network or make_cache(path)
        if _no_network:
            return _digits(classes, _no_network)
    try:
        return _read(path, classes, ours=not own)
    except MemoryError:
        raise
    except Exception as error:  # a damaged file can fail in any way
        if own:
            raise refused(own, error) from error
        raise DataError(f"{path} is damaged ({error}): delete it, then load again.") from error


def where() -> str:
    """Where `load_photos` would find photographs, without reading or fetching any.

    Returns:
        "digits" if the stand-in is asked for, "own" for a copy that CIFAR10_PATH names, "cache",
        "keras" for the archive that Keras keeps, or "download".

    Raises:
        DataError: if CIFAR10_PATH names nothing that can be a copy.
    """
    own = os.environ.get("CIFAR10_PATH")
    if own == ASK_FOR_DIGITS:
        return "digits"
    if own:
        own_copy(own)
        return "own"
    if _cache().exists():
        return "cache"
    return "keras" if keras_files() else "download"


def _cache() -> Path:
    return cache_folder() / "cifar10.npz"


def _of_archive(own, path, classes) -> Photos:
    """Read an archive of one's own; the published one becomes the cache, if that can be written."""
    try:
        published = is_published(path)
        if published and (found := _by_cache(path, classes)):
            return found
        with open(path, "rb") as file:
            arrays = unpack(file)
    except (OSError, DataError) as error:
        raise refused(own, error) from error
    words = "CIFAR-10" if published else "CIFAR-10 (local copy)"
    words = WORDS.get(hashlib.sha256(arrays["x_test"]).hexdigest(), words)
    keep = {part: np.isin(arrays[f"y_{part}"], classes) for part in N_ROWS}
    parts = [arrays[f"{axis}_{part}"][keep[part]] for part in N_ROWS for axis in "xy"]
    try:
        return _with_all(Photos(*parts, CLASS_NAMES, words), classes)
    except ValueError as error:
        raise refused(own, error) from error


def check_classes(classes) -> list[int]:
    """The classes as a list, or one clear error.

    >>> check_classes(range(5, 10))
    [5, 6, 7, 8, 9]
    """
    given = list(classes) if np.iterable(classes) else []
    if (
        not given
        or not all(map(is_whole, given))
        or len({*given}) < len(given)
        or not {*given} <= {*range(10)}
    ):
        raise ValueError(f"classes={classes!r}: choose one or more numbers 0 to 9, none twice.")
    return given


def _by_cache(published, classes) -> Photos | None:
    """Let an archive become the cache, and read that; None where that is impossible."""
    try:
        make_cache(_cache(), published)
        return _read(_cache(), classes, ours=True)
    except MemoryError:
        raise
    except Exception:  # no space, or a damaged cache: the archive is unpacked each time
        return None


def _read(path, classes, ours) -> Photos:
    """Read some classes of an .npz file; in memory are their rows and one chunk, no pickle runs."""
    import zipfile

    arrays, pixels = [], hashlib.sha256()
    with zipfile.ZipFile(path) as file:
        for part, n in N_ROWS.items():
            y, dtype = _open(file, f"y_{part}", "whole numbers", (n,), (n, 1))
            y = np.frombuffer(y.read(n * dtype.itemsize), dtype)
            if len(y) < n:
                raise ValueError(f"y_{part} is cut short")
            if y.min() < 0 or y.max() > 9:
                raise ValueError(f"y_{part} holds labels {y.min()} to {y.max()}, not 0 to 9")
            keep = np.isin(y, classes)
            x = np.empty((keep.sum(), *SHAPE), np.uint8)
            photos, _ = _open(file, f"x_{part}", "uint8", (n, *SHAPE))
            for start in range(0, n, CHUNK):
                chunk, here = photos.read(CHUNK * 32 * 32 * 3), keep[start : start + CHUNK]
                if len(chunk) < len(here) * 32 * 32 * 3:
                    raise ValueError(f"x_{part} is cut short")
                if part == "test":
                    pixels.update(chunk)
                rows = np.frombuffer(chunk, np.uint8).reshape(-1, *SHAPE)[here]
                x[keep[:start].sum() :][: len(rows)] = rows
            arrays += [x, y[keep].astype(np.uint8)]
        data = WORDS.get(pixels.hexdigest(), "CIFAR-10 (local copy)")
        if ours:  # it remembers what it was made of
            data = str(np.lib.format.read_array(file.open("data.npy"), allow_pickle=False))
    return _with_all(Photos(*arrays, CLASS_NAMES, data), classes)


def _with_all(photos, classes) -> Photos:
    """The photographs, or one clear error if a class has none."""
    for part, y in (("train", photos.y_train), ("test", photos.y_test)):
        if missing := sorted({*classes} - {*np.unique(y).tolist()}):
            raise ValueError(f"y_{part} has no photograph of class {missing[0]}")
    return photos


def _open(file, key, kind, *shapes):
    """Open an array of an .npz file: its bytes and type, once type and shape are right."""
    stream = file.open(f"{key}.npy")
    readers = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }
    version = np.lib.format.read_magic(stream)
    if version not in readers:
        raise ValueError(f"{key} is of version {version} of NumPy's format, not 1.0 or 2.0")
    shape, by_columns, dtype = readers[version](stream)
    typed = dtype == np.uint8 if kind == "uint8" else dtype.kind in "iu"
    if not typed or shape not in shapes or by_columns:
        found = f"{dtype} {shape}{', stored by columns' * by_columns}"
        raise ValueError(f"{key} is {found}, not {kind} {' or '.join(map(str, shapes))}")
    return stream, dtype


def _digits(classes, reason) -> Photos:
    """Make the stand-in of scikit-learn's digits; a third of the rows of each class is to test."""
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    if reason not in _announced:  # once a process
        print(f"DATA: {DIGITS}\nWhy: {reason}\nFor CIFAR-10: {HOW_TO_GET}")
        _announced.add(reason)
    x, y = load_digits(return_X_y=True)  # (1797, 64), 0 to 16
    x = np.rint(x.reshape(-1, 8, 8, 1) * (255 / 16)).astype(np.uint8)
    x = x.repeat(4, axis=1).repeat(4, axis=2).repeat(3, axis=3)
    arrays = []
    for rows in train_test_split(np.arange(len(y)), test_size=1 / 3, stratify=y, random_state=0):
        rows = np.sort(rows[np.isin(y[rows], classes)])
        arrays += [x[rows], y[rows].astype(np.uint8)]
    return Photos(*arrays, tuple(f"digit {c}" for c in range(10)), DIGITS)
