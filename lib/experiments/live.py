"""The published comparison on any two blobs problems, small enough to run live."""

from functools import lru_cache

import numpy as np

from ..checks import check_flag, check_number, check_whole, is_finite, is_whole, shown
from ..data.blobs import blobs
from ..networks.checks import check_epochs
from .arms import FIXED, SCRATCH
from .batches import MOST_NETWORKS, run_arms, train_bases
from .checks import check_first_seed


def transfer_results(
    source_seed: int = 1,
    target_seed: int = 2,
    cluster_std: float = 2.0,
    n_train: int = 500,
    base_seed: int = 0,
    n_frozen: tuple[int, ...] = (0, 1, 2),
    new_base_each_run: bool = False,
    n_replicates: int = 30,
    n_epochs: int = 100,
) -> dict[str, np.ndarray]:
    """Train the arms of the published comparison on any two blobs problems.

    Args:
        source_seed, target_seed, cluster_std, n_train: as in `blobs`; `n_train` holds for the
            target only.
        base_seed: of the base model that all share, or of the first of the replicates' own.
        n_frozen: one transfer arm for each of these numbers of frozen layers.
        new_base_each_run: whether every replicate has a base model of its own, or all share one.

    Returns:
        By label, with "from scratch" first: accuracy (n_replicates, n_epochs + 1).

    Raises:
        ValueError: for settings that no run can be made of.
    """
    for name, seed in (("source_seed", source_seed), ("target_seed", target_seed)):
        check_whole(name, seed, 0, 2**32 - 1)
    check_first_seed(base_seed, "base_seed")
    check_number("cluster_std", cluster_std, 1e-3, 1e3)
    check_flag("new_base_each_run", new_base_each_run)
    check_epochs(n_epochs)
    _check(n_frozen, n_train, n_replicates)
    target = blobs(target_seed, cluster_std, n_train=n_train)
    n_bases = n_replicates if new_base_each_run else 1
    bases = _bases(source_seed, cluster_std, n_bases, n_epochs, base_seed)
    arms = [SCRATCH, *(FIXED[n] for n in sorted(n_frozen))]
    results = run_arms(arms, target, bases, n_replicates // n_bases, n_epochs)
    return {label: curves.reshape(n_replicates, -1) for label, curves in results.items()}


def _check(n_frozen, n_train, n_replicates):
    """Raise one clear error for a comparison that cannot be run."""
    fits = isinstance(n_frozen, tuple | list | set | frozenset) and len(n_frozen)
    if not fits or not all(is_whole(n) and 0 <= n <= 2 for n in n_frozen):
        raise ValueError(
            f"n_frozen={shown(n_frozen)}: choose one or more of 0, 1 and 2 frozen layers."
        )
    if is_finite(n_train) and n_train < 32:
        raise ValueError(f"n_train={n_train} target rows: an update takes 32, so choose 32 to 500.")
    if not is_whole(n_replicates) or not 2 <= n_replicates <= MOST_NETWORKS:
        raise ValueError(
            f"n_replicates={shown(n_replicates)}: one run shows no spread, choose 2 or more, up to "
            f"{MOST_NETWORKS}."
        )


@lru_cache(maxsize=32)
def _bases(source_seed, cluster_std, n_bases, n_epochs, base_seed):
    """Base models of a source problem, trained once."""
    source = blobs(source_seed, cluster_std)
    return train_bases(source, n_bases, n_epochs, base_seed).weights
