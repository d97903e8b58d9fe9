"""Clocks that a test sets: every look at one takes as long."""

from itertools import count
from types import SimpleNamespace


def fake_clock(seconds: int, cpu_seconds: int):
    """In place of the module `time`: its two clocks begin late, and go on at every look."""
    return SimpleNamespace(
        perf_counter=count(1000, seconds).__next__,
        process_time=count(500, cpu_seconds).__next__,
    )
