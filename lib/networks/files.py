"""Save and load networks: whole or not at all, checked, and without running code from a file."""

import hashlib
from pathlib import Path

from ..files import ROOT, sweep, whole
from . import convnet

MODELS = ROOT / "data" / "models"  # small base models that come with the course


class ModelFileError(Exception):
    """A saved model that is missing, damaged, or of another shape."""


def save_model(model, path) -> Path:
    """Write the model to a `.keras` file, whole or not at all.

    What a save that was killed left half written in the same folder is removed.

    Raises:
        ModelFileError: if the file cannot be written; an earlier file stays as it was.
    """
    path = Path(path)
    if path.suffix != ".keras":
        raise ModelFileError(f"{path.name}: give the file a name that ends in .keras.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        sweep(path.parent)
        with whole(path) as part:
            model.save(part)
    except OSError as error:
        reason = error.strerror or str(error)
        raise ModelFileError(
            f"{path.name} could not be written ({reason}): free some space or choose another "
            "folder, then save again; the model is still in memory."
        ) from error
    return path


def load_model(path, sizes: tuple[int, ...] | None = None):
    """Read a model from a `.keras` file in safe mode: no code from the file is run.

    Args:
        path: a file that `save_model` wrote.
        sizes: expected `layer_sizes`, input first; None accepts any.

    Raises:
        ModelFileError: if the file is missing, damaged, or holds a model of another shape.
    """
    import zipfile

    from ..backend import keras

    path = Path(path)
    if not path.is_file():
        raise ModelFileError(f"{path.name} is not there: run the lesson that saves it first.")
    damaged = f"{path.name} is damaged or not a .keras file: delete it and save the model again."
    if not zipfile.is_zipfile(path):
        raise ModelFileError(damaged)
    try:
        model = keras.models.load_model(path, safe_mode=True)
    except Exception as error:
        raise ModelFileError(f"{damaged} ({type(error).__name__})") from error
    if sizes is not None:
        found = _sizes_of(model)
        if found != tuple(sizes):
            raise ModelFileError(
                f"{path.name} holds a model with layers of {found} units, but {tuple(sizes)} "
                "were expected: load another file, or train this one again."
            )
    return model


def _sizes_of(model) -> tuple[int, ...]:
    kernels = [layer.kernel.shape for layer in model.layers if hasattr(layer, "kernel")]
    return (kernels[0][0], *(kernel[-1] for kernel in kernels)) if kernels else ()


def save_features(weights, path) -> Path:
    """Write trained convolutions to a `.keras` file without head; float32, whole or not at all."""
    from ..backend import keras

    model = keras.Sequential([keras.Input(convnet.IMAGE_SHAPE), *convnet.feature_layers(0)])
    convnet.copy_weights(model, weights, convnet.N_CONVOLUTIONS)
    return save_model(model, path)


def load_features(name: str, folder=MODELS):
    """Read feature layers that the course brings, after a look at their checksum, in safe mode.

    Args:
        name: such as "halves_0"; `data/README.md` lists them.

    Returns:
        A `keras.Sequential` of feature layers.

    Raises:
        ModelFileError: if the file is missing, or differs from its checksum.
    """
    path = Path(folder, f"{name}.keras")
    sums = {}
    for line in Path(folder, "SHA256SUMS").read_text().splitlines():
        digest, file = line.split()
        sums[file] = digest
    if path.name not in sums:
        known = ", ".join(sorted(Path(file).stem for file in sums))
        raise ModelFileError(f"{name!r} is no model of the course: choose one of {known}.")
    if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != sums[path.name]:
        raise ModelFileError(
            f"{path.name} is missing or differs from its checksum, so it is not loaded: get the "
            "file anew with `git checkout data/models`."
        )
    return load_model(path)
