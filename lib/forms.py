"""Four saturating forms, fitted to many training curves at once.

Every form is c - (c - a) r(t): it starts at a, ends at the asymptote c, and r, the part of the rise
still to come, falls from 1 to 0. With a time scale s and an exponent d, t in epochs:

    exponential  exp(-t / s)         Weibull  exp(-(t / s)^d)
    power        (1 + t / s)^(-d)    MMF      1 / (1 + (t / s)^d)

For given s and d, a and c are linear least squares, so only s and d are searched for: on a grid for
all curves at once, then by SciPy from the best place of the grid.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from .curves import check_curves


class Form(NamedTuple):
    """One form.

    Attributes:
        rest: r of u = t / s and d.
        inverse: u of r and d.
        partials: of r, u, d: its derivatives by log s and by log d.
        exponents: range in which d is searched.
    """

    rest: Callable
    inverse: Callable
    partials: Callable
    exponents: tuple[float, float]

    @property
    def n_shapes(self) -> int:
        return 1 if self.exponents[0] == self.exponents[1] else 2


def _log(u):
    """log u, with 0 for u = 0, where it is multiplied by a power of u."""
    return np.log(np.where(u > 0, u, 1))


_FORMS = {
    "exponential": Form(
        rest=lambda u, d: np.exp(-u),
        inverse=lambda r, d: -np.log(r) + 0 * d,
        partials=lambda r, u, d: (r * u, 0 * u),
        exponents=(1, 1),
    ),
    "Weibull": Form(
        rest=lambda u, d: np.exp(-(u**d)),
        inverse=lambda r, d: (-np.log(r)) ** (1 / d),
        partials=lambda r, u, d: (r * d * u**d, -r * d * u**d * _log(u)),
        exponents=(0.2, 5),
    ),
    "power": Form(
        rest=lambda u, d: (1 + u) ** -d,
        inverse=lambda r, d: r ** (-1 / d) - 1,
        partials=lambda r, u, d: (r * d * u / (1 + u), -r * d * np.log1p(u)),
        exponents=(0.1, 20),
    ),
    "MMF": Form(
        rest=lambda u, d: 1 / (1 + u**d),
        inverse=lambda r, d: (1 / r - 1) ** (1 / d),
        partials=lambda r, u, d: (r**2 * d * u**d, -(r**2) * d * u**d * _log(u)),
        exponents=(0.2, 5),
    ),
}
FORMS = tuple(_FORMS)
N_SCALES, N_EXPONENTS = 48, 24  # of the grid


@dataclass(frozen=True)
class Fit:
    """One form, fitted to n curves of T points.

    Attributes:
        form: its name.
        epochs: (T,).
        start, asymptote: a and c, accuracy 0 to 1, (n,).
        scale: s in epochs, (n,).
        exponent: d, (n,); 1 for the exponential.
        sse: sum of squared residuals, (n,).
    """

    form: str
    epochs: np.ndarray
    start: np.ndarray
    asymptote: np.ndarray
    scale: np.ndarray
    exponent: np.ndarray
    sse: np.ndarray

    @property
    def n_parameters(self) -> int:
        """a, c, s, and d where there is one."""
        return 2 + _FORMS[self.form].n_shapes

    def rest(self, t) -> np.ndarray:
        """r at some epochs, (n, len(t)): the part of the rise still to come."""
        u = np.atleast_1d(np.asarray(t, "float64")) / self.scale[:, None]
        return _FORMS[self.form].rest(u, self.exponent[:, None])

    def predict(self, t) -> np.ndarray:
        """Accuracy at some epochs, (n, len(t)); beyond the last epoch it is extrapolated."""
        return self.asymptote[:, None] - (self.asymptote - self.start)[:, None] * self.rest(t)

    def gain(self, begin: float, end: float) -> np.ndarray:
        """Gain an epoch of the fitted curve between two epochs, (n,)."""
        low, high = self.predict([begin, end]).T
        return (high - low) / (end - begin)

    @property
    def remaining(self) -> np.ndarray:
        """Part of the rise still to come at the last epoch, 0 to 1, (n,)."""
        return self.rest(self.epochs[-1:])[:, 0]

    @property
    def half_gain_time(self) -> np.ndarray:
        """Epochs until half of the rise from a to c is made, (n,)."""
        return self.scale * _FORMS[self.form].inverse(0.5, self.exponent)

    def jacobian(self) -> np.ndarray:
        """Derivatives of the curves at every epoch, (n, T, n_parameters).

        By start, asymptote, log scale and, where there is one, log exponent.
        """
        r, u, d = self.rest(self.epochs), self.epochs / self.scale[:, None], self.exponent[:, None]
        by_shapes = _FORMS[self.form].partials(r, u, d)[: self.n_parameters - 2]
        fall = (self.start - self.asymptote)[:, None]
        return np.stack([r, 1 - r, *(fall * one for one in by_shapes)], axis=-1)

    @property
    def slope_at_start(self) -> np.ndarray:
        """Gain an epoch at epoch 0, (n,), of the forms that have one: exponential and power.

        Raises:
            ValueError: for Weibull and MMF: their slope at epoch 0 is 0 or infinite.
        """
        if self.form not in ("exponential", "power"):
            raise ValueError(
                f"the slope of {self.form} at epoch 0 is 0 or infinite: read `gain` in a window, "
                "or `half_gain_time`."
            )
        return self.exponent * (self.asymptote - self.start) / self.scale

    @property
    def aicc(self) -> np.ndarray:
        """Akaike's criterion for small samples, (n,); lower is better.

        Residuals along a run are correlated: it ranks forms, and makes no interval.

        Source: Burnham and Anderson 2002, section 2.4.
        """
        n, p = len(self.epochs), self.n_parameters + 1  # and the variance
        penalty = 2 * p + 2 * p * (p + 1) / (n - p - 1) if n > p + 1 else np.inf
        return n * np.log(np.maximum(self.sse, 1e-15) / n) + penalty


def fit(epochs, curves, form: str) -> Fit:
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
    >>> found = fit(t, 0.8 - 0.5 * np.exp(-t / 2), "exponential")
    >>> found.start.round(4).item(), found.asymptote.round(4).item(), found.scale.round(4).item()
    (0.3, 0.8, 2.0)
    """
    if form not in _FORMS:
        raise ValueError(f"form={form!r}: choose one of {', '.join(FORMS)}.")
    epochs, curves = check_curves(epochs, curves)
    if epochs[0] < 0:
        raise ValueError(f"epochs from {epochs[0]:g}: count them from 0, before training.")
    curves = curves.reshape(-1, len(epochs))
    n_needed = 2 + _FORMS[form].n_shapes
    if len(epochs) < n_needed:
        raise ValueError(f"{len(epochs)} points: {form} has {n_needed} parameters.")
    places = grid(form, epochs)
    low, high = places.min(axis=0), places.max(axis=0)
    shapes = places[_sse(form, epochs, curves, places).argmin(axis=1)]
    if _FORMS[form].n_shapes == 1:
        shapes = _polish_scale(form, epochs, curves, shapes, low[0], high[0])
    start, asymptote, sse = levels(rests(form, epochs, shapes), curves)
    if _FORMS[form].n_shapes == 2:
        begin = zip(curves, shapes, np.stack([start, asymptote], axis=-1), strict=True)
        polished = np.array([_polish(form, epochs, *one, low, high) for one in begin])
        better = levels(rests(form, epochs, polished), curves)[2] < sse  # within 0 and 1, too
        shapes = np.where(better[:, None], polished, shapes)
        start, asymptote, sse = levels(rests(form, epochs, shapes), curves)
    return Fit(form, epochs, start, asymptote, *np.exp(shapes.T), sse)


