"""How far apart are the asymptotes of two arms? Fitted to mean curves, with an interval over bases.

The forms that fit a mean curve count with their Akaike weights. How a base pulls at the weighted
mean of their asymptotes is known to first order (the infinitesimal jackknife), or seen in refits
of resampled mean curves. What is still to come after the last epoch is extrapolated: a part of it
counts as uncertain, however well the forms fit.
"""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from ..checks import check_whole, numbers
from ..statistics.comparisons import probability_of_improvement
from ..statistics.intervals import MOST_RESAMPLES, Interval, check_settings
from ..statistics.nested import resampled_means
from ..statistics.rounding import ROUNDING
from .fitting import FEWEST_POINTS
from .forms import Fit, grid, pick
from .identification import judge_fits, too_few
from .noise import EXACT
from .readings import check_curves
from .weighing import average, fit_all, still_to_come

FEWEST_REFITS = 20  # the standard error of so few is right within a sixth
UNSEEN = 1 / 3  # of what is still to come counts as uncertain


class AsymptoteDifference(NamedTuple):
    """Asymptote of one arm minus that of another.

    Attributes:
        interval: over bases; None if one of the two asymptotes is not identified.
        p_better: P(A > B) over bases, to first order; None as above.
        reason: how it was found, or why there is no number.
    """

    interval: Interval | None
    p_better: float | None
    reason: str


def asymptote_difference(
    epochs, transfer, scratch, n_resamples: int = 0, seed: int = 0, level: float = 0.95
) -> AsymptoteDifference:
    """Compare the fitted asymptotes of two arms, if `identify` identifies both.

    Args:
        epochs: (T,).
        transfer, scratch: (n_bases, n_refits, T), paired, two bases or more.
        n_resamples: refits of resampled mean curves, whole bases, the same in both arms, 20 or
            more; 0 takes the first order.
        seed: of the resampling.
        level: of the interval.

    Raises:
        ValueError: for curves that are none, arms of different shape, or fewer than two bases.

    Source: Davison & Hinkley 1997, section 2.7 (infinitesimal jackknife); Burnham & Anderson 2002,
    section 4.3 (variance over forms); Efron 2014 (the choice of a form is part of the estimate).
    """
    check_level(level, n_resamples, seed)
    axes = ("n_bases", "n_refits", "T")
    transfer, scratch = numbers("transfer", transfer, axes), numbers("scratch", scratch, axes)
    if transfer.shape != scratch.shape or len(transfer) < 2:
        raise ValueError(
            f"transfer of shape {transfer.shape}, scratch of shape {scratch.shape}: give the same "
            "bases and refits of both, 2 bases or more."
        )
    epochs, transfer = check_curves(epochs, transfer, "transfer")
    epochs, scratch = check_curves(epochs, scratch, "scratch")
    if len(epochs) < FEWEST_POINTS:
        return AsymptoteDifference(None, None, too_few(len(epochs)))
    found, weights = fit_all(epochs, [arm.mean(axis=(0, 1)) for arm in (transfer, scratch)])
    return difference_of_fits(epochs, transfer, scratch, found, weights, n_resamples, seed, level)


def difference_of_fits(
    epochs, transfer, scratch, found, weights, n_resamples: int = 0, seed: int = 0, level=0.95
) -> AsymptoteDifference:
    """The same where all forms are fitted already.

    Args:
        found, weights: of the mean curves with transfer and from scratch, as `fit_all` returns
            them.
    """
    arms = transfer, scratch
    means = [arm.mean(axis=(0, 1)) for arm in arms]
    around = [arm.mean(axis=1) - mean for arm, mean in zip(arms, means, strict=True)]
    for i, label in enumerate(("transfer", "from scratch")):
        forms = [pick(form, [i]) for form in found]
        known = judge_fits(epochs, means[i], forms, weights[:, i], around[i])
        if not known.ok:
            return AsymptoteDifference(None, None, f"{label}: {known.reason}")
    asymptotes = average(found, weights)
    pulls, over_forms, reach = _first_order(found, weights, means, around)
    n_bases, how = len(transfer), "linear in the curves"
    held, moving = np.std(pulls[0] - pulls[1], axis=1, ddof=1) / np.sqrt(n_bases)
    if n_resamples:  # in refits the weights move as far as they do
        moving, reach = _by_refits(epochs, arms, n_resamples, seed), np.inf
        how = f"{n_resamples} refits"
    margin = _margin(held, moving, reach, over_forms, n_bases, level)
    unseen = UNSEEN * still_to_come(found, weights)  # of both arms, apart
    margin = np.hypot(margin, np.hypot(*unseen))
    estimate = asymptotes[0] - asymptotes[1]
    interval = Interval(*map(float, (estimate, estimate - margin, estimate + margin)), level)
    by_base = (one + pull[0] for one, pull in zip(asymptotes, pulls, strict=True))
    better = probability_of_improvement(*by_base)
    return AsymptoteDifference(interval, better, f"fitted asymptotes, {how}")


