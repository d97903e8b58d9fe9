"""Photographs of noise that a network can learn in a few updates."""

import numpy as np

from lib.data import Task


def make_task(n=48, n_classes=5, seed=0) -> Task:
    """Noise, brighter for a higher class."""
    rng = np.random.default_rng(seed)
    arrays = {}
    for part, rows in (("train", n), ("test", 30), ("validation", 20)):
        y = np.arange(rows) % n_classes
        noise = rng.integers(0, 60, (rows, 32, 32, 3))
        arrays[f"x_{part}"] = (noise + 40 * y[:, None, None, None]).astype("uint8")
        arrays[f"y_{part}"] = y
    names = tuple("abcdefghij"[:n_classes])
    return Task(name="noise", class_names=names, data="noise", **arrays)
