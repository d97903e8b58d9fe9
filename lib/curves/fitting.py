"""Forms fitted to many training curves at once, by least squares.

For given scale and exponent, start and asymptote are linear least squares, so only the former are
searched for: on a grid for all curves at once, then by SciPy from the best place of the grid.
"""

from typing import NamedTuple

import numpy as np

from ..checks import check_choice, numbers, shown
from .forms import BY_NAME, FORMS, N_SCALES, Fit, form_rests, grid
from .readings import check_curves

FEWEST_POINTS = 7  # with fewer, Akaike's criterion rules out every form of four parameters


def fit_form(epochs, curves, form: str) -> Fit:
    """Fit one form to every curve by least squares, with start and asymptote within 0 and 1.

    Args:
        epochs: (T,), increasing, not below 0.
        curves: accuracy 0 to 1, (n, T), or (T,) for one.
        form: one of `FORMS`.

    Raises:
        ValueError: for an unknown form, epochs below 0, fewer points than parameters, or curves
            that are none.

    Source: Viering and Loog 2022 (forms); Golub and Pereyra 1973 (linear parameters apart).

    >>> t = np.arange(11)
    >>> found = fit_form(t, 0.8 - 0.5 * np.exp(-t / 2), "exponential")
    >>> found.start.round(4).item(), found.asymptote.round(4).item(), found.scale.round(4).item()
    (0.3, 0.8, 2.0)
    """
    check_choice("form", form, FORMS)
    epochs, curves = check_curves(epochs, numbers("curves", curves, ("T",), ("n", "T")))
    if epochs[0] < 0:
        raise ValueError(f"epochs from {epochs[0]:g}: count them from 0, before training.")
    curves = curves.reshape(-1, len(epochs))
    n_needed = 2 + BY_NAME[form].n_shapes
    if len(epochs) < n_needed:
        raise ValueError(f"epochs of {len(epochs)} points: {form} has {n_needed} parameters.")
    places = grid(form, epochs)
    low, high = places.min(axis=0), places.max(axis=0)
    shapes = places[_sse(form, epochs, curves, places).argmin(axis=1)]
    if BY_NAME[form].n_shapes == 1:
        shapes = _polish_scale(form, epochs, curves, shapes, low[0], high[0])
    start, asymptote, sse = start_and_asymptote(form_rests(form, epochs, shapes), curves)
    if BY_NAME[form].n_shapes == 2:
        at_ends = _at_ends(form, epochs, curves, low, high)
        begin = zip(curves, shapes, np.stack([start, asymptote], axis=-1), at_ends, strict=True)
        polished = np.array([_polish(form, epochs, *one, low, high) for one in begin])
        # within 0 and 1, too
        better = start_and_asymptote(form_rests(form, epochs, polished), curves)[2] < sse
        shapes = np.where(better[:, None], polished, shapes)
        start, asymptote, sse = start_and_asymptote(form_rests(form, epochs, shapes), curves)
    return Fit(form, epochs, start, asymptote, *np.exp(shapes.T), sse)


