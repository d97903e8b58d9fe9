"""Read PyTorch's old weight files without PyTorch, and without running anything in them.

Such a file is a row of pickles: a magic number, a version, the byte order, then a table from names
to places in storages, and the storages' keys; the storages' numbers follow as raw bytes. A pickle
may name functions to call. This one may name four harmless things; every other is refused.
"""

import hashlib
import pickle
from collections import OrderedDict
from pathlib import Path
from typing import NamedTuple

import numpy as np

from .model_faults import ModelFileError

MAGIC, VERSION = 0x1950A86A20F9469CFC6C, 1001
DTYPES = {"FloatStorage": "<f4", "LongStorage": "<i8"}
MOST_BYTES = 1 << 30  # of one array; more is a damaged length


class Place(NamedTuple):
    """Where an array's numbers lie in a storage: first number, shape, steps in numbers."""

    storage: tuple
    offset: int
    shape: tuple
    strides: tuple


def read_torch_file(path, sha256: str | None = None) -> dict[str, np.ndarray]:
    """Read the arrays of a weight file that `torch.save` wrote before PyTorch 1.6.

    Args:
        path: the file.
        sha256: the checksum that the file must have; None accepts any.

    Returns:
        By name, float32 or int64 arrays of their own.

    Raises:
        ModelFileError: if the file is missing, differs from its checksum, is cut short or damaged,
            or names anything besides arrays of these two kinds.
    """
    path = Path(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelFileError(
            f"{path.name} cannot be read ({error.strerror}): install the package or copy the file "
            "that holds it again."
        ) from error
    found = hashlib.sha256(content).hexdigest()
    if sha256 not in (None, found):
        raise ModelFileError(
            f"{path.name} has the checksum {found[:12]}..., but {sha256[:12]}... was expected, so "
            "it is not loaded: it is damaged, or of another network."
        )
    try:
        return _arrays(content)
    except ModelFileError as error:
        raise ModelFileError(f"{path.name} {error}") from error
    except Exception as error:  # a damaged pickle can fail in any way
        raise ModelFileError(
            f"{path.name} is cut short, damaged, or no weight file of PyTorch's old format "
            f"({type(error).__name__}): get it again."
        ) from error


class _Unpickler(pickle.Unpickler):
    """Knows four names, and lets a storage be nothing but its description."""

    def find_class(self, module, name):
        allowed = {
            ("collections", "OrderedDict"): OrderedDict,
            ("torch._utils", "_rebuild_tensor_v2"): _place,
            # plain texts: nothing can be called or altered through them
            **{("torch", kind): kind for kind in DTYPES},
        }
        if (module, name) not in allowed:
            raise ModelFileError(
                f"names {module}.{name}, which is no array of weights, so nothing of it is loaded: "
                "take a file from a source that you trust."
            )
        return allowed[module, name]

    def persistent_load(self, saved):
        what, kind, key, _, n, view = saved
        if what != "storage" or kind not in DTYPES or view is not None or not 0 <= n < MOST_BYTES:
            raise ValueError(f"a storage {saved!r}")
        return kind, key, n


def _place(storage, offset, shape, strides, *_):
    """Stands for the function that would make a tensor of PyTorch."""
    return Place(storage, offset, tuple(shape), tuple(strides))


def _arrays(content):
    """The arrays of a whole file."""
    from io import BytesIO

    file = BytesIO(content)
    if (_Unpickler(file).load(), _Unpickler(file).load()) != (MAGIC, VERSION):
        raise ValueError("another format")
    if _Unpickler(file).load()["little_endian"] is not True:
        raise ValueError("another byte order")
    places = dict(_Unpickler(file).load())
    keys = _Unpickler(file).load()
    kinds = {place.storage[1]: place.storage for place in places.values()}
    storages = {key: _storage(file, *kinds[key]) for key in keys}
    if file.read(1):
        raise ValueError("more bytes than arrays")
    return {name: _array(storages[place.storage[1]], place) for name, place in places.items()}


def _storage(file, kind, _, n):
    """The numbers of one storage."""
    dtype = np.dtype(DTYPES[kind])
    if int.from_bytes(file.read(8), "little") != n:
        raise ValueError("a storage of another length")
    content = file.read(n * dtype.itemsize)
    if len(content) < n * dtype.itemsize:
        raise EOFError("a storage is cut short")
    return np.frombuffer(content, dtype)


def _array(storage, place):
    """One array: the numbers of its storage in its own order, copied."""
    steps = [(n - 1) * step for n, step in zip(place.shape, place.strides, strict=True)]
    numbers = (place.offset, *place.shape, *place.strides)
    if min(numbers) < 0 or place.offset + sum(steps) >= len(storage):
        raise ValueError("an array reaches beyond its storage")
    if np.prod(place.shape, dtype=float) > len(storage):
        raise ValueError("an array has more numbers than its storage")
    view = np.lib.stride_tricks.as_strided(
        storage[place.offset :],
        place.shape,
        [step * storage.itemsize for step in place.strides],
        writeable=False,
    )
    return view.copy()
