"""Training curves as if training had stopped earlier, and what they answer then.  Lesson 10."""

from typing import NamedTuple

import numpy as np

from ..checks import check_text, is_within, shown
from ..statistics.rounding import is_above, is_below
from .benefits import Benefits, three_benefits
from .fitting import fit_form
from .forms import FORMS, Fit
from .readings import check_curves

N_STEPS = 5  # recorded epochs after the first: the window of the slope
LATE_FRACTION = 0.1  # of the epochs up to the cut: those of the late level


def cut(epochs, curves, last: float):
    """The curves as if training had stopped at an epoch.

    Args:
        epochs, curves: (T,) and (..., T).
        last: the last epoch to keep; one that was recorded, not the first.

    Returns:
        The epochs and curves up to and with `last`.

    Raises:
        ValueError: for an epoch that was not recorded, or curves that are none.

    >>> cut([0, 1, 2, 3], [0.2, 0.4, 0.5, 0.6], 2)[1].tolist()
    [0.2, 0.4, 0.5]
    """
    epochs, curves = check_curves(epochs, curves)
    if not is_within(last, 0, 1e9) or not _recorded(epochs[1:], last).any():
        raise ValueError(
            f"last={shown(last)}: choose a recorded epoch, {epochs[1]:g} to {epochs[-1]:g}."
        )
    n = int(_recorded(epochs, last).argmax()) + 1
    return epochs[:n], curves[..., :n]


def _recorded(epochs, last):
    """Which of the epochs is the last one, as far as single precision lets see."""
    return ~is_below(epochs, last) & ~is_above(epochs, last)


class CutAnswers(NamedTuple):
    """What two arms show up to a cut.

    Attributes:
        means: by arm, "from scratch" first: the mean curve, whole, (T,).
        fits: by arm and form: `Fit` of the mean curve up to the cut.
        benefits: `Benefits` of the curves up to the cut.
    """

    means: dict[str, np.ndarray]
    fits: dict[str, dict[str, Fit]]
    benefits: Benefits


def cut_answers(
    epochs, transfer, scratch, last: float, *, label: str = "with transfer", n_resamples: int = 0
) -> CutAnswers:
    """Fit the forms, and ask for the three benefits, as if training had stopped at an epoch.

    The start is read at the first recorded epoch, the slope is the gain per epoch over the next
    five, the late level the mean of the last tenth of the epochs up to the cut.

    Args:
        epochs: (T,).
        transfer, scratch: (n_bases, n_refits, T) or (n_runs, T), as `three_benefits` takes them.
        last: the cut, a recorded epoch; the sixth or a later one.
        label: of the transfer arm.
        n_resamples: as in `three_benefits`.

    Raises:
        ValueError: for an epoch that was not recorded or is too early, and as `three_benefits`.

    >>> t = np.arange(21)
    >>> rise = 1 - np.exp(-0.3 * t)
    >>> arms = [start + np.outer([0.5, 0.51, 0.52], rise) for start in (0.3, 0.2)]
    >>> [cut_answers(t, *arms, last).benefits.asymptote.verdict for last in (6, 20)]
    ['not identified', 'undecided']
    """
    check_text("label", label)
    epochs, transfer = check_curves(epochs, transfer, "transfer")
    epochs, scratch = check_curves(epochs, scratch, "scratch")
    seen, a = cut(epochs, transfer, last)
    _, b = cut(epochs, scratch, last)
    if len(seen) <= N_STEPS:
        raise ValueError(
            f"last={last:g} leaves {len(seen)} recorded epochs: the slope takes {N_STEPS + 1}."
        )
    late = seen > seen[0] + (1 - LATE_FRACTION) * (seen[-1] - seen[0])
    benefits = three_benefits(
        seen,
        a,
        b,
        start_epoch=seen[0],
        window=(seen[0], seen[N_STEPS]),
        n_last=int(late.sum()),
        n_resamples=n_resamples,
    )
    arms = {"from scratch": scratch, label: transfer}
    means = {name: np.reshape(arm, (-1, len(epochs))).mean(axis=0) for name, arm in arms.items()}
    fits = {
        name: {form: fit_form(seen, mean[: len(seen)], form) for form in FORMS}
        for name, mean in means.items()
    }
    return CutAnswers(means, fits, benefits)
