"""The three benefits of transfer, each with an interval: higher start, slope and asymptote.

Of one transfer arm against training from scratch, in training curves of whole designs. What cannot
be known from the curves is said in words, not in numbers.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from . import curves as reading
from . import fits
from .forms import grid
from .nested import nested_curves, resampled_means
from .statistics import (
    ROUNDING,
    Interval,
    check_settings,
    paired_t,
    probability_of_improvement,
)

LEAST_WEIGHT = 0.15  # a form of less weight than this is left out of an asymptote
NOT_IDENTIFIED = "not identified"


@dataclass(frozen=True)
class Answer:
    """What the curves say of one benefit: transfer minus scratch.

    Attributes:
        benefit: such as "higher start".
        interval: the difference, in accuracy or (slope) accuracy an epoch; None if not identified.
        p_better: P(A > B), how often a run with transfer beats a run from scratch, over all pairs
            of runs, ties counted half; of bases for the asymptote; None if it is not identified.
        verdict: "holds", "does not hold", "undecided" or "not identified".
        reason: what was measured, or why there is no number.
    """

    benefit: str
    interval: Interval | None
    p_better: float | None
    verdict: str
    reason: str

    def __str__(self) -> str:
        number = "" if self.interval is None else f" {_text(self.interval)}"
        return f"{self.benefit}:{number} {self.verdict} ({self.reason})"


class Benefits(NamedTuple):
    """The answers for one transfer arm."""

    start: Answer
    slope: Answer
    asymptote: Answer
    late_level: Answer


def three_benefits(
    epochs,
    transfer,
    scratch,
    *,
    start_epoch: float = 0,
    window: tuple[float, float] = (0, 5),
    n_last: int = 5,
    n_resamples: int = 0,
    seed: int = 0,
    level: float = 0.95,
) -> Benefits:
    """Is the start higher, the slope higher, the asymptote higher?

    Every answer is a mean over bases with Student's t interval, refits averaged within each base.
    For start, slope and late level a base's value is read off its curves. The asymptote is fitted
    to the arm's mean curve; the forms that fit count with their Akaike weights. A base's value is
    what it contributes to that: how far a small change of the mean curve towards the base moves
    the fitted asymptotes, and the weights (the infinitesimal jackknife). Where the forms disagree
    by more than that, the disagreement widens the interval.

    With `n_resamples` the standard error comes from refits of resampled mean curves instead, of
    whole bases, the same in both arms. It takes longer and says about the same. A drawn base keeps
    its refits: drawing them anew counts their spread twice, and intervals come out too wide where
    bases differ little. `lib.coverage` shows by simulation what the intervals are worth.

    Args:
        epochs: (T,), increasing; 0 is before training.
        transfer, scratch: accuracy 0 to 1, (n_bases, n_refits, T) or (n_runs, T), two bases (runs)
            or more. Paired: in both, the same place has the same base, seed and data.
        start_epoch: where the start is read.
        window: first and last epoch of the slope, gain an epoch.
        n_last: epochs whose mean is the late level.
        n_resamples: refits of the asymptote; 0 for none. A few hundred do for a standard error.
        seed: of the resampling.
        level: of the intervals.

    Returns:
        `Benefits`. The asymptote is "not identified", without a number, unless `fits.identify`
        identifies that of both arms: then the late level is all that can be compared.

    Raises:
        ValueError: for curves that are none (NaN, one point, outside 0 to 1), arms of different
            shape, fewer than two bases, or an epoch that was not recorded.

    Source: Torrey & Shavlik 2009 (the three benefits); Davison & Hinkley 1997, section 2.7
    (infinitesimal jackknife); Burnham & Anderson 2002, section 4.3 (variance over forms); Efron
    2014 (the choice of a form is part of the estimate).
    """
    if n_resamples:
        check_settings(level, n_resamples)
    epochs, transfer, scratch = _arms(epochs, transfer, scratch)
    design = _design(transfer)

    def read(benefit, words, quantity):
        """An answer from a number that each run's curve gives."""
        a, b = quantity(transfer), quantity(scratch)  # (n_bases, n_refits)
        interval = paired_t((a - b).mean(axis=1), level)
        better = probability_of_improvement(a, b)
        return Answer(benefit, interval, better, interval.verdict(), f"{words}, {design}")

    begin, end = window
    return Benefits(
        read(
            "higher start",
            f"accuracy at epoch {start_epoch:g}",
            lambda arm: reading.at_epoch(epochs, arm, start_epoch),
        ),
        read(
            "higher slope",
            f"gain an epoch from epoch {begin:g} to {end:g}",
            lambda arm: reading.gain(epochs, arm, begin, end),
        ),
        _asymptote(epochs, transfer, scratch, design, n_resamples, seed, level),
        read(
            f"higher late level (mean of the last {n_last} epochs)",
            f"mean of the last {n_last} epochs",
            lambda arm: reading.late_level(epochs, arm, n_last),
        ),
    )


