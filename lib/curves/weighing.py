"""All forms fitted to curves, weighed by how well they fit: which forms count, and how much.

n        curves
weights  Akaike's, (n_forms, n), 1 in sum per curve
"""

import numpy as np

from .fitting import fit_form
from .forms import FORMS

LEAST_WEIGHT = 0.15  # a form of less weight than this does not count


def fit_all(epochs, curves):
    """Fit every form to every curve, and weigh the forms.

    Args:
        epochs: (T,).
        curves: (n, T).

    Returns:
        A list of `Fit`, and Akaike weights (n_forms, n), 1 in sum per curve; forms of less than
        `LEAST_WEIGHT` have 0.

    Source: Burnham & Anderson 2002, section 2.9.
    """
    found = [fit_form(epochs, curves, form) for form in FORMS]
    criteria = np.array([form.aicc for form in found])
    weights = np.exp((criteria.min(axis=0) - criteria) / 2)
    weights[weights < LEAST_WEIGHT * weights.sum(axis=0)] = 0
    return found, weights / weights.sum(axis=0)


def average(found, weights) -> np.ndarray:
    """Weighted mean of the asymptotes of each curve, (n,); arguments as `fit_all` returns them."""
    return (weights * [form.asymptote for form in found]).sum(axis=0)


def still_to_come(found, weights) -> np.ndarray:
    """Accuracy that is still to come after the last epoch, by the forms that count, (n,)."""
    rises = [form.remaining * (form.asymptote - form.start) for form in found]
    return (weights * rises).sum(axis=0)
