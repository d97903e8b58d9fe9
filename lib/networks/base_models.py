"""Base models that come with the course: trained convolutions as plain arrays.  Lessons 08 to 11.

A file holds numbers only; the layers are built by `convnet.feature_layers`. So it can be read with
every version of Keras, and without running anything that is in it.

    kernel_1, bias_1    first convolution, float32 (3, 3, 3, 64), (64,)
    kernel_2, bias_2    second convolution, float32 (3, 3, 64, 64), (64,)
"""

import hashlib
from pathlib import Path

import numpy as np

from ..checks import as_path, check_text, shown
from ..files import ROOT, sweep, whole, write_atomically
from . import convnet
from .model_faults import ModelFileError

MODELS = ROOT / "data" / "models"
SUMS = "SHA256SUMS"  # as `sha256sum` writes it
ANEW = "get the file anew with `git checkout data/models`."


def load_features(name: str, folder=MODELS):
    """Build the feature layers with the weights of a base model that the course brings.

    Args:
        name: such as "halves_0"; `data/README.md` lists them.
        folder: with the files and their checksums.

    Returns:
        A `keras.Sequential` of feature layers, not compiled.

    Raises:
        ValueError: for a name that is no text, or a folder that is no path.
        ModelFileError: if there is no such model, or its file is missing, differs from its checksum
            or holds other arrays.
    """
    check_text("name", name)
    folder = as_path("folder", folder)
    try:
        return _features(_read(name, folder))
    except ValueError as error:
        raise ModelFileError(f"{name}.npz is no base model of this course: {error}") from error


def save_features(weights, name: str, folder=MODELS) -> Path:
    """Write trained convolutions and their checksum, whole or not at all; the head is left out.

    The same weights give the same bytes.

    Args:
        weights: kernel and bias of each layer, first layer first, as `convnet.get_weights` gives
            them.
        name: of the file, without ending.
        folder: made if it is missing.

    Returns:
        The path of the `.npz` file.

    Raises:
        ValueError: if these are no weights of the two convolutions, or hold NaN or infinity; for
            what is no name or no path.
        OSError: if the files cannot be written.
    """
    if not isinstance(name, str) or not name or Path(name).name != name:
        raise ValueError(f"name={shown(name)}: give the name of a file, without folder.")
    folder = as_path("folder", folder)
    kept = convnet.get_weights(_features(weights))  # raises for what does not fit
    folder.mkdir(parents=True, exist_ok=True)
    sweep(folder)
    path = folder / f"{name}.npz"
    with whole(path) as part, open(part, "wb") as file:
        np.savez(file, **dict(zip(_keys(), (a for layer in kept for a in layer), strict=True)))
    sums = _checksums(folder) if (folder / SUMS).is_file() else {}
    sums[path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
    lines = [f"{digest}  {file}\n" for file, digest in sorted(sums.items())]
    write_atomically(folder / SUMS, "".join(lines))
    return path


def _features(weights):
    """Feature layers with these weights."""
    from ..backend import keras

    model = keras.Sequential([keras.Input(convnet.IMAGE_SHAPE), *convnet.feature_layers(0)])
    convnet.copy_weights(model, weights, convnet.N_CONVOLUTIONS)
    return model


def _keys():
    """The names of the arrays, in the order of the layers."""
    return [f"{one}_{i + 1}" for i in range(convnet.N_CONVOLUTIONS) for one in ("kernel", "bias")]


def _checksums(folder) -> dict[str, str]:
    """By name of a file, its checksum."""
    try:
        lines = (folder / SUMS).read_text(encoding="utf-8").splitlines()
        return {file: digest for digest, file in (line.split() for line in lines)}
    except (OSError, ValueError) as error:
        raise ModelFileError(
            f"{SUMS}, the checksums of the base models, is missing or damaged: {ANEW}"
        ) from error


def _read(name, folder):
    """Kernel and bias of each convolution, from a file whose checksum is right."""
    import zipfile

    sums = _checksums(folder)
    path = folder / f"{name}.npz"
    if path.name not in sums:
        known = ", ".join(sorted(Path(file).stem for file in sums))
        raise ModelFileError(f"{name!r} is no model of the course: choose one of {known}.")
    if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != sums[path.name]:
        raise ModelFileError(
            f"{path.name} is missing or differs from its checksum, so it is not loaded: {ANEW}"
        )
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = [file[key] for key in _keys()]
        return list(zip(arrays[0::2], arrays[1::2], strict=True))
    except (OSError, ValueError, KeyError, EOFError, TypeError, zipfile.BadZipFile) as error:
        raise ModelFileError(
            f"{path.name} has the right checksum, but not the arrays {', '.join(_keys())} "
            f"({type(error).__name__}: {error}): it is no base model of this course."
        ) from error