def _sse(form, epochs, curves, shapes, most: int = 2_000_000):
    """Squared residuals of every curve at every place, (n, n_shapes)."""
    rest = form_rests(form, epochs, shapes)  # (n_shapes, T)
    size = max(1, most // rest.size)
    parts = [curves[i : i + size] for i in range(0, len(curves), size)]
    return np.concatenate([start_and_asymptote(rest, part[:, None])[2] for part in parts])


def start_and_asymptote(rest, y):
    """Best start and asymptote within 0 and 1 for given r, and the sum of squared residuals.

    Two linear parameters in a box: the free optimum, or the best of the four edges.
    """
    rise = 1 - rest
    rr, ss, rs = np.vecdot(rest, rest), np.vecdot(rise, rise), np.vecdot(rest, rise)
    ry, sy, yy = np.vecdot(rest, y), np.vecdot(rise, y), np.vecdot(y, y)
    rr, ss, rs, ry, sy, yy = np.broadcast_arrays(rr, ss, rs, ry, sy, yy)
    tiny = 1e-12
    determinant = rr * ss - rs**2
    safe = np.where(determinant > tiny * rr * ss, determinant, np.nan)
    free = (ss * ry - rs * sy) / safe, (rr * sy - rs * ry) / safe

    def on_edge(fixed, own, other, cross):
        return np.clip((other - fixed * cross) / np.maximum(own, tiny), 0, 1)

    zero, one = np.zeros_like(rr), np.ones_like(rr)
    edges = [(bound, on_edge(bound, ss, sy, rs)) for bound in (zero, one)]
    edges += [(on_edge(bound, rr, ry, rs), bound) for bound in (zero, one)]
    inside = (free[0] >= 0) & (free[0] <= 1) & (free[1] >= 0) & (free[1] <= 1)

    def squares(a, c):
        return yy - 2 * (a * ry + c * sy) + a**2 * rr + 2 * a * c * rs + c**2 * ss

    a, c = np.where(inside, free, np.nan)
    sse = np.where(inside, squares(a, c), np.inf)
    for start, asymptote in edges:
        other = squares(start, asymptote)
        better = other < sse
        a, c = np.where(better, start, a), np.where(better, asymptote, c)
        sse = np.where(better, other, sse)
    return a, c, np.maximum(sse, 0)


def _polish_scale(form, epochs, curves, shapes, low, high):
    """Best scale for given exponents, all curves at once, by SciPy's bracketed minimiser."""
    from scipy.optimize import elementwise

    def squares(log_scale, log_exponent, i):
        at = np.stack([log_scale, log_exponent], axis=-1)
        return start_and_asymptote(form_rests(form, epochs, at), curves[i.astype(int)])[2]

    step = (high - low) / (N_SCALES - 1)  # of the grid
    middle, exponent = shapes.T
    found = elementwise.find_minimum(
        squares,
        (middle - step, middle, middle + step),
        args=(exponent, np.arange(len(curves))),
        tolerances={"xatol": 1e-7, "xrtol": 0, "fatol": 0, "frtol": 0},
    )
    better = np.isfinite(found.x) & (found.f_x <= squares(middle, exponent, np.arange(len(curves))))
    return np.stack([np.where(better, np.clip(found.x, low, high), middle), exponent], axis=-1)


def _at_ends(form, epochs, curves, low, high):
    """Best scale and exponent of every curve at the ends of the exponents' range, (n, 2).

    NaN where another range binds as well: then the best place may be elsewhere.
    """
    scales = np.linspace(low[0], high[0], N_SCALES)
    found = []
    for end in (low[1], high[1]):
        places = np.stack([scales, np.full(N_SCALES, end)], axis=-1)
        begin = places[_sse(form, epochs, curves, places).argmin(axis=1)]
        found.append(_polish_scale(form, epochs, curves, begin, low[0], high[0]))
    fits = [start_and_asymptote(form_rests(form, epochs, one), curves) for one in found]
    first = fits[0][2] < fits[1][2]
    best = np.where(first[:, None], *found)
    start, asymptote, _ = (np.where(first, *both) for both in zip(*fits, strict=True))
    inside = (best[:, 0] > low[0]) & (best[:, 0] < high[0])
    for one in (start, asymptote):
        inside &= (one > 0) & (one < 1)
    best[~inside] = np.nan
    return best


def _polish(form, epochs, y, shapes, at, at_end, low, high):
    """Best scale and exponent of one curve by SciPy's Levenberg-Marquardt (MINPACK).

    `at` is the start and asymptote there. If the exponent of the free optimum leaves its range, the
    best place at the ends of that range is taken, `at_end`. If start, asymptote or scale leave
    theirs, the search is done again within all ranges, with the best start and asymptote for each
    scale and exponent.
    """
    from scipy.optimize import least_squares, leastsq

    rest, _, partials, _ = BY_NAME[form]

    def residuals(x):
        return x[1] - (x[1] - x[0]) * rest(epochs * np.exp(-x[2]), np.exp(x[3])) - y

    def derivatives(x):
        u, d = epochs * np.exp(-x[2]), np.exp(x[3])
        r = rest(u, d)
        by_scale, by_exponent = partials(r, u, d)
        return np.array([r, 1 - r, (x[0] - x[1]) * by_scale, (x[0] - x[1]) * by_exponent])

    def in_box(x):
        r = form_rests(form, epochs, x[None])
        a, c, _ = start_and_asymptote(r, y[None])
        return c - (c - a) * r[0] - y

    with np.errstate(over="ignore", invalid="ignore"):  # a step too far is taken back by MINPACK
        found = leastsq(
            residuals, [*at, *shapes], Dfun=derivatives, col_deriv=True, maxfev=100,
            full_output=True,
        )[0]  # fmt: skip
    free = np.isfinite(found).all() and 0 <= min(found[:2]) and max(found[:2]) <= 1
    inside = found[2:] == np.clip(found[2:], low, high)
    if free and inside.all():
        return found[2:]
    if free and not inside[1] and np.isfinite(at_end).all():
        return at_end
    box = {"bounds": (low, high), "method": "dogbox", "xtol": 1e-10, "ftol": 1e-10}
    return least_squares(in_box, np.clip(shapes, low, high), max_nfev=200, **box).x


class Comparison(NamedTuple):
    """Several forms on one curve.

    Attributes:
        table: a `pandas.DataFrame`, one row per form, best first: start, asymptote, half-gain time,
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
        forms: some of `FORMS`.

    Raises:
        ValueError: for fewer points, no form, or a curve that is none.
    """
    import pandas as pd

    if not isinstance(forms, list | tuple) or not forms:
        raise ValueError(f"forms={shown(forms)}: give a list of some of {', '.join(FORMS)}.")
    for form in forms:
        check_choice("forms", form, FORMS)
    epochs, curve = check_curves(epochs, numbers("curve", curve, ("T",)), "curve")
    if len(epochs) < FEWEST_POINTS:
        raise ValueError(f"epochs of {len(epochs)} points: to compare forms takes {FEWEST_POINTS}.")
    found = {form: fit_form(epochs, curve, form) for form in forms}
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
