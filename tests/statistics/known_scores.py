"""Scores whose spread between bases and within a base is known."""

import numpy as np


def nested_scores(n_bases, n_refits, between, within, seed, mean=0.8):
    """Scores (n_bases, n_refits); `between` and `within` are standard deviations."""
    rng = np.random.default_rng(seed)
    bases = rng.normal(mean, between, (n_bases, 1))
    return bases + rng.normal(0, within, (n_bases, n_refits))
