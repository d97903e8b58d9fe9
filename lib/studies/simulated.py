"""Simulated studies: training curves of two arms whose start, slope and asymptote are known.

Effects of bases and refits are added to start and asymptote, not to the rate, so that the mean
curve keeps its form and what is estimated has one true value. That form is one of
`lib.curves.forms`: what no form there can follow, such as two rates, is not simulated.
"""

from typing import NamedTuple

import numpy as np

from ..curves.forms import rests, scale_at

WINDOW = (0, 5)  # of the slope
SATURATION = (0.5, 1.0, 2.0, 3.0, 5.0, 8.0)  # kT: the rate from scratch times the number of epochs


class MeanCurve(NamedTuple):
    """A mean curve: start, asymptote, and how much faster than from scratch it runs."""

    start: float
    asymptote: float
    rate: float


TRUE_SCRATCH = MeanCurve(0.20, 0.75, 1.0)
TRUE_TRANSFER = MeanCurve(0.35, 0.80, 1.25)


class Design(NamedTuple):
    """What is simulated. Standard deviations are in accuracy.

    Attributes:
        base_sd, refit_sd: effect of a base, and of a refit, on the start; a third of it on the
            asymptote. An effect is drawn for each arm.
        noise_sd, correlation: of what is left at each epoch, an AR(1) series along a run.
        form, exponent: of the mean curve, as in `lib.curves.forms`.
        refitted: whether intervals from refits of resampled curves are tried, and nothing else;
            that is slow, so it takes a quarter of the simulations.
    """

    name: str
    n_bases: int
    n_refits: int
    n_epochs: int = 20
    base_sd: float = 0.03
    refit_sd: float = 0.03
    noise_sd: float = 0.01
    correlation: float = 0.5
    form: str = "exponential"
    exponent: float = 1.0
    refitted: bool = False

    def rest(self, rate: float, saturation: float, epochs) -> np.ndarray:
        """Part of the rise still to come; from scratch that is exp(-saturation) at the end."""
        log_exponent = np.log([self.exponent])
        log_scale = scale_at(self.form, self.n_epochs, np.exp(-saturation), log_exponent)
        shapes = np.stack([log_scale - np.log(rate), log_exponent], axis=1)
        return rests(self.form, np.asarray(epochs, "float64"), shapes)[0]


DESIGNS = (
    Design("40 bases x 5 refits", 40, 5),
    Design("40 bases x 5 refits", 40, 5, refitted=True),
    Design("40 bases x 5 refits, Weibull", 40, 5, form="Weibull", exponent=0.7),
    Design("40 bases x 5 refits, MMF", 40, 5, form="MMF", exponent=2.0),
    Design("40 alike bases x 5 refits", 40, 5, base_sd=0.0),
    Design("100 bases x 10 refits", 100, 10, n_epochs=100),
    Design("10 bases x 3 refits", 10, 3),
    Design("30 runs", 30, 1),
    Design("3 pairs", 3, 1),
)


def truth(design: Design, saturation: float) -> dict[str, float]:
    """The true differences, transfer minus scratch, by quantity."""
    begin, end = WINDOW

    def of(arm):
        fall = -np.diff(design.rest(arm.rate, saturation, WINDOW)).item()
        slope = (arm.asymptote - arm.start) * fall / (end - begin)
        return {"start": arm.start, "slope": slope, "asymptote": arm.asymptote}

    transfer, scratch = of(TRUE_TRANSFER), of(TRUE_SCRATCH)
    return {quantity: float(transfer[quantity] - scratch[quantity]) for quantity in transfer}


def simulate(design: Design, saturation: float, seed):
    """Training curves of one simulated study.

    Args:
        saturation: from scratch, minus the log of the part still to come; kT of an exponential.
        seed: whatever `numpy.random.default_rng` takes.

    Returns:
        Epochs (n_epochs + 1,), and curves with transfer and from scratch, each
        (n_bases, n_refits, n_epochs + 1).
    """
    rng = np.random.default_rng(seed)
    epochs = np.arange(design.n_epochs + 1.0)
    return epochs, *(
        _arm(arm, design, saturation, epochs, rng) for arm in (TRUE_TRANSFER, TRUE_SCRATCH)
    )


def _arm(arm, design, saturation, epochs, rng):
    """Curves of one arm, (n_bases, n_refits, n_epochs + 1)."""
    from scipy.signal import lfilter

    rest = design.rest(arm.rate, saturation, epochs)
    shape = (design.n_bases, design.n_refits, len(epochs))

    def effect(sd, n_refits):
        start = rng.normal(0, sd, (design.n_bases, n_refits, 1))
        asymptote = rng.normal(0, sd / 3, (design.n_bases, n_refits, 1))
        return start * rest + asymptote * (1 - rest)

    shocks = rng.normal(0, design.noise_sd, shape)
    shocks[..., 1:] *= np.sqrt(1 - design.correlation**2)  # the first epoch is in equilibrium
    noise = lfilter([1], [1, -design.correlation], shocks, axis=-1)
    mean = arm.asymptote - (arm.asymptote - arm.start) * rest
    runs = mean + effect(design.base_sd, 1) + effect(design.refit_sd, design.n_refits) + noise
    return np.clip(runs, 0, 1)