def table(answers_by_arm: Mapping[str, Benefits]):
    """The answers of several arms, one row an arm and benefit.

    Args:
        answers_by_arm: `Benefits` by the arm's label.

    Returns:
        A `pandas.DataFrame` with columns arm, benefit, difference (with its interval, as text),
        P(A > B) and verdict.
    """
    import pandas as pd

    rows = [
        {
            "arm": arm,
            "benefit": answer.benefit,
            "difference": "-" if answer.interval is None else _text(answer.interval),
            "P(A > B)": "-" if answer.p_better is None else f"{answer.p_better:.2f}",
            "verdict": answer.verdict,
        }
        for arm, answers in answers_by_arm.items()
        for answer in answers
    ]
    return pd.DataFrame(rows, columns=["arm", "benefit", "difference", "P(A > B)", "verdict"])


def cut(epochs, curves, last: float):
    """The curves as if training had stopped at an epoch.

    Args:
        epochs, curves: (T,) and (..., T).
        last: the last epoch to keep; one that was recorded, not the first.

    Returns:
        The epochs and curves up to and with `last`.

    >>> cut([0, 1, 2, 3], [0.2, 0.4, 0.5, 0.6], 2)[1].tolist()
    [0.2, 0.4, 0.5]
    """
    epochs, curves = reading.check_curves(epochs, curves)
    if last not in epochs[1:]:
        raise ValueError(f"last={last}: choose a recorded epoch, {epochs[1]:g} to {epochs[-1]:g}.")
    n = int(np.searchsorted(epochs, last)) + 1
    return epochs[:n], curves[..., :n]


def _arms(epochs, transfer, scratch):
    """Both arms as (n_bases, n_refits, T); one clear error if they are not paired curves."""
    epochs, transfer = reading.check_curves(epochs, transfer)
    epochs, scratch = reading.check_curves(epochs, scratch)
    if transfer.shape != scratch.shape:
        raise ValueError(
            f"transfer has shape {transfer.shape}, scratch {scratch.shape}: give both the same "
            "bases and refits, in the same order."
        )
    return epochs, nested_curves(transfer), nested_curves(scratch)


def _design(arm) -> str:
    """The design in words."""
    n_bases, n_refits, _ = arm.shape
    return f"{n_bases} bases x {n_refits} refits" if n_refits > 1 else f"{n_bases} pairs of runs"


def _asymptote(epochs, transfer, scratch, design, n_resamples, seed, level) -> Answer:
    """The difference of fitted asymptotes, if both are identified."""
    from scipy import stats

    means = [arm.mean(axis=(0, 1)) for arm in (transfer, scratch)]
    for label, mean in zip(("transfer", "from scratch"), means, strict=True):
        identified = fits.identify(epochs, mean)
        if not identified.ok:
            reason = f"{label}: {identified.reason}; {design}"
            return Answer("higher asymptote", None, None, NOT_IDENTIFIED, reason)
    found, weights = _forms(epochs, means)
    base_values, over_forms = [], 0.0
    for i, arm in enumerate((transfer, scratch)):
        moves, variance = _moves([_one(form, i) for form in found], weights[:, i], means[i])
        base_values.append(moves @ (arm.mean(axis=1) - means[i]).T)  # (2, n_bases)
        over_forms += variance
    n_bases, how = len(transfer), "linear in the curves"
    held, moving = np.std(base_values[0] - base_values[1], axis=1, ddof=1) / np.sqrt(n_bases)
    if n_resamples:  # the variance of resampled means is short by (n - 1) / n
        samples = [resampled_means(arm, n_resamples, seed, False) for arm in (transfer, scratch)]
        a, b = (_average(*_forms(epochs, sample)) for sample in samples)
        moving, how = np.std(a - b) * np.sqrt(n_bases / (n_bases - 1)), f"{n_resamples} refits"
    quantile = stats.t.ppf((1 + level) / 2, n_bases - 1)
    disagreement = stats.norm.ppf((1 + level) / 2) * np.sqrt(over_forms)
    margin = max(quantile * moving, np.hypot(quantile * held, disagreement))
    if max(held, moving) < ROUNDING:  # as in `paired_t`: equal values show no spread
        margin = np.inf
    levels = _average(found, weights)
    estimate = np.subtract(*levels)
    by_base = (level + values[0] for level, values in zip(levels, base_values, strict=True))
    better = probability_of_improvement(*by_base)  # to first order, as the interval
    interval = Interval(*map(float, (estimate, estimate - margin, estimate + margin)), level)
    reason = f"fitted asymptotes, {how}, {design}"
    return Answer("higher asymptote", interval, better, interval.verdict(), reason)


