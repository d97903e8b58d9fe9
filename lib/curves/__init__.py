"""Training curves: what is read from them, what is fitted to them, and what cannot be known."""

from typing import TYPE_CHECKING

from ..lazy import on_first_use

if TYPE_CHECKING:
    from .asymptotes import AsymptoteDifference, asymptote_difference
    from .benefits import Answer, Benefits, benefits_table, three_benefits
    from .cuts import CutAnswers, cut, cut_answers
    from .fitting import compare, fit_form
    from .forms import FORMS, Fit, rests, scale_at
    from .identification import TOLERANCE, Identified, identify
    from .readings import area_ratio, at_epoch, gain, jumpstart, late_level, time_to_threshold
    from .schematic import BenefitCurve, benefit_curves

__all__ = [
    "at_epoch",
    "jumpstart",
    "gain",
    "late_level",
    "time_to_threshold",
    "area_ratio",
    "BenefitCurve",
    "benefit_curves",
    "FORMS",
    "Fit",
    "rests",
    "scale_at",
    "fit_form",
    "compare",
    "TOLERANCE",
    "Identified",
    "identify",
    "AsymptoteDifference",
    "asymptote_difference",
    "Answer",
    "Benefits",
    "three_benefits",
    "benefits_table",
    "cut",
    "CutAnswers",
    "cut_answers",
]

__getattr__, __dir__ = on_first_use(__name__)
