"""Many task pairs: each is what one gets by hand, with seeds of its own."""

import numpy as np
import pytest

from lib.data import related_blobs
from lib.experiments import (
    FIXED,
    SCRATCH,
    choose_rates,
    hold_out,
    run_arms,
    run_task_pairs,
    task_pairs,
    train_bases,
    with_rates,
)
from lib.networks import matched

PAIRS = [related_blobs(0.5, seed, n_train=64) for seed in (1, 2)]
ARMS = (SCRATCH, FIXED[2])


def by_hand(number, twin=False):
    """Accuracy by arm of one task pair: as the arms are, and at chosen rates."""
    (source, target), first = PAIRS[number], 7_000 + 100 * number
    bases = train_bases(source, 2, 100, first).weights
    others = train_bases(source, 2, 100, first + 10).weights
    if twin:
        bases, others = (
            matched(bases, [first + 20, first + 21]),
            matched(others, [first + 30, first + 31]),
        )
    chosen = choose_rates(ARMS, hold_out(target), others, n_epochs=3, first_seed=first + 60)
    runs = [
        run_arms(arms, target, bases, 1, 3, first + 50) for arms in (ARMS, with_rates(ARMS, chosen))
    ]
    return [
        {label: one[:, 0, -1].mean(dtype="float64") for label, one in run.items()} for run in runs
    ]


@pytest.mark.parametrize("twin", [False, True])
def test_run_task_pairs_agrees_with_each_task_pair_by_hand(twin):
    ways = {"fair": hold_out}
    found = run_task_pairs(PAIRS, ARMS, ways, 2, 3, first_seed=7_000, matched=twin)
    assert set(found) == {"0.01", "fair"}
    for number in range(2):
        as_is, fair = by_hand(number, twin)
        for arm in ARMS:
            assert found["0.01"][arm.label][number] == pytest.approx(as_is[arm.label], abs=1e-12)
            assert found["fair"][arm.label][number] == pytest.approx(fair[arm.label], abs=1e-12)


def test_run_task_pairs_uses_no_seed_twice_in_a_task_pair(monkeypatch):
    used = []

    def spy(function, n_of):
        def call(*args, **options):
            first = options.get("first_seed", args[-1])
            used.append(range(first, first + n_of))
            return function(*args, **options)

        return call

    for name in ("train_bases", "run_arms", "choose_rates"):
        monkeypatch.setattr(task_pairs, name, spy(getattr(task_pairs, name), 10))
    run_task_pairs(PAIRS, [FIXED[0]], {"fair": hold_out}, 10, 1)
    assert [one.start for one in used if one.start < 100] == [0, 10, 60, 50, 50]
    assert all(not set(a) & set(b) for a in used for b in used if a.start != b.start)
    assert max(max(one) for one in used if one.start < 100) < 100  # where the next one begins


def test_run_task_pairs_without_a_way_runs_the_arms_as_they_are():
    found = run_task_pairs(PAIRS, ARMS, {}, 1, 1)
    assert {way: list(part) for way, part in found.items()} == {"0.01": ["from scratch", "fixed=2"]}
    assert found["0.01"]["fixed=2"].shape == (2,) and np.isfinite(found["0.01"]["fixed=2"]).all()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"task_pairs": []}, "task_pairs is empty: give one .source, target. or more"),
        ({"n_bases": 11}, "n_bases=11: choose a whole number from 1 to 10"),
        ({"ways": {"0.01": hold_out}}, "ways has the name '0.01'"),
    ],
)
def test_run_task_pairs_says_what_it_cannot_run(wrong, message):
    settings = {"task_pairs": PAIRS, "arms": ARMS, "ways": {}, "n_epochs": 1} | wrong
    with pytest.raises(ValueError, match=message):
        run_task_pairs(**settings)
