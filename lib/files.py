"""Files that are there in full or not at all."""

import contextlib
import os
from pathlib import Path


@contextlib.contextmanager
def whole(path: Path):
    """Give a name beside `path` to write to; it becomes `path` when all went well.

    After an error or an interrupt nothing of it is left, and an earlier file is as it was.

    Raises:
        OSError: if it cannot be written.
    """
    path = Path(path)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")  # another run may write it too
    try:
        yield part
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def write_atomically(path: Path, text: str) -> None:
    """Write a text file so that it is there in full or not at all.

    Raises:
        OSError: if it cannot be written.
    """
    with whole(path) as part:
        part.write_text(text, encoding="utf-8", newline="\n")
