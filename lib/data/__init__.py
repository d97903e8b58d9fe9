"""Tasks: rows that networks are trained, chosen and tested on."""

from . import cifar10
from .archive import DataError
from .blobs import blobs, related_blobs
from .cifar10 import load_photos
from .held_out import text_splits
from .photos import class_split, photos
from .targets import drawn_digits, drawn_photos, drawn_surfaces, first_per_class
from .task import Task
from .text import STANDARD_LIBRARY, Sentences, docstring_sentences
from .twins import overlaps

__all__ = [
    "text_splits",
    "STANDARD_LIBRARY",
    "Sentences",
    "docstring_sentences",
    "overlaps",
    "DataError",
    "Task",
    "blobs",
    "cifar10",
    "class_split",
    "drawn_digits",
    "drawn_photos",
    "drawn_surfaces",
    "first_per_class",
    "load_photos",
    "photos",
    "related_blobs",
]
