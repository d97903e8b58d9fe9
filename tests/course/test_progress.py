"""What a run says of itself while it is under way."""

import io
import os
import re
import time

import pytest

from lib.course import progress
from lib.course.progress import Progress


class Terminal(io.StringIO):
    """A file that says that it is a terminal."""

    def isatty(self):
        return True


def states(file):
    """What stood in the line, one after the other."""
    return [one.strip() for one in re.split(r"[\r\n]", file.getvalue()) if one.strip()]


def test_progress_shows_lessons_done_cell_and_time(monkeypatch):
    monkeypatch.setattr("shutil.get_terminal_size", lambda: os.terminal_size((100, 30)))
    file = Terminal()
    with Progress(2, file) as line:
        line.begin("00_a", 9)
        line.cell(4)
        line.end("00_a: ok, 1.0 s")
        line.begin("01_b", 2)
    shown = states(file)
    assert "0 of 2 lessons done, 0:00 min, 00_a: cell 4 of 9" in shown
    assert "00_a: ok, 1.0 s" in shown
    assert shown[-1].startswith("1 of 2 lessons done, 0:00 min, 01_b: cell 0 of 2")
    assert "<" not in file.getvalue() and "%" not in file.getvalue(), "no time left, no bar"


def test_progress_moves_on_while_a_cell_runs():
    file = Terminal()
    with Progress(1, file) as line:
        line.begin("00_a", 9)
        time.sleep(2.3)
    assert "0 of 1 lessons done, 0:02 min, 00_a: cell 0 of 9" in states(file)


@pytest.mark.parametrize("columns", [30, 60])
def test_progress_line_fits_the_terminal(monkeypatch, columns):
    monkeypatch.setattr("shutil.get_terminal_size", lambda: os.terminal_size((columns, 30)))
    file = Terminal()
    with Progress(13, file) as line:
        line.begin("08_cifar10_freeze_features", 45)
    assert max(map(len, states(file))) < columns


def test_progress_in_a_log_is_a_line_a_lesson_and_now_and_then_the_cell(monkeypatch):
    file, clock = io.StringIO(), [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: clock[0])
    with Progress(2, file) as line:
        line.begin("00_a", 9)
        for number, seconds in ((1, 1), (2, 31), (3, 32), (4, 65)):
            clock[0] = seconds
            line.cell(number)
        line.end("00_a: ok, 66.0 s")
        line.end("01_b: kept from an earlier run")
    assert file.getvalue().splitlines() == [
        "0 of 2 lessons done, 0:31 min, 00_a: cell 2 of 9",
        "0 of 2 lessons done, 1:05 min, 00_a: cell 4 of 9",
        "00_a: ok, 66.0 s (1 of 2 lessons done, 1:05 min)",
        "01_b: kept from an earlier run (2 of 2 lessons done, 1:05 min)",
    ]
