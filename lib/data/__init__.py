"""Tasks: rows that networks are trained, chosen and tested on."""

from typing import TYPE_CHECKING

from ..lazy import on_first_use
from .blobs import blobs, related_blobs
from .photos import class_split, photos, photos_at_most

if TYPE_CHECKING:
    from . import cifar10
    from .archive import DataError
    from .changed import cover_middle, grey, mosaic, shuffle_blocks
    from .cifar10 import load_photos
    from .held_out import text_splits
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
    "cover_middle",
    "grey",
    "mosaic",
    "class_split",
    "drawn_digits",
    "drawn_photos",
    "drawn_surfaces",
    "first_per_class",
    "load_photos",
    "photos",
    "photos_at_most",
    "related_blobs",
    "shuffle_blocks",
]

__getattr__, __dir__ = on_first_use(__name__)
