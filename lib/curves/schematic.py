"""Schematic training curves, to see what start, slope and asymptote mean.  Lesson 01."""

from typing import NamedTuple

import numpy as np

from ..checks import is_within, shown

FACTORS = 1e-6, 1e6  # of slope and epochs: beyond, nothing is to be seen


class BenefitCurve(NamedTuple):
    """A schematic training curve, c - (c - a) exp(-k t).

    Attributes:
        epochs, accuracy: t and the curve's height, (201,).
        start: a, the accuracy at epoch 0.
        rate: k, the part of the remaining way to the asymptote gained per epoch, at epoch 0.
        asymptote: c, the accuracy that the curve approaches and never quite reaches.
    """

    epochs: np.ndarray
    accuracy: np.ndarray
    start: float
    rate: float
    asymptote: float

    @property
    def slope(self) -> float:
        """Gain per epoch at epoch 0, k (c - a)."""
        return self.rate * (self.asymptote - self.start)

    @property
    def tangent_end(self) -> float:
        """Epoch 1 / k, where the tangent at epoch 0 meets the asymptote."""
        return 1 / self.rate


def benefit_curves(
    start: float = 0.0, slope: float = 1.0, asymptote: float = 0.0, n_epochs: int = 50
) -> dict[str, BenefitCurve]:
    """Schematic training curves of two networks: from scratch, and with transfer.

    From scratch: a = 0.2, k = 0.08 per epoch, c = 0.75.

    Args:
        start: what transfer adds to a, in accuracy: -0.2 to 0.8.
        slope: what transfer multiplies the rate k by, above 0 (a millionth to a
            million). The slope at epoch 0 is k (c - a): it changes with a and c, too.
        asymptote: what transfer adds to c, in accuracy: -0.75 to 0.25.
        n_epochs: above 0, as `slope`.

    Raises:
        ValueError: for a value outside these ranges.

    >>> benefit_curves(start=0.1)["with transfer"].accuracy[0].round(2)
    np.float64(0.3)
    """
    _check_benefits(start, slope, asymptote, n_epochs)
    epochs = np.linspace(0, n_epochs, 201)

    def curve(a, k, c):
        return BenefitCurve(epochs, c - (c - a) * np.exp(-k * epochs), a, k, c)

    return {
        "from scratch": curve(0.2, 0.08, 0.75),
        "with transfer": curve(0.2 + start, 0.08 * slope, 0.75 + asymptote),
    }


def _check_benefits(start, slope, asymptote, n_epochs):
    """Raise one clear error for a curve that is no accuracy, or does not rise towards c."""
    slack = 1e-9  # decimals are a hair off
    if not is_within(start, -0.2 - slack, 0.8 + slack):
        raise ValueError(
            f"start={shown(start)}: from scratch starts at 0.2, so choose -0.2 to 0.8."
        )
    if not is_within(asymptote, -0.75 - slack, 0.25 + slack):
        raise ValueError(
            f"asymptote={shown(asymptote)}: from scratch approaches 0.75, so choose -0.75 to 0.25."
        )
    for name, value, example in (("slope", slope, 2), ("n_epochs", n_epochs, 50)):
        if not is_within(value, *FACTORS):
            raise ValueError(
                f"{name}={shown(value)}: choose a number from {FACTORS[0]:g} to {FACTORS[1]:g}, "
                f"such as {example}."
            )