def grid(form, epochs):
    """Places to start from: log s and log d, (n, 2)."""
    horizon, step = epochs[-1] - epochs[0], np.diff(epochs).min()
    scales = np.geomspace(step / 10, 30 * horizon, N_SCALES)
    low, high = _FORMS[form].exponents
    exponents = np.geomspace(low, high, N_EXPONENTS if high > low else 1)
    return np.log(np.array(np.meshgrid(scales, exponents)).reshape(2, -1).T)


def scale_at(form, epoch, rest, log_exponents):
    """Log of the scale at which, at an epoch, a given part of the rise is still to come."""
    return np.log(epoch / _FORMS[form].inverse(rest, np.exp(log_exponents)))


def _sse(form, epochs, curves, shapes, most: int = 2_000_000):
    """Squared residuals of every curve at every place, (n, n_shapes)."""
    rest = rests(form, epochs, shapes)  # (n_shapes, T)
    size = max(1, most // rest.size)
    parts = [curves[i : i + size] for i in range(0, len(curves), size)]
    return np.concatenate([levels(rest, part[:, None])[2] for part in parts])


def rests(form, epochs, shapes):
    """r at the epochs for each pair of shapes (log s, log d), (n, T)."""
    scale, exponent = np.exp(np.asarray(shapes, "float64").T)[:, ..., None]
    return _FORMS[form].rest(epochs / scale, exponent)


def levels(rest, y):
    """Best start and asymptote within 0 and 1 for given r, and the squared residuals.

    Two linear parameters in a box: the free optimum, or the best of the four edges.
    """
    rise = 1 - rest
    rr, ss, rs = (rest**2).sum(-1), (rise**2).sum(-1), (rest * rise).sum(-1)
    ry, sy, yy = (rest * y).sum(-1), (rise * y).sum(-1), (y**2).sum(-1)
    rr, ss, rs, ry, sy, yy = np.broadcast_arrays(rr, ss, rs, ry, sy, yy)
    tiny = 1e-12
    determinant = rr * ss - rs**2
    safe = np.where(determinant > tiny * rr * ss, determinant, np.nan)
    free = (ss * ry - rs * sy) / safe, (rr * sy - rs * ry) / safe

    def on_edge(fixed, own, other, cross):
        return np.clip((other - fixed * cross) / np.maximum(own, tiny), 0, 1)

    zero, one = np.zeros_like(rr), np.ones_like(rr)
    edges = [(level, on_edge(level, ss, sy, rs)) for level in (zero, one)]
    edges += [(on_edge(level, rr, ry, rs), level) for level in (zero, one)]
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
        return levels(rests(form, epochs, at), curves[i.astype(int)])[2]

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


def _polish(form, epochs, y, shapes, at, low, high):
    """Best scale and exponent of one curve by SciPy's Levenberg-Marquardt (MINPACK).

    `at` is the start and asymptote there. If the free optimum leaves a range, the search is done
    again within the ranges, with the best levels for each scale and exponent.
    """
    from scipy.optimize import least_squares, leastsq

    rest, _, partials, _ = _FORMS[form]

    def residuals(x):
        return x[1] - (x[1] - x[0]) * rest(epochs * np.exp(-x[2]), np.exp(x[3])) - y

    def derivatives(x):
        u, d = epochs * np.exp(-x[2]), np.exp(x[3])
        r = rest(u, d)
        by_scale, by_exponent = partials(r, u, d)
        return np.array([r, 1 - r, (x[0] - x[1]) * by_scale, (x[0] - x[1]) * by_exponent])

    def in_box(x):
        r = rests(form, epochs, x[None])
        a, c, _ = levels(r, y[None])
        return c - (c - a) * r[0] - y

    with np.errstate(over="ignore", invalid="ignore"):  # a step too far is taken back by MINPACK
        found = leastsq(
            residuals, [*at, *shapes], Dfun=derivatives, col_deriv=True, maxfev=100,
            full_output=True,
        )[0]  # fmt: skip
    free = np.isfinite(found).all() and 0 <= min(found[:2]) and max(found[:2]) <= 1
    if free and (found[2:] == np.clip(found[2:], low, high)).all():
        return found[2:]
    box = {"bounds": (low, high), "method": "dogbox", "xtol": 1e-10, "ftol": 1e-10}
    return least_squares(in_box, np.clip(shapes, low, high), max_nfev=60, **box).x
