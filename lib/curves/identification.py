"""Can the asymptote of a training curve be known at all?  Lesson 09."""

from dataclasses import dataclass

import numpy as np

from ..checks import numbers
from ..statistics.rounding import ROUNDING
from .fitting import FEWEST_POINTS, fit_form, start_and_asymptote
from .forms import FORMS, form_rests, grid, scale_at
from .noise import late_fall, noise_variance
from .readings import check_curves

SATURATED = float(np.exp(-2))  # most of the rise that may still be to come: kT = 2
TOLERANCE = 0.03  # accuracy; forms that fit as well may put the asymptote so far apart
CHANCE = 0.95  # "fits clearly worse" is beyond this quantile of F


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
        ValueError: for a curve that is none, or around it too few bases, NaN, or curves that do
            not have the mean 0.

    >>> t = np.arange(21)
    >>> identify(t, 0.8 - 0.5 * np.exp(-0.3 * t)).ok
    True
    >>> identify(t, 0.8 - 0.5 * np.exp(-0.025 * t)).ok
    False
    """
    epochs, y = check_curves(epochs, numbers("curve", curve, ("T",)), "curve")
    n = len(epochs)
    if around is not None:
        around = _checked_around(around, n)
    if n < FEWEST_POINTS:
        return Identified(False, f"not identified: {n} points, and {FEWEST_POINTS} are needed")
    found = {form: fit_form(epochs, y, form) for form in FORMS}
    best = min(found.values(), key=lambda one: one.sse.item())
    worse = _judge(epochs, y, best, around)
    alike = {form: one for form, one in found.items() if not worse(one.sse.item())}
    objection = next(_objections(epochs, y, best, alike, worse), None)
    if objection:
        return Identified(False, f"not identified: {objection}")
    low, high = _range(one.asymptote for one in alike.values())
    least, _ = _range(1 - one.remaining for one in alike.values())
    return Identified(
        True,
        f"identified: at least {100 * least:.0f} % of the rise is made by epoch {epochs[-1]:g}, "
        f"and the forms that fit ({', '.join(alike)}) put the asymptote at {low:.3f} to {high:.3f}",
        tuple(alike),
    )


def _checked_around(around, n):
    """The bases' curves minus their mean; one clear error for what is not that."""
    around = numbers("around", around, ("n_bases", "T"))
    if around.shape[1] != n or len(around) < 2:
        raise ValueError(f"around of shape {around.shape}: give (n_bases, {n}), 2 or more.")
    most = np.abs(around.mean(axis=0)).max()
    if most > ROUNDING:
        raise ValueError(
            f"around has a mean that is up to {most:.3g} from 0: give the bases' curves minus "
            "their mean curve."
        )
    return around


def _judge(epochs, y, best, around):
    """A function that says whether a sum of squares is clearly larger than that of the best fit."""
    from scipy import stats

    noise = noise_variance(y - best.predict(epochs)[0], best.jacobian()[0], around)
    free = (len(y) - best.n_parameters) * (1 if around is None else len(around) - 1)
    critical = stats.f.ppf(CHANCE, 1, free)
    return lambda sse: (sse - best.sse.item()) / noise > critical


def _objections(epochs, y, best, alike, worse):
    """Yield the reasons why the asymptote cannot be known, the plainest first.

    Args:
        epochs, y: (T,).
        best: `Fit` of the form with the smallest sum of squares.
        alike: by form, `Fit` of those that fit about as well.
        worse: says whether a sum of squares is clearly larger than the best one.
    """
    fall, peak = late_fall(epochs, y)
    if not fall and not worse(y.var() * len(y)):
        yield f"the curve is flat, as far as the noise lets see (range {np.ptp(y):.3f})"
    if best.asymptote.item() < best.start.item():
        yield f"it falls, from {y[0]:.3f} to {y[-1]:.3f}"
    if fall:
        yield f"it falls by {fall:.3f} after epoch {peak:g}"
    by_now, wanted = f"by epoch {epochs[-1]:g}", f"{100 * (1 - SATURATED):.1f} %"
    made = _range(1 - one.remaining for one in alike.values())
    if made[0] < 1 - SATURATED:
        part = " to ".join(dict.fromkeys(f"{100 * one:.0f}" for one in made))
        yield (
            f"it has made {part} % of its rise {by_now}, by the forms that fit "
            f"({', '.join(alike)}); {wanted} are needed"
        )
    if not worse(_best_unsaturated(epochs, y)):
        yield f"a curve that has made less than {wanted} of its rise {by_now} fits as well"
    low, high = _range(one.asymptote for one in alike.values())
    if high >= 1 - 1e-6 and y[-1] < 1 - TOLERANCE:
        yield "the fitted asymptote is at its bound, 1"
    if high - low > TOLERANCE:
        yield f"forms that fit as well put the asymptote at {low:.3f} to {high:.3f}"


def _range(values) -> tuple[float, float]:
    """The smallest and the largest."""
    values = np.ravel([*values])
    return float(values.min()), float(values.max())


def _best_unsaturated(epochs, y) -> float:
    """Least squares among all forms of which `SATURATED` or more is still to come.

    The best is in a valley of the grid, or on the border, where just that much is to come.
    """
    from scipy import optimize

    found = []
    for form in FORMS:
        places = grid(form, epochs)

        def squares(shapes, form=form):
            start, asymptote, sse = start_and_asymptote(form_rests(form, epochs, shapes), y[None])
            return np.where(asymptote > start, sse, np.inf)

        def border(exponents, squares=squares, form=form):
            exponents = np.atleast_1d(exponents)
            return squares(
                np.stack([scale_at(form, epochs[-1], SATURATED, exponents), exponents], -1)
            )

        late = form_rests(form, epochs, places)[:, -1] > SATURATED
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
