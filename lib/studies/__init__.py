"""Recorded studies: made by a command, kept in the repository, read by lessons."""

from typing import TYPE_CHECKING

from ..lazy import on_first_use

if TYPE_CHECKING:
    from .bases import BaseRuns, base_runs
    from .coverage import QUICK_METHOD, REFITS_METHOD
    from .places import FewRuns, place_in_lesson
    from .pretrained import by_draw
    from .record import datasheet, load_study

__all__ = [
    "by_draw",
    "BaseRuns",
    "base_runs",
    "load_study",
    "datasheet",
    "place_in_lesson",
    "FewRuns",
    "QUICK_METHOD",
    "REFITS_METHOD",
]

__getattr__, __dir__ = on_first_use(__name__)