def check_level(level, n_resamples, seed) -> None:
    """One clear error for what makes no interval."""
    check_settings(level, MOST_RESAMPLES, seed)
    check_whole("n_resamples", n_resamples, 0, MOST_RESAMPLES)
    if 0 < n_resamples < FEWEST_REFITS:
        raise ValueError(
            f"n_resamples={n_resamples}: a standard error takes {FEWEST_REFITS} refits or more; "
            "give 0 for none."
        )


def _first_order(found, weights, means, around):
    """How each base pulls at the average asymptotes, and how far the forms are apart.

    Args:
        found, weights: of the two arms' mean curves, as `fit_all` returns them.
        means, around: by arm: mean curve (T,), and the bases' curves minus it, (n_bases, T).

    Returns:
        Pulls (2 arms, 2, n_bases), with weights held and moving, as in `moves`; the variance over
        forms, sum of both arms; and how far at most the weights can move the difference.
    """
    asymptotes = average(found, weights)
    pulls, over_forms, reach = [], 0.0, 0.0
    for i, mean in enumerate(means):
        forms = [pick(form, [i]) for form in found]
        gaps = np.array([form.asymptote.item() for form in forms]) - asymptotes[i]
        over_forms += weights[:, i] @ gaps**2
        reach += np.abs(gaps[weights[:, i] > 0]).max()
        used = [(form, w) for form, w in zip(forms, weights[:, i], strict=True) if w]
        pulls.append(moves(used, mean) @ around[i].T)
    return np.array(pulls), over_forms, reach


def _by_refits(epochs, arms, n_resamples, seed) -> float:
    """Standard error of the difference, by refits of resampled mean curves."""
    samples = [resampled_means(arm, n_resamples, seed, refits=False) for arm in arms]
    a, b = (average(*fit_all(epochs, sample)) for sample in samples)
    n_bases = len(arms[0])
    return np.std(a - b) * np.sqrt(n_bases / (n_bases - 1))  # of means it is short by (n - 1) / n


def _margin(held, moving, reach, over_forms, n_bases, level) -> float:
    """Half the width of the interval.

    Args:
        held, moving: standard errors, with the weights of the forms held, and moving.
        reach: the most that moving weights can add; infinite if that is not bounded.
        over_forms: variance over forms, of both arms together.
    """
    from scipy import stats

    if max(held, moving) < ROUNDING:  # as in `paired_t`: equal values show no spread
        return np.inf
    quantile = stats.t.ppf((1 + level) / 2, n_bases - 1)
    # the weights may move, but hardly to a form that fits clearly worse
    over_bases = min(quantile * moving, quantile * held + reach)
    disagreement = stats.norm.ppf((1 + level) / 2) * np.sqrt(over_forms)
    return max(over_bases, np.hypot(quantile * held, disagreement))


def moves(used, curve) -> np.ndarray:
    """How the average asymptote of one curve moves with the accuracy at each epoch.

    Args:
        used: (`Fit` of that curve, its weight above 0), one per form.
        curve: (T,).

    Returns:
        (2, T), first with the weights held, then with theirs moving too: a weight follows the log
        of the form's sum of squares.
    """
    mean = sum(weight * form.asymptote.item() for form, weight in used)
    held, turn = np.zeros(len(curve)), np.zeros(len(curve))
    for form, weight in used:
        gap = form.asymptote.item() - mean
        residuals = curve - form.predict(form.epochs)[0]
        squares = max(form.sse.item(), EXACT * len(curve))
        held += weight * asymptote_weights(form, curve)
        turn -= weight * gap * len(curve) * residuals / squares
    return np.array([held, held + turn])


def asymptote_weights(found: Fit, curve) -> np.ndarray:
    """How the fitted asymptote moves with the accuracy at each epoch, (T,).

    The derivative of the least-squares solution: H^-1 J' with the Jacobian J of the form and the
    Hessian H of half the sum of squares, by central differences. A parameter at its bound stays.

    Args:
        found: of one curve.
        curve: that curve, (T,).
    """
    x = np.array([found.start, found.asymptote, np.log(found.scale), np.log(found.exponent)])[:, 0]
    shapes = grid(found.form, found.epochs)
    low, high = (0, 0, *shapes.min(axis=0)), (1, 1, *shapes.max(axis=0))
    free = ((x > np.add(low, 1e-6)) & (x < np.subtract(high, 1e-6)))[: found.n_parameters]
    if not free[1]:
        return np.zeros(len(found.epochs))

    def at(x):
        start, asymptote, log_scale, log_exponent = x[:, None]
        shapes = {"scale": np.exp(log_scale), "exponent": np.exp(log_exponent)}
        moved = replace(found, start=start, asymptote=asymptote, **shapes)
        return moved.predict(found.epochs)[0], moved.jacobian()[0][:, free]

    def gradient(x):
        predicted, jacobian = at(x)
        return jacobian.T @ (predicted - curve)

    h = 1e-4
    steps = h * np.eye(4)[: found.n_parameters][free]  # the exponent is last, where there is one
    hessian = np.array([(gradient(x + one) - gradient(x - one)) / (2 * h) for one in steps])
    return np.linalg.lstsq(hessian, at(x)[1].T, rcond=1e-10)[0][free[:2].sum() - 1]
