"""A small CIFAR-10: random photographs, and archives such as the published one."""

import io
import os
import pickle
import struct
import tarfile

import numpy as np

from lib.data import archive

SMALL = {"train": 50, "test": 20}  # rows
FULL, PUBLISHED = dict(archive.N_ROWS), archive.URL


def draw(seed=0, rows=SMALL):
    """Random photographs, as many of each class as of any other."""
    rng = np.random.default_rng(seed)
    arrays = {}
    for part, n in rows.items():
        arrays[f"x_{part}"] = rng.integers(0, 256, (n, 32, 32, 3), "uint8")
        arrays[f"y_{part}"] = rng.permutation(np.arange(n) % 10).astype("uint8")
    return arrays


def send(content, status=200, length=None):
    """An answer: these bytes, announced as so many."""

    def answer(handler):
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(content) if length is None else length))
        handler.end_headers()
        handler.wfile.write(content)

    return answer


class Python2Pickler(pickle._Pickler):
    """Writes texts as Python 2 did, in which the published batches were written."""

    dispatch = pickle._Pickler.dispatch.copy()

    def save_text(self, text):
        data = text if isinstance(text, bytes) else text.encode("latin-1")
        self.write(pickle.BINSTRING + struct.pack("<i", len(data)) + data)
        self.memoize(text)

    dispatch[str] = dispatch[bytes] = save_text


def pickled(content):
    file = io.BytesIO()
    Python2Pickler(file, protocol=2).dump(content)
    return file.getvalue().replace(b"numpy._core", b"numpy.core")  # as NumPy 1 named it


def pack(members):
    """A .tar.gz of these files, in the published folder."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as tar:
        for name, content in members.items():
            info = tarfile.TarInfo(f"cifar-10-batches-py/{name}")
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return file.getvalue()


def batches(arrays):
    """The files of the published archive, in an order as mixed as there."""
    n = len(arrays["y_train"]) // 5
    parts = {f"data_batch_{i + 1}": ("train", slice(i * n, i * n + n)) for i in (3, 0, 4, 1, 2)}
    parts["test_batch"] = ("test", slice(None))
    files = {"readme.html": b"<html></html>"}
    for name, (part, rows) in parts.items():
        x, y = arrays[f"x_{part}"][rows], arrays[f"y_{part}"][rows]
        flat = np.ascontiguousarray(x.transpose(0, 3, 1, 2)).reshape(len(x), -1)
        files[name] = pickled({"batch_label": name, "data": flat, "labels": y.tolist()})
    return files


def check(photos, arrays, data, classes=range(10)):
    for part in ("train", "test"):
        keep = np.isin(arrays[f"y_{part}"].reshape(-1), classes)
        x, y = getattr(photos, f"x_{part}"), getattr(photos, f"y_{part}")
        np.testing.assert_array_equal(x, arrays[f"x_{part}"][keep])
        np.testing.assert_array_equal(y, arrays[f"y_{part}"].reshape(-1)[keep])
        assert x.dtype == y.dtype == np.uint8
    assert photos.data == data


def left(tmp_path):
    """What lies in the cache's folder, but for the lock, which is empty and stays."""
    return {path.name for path in (tmp_path / "cache").iterdir()} - {"cifar10.lock"}


def put(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


class Runs:
    """Unpickled freely, it makes a folder."""

    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return os.mkdir, (str(self.mark),)
