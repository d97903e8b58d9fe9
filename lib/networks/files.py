"""Save and load networks: whole or not at all, checked, and without running code from a file."""

from pathlib import Path

from ..checks import as_path
from ..files import sweep, whole
from .checks import check_classifier, check_finite_weights, check_model, check_sizes
from .model_faults import ModelFileError, check_whole_file, why_refused


def save_model(model, path) -> Path:
    """Write the model to a `.keras` file, whole or not at all.

    What a save that was killed left half written in the same folder is removed.

    Raises:
        ValueError: if this is no Keras model, or no path.
        ModelFileError: if the file cannot be written; an earlier file stays as it was.
    """
    check_model(model)
    if not model.built:
        raise ValueError(
            f"model: {model.name} has no weights yet: begin it with `keras.Input`, or train it."
        )
    path = as_path("path", path)
    if path.suffix != ".keras":
        raise ModelFileError(f"path: {path.name}: give the file a name that ends in .keras.")
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
        sizes: expected `layer_sizes`, input first, of a classifier as `mlp.build` makes it; None
            accepts any model.

    Raises:
        ValueError: for what is no path, or no sizes.
        ModelFileError: if the file is missing, damaged, of another format or another version of
            Keras, wants to run code, or holds NaN or another model than expected. It says which.
    """
    path = as_path("path", path)
    if sizes is not None:
        check_sizes(sizes, "sizes")
    from ..backend import keras

    check_whole_file(path)
    try:
        model = keras.models.load_model(path, safe_mode=True)
    except Exception as error:  # Keras refuses in many ways
        raise ModelFileError(why_refused(path, error, keras.__version__)) from error
    try:
        check_finite_weights(model)
        if sizes is not None:
            _check_sizes(model, sizes)
            check_classifier(model)
    except ValueError as error:
        raise ModelFileError(f"{path.name} is whole, but {error}") from error
    return model


def _check_sizes(model, sizes):
    """Raise one clear error unless the dense layers have these sizes and usual activations."""
    dense = [layer for layer in model.layers if hasattr(layer, "kernel")]
    found = (dense[0].kernel.shape[0], *(d.kernel.shape[-1] for d in dense)) if dense else ()
    if found != tuple(sizes):
        raise ValueError(
            f"it holds a model with layers of {found} units, where {tuple(sizes)} were expected: "
            "load another file, or train this one again."
        )
    told = [getattr(getattr(d, "activation", None), "__name__", "no") for d in dense]
    wanted = ["relu"] * (len(dense) - 1) + ["softmax"]
    if told != wanted:
        raise ValueError(
            f"its layers have the activations {', '.join(told)}, where {', '.join(wanted)} were "
            "expected: load another file, or build the model with `networks.mlp.build`."
        )
