"""Find CIFAR-10 on this machine, or fetch it; read it safely; only the classes asked for.

The first of these is used: what CIFAR10_PATH names (an `.npz`, or `digits` for the stand-in); the
course's cache, in the folder COURSE_CACHE or else `data/cache`; the archive that Keras keeps; a
download, which like Keras' archive becomes the cache; without a network, scikit-learn's digits.
"""

import contextlib
import hashlib
import os
import pickle
import shutil
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

CLASS_NAMES = tuple("airplane automobile bird cat deer dog frog horse ship truck".split())
ASK_FOR_DIGITS = "digits"  # what CIFAR10_PATH says to get the stand-in
DIGITS = "digits stand-in (8x8 handwriting, not CIFAR-10)"
URL = "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz"
SHA256 = "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce"  # as Keras states it
# SHA-256 of the bytes of x_test in a copy -> its words; data/README.md describes that copy
WORDS = {"6b309d7b8f755aea6946a7402ab7b9188f88fa7e64c6f74d3e226ebca1d16add": "CIFAR-10 (JPEG copy)"}
N_ROWS = {"train": 50_000, "test": 10_000}
SHAPE = (32, 32, 3)
CHUNK = 1_000  # photographs read at a time: 3 MB
TIMEOUT = (10, 60)  # seconds to connect, seconds without a byte
# all that the pickled batches may name; the two modules are NumPy 1's and 2's
ARRAY_PARTS = {("numpy", "ndarray"), ("numpy", "dtype")}
ARRAY_PARTS |= {(f"numpy.{core}.multiarray", "_reconstruct") for core in ("core", "_core")}
OTHERWISE = "set CIFAR10_PATH to a copy (.npz), or CIFAR10_PATH=digits to go on with the stand-in"
HOW_TO_GET = "set CIFAR10_PATH to a copy (.npz), or unset it and connect; then restart the kernel."

_announced = set()
_no_network = None  # why; a process tries once, so that all its tasks are of one data set


class DataError(Exception):
    """A copy of CIFAR-10 that is there but cannot be used, or a download that went wrong."""


class _NoNetworkError(Exception):
    """Nothing answered."""


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


def load(classes) -> Photos:
    """Load some classes of CIFAR-10, or of the digits stand-in: original labels, original order.

    Args:
        classes: different whole numbers from 0 to 9, at least one.

    Raises:
        ValueError: for impossible classes.
        DataError: if a copy is there but cannot be used, or a download went wrong.
    """
    global _no_network
    classes = _check_classes(classes)
    own = os.environ.get("CIFAR10_PATH")
    if own == ASK_FOR_DIGITS:
        return _digits(classes, "CIFAR10_PATH=digits asks for it.")
    folder = os.environ.get("COURSE_CACHE") or Path(__file__).resolve().parents[1] / "data/cache"
    path = Path(os.path.expanduser(own or folder)) / ("" if own else "cifar10.npz")
    if not own and not os.path.exists(path):
        _no_network = _no_network or _make_cache(path)
        if _no_network:
            return _digits(classes, _no_network)
    try:
        return _read(path, classes, ours=not own)
    except MemoryError:
        raise
    except Exception as error:  # a damaged file can fail in any way
        message = f"{path} is damaged ({error}): delete it, then load again."
        if own:
            message = f"CIFAR10_PATH={own} cannot be used ({error}): {OTHERWISE}."
        raise DataError(message) from error


def _check_classes(classes) -> list[int]:
    """The classes as a list, or one clear error."""
    given = list(classes) if np.iterable(classes) else []
    whole = all(isinstance(c, (int, np.integer)) and not isinstance(c, bool) for c in given)
    if not given or not whole or len({*given}) < len(given) or not {*given} <= {*range(10)}:
        raise ValueError(f"classes={classes!r}: choose one or more numbers 0 to 9, none twice.")
    return given


def _read(path, classes, ours) -> Photos:
    """Read some classes of an .npz file; in memory are their rows and one chunk, no pickle runs."""
    arrays, pixels = [], hashlib.sha256()
    with zipfile.ZipFile(path) as file:
        for part, n in N_ROWS.items():
            y, dtype = _open(file, f"y_{part}", "whole numbers", (n,), (n, 1))
            y = np.frombuffer(y.read(), dtype, n)
            if y.min() < 0 or y.max() > 9:
                raise ValueError(f"y_{part} holds labels {y.min()} to {y.max()}, not 0 to 9")
            keep = np.isin(y, classes)
            x = np.empty((keep.sum(), *SHAPE), np.uint8)
            photos, _ = _open(file, f"x_{part}", "uint8", (n, *SHAPE))
            for start in range(0, n, CHUNK):
                chunk, here = photos.read(CHUNK * 32 * 32 * 3), keep[start : start + CHUNK]
                if part == "test":
                    pixels.update(chunk)
                rows = np.frombuffer(chunk, np.uint8).reshape(-1, *SHAPE)[here]
                x[keep[:start].sum() :][: len(rows)] = rows
            arrays += [x, y[keep].astype(np.uint8)]
        data = WORDS.get(pixels.hexdigest(), "CIFAR-10 (local copy)")
        if ours:  # it remembers what it was made of
            data = str(np.lib.format.read_array(file.open("data.npy"), allow_pickle=False))
    return Photos(*arrays, CLASS_NAMES, data)


