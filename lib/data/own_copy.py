"""The copy of CIFAR-10 that CIFAR10_PATH names: which kind it is, told before it is read."""

import os
import re
from pathlib import Path

from .archive import ENDS, DataError

ZIP, GZIP = b"PK\x03\x04", b"\x1f\x8b"
MOST = 2**30  # bytes; the official archive has 170 million


def own_copy(own: str) -> tuple[Path, str]:
    """The file that CIFAR10_PATH names, and its kind.

    Only a regular file is opened: a pipe, or a device that never ends, would be waited for.

    Args:
        own: what CIFAR10_PATH holds; `~` stands for the home folder.

    Returns:
        The absolute path, and "npz" or "archive".

    Raises:
        DataError: if it names anything else, which the error then names.
    """
    if re.match(r"\w\w+:/", own):
        raise DataError(
            f"CIFAR10_PATH={own} is a web address: download that file and name it there, or "
            "unset CIFAR10_PATH, and the course downloads the official archive itself."
        )
    path = Path(os.path.expanduser(own)).absolute()
    if path.is_dir():
        raise refused(own, f"{path} is a folder: name the file in it")
    if not path.exists():
        raise refused(own, f"there is no file {path}")
    if not path.is_file():
        raise refused(own, f"{path} is a pipe or a device, no file")
    try:
        with open(path, "rb") as file:
            begin = file.read(16)
    except OSError as error:
        raise refused(own, f"{path} cannot be read: {error.strerror or error}") from error
    if begin.startswith(ZIP):
        return path, "npz"
    if not begin.startswith(GZIP):
        raise refused(own, f"it begins with {begin!r}: it is neither {ENDS}")
    if path.stat().st_size > MOST:
        raise refused(own, f"it has {path.stat().st_size:,} bytes, the official one 170 million")
    return path, "archive"


def refused(own: str, why) -> DataError:
    """The error for a CIFAR10_PATH that cannot be used, and what to do."""
    from .archive import OTHERWISE

    return DataError(f"CIFAR10_PATH={own} cannot be used ({why}): {OTHERWISE}.")
