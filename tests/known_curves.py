"""Training curves whose start, slope and asymptote are known."""

import numpy as np
from scipy.signal import lfilter

EPOCHS = np.arange(21.0)
RESTS = {  # of the forms, written out once more, as in the literature
    "exponential": lambda t, s, d: np.exp(-t / s),
    "Weibull": lambda t, s, d: np.exp(-((t / s) ** d)),
    "power": lambda t, s, d: (1 + t / s) ** -d,
    "MMF": lambda t, s, d: s**d / (s**d + t**d),
}


def curve(start, rate, asymptote):
    """c - (c - a) exp(-k t) at every epoch; start and asymptote may be arrays."""
    start, asymptote = np.asarray(start)[..., None], np.asarray(asymptote)[..., None]
    return asymptote - (asymptote - start) * np.exp(-rate * EPOCHS)


def arms(n_bases=12, n_refits=3, kt=6.0, seed=0):
    """Noise-free arms (n_bases, n_refits, 21) with effects of bases and refits.

    Returns transfer, scratch, and every run's true differences of start and of asymptote.
    """
    rng = np.random.default_rng(seed)
    effect = rng.normal(0, 0.02, (4, n_bases, 1)) + rng.normal(0, 0.02, (4, n_bases, n_refits))
    scratch = curve(0.2 + effect[0], kt / 20, 0.7 + effect[1])
    transfer = curve(0.4 + effect[2], kt / 20, 0.8 + effect[3])
    return transfer, scratch, 0.2 + effect[2] - effect[0], 0.1 + effect[3] - effect[1]


def noisy(n_bases, n_refits=3, kt=6.0, seed=0):
    """The same arms with noise at every epoch."""
    rng = np.random.default_rng(seed + 1)
    return [arm + rng.normal(0, 0.01, arm.shape) for arm in arms(n_bases, n_refits, kt, seed)[:2]]


def form_curve(form="exponential", a=0.3, c=0.8, s=4.0, d=1.0, t=EPOCHS):
    """One of the forms at every epoch."""
    return c - (c - a) * RESTS[form](t, s, d)


def noise(shape, seed, sd=0.01, q=0.5):
    """An AR(1) series along the last axis."""
    shocks = np.random.default_rng(seed).normal(0, sd, shape)
    shocks[..., 1:] *= np.sqrt(1 - q**2)
    return lfilter([1], [1, -q], shocks, axis=-1)
