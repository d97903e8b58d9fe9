"""Execute one lesson in a kernel of its own, measure it, and write what came out."""

import logging
import math
import os
import re
import tempfile
import threading
import time
from pathlib import Path

import nbformat
import papermill
import psutil
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.exceptions import PapermillExecutionError, strip_color

from ..files import write_atomically
from .page import to_html
from .tables import facts, malformed, title

logging.getLogger("papermill").setLevel(logging.CRITICAL)  # the record says what went wrong
logging.getLogger("traitlets").setLevel(logging.CRITICAL)  # as nbclient does of a time limit

DIED = (
    "the kernel died, probably out of memory: close other lessons (Kernel, Shut Down All Kernels), "
    "then run again"
)
LEFT = "SystemExit: the lesson ended itself here, and the cells after this one did not run"


def run_lesson(
    path: Path, profile: str, folder: Path, on_cell=lambda number: None, minutes: float = math.inf
) -> dict:
    """Execute one lesson; write its executed copy and its HTML page into the folder.

    Args:
        path: the lesson, which is only read; its kernel starts in its folder.
        profile: becomes the lesson's parameter PROFILE.
        folder: an existing folder.
        on_cell: called with its number, from 1, when a code cell begins.
        minutes: a lesson that takes longer is stopped, and has failed.

    Returns:
        The record of the lesson (see `run_lessons`), without fingerprint. A lesson that fails is no
        exception: the record says "failed", and why.

    Raises:
        OSError: if the results cannot be written.
    """
    executed = None
    with tempfile.TemporaryDirectory(dir=folder, prefix=f".running-{os.getpid()}-") as scratch:
        copy = Path(scratch, path.name)
        start = time.perf_counter()
        with Processes() as processes:
            error = _execute(path.resolve(), copy, profile, processes.sample, on_cell, minutes)
        seconds = time.perf_counter() - start
        if copy.exists():
            try:
                executed = _publish(copy, folder)
                error = error or _left(executed) or malformed(executed)
            except OSError:
                raise
            except Exception as trouble:  # cells that no notebook may have
                error = error or _one_line(type(trouble).__name__, trouble)
    return {
        "title": title(executed, path.stem) if executed else path.stem,
        "status": "failed" if error else "ok",
        "seconds": round(seconds, 2),
        "peak_mb": round(processes.peak_mb, 1),
        **(facts(executed) if executed else {"data": [], "verdicts": []}),
        "error": error,
    }


def _publish(copy, folder):
    """Write the executed copy and its page into the folder; return the notebook."""
    executed = nbformat.read(copy, as_version=4)
    executed.metadata.pop("papermill", None)  # names folders of this machine
    text, page = nbformat.writes(executed), to_html(executed, copy.stem)
    write_atomically(folder / copy.name, text)
    write_atomically(folder / f"{copy.stem}.html", page)
    return executed


def _execute(path, copy, profile, sample, on_cell, minutes):
    """Run a notebook into a copy; return the error in one line, or None."""
    number, end = 0, time.monotonic() + 60 * minutes

    def begin(**_):
        nonlocal number
        number += 1
        on_cell(number)

    try:
        papermill.execute_notebook(
            path,
            copy,
            parameters={"PROFILE": profile},
            cwd=path.parent,
            progress_bar=False,
            extra_arguments=["--log-level=CRITICAL"],  # of the kernel's own log on the terminal
            on_cell_execute=begin,
            on_cell_executed=lambda **_: sample(),
            # what is left of the lesson's time is this cell's; nbclient takes 0 for no limit
            timeout_func=None if minutes == math.inf else lambda _: max(end - time.monotonic(), 1),
        )
    except PapermillExecutionError as error:
        return f"In [{error.exec_count}]: {_one_line(error.ename, error.evalue or _line(error))}"
    except CellTimeoutError:  # is an OSError, but not one of writing
        return f"In [{number}]: stopped after {minutes:g} minutes: --timeout MINUTES allows more"
    except DeadKernelError:
        return f"In [{number}]: {DIED}"
    except OSError as error:
        if error.filename in (None, str(copy)):  # a full disk names no file
            raise  # nothing is wrong with the lesson: its copy could not be written
        return _one_line(type(error).__name__, error)  # a kernel that cannot be started, ...
    except Exception as error:  # a file that is no notebook, ...
        return _one_line(type(error).__name__, error)
    return None


def _left(executed):
    """Where a lesson ended itself, which papermill takes for success; None if it did not."""
    for cell in executed.cells:
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                return f"In [{cell.execution_count}]: {LEFT}"
    return None


def _line(error):
    """The line of the cell that raised an error, to name an `assert` without message."""
    traceback = strip_color("\n".join(error.traceback))
    match = re.search(r"^-+> *\d+ (.*)$", traceback, flags=re.MULTILINE)
    return match[1].strip() if match else ""


def _one_line(kind, message):
    """An error in one line."""
    first = next(iter(str(message).strip().splitlines()), "")
    return f"{kind}: {first}" if first else str(kind)


class Processes:
    """The processes started inside a `with` block: their peak memory, and their end.

    `peak_mb` (1 MB is 2**20 bytes) is the larger of two figures: the sum of resident memory over
    all these processes, sampled five times a second and after each cell; and the peak that the
    operating system kept for the largest of them (VmHWM on Linux, the peak working set on Windows,
    nothing on macOS). For a lesson this is its kernel. What still runs at the end is killed.
    """

    def __enter__(self):
        self.peak_mb = 0.0
        self._seen = set()
        self._others = set(psutil.Process().children(recursive=True))
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()
        self.sample()
        for process in self._seen:
            try:
                process.kill()  # raises for one that has ended, even if its number is in use again
            except psutil.NoSuchProcess:
                pass
        psutil.wait_procs(self._seen, timeout=5)

    def _watch(self):
        """Sample until told to stop."""
        while not self._stop.wait(0.2):
            self.sample()

    def sample(self):
        """Look once at all processes started in the block."""
        now, peaks = 0, [0]
        for process in set(psutil.Process().children(recursive=True)) - self._others:
            self._seen.add(process)
            try:
                memory = process.memory_info()
            except psutil.Error:
                continue  # it ended meanwhile
            now += memory.rss
            peaks.append(getattr(memory, "peak_wset", 0) or _high_water_mark(process.pid))
        self.peak_mb = max(self.peak_mb, now / 2**20, max(peaks) / 2**20)


def _high_water_mark(pid):
    """Peak resident memory in bytes as Linux counts it; 0 where there is no such count."""
    try:
        match = re.search(r"^VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(), re.M)
    except OSError:
        return 0
    return int(match[1]) * 1024 if match else 0
