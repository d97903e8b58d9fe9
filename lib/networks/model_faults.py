"""What is wrong with a model's file: each fault has a sentence of its own, and each is true.

A file that another version of Keras wrote, or that holds code, is sound. It is refused all the
same, and nobody is told to throw it away.
"""

import json
import zipfile
from pathlib import Path

PARTS = {"metadata.json", "config.json", "model.weights.h5"}  # of a .keras file, a zip archive
HDF5 = b"\x89HDF\r\n\x1a\n"
ZIP = b"PK\x03\x04"


class ModelFileError(Exception):
    """A saved model that is missing, damaged, of another format or version, or another model."""


def check_whole_file(path: Path) -> None:
    """Raise one clear error unless a path names an undamaged `.keras` file.

    Raises:
        ModelFileError: which says what is there instead.
    """
    if not path.exists():
        raise ModelFileError(f"{path.name} is not there: run the lesson that saves it first.")
    if not path.is_file():
        kind = "a folder" if path.is_dir() else "no file"
        raise ModelFileError(f"{path.name} is {kind}: give the path of a .keras file.")
    try:
        with open(path, "rb") as file:
            begin = file.read(8)
    except OSError as error:
        raise ModelFileError(
            f"{path.name} cannot be read ({error.strerror or error}): see to its permissions."
        ) from error
    again = "save the model again, which replaces the file."
    if begin == HDF5:
        raise ModelFileError(
            f"{path.name} is in HDF5, the older format of Keras. It may well be sound, but the "
            "course reads .keras files only: if you trust it, open it with "
            "keras.models.load_model and save that model with `save_model`."
        )
    if not begin:
        raise ModelFileError(f"{path.name} is damaged, it is empty: {again}")
    if not begin.startswith(ZIP):
        raise ModelFileError(
            f"{path.name} is no .keras file, which is a zip archive; it begins with {begin!r}: "
            "give another file."
        )
    try:
        with zipfile.ZipFile(path) as archive:
            names, bad = set(archive.namelist()), archive.testzip()
    except Exception as error:  # a damaged archive can fail in any way
        raise ModelFileError(f"{path.name} is damaged or cut short ({error}): {again}") from error
    if bad is not None:
        raise ModelFileError(f"{path.name} is damaged, the checksum of {bad} is wrong: {again}")
    if missing := sorted(PARTS - names):
        raise ModelFileError(
            f"{path.name} is a zip archive without {', '.join(missing)}, so it is no Keras model: "
            "give another file."
        )


def why_refused(path: Path, error: Exception, installed: str) -> str:
    """Why Keras does not take an undamaged `.keras` file, in words.

    Args:
        error: that Keras raised.
        installed: version of Keras.
    """
    with zipfile.ZipFile(path) as archive:
        try:
            saved = str(json.loads(archive.read("metadata.json"))["keras_version"])
            classes = list(_classes(json.loads(archive.read("config.json"))))
        except (ValueError, KeyError, TypeError, RecursionError):
            return (
                f"{path.name} is an undamaged archive, but its description of the model cannot be "
                "read: it was not made by Keras, so give another file."
            )
    for name, own in classes:
        if name in ("Lambda", "__lambda__"):
            return (
                f"{path.name} holds code of its own (a Lambda layer), which is not run here. The "
                "file is sound: build the model without Lambda layers, or, if you trust whoever "
                "made it, open it yourself with keras.models.load_model and safe_mode=False."
            )
        if own:
            return (
                f"{path.name} needs {name!r}, which is no part of Keras. The file is sound: open "
                "it with keras.models.load_model where that is defined (custom_objects)."
            )
    cause = str(error).rpartition("Exception encountered:")[2]  # Keras wraps one in another
    reason = " ".join(cause.split())[:200]
    which = f"Keras {saved}, which is installed here, too"
    remedy = "build and train the model again, or give another file."
    if saved != installed:
        which = f"Keras {saved}, while Keras {installed} is installed here"
        remedy = f"install Keras {saved} to read it, or build and train the model with yours."
    return (
        f"{path.name} was saved by {which}, and that cannot read it ({type(error).__name__}: "
        f"{reason}). The file is undamaged: {remedy}"
    )


def _classes(config):
    """(name, whether it is not Keras' own) of each class and function that a description names."""
    if isinstance(config, list):
        for one in config:
            yield from _classes(one)
    elif isinstance(config, dict):
        if isinstance(name := config.get("class_name"), str):
            module = config.get("module")
            own = isinstance(module, str) and not module.startswith("keras")
            if own or name in ("Lambda", "__lambda__"):
                told = config.get("config") if name == "function" else name
                yield str(told), own
        for one in config.values():
            yield from _classes(one)
