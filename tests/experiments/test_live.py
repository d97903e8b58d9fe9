"""The published comparison on any two blobs problems."""

import re

import numpy as np
import pytest

from lib.data import blobs
from lib.experiments import arms, batches, live
from lib.networks import initial_weights, replicates

SMALL = {"n_replicates": 2, "n_epochs": 2}


def test_transfer_results_are_those_of_run_arms():
    bases = batches.train_bases(blobs(3), 1, 2).weights
    target = blobs(4, n_train=64)
    expected = batches.run_arms(arms.PUBLISHED_ARMS, target, bases, 2, 2)
    found = live.transfer_results(3, 4, n_train=64, **SMALL)
    assert list(found) == list(expected)
    for label, curves in found.items():
        np.testing.assert_array_equal(curves, expected[label][0])


def test_transfer_results_new_base_each_run_gives_each_run_its_own_start():
    shared = live.transfer_results(**SMALL)["fixed=0"][:, 0]
    own = live.transfer_results(new_base_each_run=True, **SMALL)["fixed=0"]
    assert own.shape == (2, 3)
    assert shared[0] == shared[1] and own[0, 0] != own[1, 0]


def test_transfer_results_base_seed_is_that_of_the_base_model():
    base = batches.train_bases(blobs(1), 1, 2, first_seed=5).weights
    expected = batches.run_arms(arms.FIXED, blobs(2), base, 2, 2)
    found = live.transfer_results(base_seed=5, **SMALL)
    for label, curves in expected.items():
        np.testing.assert_array_equal(found[label], curves[0])


def test_transfer_results_scratch_does_not_depend_on_the_source():
    one, other = (live.transfer_results(seed, **SMALL)["from scratch"] for seed in (1, 3))
    np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"n_frozen": ()}, "n_frozen=(): choose one or more of 0, 1 and 2 frozen layers."),
        ({"n_frozen": (0, 3)}, "n_frozen=(0, 3): choose one or more"),
        ({"n_frozen": (-1,)}, "n_frozen=(-1,): choose one or more"),
        ({"n_train": 16}, "n_train=16 target rows: an update takes 32, so choose 32 to 500."),
        ({"n_train": 501}, "n_train=501: choose a whole number from 1 to 500."),
        ({"cluster_std": 0}, "cluster_std=0: choose a number from 0.001 to 1000"),
        ({"source_seed": -1}, "seed=-1: choose a whole number from 0 to"),
        ({"base_seed": -1}, "base_seed=-1"),
        ({"n_replicates": 1}, "n_replicates=1: one run shows no spread, choose 2 or more"),
    ],
)
def test_transfer_results_reject_bad_settings(wrong, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        live.transfer_results(**{**SMALL, **wrong})


def test_from_scratch_results_of_the_explorer_can_be_trained_alone():
    seeds = range(batches.FIRST_TARGET_SEED, batches.FIRST_TARGET_SEED + 2)
    start = initial_weights((2, 5, 5, 3), seeds)
    alone = replicates.train(blobs(2), start, seeds, 2).accuracy
    np.testing.assert_array_equal(live.transfer_results(**SMALL)["from scratch"], alone)
