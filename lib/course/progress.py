"""How far a run is: lessons done, the cell that runs, the time that has passed.

No time is given for what is left: cells take from a millisecond to a minute.
"""

import shutil
import sys
import threading
import time

from tqdm import tqdm

EVERY = 30  # seconds between two lines of a log that is no terminal


class Progress:
    """One line on stderr that is always up to date; a line more for each lesson that ended.

    In a terminal the line is drawn anew every second. A log file gets a line when a cell begins,
    at most every half minute.

        with Progress(2) as progress:
            progress.begin("00_start_here", 20)
            progress.cell(1)
            progress.end("00_start_here: ok, 3.1 s")
    """

    def __init__(self, n_lessons: int, file=None):
        self._file = file or sys.stderr
        self._live = self._file.isatty()
        self._n_lessons, self._n_done, self._state = n_lessons, 0, ""
        self._start = self._told = time.monotonic()
        self._ended = threading.Event()

    def __enter__(self):
        if self._live:
            form = "{desc}"
            self._line = tqdm(bar_format=form, file=self._file, desc=self._text(), leave=False)
            self._thread = threading.Thread(target=self._keep_fresh, daemon=True)
            self._thread.start()
        return self

    def __exit__(self, *_):
        self._ended.set()
        if self._live:
            self._thread.join()
            self._line.close()

    def begin(self, name: str, n_cells: int) -> None:
        """A lesson begins."""
        self._name, self._n_cells = name, n_cells
        self.cell(0)

    def cell(self, number: int) -> None:
        """A code cell begins, counted from 1."""
        self._state = f", {self._name}: cell {number} of {self._n_cells}"
        if self._live:
            self._line.set_description_str(self._text())
        elif time.monotonic() - self._told >= EVERY:
            self._write(self._text())

    def end(self, outcome: str) -> None:
        """A lesson ended, or was kept from an earlier run."""
        self._n_done, self._state = self._n_done + 1, ""
        self._write(outcome if self._live else f"{outcome} ({self._text()})")

    def _text(self):
        """The state in one line that fits the terminal."""
        minutes, seconds = divmod(int(time.monotonic() - self._start), 60)
        passed = f"{minutes}:{seconds:02}"
        text = f"{self._n_done} of {self._n_lessons} lessons done, {passed} min{self._state}"
        return text[: shutil.get_terminal_size().columns - 1] if self._live else text

    def _write(self, text):
        """A line that stays."""
        self._told = time.monotonic()
        if self._live:
            self._line.set_description_str(self._text(), refresh=False)
            self._line.write(text, file=self._file)
        else:
            print(text, file=self._file, flush=True)

    def _keep_fresh(self):
        """Draw the line anew every second: a single cell may take a minute."""
        while not self._ended.wait(1):
            self._line.set_description_str(self._text())
