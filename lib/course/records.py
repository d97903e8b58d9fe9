"""What a run leaves behind in `build/<profile>/`, where several may be under way at once."""

import contextlib
import json
import os
from pathlib import Path

from ..data.cifar10 import ASK_FOR_DIGITS, DIGITS
from ..files import write_atomically
from .errors import CourseError
from .page import index_page
from .publishing import PLACEHOLDER, repository
from .show import is_record

_FIELDS = {  # a record of `run_lessons` as it must stand in summary.json
    **dict.fromkeys(("title", "status", "fingerprint"), str),
    **dict.fromkeys(("seconds", "peak_mb"), int | float),
    **dict.fromkeys(("data", "verdicts"), list),
    "error": str | None,
}


def is_finished(record, fingerprint: str) -> bool:
    """Whether a lesson has a record, ran well, ran from these very sources, and on its own data.

    A lesson that had to take the stand-in for CIFAR-10 is not finished: next time there may be a
    network. It is, if CIFAR10_PATH asks for the stand-in.
    """
    if not record or record["status"] != "ok" or record["fingerprint"] != fingerprint:
        return False
    stood_in = any(DIGITS in data for data in record["data"])
    return not stood_in or os.environ.get("CIFAR10_PATH") == ASK_FOR_DIGITS


def read_summary(folder: Path) -> dict:
    """Lesson name -> record, of all lessons that have run into this folder; {} if none.

    A record that this version cannot read is left out: that lesson runs again.

    Raises:
        CourseError: if there is a summary that is none.
    """
    path = Path(folder, "summary.json")
    try:
        records = json.loads(path.read_text(encoding="utf-8"))["lessons"].items()
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (ValueError, KeyError, TypeError, AttributeError):
        raise CourseError(f"{path} is damaged: delete it and run again.") from None
    return {name: record for name, record in records if _is_record(record)}


def _is_record(record):
    """Whether something is a lesson's full record."""
    try:
        return (
            all(isinstance(record[key], kind) for key, kind in _FIELDS.items())
            and all(is_record({"kind": "data", "text": text}) for text in record["data"])
            and all(is_record({"kind": "verdict", **one}) for one in record["verdicts"])
        )
    except (KeyError, TypeError):
        return False


def save_summary(folder: Path, profile: str, records: dict, outdated=()) -> None:
    """Bring summary.json and index.html up to date; what summary.json lists is finished.

    The records of other runs into this folder are kept: the file is read again just before it is
    written. Two runs that do so in the same milliseconds can still lose a record; that lesson then
    runs again next time.

    Args:
        folder: where the two files go.
        profile: the name of the profile.
        records: lesson name -> record, to be added or to take the place of an earlier one.
        outdated: names of lessons whose records go.
    """
    kept = {k: v for k, v in read_summary(folder).items() if k not in outdated}
    records = dict(sorted({**kept, **records}.items()))
    summary = {"profile": profile, "lessons": records}
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        write_atomically(folder / "summary.json", json.dumps(summary, indent=2) + "\n")
        write_atomically(folder / "index.html", index_page(profile, records, _repository()))


def _repository():
    """The repository's name; a page without links to it is better than no page."""
    try:
        return repository()
    except CourseError:
        return PLACEHOLDER


@contextlib.contextmanager
def writing(folder):
    """Turn a failure to write into one clear error."""
    try:
        yield
    except OSError as error:
        raise CourseError(
            f"cannot write {error.filename or folder}: {error.strerror or error}. Free some space "
            "there or make it writable, or choose another folder with --build; then run again. "
            "Finished lessons are kept."
        ) from error
