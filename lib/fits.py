"""Several forms on one training curve: which fits best, and can its asymptote be known at all?"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from .curves import check_curves
from .forms import FORMS, Fit, grid, rests, scale_at
from .least_squares import fit, levels

SATURATED = float(np.exp(-2))  # most of the rise that may still be to come: kT = 2
TOLERANCE = 0.03  # accuracy; forms that fit as well may put the asymptote so far apart
FEWEST_POINTS = 7  # with fewer, Akaike's criterion rules out every form of four parameters
LEAST_FALL = 0.01  # accuracy; a late fall that is less is none
CHANCE = 0.95  # "fits clearly worse" is beyond this quantile of F
EXACT = 1e-12  # squared accuracy; noise below it is rounding
MOST_CORRELATION = 0.9  # of neighbouring epochs; two dozen points cannot tell more


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
        epochs, curve: (T,), seven points or more.

    Raises:
        ValueError: for fewer points, no form, or a curve that is none.
    """
    import pandas as pd

    if not forms:
        raise ValueError(f"no forms: choose some of {', '.join(FORMS)}.")
    if np.size(epochs) < FEWEST_POINTS:
        raise ValueError(f"{np.size(epochs)} points: to compare forms takes {FEWEST_POINTS}.")
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
        alike: if so, the forms that fit about as well as the best.
    """

    ok: bool
    reason: str
    alike: tuple[str, ...] = ()


def identify(epochs, curve, around=None) -> Identified:
    """Say whether the asymptote of one curve is identified, and why not if it is not.

    It is if the curve rises and does not fall late; if forms of which more than `SATURATED` of the
    rise is still to come fit clearly worse than the best; and if all forms that fit about as well
    put the asymptote within `TOLERANCE`. "Clearly worse" is an F test beyond `CHANCE`; the noise
    counts as large as the correlation along the curve makes it.

    Args:
        epochs, curve: (T,).
        around: if the curve is a mean over bases, their curves minus that mean, (n_bases, T). They
            show the noise much better than what the fit leaves of one curve.

    Raises:
        ValueError: for NaN, one point, values outside 0 and 1, or too few bases around.

    >>> t = np.arange(21)
    >>> identify(t, 0.8 - 0.5 * np.exp(-0.3 * t)).ok
    True
    >>> identify(t, 0.8 - 0.5 * np.exp(-0.025 * t)).ok
    False
    """
    from scipy import stats

    epochs, curves = check_curves(epochs, np.ravel(curve))
    y, n = curves.ravel(), len(epochs)
    if n < FEWEST_POINTS:
        return Identified(False, f"not identified: {n} points, and {FEWEST_POINTS} are needed")
    if around is not None and (np.ndim(around) != 2 or np.shape(around)[1] != n or len(around) < 2):
        raise ValueError(f"around of shape {np.shape(around)}: give (n_bases, {n}), 2 or more.")
    found = {form: fit(epochs, y, form) for form in FORMS}
    sse = np.array([one.sse.item() for one in found.values()])
    best = found[FORMS[sse.argmin()]]
    noise = noise_variance(y - best.predict(epochs)[0], best.jacobian()[0], around)
    free = (n - best.n_parameters) * (1 if around is None else len(around) - 1)
    critical = stats.f.ppf(CHANCE, 1, free)

    def worse(other):
        """Whether a sum of squares is clearly larger than the best one."""
        return (other - sse.min()) / noise > critical

    fall, peak = _late_fall(epochs, y)
    if not worse(y.var() * n) and not fall:
        return Identified(
            False,
            "not identified: the curve is flat, as far as the noise lets see (range "
            f"{np.ptp(y):.3f})",
        )
    if best.asymptote.item() < best.start.item():
        return Identified(False, f"not identified: it falls, from {y[0]:.3f} to {y[-1]:.3f}")
    if fall:
        return Identified(False, f"not identified: it falls by {fall:.3f} after epoch {peak:g}")
    alike = {form: one for form, one in found.items() if not worse(one.sse.item())}
    made = sorted(1 - one.remaining.item() for one in alike.values())
    if made[0] < 1 - SATURATED:
        few, most = f"{100 * made[0]:.0f}", f"{100 * made[-1]:.0f}"
        return Identified(
            False,
            f"not identified: it has made {few if few == most else f'{few} to {most}'} % of its "
            f"rise by epoch {epochs[-1]:g}, by the forms that fit ({', '.join(alike)}); "
            f"{100 * (1 - SATURATED):.1f} % are needed",
        )
    if not worse(_best_unsaturated(epochs, y)):
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
        tuple(alike),
    )


def noise_variance(residuals, jacobian, around=None) -> float:
    """Variance of the noise along a curve, as large as its correlation makes it for slow changes.

    For an AR(1) series of variance v and lag-1 correlation q that is v (1 + q) / (1 - q). Fitted
    residuals look smaller and less correlated than the noise, since the fit follows it: q is the
    one for which the residuals of such noise have, by expectation, the correlation observed.

    Of a mean curve the noise is also seen around it: what the bases' curves have besides other
    parameters. The larger of both counts, since the mean curve may have another form.

    Args:
        residuals: (T,).
        jacobian: of what was fitted, by its parameters, (T, n_parameters).
        around: curves of two bases or more, minus their mean, (n_bases, T).

    Source: moments of the residuals of a linear model, as in Durbin and Watson 1950.
    """
    from scipy import optimize

    n = len(residuals)
    basis, size, _ = np.linalg.svd(jacobian, full_matrices=False)
    basis = basis[:, size > 1e-10 * size[0]]
    left = np.eye(n) - basis @ basis.T  # what the fit leaves of a series
    shifted = left @ np.eye(n, k=1) @ left
    powers = np.arange(n)
    # sums along diagonals: the trace of a product with the correlation matrix, q^|i - j|
    squares = np.array([left.trace(k) * (2 if k else 1) for k in powers])
    products = np.array([shifted.trace(k) + (shifted.trace(-k) if k else 0) for k in powers])
    rows = residuals[None] if around is None else around @ left
    total = (rows**2).sum()
    seen = (rows[:, :-1] * rows[:, 1:]).sum() / max(total, rows.size * EXACT)

    def excess(q):
        return (products @ q**powers) / (squares @ q**powers) - seen

    q = 0.0
    if excess(0.0) < 0:
        top = MOST_CORRELATION
        q = optimize.brentq(excess, 0, top, xtol=1e-4) if excess(top) > 0 else top
    expected = squares @ q**powers
    variance = residuals @ residuals / expected
    if around is not None:
        n_bases = len(around)
        variance = max(variance, total / (n_bases - 1) / n_bases / expected)
    return float(max(variance * (1 + q) / (1 - q), EXACT))


def _best_unsaturated(epochs, y) -> float:
    """Least squares among all forms of which `SATURATED` or more is still to come.

    The best is in a valley of the grid, or on the border, where just that much is to come.
    """
    from scipy import optimize

    found = []
    for form in FORMS:
        places = grid(form, epochs)

        def squares(shapes, form=form):
            start, asymptote, sse = levels(rests(form, epochs, shapes), y[None])
            return np.where(asymptote > start, sse, np.inf)

        def border(exponents, squares=squares, form=form):
            exponents = np.atleast_1d(exponents)
            return squares(
                np.stack([scale_at(form, epochs[-1], SATURATED, exponents), exponents], -1)
            )

        late = rests(form, epochs, places)[:, -1] > SATURATED
        found.append(squares(places[late]).min(initial=np.inf))
        exponents = np.unique(places[:, 1])
        on_border = border(exponents)
        found.append(on_border.min())
        best = on_border.argmin()
        around = exponents[max(best - 1, 0)], exponents[min(best + 1, len(exponents) - 1)]
        if around[0] < around[1] and np.isfinite(found[-1]):
            search = {"bounds": around, "method": "bounded", "options": {"xatol": 1e-5}}
            found.append(optimize.minimize_scalar(lambda x: border(x)[0], **search).fun)
    return float(min(found))


def _late_fall(epochs, y) -> tuple[float, float]:
    """How far the curve comes down after its highest stretch, and where that is; 0 if not clearly.

    By a line through what follows; clearly is three standard errors, for correlated noise.
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
    noise = noise_variance(residuals, np.stack([np.ones_like(t), t], axis=1))
    error = np.sqrt(noise / len(t)) / t.std()
    fall = -line.slope * (t[-1] - t[0])
    if fall < LEAST_FALL or -line.slope < 3 * error:
        return 0.0, 0.0
    return float(fall), float(t[0])
