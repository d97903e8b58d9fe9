"""Several forms on one training curve: which fits best, and can its asymptote be known at all?"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from .curves import check_curves
from .forms import FORMS, Fit, fit, grid, levels, rests

SATURATED = float(np.exp(-2))  # most of the rise that may still be to come: kT = 2
TOLERANCE = 0.03  # accuracy; forms that fit as well may put the asymptote so far apart
FEWEST_POINTS = 6  # a form of four parameters leaves two for the noise
LEAST_FALL = 0.01  # accuracy; a late fall that is less is none
CHANCE = 3.84  # chi square, one degree of freedom, 95 %: "fits clearly worse" is beyond it


class Comparison(NamedTuple):
    """Several forms on one curve.

    Attributes:
        table: a `pandas.DataFrame`, one row a form, best first: start, asymptote, half-gain time,
            remaining, rmse, AICc difference to the best, and weight (Akaike's, adding up to 1).
        fits: by form, `Fit` of the one curve.
        best: form of the lowest AICc.
    """

    table: object
    fits: dict[str, Fit]
    best: str


def compare(epochs, curve, forms=FORMS) -> Comparison:
    """Fit several forms to one curve, usually a mean curve, and rank them.

    Args:
        epochs, curve: (T,).
    """
    import pandas as pd

    found = {form: fit(epochs, np.ravel(curve), form) for form in forms}
    aicc = np.array([one.aicc.item() for one in found.values()])
    gap = aicc - aicc.min()
    rows = {
        form: {
            "start": one.start.item(),
            "asymptote": one.asymptote.item(),
            "half-gain time": one.half_gain_time.item(),
            "remaining": one.remaining.item(),
            "rmse": np.sqrt(one.sse.item() / len(one.epochs)),
        }
        for form, one in found.items()
    }
    weight = np.exp(-gap / 2)
    table = pd.DataFrame(rows).T.assign(**{"AICc difference": gap, "weight": weight / weight.sum()})
    table = table.sort_values("AICc difference")
    return Comparison(table, found, table.index[0])


@dataclass(frozen=True)
class Identified:
    """Whether the asymptote of a curve can be known.

    Attributes:
        ok: if so.
        reason: why, or why not, in words with numbers.
    """

    ok: bool
    reason: str


def identify(epochs, curve) -> Identified:
    """Say whether the asymptote of one curve is identified, and why not if it is not.

    It is if the curve rises and does not fall late; if forms of which more than `SATURATED` of the
    rise is still to come fit clearly worse than the best; and if all forms that fit about as well
    put the asymptote within `TOLERANCE`. "Clearly worse" is a likelihood ratio beyond `CHANCE`, for
    as many independent points as the correlation of the residuals leaves.

    Args:
        epochs, curve: (T,).

    Raises:
        ValueError: for NaN, one point, or values outside 0 and 1.

    >>> t = np.arange(21)
    >>> identify(t, 0.8 - 0.5 * np.exp(-0.3 * t)).ok
    True
    >>> identify(t, 0.8 - 0.5 * np.exp(-0.025 * t)).ok
    False
    """
    epochs, curves = check_curves(epochs, np.ravel(curve))
    y, n = curves.ravel(), len(epochs)
    if n < FEWEST_POINTS:
        return Identified(False, f"not identified: {n} points, and {FEWEST_POINTS} are needed")
    found = {form: fit(epochs, y, form) for form in FORMS}
    least = 1e-12 * n  # a perfect fit leaves nothing to compare with
    sse = np.array([one.sse.item() for one in found.values()])
    best = found[FORMS[sse.argmin()]]
    n_independent = _independent_points(y - best.predict(epochs)[0])

    def worse(other):
        """Likelihood ratio of a fit against the best one."""
        return n_independent * np.log(max(other, least) / max(sse.min(), least))

    if worse(y.var() * n) < CHANCE:
        return Identified(False, f"not identified: the curve is flat (range {np.ptp(y):.3f})")
    if best.asymptote.item() < best.start.item():
        return Identified(False, f"not identified: it falls, from {y[0]:.3f} to {y[-1]:.3f}")
    fall, peak = _late_fall(epochs, y)
    if fall:
        return Identified(False, f"not identified: it falls by {fall:.3f} after epoch {peak:g}")
    alike = {form: one for form, one in found.items() if worse(one.sse.item()) < CHANCE}
    made = sorted(1 - one.remaining.item() for one in alike.values())
    if made[0] < 1 - SATURATED:
        few, most = f"{100 * made[0]:.0f}", f"{100 * made[-1]:.0f}"
        return Identified(
            False,
            f"not identified: it has made {few if few == most else f'{few} to {most}'} % of its "
            f"rise by epoch {epochs[-1]:g}, by the forms that fit ({', '.join(alike)}); "
            f"{100 * (1 - SATURATED):.1f} % are needed",
        )
    if worse(_best_unsaturated(epochs, y)) < CHANCE:
        return Identified(
            False,
            f"not identified: a curve that has made less than {100 * (1 - SATURATED):.1f} % of "
            f"its rise by epoch {epochs[-1]:g} fits as well",
        )
    asymptotes = [one.asymptote.item() for one in alike.values()]
    low, high = min(asymptotes), max(asymptotes)
    if high >= 1 - 1e-6 and y[-1] < 1 - TOLERANCE:
        return Identified(False, "not identified: the fitted asymptote is at its bound, 1")
    if high - low > TOLERANCE:
        return Identified(
            False,
            f"not identified: forms that fit as well put the asymptote at {low:.3f} to {high:.3f}",
        )
    return Identified(
        True,
        f"identified: at least {100 * made[0]:.0f} % of the rise is made by epoch {epochs[-1]:g}, "
        f"and the forms that fit ({', '.join(alike)}) put the asymptote at {low:.3f} to {high:.3f}",
    )


def _independent_points(residuals) -> float:
    """How many independent points the residuals are worth: n (1 - q) / (1 + q), q from lag 1."""
    left, right = residuals[:-1], residuals[1:]
    q = float(np.clip((left @ right) / max(residuals @ residuals, 1e-30), 0, 0.9))
    return len(residuals) * (1 - q) / (1 + q)


def _best_unsaturated(epochs, y) -> float:
    """Least squares among all forms of which more than `SATURATED` is still to come."""
    best = np.inf
    for form in FORMS:
        shapes = grid(form, epochs)
        rest = rests(form, epochs, shapes)
        late = rest[:, -1] > SATURATED
        sse = levels(rest[late], y[None])
        rising = sse[1] > sse[0]
        best = min(best, sse[2][rising].min(initial=np.inf))
    return float(best)


def _late_fall(epochs, y) -> tuple[float, float]:
    """How far the curve comes down after its highest stretch, and where that is; 0 if not clearly.

    By a line through what follows; clearly is three standard errors, for independent points.
    """
    from scipy import stats

    width = max(3, len(y) // 10)
    level = np.convolve(y, np.full(width, 1 / width), "valid")
    peak = level.argmax() + width // 2
    t, late = epochs[peak:], y[peak:]
    if len(t) < 5:
        return 0.0, 0.0
    line = stats.linregress(t, late)
    residuals = late - line.intercept - line.slope * t
    error = line.stderr * np.sqrt(len(t) / _independent_points(residuals))
    fall = -line.slope * (t[-1] - t[0])
    if fall < LEAST_FALL or -line.slope < 3 * error:
        return 0.0, 0.0
    return float(fall), float(t[0])