def _open(file, key, kind, *shapes):
    """Open an array of an .npz file: its bytes and type, once type and shape are right."""
    stream = file.open(f"{key}.npy")
    np.lib.format.read_magic(stream)
    shape, by_columns, dtype = np.lib.format.read_array_header_1_0(stream)
    typed = dtype == np.uint8 if kind == "uint8" else dtype.kind in "iu"
    if not typed or shape not in shapes or by_columns:
        found = f"{dtype} {shape}{', stored by columns' * by_columns}"
        raise ValueError(f"{key} is {found}, not {kind} {' or '.join(map(str, shapes))}")
    return stream, dtype


def _make_cache(path: Path) -> str | None:
    """Make the cache, one process at a time; the reason if it takes a network and there is none."""
    from filelock import FileLock

    unfinished = path.with_suffix(".unfinished")  # a folder
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_suffix(".lock")):
            if os.path.exists(path):  # made by the process that this one waited for
                return None
            try:
                unfinished.mkdir(exist_ok=True)  # a process that was killed left it
                with _keras_archive() or _download(unfinished) as archive:
                    arrays = _unpack(archive)
                np.savez(unfinished / path.name, data="CIFAR-10", **arrays)
                os.replace(unfinished / path.name, path)
            finally:
                shutil.rmtree(unfinished, ignore_errors=True)
    except _NoNetworkError as error:
        return str(error)
    except OSError as error:
        raise DataError(
            f"{path} could not be written ({error}): free 400 MB there, or name another "
            f"folder with COURSE_CACHE, then load again; or {OTHERWISE}."
        ) from error


def _keras_archive():
    """Open the archive that Keras keeps, if it is there and is the published one."""
    folder = os.path.expanduser(os.environ.get("KERAS_HOME") or "~/.keras")
    for name in ("cifar-10-batches-py-target_archive", "cifar-10-batches-py.tar.gz"):  # Keras 3, 2
        path = os.path.join(folder, "datasets", name)
        with contextlib.suppress(OSError), open(path, "rb") as file:  # not there: no error of ours
            if hashlib.file_digest(file, "sha256").hexdigest() == SHA256:
                return open(path, "rb")


def _download(folder):
    """Open the published archive, fetched into a folder and checked there."""
    import pooch
    from requests.exceptions import RequestException
    from urllib3.exceptions import ConnectTimeoutError, ProxyError

    pooch.get_logger().setLevel("ERROR")  # its messages hold paths of this machine
    get = pooch.HTTPDownloader(progressbar=True, chunk_size=2**16, timeout=TIMEOUT)
    try:
        return open(pooch.retrieve(URL, f"sha256:{SHA256}", "tar", folder, downloader=get), "rb")
    except (RequestException, ValueError) as error:  # pooch raises ValueError for a wrong checksum
        cause = getattr(error.args[0] if error.args else None, "reason", None)
        if isinstance(cause, (ConnectTimeoutError, ProxyError)):  # refused or unknown host, too
            reason = f"no copy here, and {URL} is out of reach ({type(cause).__name__})."
            raise _NoNetworkError(reason) from error
        came = "it is another file (wrong SHA-256): altered, or a web page such as a log-in"
        came = error if isinstance(error, RequestException) else came
        raise DataError(f"No download of {URL}: {came}. Try again later, {OTHERWISE}.") from error


class _ArraysOnly(pickle.Unpickler):
    """Makes NumPy arrays and plain values, and runs no code that the file names."""

    def find_class(self, module, name):
        if (module, name) not in ARRAY_PARTS:
            raise pickle.UnpicklingError(f"{module}.{name} is not part of an array")
        return super().find_class(module, name)


def _unpack(archive) -> dict[str, np.ndarray]:
    """Read the six batches of the open archive in memory."""
    arrays = {f"x_{part}": np.empty((n, *SHAPE), np.uint8) for part, n in N_ROWS.items()}
    arrays |= {f"y_{part}": np.empty(n, np.uint8) for part, n in N_ROWS.items()}
    n = N_ROWS["train"] // 5
    wanted = {f"data_batch_{i + 1}": ("train", slice(i * n, i * n + n)) for i in range(5)}
    wanted["test_batch"] = ("test", slice(None))
    try:
        with tarfile.open(fileobj=archive, mode="r:gz") as tar:
            for member in tar:
                part, rows = wanted.pop(Path(member.name).name, (None, None))
                if part:
                    batch = _ArraysOnly(tar.extractfile(member), encoding="bytes").load()
                    x = batch.pop(b"data").reshape(-1, 3, 32, 32)  # (n, colour, row, column)
                    arrays[f"x_{part}"][rows] = x.transpose(0, 2, 3, 1)
                    arrays[f"y_{part}"][rows] = batch[b"labels"]
        if wanted:
            raise ValueError(f"it has no {', '.join(wanted)}")
    except Exception as error:  # a pickle can fail in any way
        raise DataError(f"The archive cannot be read ({error}): {OTHERWISE}.") from error
    return arrays


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
