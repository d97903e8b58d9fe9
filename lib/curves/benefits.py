"""The three benefits of transfer, each with an interval: higher start, slope and asymptote.

Of one transfer arm against training from scratch, in training curves of whole designs. What cannot
be known from the curves is said in words, not in numbers.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ..checks import check_choice, check_number, check_text, is_within, shown
from ..statistics.comparisons import probability_of_improvement
from ..statistics.intervals import Interval, paired_t
from ..statistics.nested import nested_curves
from . import readings
from .asymptotes import asymptote_difference, check_level
from .readings import at_epoch, check_curves, check_window, gain

NOT_IDENTIFIED = "not identified"
VERDICTS = "holds", "does not hold", "undecided", "practically equal", NOT_IDENTIFIED


@dataclass(frozen=True)
class Answer:
    """What the curves say of one benefit: transfer minus scratch.

    Attributes:
        benefit: such as "higher start".
        interval: the difference, in accuracy or (slope) accuracy per epoch; None if not identified.
        p_better: P(A > B), how often a run with transfer beats a run from scratch, whichever two
            are taken, ties counted half; of bases for the asymptote; None if it is not identified.
        verdict: "holds", "does not hold", "undecided" or "not identified".
        reason: what was measured, or why there is no number.

    Raises:
        ValueError: for a field of another kind.
    """

    benefit: str
    interval: Interval | None
    p_better: float | None
    verdict: str
    reason: str

    def __post_init__(self):
        for name in ("benefit", "reason"):
            check_text(name, getattr(self, name))
        check_choice("verdict", self.verdict, VERDICTS)
        if self.interval is not None and not isinstance(self.interval, Interval):
            raise ValueError(f"interval={shown(self.interval)}: give an Interval, or None.")
        if self.p_better is not None and not is_within(self.p_better, 0, 1):
            raise ValueError(f"p_better={shown(self.p_better)}: give 0 to 1, or None.")

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
    the fitted asymptotes, and the weights (the infinitesimal jackknife). The weights' part of the
    interval is no larger than the forms are apart, and where the forms disagree by more than all
    that, the disagreement widens the interval. A third of what is still to come after the last
    epoch counts as uncertain: nobody has seen it.

    With `n_resamples` the standard error comes from refits of resampled mean curves instead, of
    whole bases, the same in both arms. It takes longer; it says about the same where one form fits
    clearly best, and is the better answer where several do. A drawn base keeps its refits: drawing
    them anew counts their spread twice, and intervals come out too wide where bases differ little.
    `studies.coverage` shows by simulation what the intervals are worth.

    Args:
        epochs: (T,), increasing; 0 is before training.
        transfer, scratch: accuracy 0 to 1, (n_bases, n_refits, T) or (n_runs, T), two bases (runs)
            or more. Paired: in both, the same place has the same base, seed and data.
        start_epoch: where the start is read.
        window: first and last epoch of the slope, gain per epoch.
        n_last: epochs whose mean is the late level.
        n_resamples: refits of the asymptote; 0 for none. A few hundred do for a standard error;
            20 are the fewest.
        seed: of the resampling.
        level: of the intervals.

    Returns:
        `Benefits`. The asymptote is "not identified", without a number, unless `identify`
        identifies that of both arms: then the late level is all that can be compared.

    Raises:
        ValueError: for curves that are none (NaN, one point, outside 0 to 1), arms of different
            shape, fewer than two bases, or an epoch that was not recorded.

    Source: Torrey & Shavlik 2009 (the three benefits); `asymptotes` for the third.
    """
    check_level(level, n_resamples, seed)
    epochs, transfer, scratch = _arms(epochs, transfer, scratch)
    design = _design(transfer)

    def read(benefit, words, quantity):
        """An answer from a number that each run's curve gives."""
        a, b = quantity(transfer), quantity(scratch)  # (n_bases, n_refits)
        interval = paired_t((a - b).mean(axis=1), level)
        better = probability_of_improvement(a, b)
        return Answer(benefit, interval, better, interval.verdict(), f"{words}, {design}")

    begin, end = _ends(window)
    check_number("start_epoch", start_epoch)
    readings.late_level(epochs, scratch, n_last)  # one clear error for a number that cannot be
    late = f"{epochs[-n_last]:g} to {epochs[-1]:g}"
    return Benefits(
        read(
            "higher start",
            f"accuracy at epoch {start_epoch:g}",
            lambda arm: at_epoch(epochs, arm, start_epoch),
        ),
        read(
            "higher slope",
            f"gain per epoch from epoch {begin:g} to {end:g}",
            lambda arm: gain(epochs, arm, begin, end),
        ),
        _asymptote(epochs, transfer, scratch, design, n_resamples, seed, level),
        read(
            f"higher late level (epochs {late})",
            f"mean of {n_last} recorded epochs, {late}",
            lambda arm: readings.late_level(epochs, arm, n_last),
        ),
    )


