"""Four saturating forms of a training curve.

Every form is c - (c - a) r(t): it starts at a, ends at the asymptote c, and r, the part of the rise
still to come, falls from 1 to 0. With a time scale s and an exponent d, t in epochs:

    exponential  exp(-t / s)         Weibull  exp(-(t / s)^d)
    power        (1 + t / s)^(-d)    MMF      1 / (1 + (t / s)^d)

`fitting` fits them.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from ..checks import check_choice, is_within, numbers, shown
from .readings import check_window


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


BY_NAME = {
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
FORMS = tuple(BY_NAME)
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
        return 2 + BY_NAME[self.form].n_shapes

    def rest(self, t) -> np.ndarray:
        """r at some epochs, (n, len(t)): the part of the rise still to come."""
        t = np.atleast_1d(numbers("t", t, ("n",), ()))
        if t.min() < 0:
            raise ValueError(f"t={shown(t.tolist())}: count epochs from 0, before training.")
        with np.errstate(over="ignore"):  # far out nothing is left
            return BY_NAME[self.form].rest(t / self.scale[:, None], self.exponent[:, None])

    def predict(self, t) -> np.ndarray:
        """Accuracy at some epochs, 0 or later, (n, len(t)); after the last it is extrapolated."""
        return self.asymptote[:, None] - (self.asymptote - self.start)[:, None] * self.rest(t)

    def gain(self, begin: float, end: float) -> np.ndarray:
        """Gain per epoch of the fitted curve between two epochs, (n,)."""
        check_window(begin, end)
        low, high = self.predict([begin, end]).T
        return (high - low) / (end - begin)

    @property
    def remaining(self) -> np.ndarray:
        """Part of the rise still to come at the last epoch, 0 to 1, (n,)."""
        return self.rest(self.epochs[-1:])[:, 0]

    @property
    def half_gain_time(self) -> np.ndarray:
        """Epochs until half of the rise from a to c is made, (n,)."""
        return self.scale * BY_NAME[self.form].inverse(0.5, self.exponent)

    def jacobian(self) -> np.ndarray:
        """Derivatives of the curves at every epoch, (n, T, n_parameters).

        By start, asymptote, log scale and, where there is one, log exponent.
        """
        r, u, d = self.rest(self.epochs), self.epochs / self.scale[:, None], self.exponent[:, None]
        by_shapes = BY_NAME[self.form].partials(r, u, d)[: self.n_parameters - 2]
        fall = (self.start - self.asymptote)[:, None]
        return np.stack([r, 1 - r, *(fall * one for one in by_shapes)], axis=-1)

    @property
    def aicc(self) -> np.ndarray:
        """Akaike's criterion for small samples, (n,); lower is better.

        It takes residuals for independent; along a run they are not, so read it as a ranking.

        Source: Burnham and Anderson 2002, section 2.4.
        """
        n, p = len(self.epochs), self.n_parameters + 1  # and the variance
        penalty = 2 * p + 2 * p * (p + 1) / (n - p - 1) if n > p + 1 else np.inf
        return n * np.log(np.maximum(self.sse, 1e-15) / n) + penalty


def pick(found: Fit, which) -> Fit:
    """The fits of some of the curves: a slice, or a list of places."""
    values = {key: value for key, value in vars(found).items() if key not in ("form", "epochs")}
    return replace(found, **{key: value[which] for key, value in values.items()})


def grid(form, epochs):
    """Places to start from: log s and log d, (n, 2)."""
    horizon, step = epochs[-1] - epochs[0], np.diff(epochs).min()
    scales = np.geomspace(step / 10, 30 * horizon, N_SCALES)
    low, high = BY_NAME[form].exponents
    exponents = np.geomspace(low, high, N_EXPONENTS if high > low else 1)
    return np.log(np.array(np.meshgrid(scales, exponents)).reshape(2, -1).T)


MOST_LOG = 50.0  # of a scale in epochs


def scale_at(form: str, epoch: float, rest: float, log_exponents) -> np.ndarray:
    """Log of the scale at which, at an epoch, a given part of the rise is still to come.

    Args:
        form: one of `FORMS`.
        epoch: above 0.
        rest: above 0, below 1.
        log_exponents: log d, a number or (n,), within the form's range.

    Returns:
        log s, of the same shape.

    Raises:
        ValueError: for a number outside its range.
    """
    check_choice("form", form, FORMS)
    if not is_within(epoch, 1e-9, 1e9):
        raise ValueError(f"epoch={shown(epoch)}: choose one after 0, before training.")
    if not is_within(rest, 1e-30, 0.999999):
        raise ValueError(f"rest={shown(rest)}: choose a part of the rise, above 0 and below 1.")
    log_exponents = numbers("log_exponents", log_exponents, (), ("n",))
    _check_exponents(form, log_exponents, "log_exponents")
    return np.log(epoch / BY_NAME[form].inverse(rest, np.exp(log_exponents)))


def rests(form: str, epochs, shapes) -> np.ndarray:
    """r at the epochs for each row of shapes, (n, T): the part of the rise still to come.

    Args:
        form: one of `FORMS`.
        epochs: (T,), 0 or later.
        shapes: log s and log d, (n, 2), or (2,) for one; d within the form's range.

    Raises:
        ValueError: for arrays of other shapes, or numbers outside their range.
    """
    check_choice("form", form, FORMS)
    epochs = numbers("epochs", epochs, ("T",))
    if epochs.min() < 0:
        raise ValueError(f"epochs from {epochs.min():g}: count them from 0, before training.")
    shapes = numbers("shapes", shapes, ("n", "2"), ("2",))
    if shapes.shape[-1] != 2 or np.abs(shapes[..., 0]).max() > MOST_LOG:
        raise ValueError(
            f"shapes of shape {shapes.shape}, log s up to {np.abs(shapes[..., 0]).max():g}: give "
            f"log s, {MOST_LOG:g} at most, and log d."
        )
    _check_exponents(form, shapes[..., 1], "shapes")
    with np.errstate(over="ignore"):  # far out nothing is left
        return form_rests(form, epochs, shapes)


def form_rests(form, epochs, shapes) -> np.ndarray:
    """As `rests`, of arrays that are known to be right; thousands of times in a fit."""
    scale, exponent = np.exp(shapes.T)[:, ..., None]
    return BY_NAME[form].rest(epochs / scale, exponent)


def _check_exponents(form, logs, name):
    """One clear error for exponents outside the range in which a form is searched."""
    low, high = np.log(BY_NAME[form].exponents)
    if logs.min() < low - 1e-9 or logs.max() > high + 1e-9:
        raise ValueError(
            f"{name} with log d from {logs.min():g} to {logs.max():g}: give {low:.3g} to "
            f"{high:.3g} for the form {form}."
        )
