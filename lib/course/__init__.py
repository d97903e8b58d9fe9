"""What a lesson shows and how much it runs; the explorers and the runner are beside it."""

from .profiles import PROFILES, get_profile
from .setup import check_setup, show_lessons
from .show import MIME, data_used, figure_html, show, show_table, verdict

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