def benefits_table(answers_by_arm: Mapping[str, Benefits]):
    """The answers of several arms, one row per arm and benefit.

    Args:
        answers_by_arm: `Benefits` by the arm's label.

    Returns:
        A `pandas.DataFrame` with columns arm, benefit, difference (with its interval, as text),
        P(A > B) and verdict.

    Raises:
        ValueError: for no arm, or what is not `Benefits` by label.
    """
    import pandas as pd

    if not isinstance(answers_by_arm, Mapping) or not answers_by_arm:
        raise ValueError(
            f"answers_by_arm={shown(answers_by_arm)}: give a dict, label -> Benefits, of one arm "
            "or more."
        )
    for arm, found in answers_by_arm.items():
        check_text("answers_by_arm: a label", arm)
        if not isinstance(found, Benefits) or not all(isinstance(one, Answer) for one in found):
            raise ValueError(
                f"answers_by_arm holds {shown(found)} for {shown(arm)}: give Benefits, as "
                "three_benefits returns them."
            )

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


def _arms(epochs, transfer, scratch):
    """Both arms as (n_bases, n_refits, T); one clear error if they are not paired curves."""
    epochs, transfer = check_curves(epochs, transfer, "transfer")
    epochs, scratch = check_curves(epochs, scratch, "scratch")
    if transfer.shape != scratch.shape:
        raise ValueError(
            f"transfer has shape {transfer.shape}, scratch {scratch.shape}: give both the same "
            "bases and refits, in the same order."
        )
    return epochs, nested_curves(transfer), nested_curves(scratch)


def _ends(window):
    """The first and the last epoch of a window; one clear error if they are none."""
    try:
        begin, end = window
        check_window(begin, end)
    except (TypeError, ValueError):
        raise ValueError(
            f"window={shown(window)}: give the epochs where it begins and ends, such as (0, 5)."
        ) from None
    return begin, end


def _design(arm) -> str:
    """The design in words."""
    n_bases, n_refits, _ = arm.shape
    return f"{n_bases} bases x {n_refits} refits" if n_refits > 1 else f"{n_bases} pairs of runs"


def _asymptote(epochs, transfer, scratch, design, n_resamples, seed, level) -> Answer:
    """The answer on the asymptote."""
    found = asymptote_difference(epochs, transfer, scratch, n_resamples, seed, level)
    verdict = NOT_IDENTIFIED if found.interval is None else found.interval.verdict()
    reason = f"{found.reason}; {design}"
    return Answer("higher asymptote", found.interval, found.p_better, verdict, reason)


def _text(interval: Interval) -> str:
    """An interval with the digits that its width deserves, three after the point at least."""
    width = interval.high - interval.low
    digits = 3 if not 0 < width < np.inf else int(np.clip(np.ceil(1 - np.log10(width / 2)), 3, 6))
    values = (interval.estimate, interval.low, interval.high)
    return "{:+.{d}f} [{:+.{d}f}, {:+.{d}f}]".format(*values, d=digits)