def _forms(epochs, curves):
    """Every form on every curve, and their Akaike weights (n_forms, n), 1 in sum for a curve."""
    found = [fits.fit(epochs, curves, form) for form in fits.FORMS]
    criteria = np.array([form.aicc for form in found])
    weights = np.exp((criteria.min(axis=0) - criteria) / 2)
    weights[weights < LEAST_WEIGHT * weights.sum(axis=0)] = 0
    return found, weights / weights.sum(axis=0)


def _average(found, weights) -> np.ndarray:
    """Weighted mean of the asymptotes of each curve, (n,)."""
    return (weights * [form.asymptote for form in found]).sum(axis=0)


def _moves(forms, weights, curve):
    """How the average asymptote of one curve moves with the accuracy at each epoch.

    Returns (2, T), first with the weights held and then with theirs moving too: a weight follows
    the log of the form's sum of squares. And the variance of the asymptotes over the forms.
    """
    used = [(form, weight) for form, weight in zip(forms, weights, strict=True) if weight]
    average = sum(weight * form.asymptote.item() for form, weight in used)
    held, turn, variance = np.zeros(len(curve)), np.zeros(len(curve)), 0.0
    for form, weight in used:
        gap = form.asymptote.item() - average
        residuals = curve - form.predict(form.epochs)[0]
        squares = max(form.sse.item(), 1e-12 * len(curve))  # of an exact fit, rounding is left
        held += weight * asymptote_weights(form, curve)
        turn -= weight * gap * len(curve) * residuals / squares
        variance += weight * gap**2
    return np.array([held, held + turn]), variance


def _one(found: fits.Fit, i: int) -> fits.Fit:
    """The fit of one of several curves."""
    values = {key: value for key, value in vars(found).items() if key not in ("form", "epochs")}
    return replace(found, **{key: value[[i]] for key, value in values.items()})


def asymptote_weights(found: fits.Fit, curve) -> np.ndarray:
    """How the fitted asymptote moves with the accuracy at each epoch, (T,).

    The derivative of the least-squares solution: H^-1 J' with the Jacobian J of the form and the
    Hessian H of half the sum of squares, by central differences. A parameter at its bound stays.

    Args:
        found: of one curve.
        curve: that curve, (T,).
    """
    x = np.array([found.start, found.asymptote, np.log(found.scale), np.log(found.exponent)])[:, 0]
    h = 1e-4
    steps = h * np.eye(4)[: found.n_parameters]  # the exponent is last, where there is one

    def predict(x):  # (n, 4) -> (n, T)
        start, asymptote, scale, exponent = x.T
        shapes = {"scale": np.exp(scale), "exponent": np.exp(exponent)}
        return replace(found, start=start, asymptote=asymptote, **shapes).predict(found.epochs)

    def jacobian(x):
        return (predict(x + steps) - predict(x - steps)).T / (2 * h)  # (T, n)

    def gradient(x):
        return jacobian(x).T @ (predict(x[None])[0] - curve)

    shapes = grid(found.form, found.epochs)
    low, high = (0, 0, *shapes.min(axis=0)), (1, 1, *shapes.max(axis=0))
    free = ((x > np.add(low, 1e-6)) & (x < np.subtract(high, 1e-6)))[: found.n_parameters]
    if not free[1]:
        return np.zeros(len(found.epochs))
    steps = steps[free]
    hessian = np.array([(gradient(x + one) - gradient(x - one)) / (2 * h) for one in steps])
    return np.linalg.lstsq(hessian, jacobian(x).T, rcond=1e-10)[0][free[:2].sum() - 1]


def _text(interval: Interval) -> str:
    """An interval with the digits that its width deserves, three after the point at least."""
    width = interval.high - interval.low
    digits = 3 if not 0 < width < np.inf else int(np.clip(np.ceil(1 - np.log10(width / 2)), 3, 6))
    values = (interval.estimate, interval.low, interval.high)
    return "{:+.{d}f} [{:+.{d}f}, {:+.{d}f}]".format(*values, d=digits)
