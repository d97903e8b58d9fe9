"""Training curves whose start, slope and asymptote are known."""

import numpy as np

EPOCHS = np.arange(21.0)


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
