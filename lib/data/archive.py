"""Fetch the published archive of CIFAR-10, check it, and unpack it without running its pickles."""

import contextlib
import hashlib
import os
import pickle
import shutil
from pathlib import Path

import numpy as np

from .download import fetch

URL = "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz"
SHA256 = "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce"  # as Keras states it
N_ROWS = {"train": 50_000, "test": 10_000}
SHAPE = (32, 32, 3)
MOST_BYTES = 400_000_000  # of all files in the archive; its photographs have 184 million
# all that the pickled batches may name; the two modules are NumPy 1's and 2's
ARRAY_PARTS = {("numpy", "ndarray"), ("numpy", "dtype")}
ARRAY_PARTS |= {(f"numpy.{core}.multiarray", "_reconstruct") for core in ("core", "_core")}
ENDS = "an .npz nor the official cifar-10-python.tar.gz"
OTHERWISE = (
    "set CIFAR10_PATH to a copy (an .npz, or the official cifar-10-python.tar.gz), or "
    "CIFAR10_PATH=digits to go on with the stand-in"
)


class DataError(Exception):
    """A copy of CIFAR-10 that is there but cannot be used, or a download that went wrong."""


class _NoNetworkError(Exception):
    """Nothing answered."""


def make_cache(path: Path, published=None) -> str | None:
    """Make the cache, one process at a time; the reason if it takes a network and there is none.

    Args:
        path: of the cache.
        published: path of the published archive; None looks for it, or fetches it.
    """
    from filelock import FileLock

    unfinished = path.with_suffix(".unfinished")  # a folder
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_suffix(".lock")):
            if os.path.exists(path):  # made by the process that this one waited for
                return None
            try:
                unfinished.mkdir(exist_ok=True)  # a process that was killed left it
                with _open(published) or _keras_archive() or _download(unfinished) as archive:
                    arrays = unpack(archive)
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


def _open(path):
    return path and open(path, "rb")


def is_published(path) -> bool:
    """Whether a file is the published archive, by its checksum."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == SHA256


def keras_files() -> list[Path]:
    """Files in which Keras keeps the archive, Keras 3 and Keras 2, as far as they are there."""
    folder = Path(os.environ.get("KERAS_HOME") or "~/.keras").expanduser() / "datasets"
    names = "cifar-10-batches-py-target_archive", "cifar-10-batches-py.tar.gz"
    return [folder / name for name in names if (folder / name).is_file()]


def _keras_archive():
    """Open the archive that Keras keeps, if it is there and is the published one."""
    for path in keras_files():
        with contextlib.suppress(OSError):  # cannot be read: no error of ours
            if is_published(path):
                return open(path, "rb")


def _download(folder):
    """Open the published archive, fetched into a folder and checked there."""
    import pooch
    from requests.exceptions import RequestException
    from urllib3.exceptions import ConnectTimeoutError, ProxyError

    pooch.get_logger().setLevel("ERROR")  # its messages hold paths of this machine
    try:
        return open(pooch.retrieve(URL, f"sha256:{SHA256}", "tar", folder, downloader=fetch), "rb")
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


def unpack(archive) -> dict[str, np.ndarray]:
    """Read the six batches of an open archive in memory.

    Returns:
        `x_train`, `y_train`, `x_test`, `y_test`, uint8.

    Raises:
        DataError: if it is damaged, lacks a batch, or names anything that is no array.
    """
    import tarfile

    arrays = {f"x_{part}": np.empty((n, *SHAPE), np.uint8) for part, n in N_ROWS.items()}
    arrays |= {f"y_{part}": np.empty(n, np.uint8) for part, n in N_ROWS.items()}
    n = N_ROWS["train"] // 5
    wanted = {f"data_batch_{i + 1}": ("train", slice(i * n, i * n + n)) for i in range(5)}
    wanted["test_batch"] = ("test", slice(None))
    names, n_bytes = [], 0
    try:
        with tarfile.open(fileobj=archive, mode="r:gz") as tar:
            for member in tar:
                names.append(Path(member.name).name)
                n_bytes += member.size
                if n_bytes > MOST_BYTES:
                    raise ValueError(f"its files have more than {MOST_BYTES:,} bytes")
                part, rows = wanted.pop(names[-1], (None, None))
                if part:
                    batch = _ArraysOnly(tar.extractfile(member), encoding="bytes").load()
                    x, y = _rows(batch, n if part == "train" else N_ROWS["test"])
                    arrays[f"x_{part}"][rows], arrays[f"y_{part}"][rows] = x, y
        if wanted:
            other = any(name.endswith((".bin", ".mat")) for name in names)
            other = " (this is the binary or the Matlab version)" if other else ""
            raise ValueError(f"it has no {', '.join(wanted)}{other}")
    except Exception as error:  # a pickle can fail in any way
        raise DataError(f"The archive cannot be read ({error}): {OTHERWISE}.") from error
    return arrays


def _rows(batch, n):
    """Photographs (n, row, column, colour) and labels of a batch, once they are what they are."""
    x, y = np.asarray(batch.pop(b"data")), np.asarray(batch[b"labels"])
    if x.dtype != np.uint8 or x.shape != (n, int(np.prod(SHAPE))):
        raise ValueError(f"a batch holds {x.dtype} {x.shape}, not uint8 {(n, int(np.prod(SHAPE)))}")
    if y.dtype.kind not in "iu" or y.shape != (n,) or y.min() < 0 or y.max() > 9:
        raise ValueError(f"a batch holds other labels than {n} whole numbers from 0 to 9")
    return x.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1), y
