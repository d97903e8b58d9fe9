"""Recorded studies: made by a command, kept in the repository, read by lessons."""

from .coverage import QUICK_METHOD, REFITS_METHOD
from .pretrained import by_draw
from .record import datasheet, load_study

__all__ = ["by_draw", "load_study", "datasheet", "QUICK_METHOD", "REFITS_METHOD"]
