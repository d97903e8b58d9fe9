"""Run arms on blobs: every arm from the same bases with the same seeds, all as one batch."""

import numpy as np

from ..checks import check_choice, check_whole, shown
from ..data.task import Task
from ..networks import mlp, replicates
from ..networks.checks import check_epochs, check_task, check_weights
from ..networks.streams import initial_weights
from ..networks.weights import Weights, graft, join, repeat
from .arms import Arm, phase_ends
from .checks import check_arms, check_by_label, check_first_seed

# Base models take their seeds from 0 up, runs on the target task from here up, so that a run from
# scratch never repeats the start of a base model.
FIRST_TARGET_SEED = 100_000
MOST_NETWORKS = 1_000_000  # in one call, of an arm


def train_bases(
    source: Task, n_bases: int, n_epochs: int = 100, first_seed: int = 0
) -> replicates.Runs:
    """Train independent base models on the source task, each with its own start and data order.

    Returns:
        Runs of seeds `first_seed` .. `first_seed + n_bases - 1`.

    Raises:
        ValueError: for a number that is none.
    """
    check_task(source, "source")
    check_whole("n_bases", n_bases, 1, MOST_NETWORKS)
    check_first_seed(first_seed)
    seeds = range(first_seed, first_seed + n_bases)
    sizes = mlp.layer_sizes(source.n_features, source.n_classes)
    start = initial_weights(sizes, seeds)
    return replicates.train(source, start, seeds, n_epochs)


def run_arms(
    arms,
    target: Task,
    bases: Weights,
    n_refits: int,
    n_epochs: int = 100,
    first_seed: int = FIRST_TARGET_SEED,
    on_divergence: str = "raise",
) -> dict[str, np.ndarray]:
    """Run every arm from every base, `n_refits` times each, with the same seeds in every arm.

    Args:
        arms: `Arm` records with different labels.
        bases: weights of B base models.
        n_refits: runs from each base; each has its own data order, and its own start where the arm
            does not copy a layer.
        on_divergence: as in `lib.networks.replicates.train`.

    Returns:
        By label: test accuracy, float32 (B, n_refits, n_epochs + 1); epoch 0 is before training.

    Raises:
        ValueError: if labels repeat, or an arm does not fit the bases.
    """
    arms = check_design(arms, target, bases, n_refits, n_epochs, first_seed)
    check_choice("on_divergence", on_divergence, ("raise", "nan"))
    results = {}
    for group in _alike(arms):
        results |= _run_alike(group, target, bases, n_refits, n_epochs, first_seed, on_divergence)
    return {arm.label: results[arm.label] for arm in arms}


def final_accuracy(curves: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Test accuracy after the last epoch.

    Args:
        curves: by label, as `run_arms` gives them.

    Returns:
        By label: float64 (B, n_refits), so that means and differences do not round.
    """
    check_by_label("curves", curves, np.ndarray)
    for label, one in curves.items():
        usual = one.dtype.kind == "f" and one.ndim and one.size
        if not usual or not (np.isnan(one) | ((one >= 0) & (one <= 1))).all():
            raise ValueError(
                f"curves: {label} has {shown(one)}: give accuracies, 0 to 1, or NaN."
                " for a network that was lost."
            )
    return {label: one[..., -1].astype("float64") for label, one in curves.items()}


def _alike(arms):
    """Group arms with the same layers and lengths of phases: these train as one batch."""
    groups = {}
    for arm in arms:
        shape = tuple(arm.hidden), tuple(phase.epochs_fraction for phase in arm.phases)
        groups.setdefault(shape, []).append(arm)
    return groups.values()


def _run_alike(arms, target, bases, n_refits, n_epochs, first_seed, on_divergence):
    """Train all runs of arms of the same shape as one batch of replicates."""
    n_bases = len(bases[0][0])
    seeds = range(first_seed, first_seed + n_bases * n_refits)
    repeated = repeat(bases, n_refits)
    sizes = mlp.layer_sizes(target.n_features, target.n_classes, arms[0].hidden)
    fresh = initial_weights(sizes, seeds)
    starts = [graft(repeated, fresh, arm.n_copied, arm.new_layers) for arm in arms]
    weights = join(starts)
    curves, done = [], 0
    for i, end in enumerate(phase_ends(arms[0], n_epochs)):
        n_frozen, rates = (
            np.repeat([getattr(arm.phases[i], name) for arm in arms], len(seeds))
            for name in ("n_frozen", "learning_rate")
        )
        # a later phase must not repeat the data orders of an earlier one
        orders = [seed + i * 1_000_000_000 for seed in seeds] * len(arms)
        runs = replicates.train(
            target, weights, orders, end - done, n_frozen, rates, on_divergence=on_divergence
        )
        curves.append(runs.accuracy[:, min(i, 1) :])
        weights, done = _finite(runs.weights), end
    accuracy = np.concatenate(curves, axis=1).reshape(len(arms), n_bases, n_refits, -1)
    return {arm.label: accuracy[i] for i, arm in enumerate(arms)}


def _finite(weights):
    """The weights with those of lost networks at zero; their accuracy is NaN already."""
    return [tuple(np.nan_to_num(a, nan=0, posinf=0, neginf=0) for a in layer) for layer in weights]


def check_design(arms, target, bases, n_refits, n_epochs, first_seed):
    """The arms, or one clear error if they cannot be run together, or not from these bases."""
    arms = check_arms(arms, Arm)
    check_task(target, "target")
    check_weights("bases", bases, finite=True)
    check_whole("n_refits", n_refits, 1, MOST_NETWORKS)
    check_epochs(n_epochs)
    check_first_seed(first_seed)
    for arm in arms:
        sizes = mlp.layer_sizes(target.n_features, target.n_classes, arm.hidden)
        copied = [kernel.shape[1:] for kernel, _ in bases[: arm.n_copied]]
        wanted = list(zip(sizes[:-1], sizes[1:], strict=True))[: arm.n_copied]
        if copied != wanted:
            raise ValueError(
                f"{arm.label} copies {arm.n_copied} layers of the base, which are {copied} "
                f"(inputs, units), but on {target.name} they must be {wanted}: choose other bases "
                "or copy fewer layers."
            )
        phase_ends(arm, n_epochs)
    return arms
