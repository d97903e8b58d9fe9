"""Explorers: controls that run an experiment anew and show what came out.  Wiring, no science."""

from .benefits import benefits_explorer
from .cut import curve_cut_explorer
from .relatedness import relatedness_explorer, relatedness_figure, relatedness_words
from .transfer import transfer_explorer, transfer_figure, transfer_title

__all__ = [
    "benefits_explorer",
    "transfer_explorer",
    "transfer_figure",
    "transfer_title",
    "relatedness_explorer",
    "relatedness_figure",
    "relatedness_words",
    "curve_cut_explorer",
]
