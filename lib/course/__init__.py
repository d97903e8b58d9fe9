"""What a lesson shows and how much it runs; the explorers and the runner are beside it."""

from typing import TYPE_CHECKING

from ..lazy import on_first_use
from .show import MIME, data_used, figure_html, show, show_table, verdict

if TYPE_CHECKING:
    from .profiles import PROFILES, get_profile
    from .setup import check_setup, show_lessons

__all__ = [
    "PROFILES",
    "get_profile",
    "check_setup",
    "show_lessons",
    "show",
    "show_table",
    "figure_html",
    "verdict",
    "data_used",
    "MIME",
]

__getattr__, __dir__ = on_first_use(__name__)
