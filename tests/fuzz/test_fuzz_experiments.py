"""Hostile arguments for the public functions of `experiments`."""

import numpy as np
import pytest
from fuzz_harness import case, fuzz_tests, interval, of_type, sound

from lib import experiments
from lib.data import Task, blobs
from lib.experiments import FIXED, SCRATCH, Arm, Phase, RateChoice
from lib.networks import streams

TASK = blobs(1, n_train=40, n_validation=12)
BASES = streams.initial_weights((2, 5, 5, 3), [1, 2])
FEW = {"n_refits": 1, "n_epochs": 1}


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(monkeypatch, tmp_path):
    """Where results may be written."""
    monkeypatch.chdir(tmp_path)


def shares(found):
    """Accuracies from 0 to 1, by label."""
    assert found
    for label, one in found.items():
        assert isinstance(label, str) and np.isfinite(one).all()
        assert (np.asarray(one) >= 0).all() and (np.asarray(one) <= 1).all()


def shares_or_lost(found):
    """Accuracies from 0 to 1; NaN marks a lost network."""
    for one in found.values():
        assert (np.isnan(one) | ((one >= 0) & (one <= 1))).all()


def runs(found):
    """Accuracies from 0 to 1."""
    assert ((found.accuracy >= 0) & (found.accuracy <= 1)).all() and len(found.accuracy)


def ends(found):
    """Last epochs that rise."""
    assert all(b > a for a, b in zip([0, *found], found, strict=False))


def choices(found):
    """A rate of the grid by label."""
    for one in found.values():
        assert one.rate in one.accuracy and np.isfinite(one.accuracy[one.rate])


def task(one):
    """A task; the record itself checks shapes and labels."""
    assert isinstance(one, Task) and len(one.y_train) and len(one.y_test)


def score(found):
    """A score from 0 to 1, and a classifier of finite numbers."""
    one, head = found
    assert 0 <= one.test <= 1 and 0 <= one.validation <= 1
    sound([head.kernel, head.bias])


CHOICES = {SCRATCH.label: RateChoice(0.1, {0.1: 0.5}, 8)}
SLOW, NETWORKS = "each valid value trains for seconds", "takes a Keras model or photographs"
CURVES = {"from scratch": np.full((2, 3, 4), 0.5, "float32")}


def intervals(found):
    """Intervals around their estimates; one without spread has no bounds."""
    for part in found.values():
        for one in part.values():
            interval(one)


SCORES = {"from scratch": np.array([0.5, 0.6, 0.4]), "fixed=0": np.array([0.7, 0.6, 0.8])}

CASES = {
    "Phase": case(of_type(Phase), n_frozen=1, learning_rate=0.1, epochs_fraction=0.5),
    "Arm": case(
        of_type(Arm), label="a", n_copied=2, phases=(Phase(),), hidden=(5, 5), new_layers=(1,)
    ).says(phases="phase"),
    "phase_ends": case(ends, arm=experiments.THEN_FINE_TUNED, n_epochs=10),
    "train_bases": case(runs, source=TASK, n_bases=2, n_epochs=1, first_seed=0),
    "run_arms": case(
        shares, arms=[SCRATCH, FIXED[1]], target=TASK, bases=BASES, **FEW, first_seed=100_000,
        on_divergence="raise",
    ),
    "final_accuracy": case(shares_or_lost, curves=CURVES),
    "at_rate": case(of_type(Arm), arm=SCRATCH, rate=0.1),
    "hold_out": case(task, task=TASK, fraction=0.2, seed=0),
    "on_validation": case(task, task=TASK),
    "choose_rates": case(
        choices, arms=[SCRATCH], held=experiments.hold_out(TASK), bases=BASES, **FEW,
        rates=(0.01, 0.1), first_seed=50_000,
    ),
    "with_rates": case(of_type(tuple), arms=[SCRATCH], choices=CHOICES),
    "rate_effect": case(
        intervals, equal=SCORES, fair=SCORES, arms=FIXED[:1], control="from scratch"
    ),
    "in_rounds": case(task, task=TASK, n=50),
    "fit_head": case(score, task=TASK, strengths=(0.1, 1.0)),
    "transfer_results": case(
        shares, source_seed=1, target_seed=2, cluster_std=2.0, n_train=40, base_seed=0,
        n_frozen=(0,), new_base_each_run=False, n_replicates=2, n_epochs=1,
    ),
    "run_or_resume": case(
        shares, folder="results", arms=[SCRATCH], target=TASK, bases=BASES, **FEW,
        first_seed=100_000, progress=iter,
    )
    .without("a folder of text; wrong ones have tests of their own", "folder")
    .without("it is called, and what it returns is gone through", "progress"),
}  # fmt: skip
EXEMPT = {
    "RateChoice": "a record that choose_rates makes",
    "explore": SLOW,
    "run_grid": SLOW,
    "run_task_pairs": SLOW,
    "run_sources": SLOW,
    "Tuner": NETWORKS,
    "features_task": NETWORKS,
    "run_arm": NETWORKS,
    "small_network": NETWORKS,
}
test_names, test_valid, test_hostile, test_two_hostile = fuzz_tests(experiments, CASES, EXEMPT)
