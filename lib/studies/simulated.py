"""Simulated studies: training curves of two arms whose start, slope and asymptote are known.

Effects of bases and refits are added to start and asymptote, so that what is estimated has one
true value. In most designs the mean curve is one of `lib.curves.forms`: a truth *of the family*.
Where bases differ in their rate it is a mean of such curves, which is none of them, but levels off
as they do. With a slow part it is outside the family: no form there has two rates.
"""

from typing import NamedTuple

import numpy as np

from ..curves.forms import form_rests, scale_at

WINDOW = (0, 5)  # of the slope
SATURATION = (
    0.5,
    1.0,
    2.0,
    2.5,
    3.0,
    4.0,
    5.0,
    8.0,
)  # kT: rate from scratch times epochs


class MeanCurve(NamedTuple):
    """A mean curve: start, asymptote, and how much faster than from scratch it runs."""

    start: float
    asymptote: float
    rate: float


TRUE_SCRATCH = MeanCurve(0.20, 0.75, 1.0)
TRUE_TRANSFER = MeanCurve(0.35, 0.80, 1.25)
SLOWER = 10.0  # times; the slow part of a rise of two rates
TAIL_FREEDOM = 3  # degrees of freedom of Student's t: heavy tails that still have a variance
N_NODES = 40  # of the quadrature over the rates of bases


class Design(NamedTuple):
    """What is simulated. Standard deviations are in accuracy.

    Attributes:
        base_sd, refit_sd: effect of a base, and of a refit, on the start; a third of it on the
            asymptote.
        noise_sd, correlation: of what is left at each epoch, an AR(1) series along a run.
        form, exponent: of the mean curve, as in `lib.curves.forms`.
        rate_sd: of the log of a base's rate.
        heavy: whether effects have heavy tails (Student's t), not normal ones, of the same sd.
        shared: correlation between the luck of the two arms: of effects, rates and noise.
        slow_part: part of the rise that is `SLOWER`, with transfer and from scratch.
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
    rate_sd: float = 0.0
    heavy: bool = False
    shared: float = 0.0
    slow_part: tuple[float, float] = (0.0, 0.0)

    @property
    def of_the_family(self) -> bool:
        """Whether the curves level off at one rate, as the forms that are fitted do."""
        return not any(self.slow_part)

    def rest(self, rate, saturation: float, epochs, slow_part: float = 0.0) -> np.ndarray:
        """Part of the rise still to come, (n_rates, len(epochs)).

        Of a rate of 1 and no slow part that is exp(-saturation) at the end.
        """
        epochs, log_exponent = np.asarray(epochs, "float64"), np.log([self.exponent])
        log_scale = scale_at(self.form, self.n_epochs, np.exp(-saturation), log_exponent)

        def at(rates):
            log_scales = log_scale - np.log(rates)
            shapes = np.stack(np.broadcast_arrays(log_scales, log_exponent), axis=1)
            return form_rests(self.form, epochs, shapes)

        rates = np.atleast_1d(rate)
        if not slow_part:
            return at(rates)
        return (1 - slow_part) * at(rates) + slow_part * at(rates / SLOWER)

    def mean_rest(self, rate: float, saturation: float, epochs, slow_part: float = 0.0):
        """The same in the mean over bases, whatever their rates, (len(epochs),)."""
        nodes, weights = np.polynomial.hermite_e.hermegauss(N_NODES)
        rates = rate * np.exp(self.rate_sd * nodes)
        return weights @ self.rest(rates, saturation, epochs, slow_part) / weights.sum()


FORTY = Design("40 bases x 5 refits", 40, 5)
DESIGNS = (
    FORTY,
    FORTY._replace(refitted=True),
    FORTY._replace(name="40 bases x 5 refits, Weibull", form="Weibull", exponent=0.7),
    FORTY._replace(name="40 bases x 5 refits, MMF", form="MMF", exponent=2.0),
    FORTY._replace(name="40 alike bases x 5 refits", base_sd=0.0),
    FORTY._replace(name="40 bases of different rates x 5 refits", rate_sd=0.3),
    FORTY._replace(name="40 bases x 5 refits, heavy tails", heavy=True),
    FORTY._replace(name="40 bases x 5 refits, arms share luck", shared=0.8),
    FORTY._replace(name="40 bases x 5 refits, two rates", slow_part=(0.15, 0.15)),
    FORTY._replace(name="40 bases x 5 refits, slow tail from scratch", slow_part=(0.0, 0.15)),
    Design("100 bases x 10 refits", 100, 10, n_epochs=100),
    Design("10 bases x 3 refits", 10, 3),
    Design("30 runs", 30, 1),
    Design("3 run pairs", 3, 1),
)

PERCENTILE_DESIGNS = DESIGNS[0], DESIGNS[4]  # where percentiles are tried, for comparison


def truth(design: Design, saturation: float) -> dict[str, float]:
    """The true differences, transfer minus scratch, by quantity."""
    begin, end = WINDOW

    def of(arm, slow_part):
        fall = -np.diff(design.mean_rest(arm.rate, saturation, WINDOW, slow_part)).item()
        slope = (arm.asymptote - arm.start) * fall / (end - begin)
        return {"start": arm.start, "slope": slope, "asymptote": arm.asymptote}

    arms = zip((TRUE_TRANSFER, TRUE_SCRATCH), design.slow_part, strict=True)
    transfer, scratch = (of(*arm) for arm in arms)
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
    bases, runs = (2, design.n_bases, 1, 1), (2, design.n_bases, design.n_refits, 1)
    effects = [
        (_luck(design, runs, rng, design.heavy) * design.refit_sd)
        + (_luck(design, bases, rng, design.heavy) * design.base_sd)
        for _ in ("start", "asymptote")
    ]
    log_rates = design.rate_sd * _luck(design, bases, rng)[..., 0, 0]
    noise = design.noise_sd * _noise(design, runs, len(epochs), rng)
    curves = []
    for i, arm in enumerate((TRUE_TRANSFER, TRUE_SCRATCH)):
        rates = arm.rate * np.exp(log_rates[i])
        rest = design.rest(rates, saturation, epochs, design.slow_part[i])[:, None]
        start, asymptote = arm.start + effects[0][i], arm.asymptote + effects[1][i] / 3
        curves.append(np.clip(asymptote - (asymptote - start) * rest + noise[i], 0, 1))
    return epochs, *curves


def _luck(design, shape, rng, heavy=False):
    """Draws of mean 0 and variance 1 for both arms, (2, ...), alike as far as they share luck."""

    def draw(shape):
        if not heavy:
            return rng.normal(size=shape)
        return rng.standard_t(TAIL_FREEDOM, shape) * np.sqrt(1 - 2 / TAIL_FREEDOM)

    own, common = draw(shape), draw((1, *shape[1:]))
    return np.sqrt(design.shared) * common + np.sqrt(1 - design.shared) * own


def _noise(design, shape, n_epochs, rng):
    """AR(1) series of variance 1 along the epochs of every run, (2, n_bases, n_refits, T)."""
    from scipy.signal import lfilter

    shocks = _luck(design, (*shape[:-1], n_epochs), rng)
    shocks[..., 1:] *= np.sqrt(1 - design.correlation**2)  # the first epoch is in equilibrium
    return lfilter([1], [1, -design.correlation], shocks, axis=-1)
