"""Can the asymptote of a training curve be known at all?  Lesson 10.

A rule in four sentences: the curve rises, and does not fall late; every form that counts has made
nearly all of its rise; and these forms agree where it ends. It is said *within the forms*: a slow
tail that none of them has is not seen, and the asymptote is then "identified" at a wrong level.
"""

from dataclasses import dataclass

import numpy as np

from ..checks import numbers
from ..statistics.rounding import ROUNDING
from .fitting import FEWEST_POINTS
from .noise import late_fall, noise_variance
from .readings import check_curves
from .weighing import fit_all

SATURATED = float(np.exp(-2.5))  # most of the rise that may still be to come: kT = 2.5
TOLERANCE = 0.03  # accuracy; forms that count may put the asymptote so far apart
CHANCE = 0.95  # "rises, as far as the noise lets see" is beyond this quantile of F


@dataclass(frozen=True)
class Identified:
    """Whether the asymptote of a curve can be known.

    Attributes:
        ok: if so.
        reason: why, or why not, in words with numbers.
        alike: if so, the forms that count.
    """

    ok: bool
    reason: str
    alike: tuple[str, ...] = ()


def identify(epochs, curve, around=None) -> Identified:
    """Say whether the asymptote of one curve is identified, and why not if it is not.

    It is if the curve rises and does not fall late, and if all forms that count (those of an Akaike
    weight of `weighing.LEAST_WEIGHT` or more) have at most `SATURATED` of their rise still to come,
    and put the asymptote within `TOLERANCE`.

    Args:
        epochs, curve: (T,).
        around: if the curve is a mean over bases, their curves minus that mean, (n_bases, T). They
            show the noise, and so whether there is a rise at all, better than one curve does.

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
        return Identified(False, too_few(n))
    found, weights = fit_all(epochs, y[None])
    return judge_fits(epochs, y, found, weights[:, 0], around)


def too_few(n: int) -> str:
    """The reason why so few points identify nothing."""
    return f"not identified: {n} points, and {FEWEST_POINTS} are needed"


def judge_fits(epochs, y, found, weights, around=None) -> Identified:
    """The same from fits of all forms to the curve.

    Args:
        epochs, y: (T,).
        found, weights: of this one curve: `Fit` of each form, and its weight, (n_forms,).
        around: as in `identify`.
    """
    alike = {one.form: one for one, weight in zip(found, weights, strict=True) if weight}
    objection = next(_objections(epochs, y, found, alike, around), None)
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


def _objections(epochs, y, found, alike, around):
    """Yield the reasons why the asymptote cannot be known, the plainest first.

    Args:
        epochs, y: (T,).
        found: `Fit` of each form.
        alike: by form, `Fit` of those that count.
        around: as in `identify`.
    """
    fall, peak = late_fall(epochs, y)
    best = min(found, key=lambda one: one.sse.item())
    if not fall and not _moves(y, best, around):
        yield f"the curve is flat, as far as the noise lets see (range {np.ptp(y):.3f})"
    if best.asymptote.item() < best.start.item():
        yield f"it falls, from {y[0]:.3f} to {y[-1]:.3f}"
    if fall:
        yield f"it falls by {fall:.3f} after epoch {peak:g}"
    made = _range(1 - one.remaining for one in alike.values())
    if made[0] < 1 - SATURATED:
        part = " to ".join(dict.fromkeys(f"{100 * one:.0f}" for one in made))
        yield (
            f"it has made {part} % of its rise by epoch {epochs[-1]:g}, by the forms that fit "
            f"({', '.join(alike)}); {100 * (1 - SATURATED):.1f} % are needed"
        )
    low, high = _range(one.asymptote for one in alike.values())
    if high >= 1 - 1e-6 and y[-1] < 1 - TOLERANCE:
        yield "the fitted asymptote is at its bound, 1"
    if high - low > TOLERANCE:
        yield f"forms that fit as well put the asymptote at {low:.3f} to {high:.3f}"


def _moves(y, best, around) -> bool:
    """Whether the best form fits clearly better than a constant, for noise that is correlated."""
    from scipy import stats

    noise = noise_variance(y - best.predict(best.epochs)[0], best.jacobian()[0], around)
    free = (len(y) - best.n_parameters) * (1 if around is None else len(around) - 1)
    return (y.var() * len(y) - best.sse.item()) / noise > stats.f.ppf(CHANCE, 1, free)


def _range(values) -> tuple[float, float]:
    """The smallest and the largest."""
    values = np.ravel([*values])
    return float(values.min()), float(values.max())
