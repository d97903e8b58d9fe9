"""Hostile arguments for the public functions of `experiments`.

Those that build a Keras model are in `test_fuzz_photos.py`.
"""

import numpy as np
import pytest
from fuzz_harness import Made, case, fuzz_tests, interval, of_type, sound

from lib import experiments
from lib.data import Task, blobs
from lib.data.held_out import text_splits
from lib.data.text import Sentences
from lib.experiments import FIXED, SCRATCH, Arm, Phase, RateChoice
from lib.networks import random_vectors, streams

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
CURVES = {"from scratch": np.full((2, 3, 4), 0.5, "float32")}


def intervals(found):
    """Intervals around their estimates; one without spread has no bounds."""
    for part in found.values():
        for one in part.values():
            interval(one)


SCORES = {"from scratch": np.array([0.5, 0.6, 0.4]), "fixed=0": np.array([0.7, 0.6, 0.8])}

CALLED = "a function, which is called: what is none is refused below"
WORDS = tuple("red blue cat dog run sit one two six ten".split())
SENTENCES = Sentences(
    tuple((WORDS[i % 10], WORDS[i % 7], WORDS[i % 3]) for i in range(60)), np.arange(60) % 2,
    tuple(f"module{i}" for i in range(60)), ("even", "odd"), "made here",
)  # fmt: skip
SPLITS = text_splits(SENTENCES, 4, by="sentence", n_labelled=3, n_validation=3, n_test=3)[:1]
VECTORS = random_vectors(WORDS, 4)
ODD_SPLITS = {
    "rows_too_high": lambda: [SPLITS[0]._replace(test=SPLITS[0].test + 60)],
    "negative_rows": lambda: [SPLITS[0]._replace(train=-SPLITS[0].train - 1)],
    "one_class": lambda: [SPLITS[0]._replace(validation=SPLITS[0].validation[:1])],
    "no_rows": lambda: [SPLITS[0]._replace(unlabelled=SPLITS[0].unlabelled[:0])],
    "halves": lambda: [SPLITS[0]._replace(test=SPLITS[0].test + 0.5)],
    "one_of_text": lambda: [*SPLITS, "x"],
}
ODD_SOURCES = {
    "text": lambda: {"bag": "x"}, "no_label": lambda: {None: None},
    "other_language": lambda: {"random": random_vectors(("ja",), 4)},
}  # fmt: skip
ODD_PAIRS = {
    "one_task": lambda: [TASK], "three": lambda: [(TASK,) * 3], "text": lambda: ["ab"],
    "other_classes": lambda: [(TASK, blobs(1, n_classes=4, n_train=40, n_validation=12))],
}  # fmt: skip
ODD_ARMS = {"twice": lambda: [SCRATCH, SCRATCH], "one": lambda: SCRATCH, "text": lambda: ["x"]}
ODD_WAYS = {
    "no_function": lambda: {"chosen": 3}, "no_name": lambda: {3: few},
    "taken": lambda: {"0.01": few},
}  # fmt: skip


def few(task):
    """A part of a task that its own rows hold out."""
    return experiments.hold_out(task, 0.2)


def shares_by_way(found):
    """Accuracies from 0 to 1, by label, by way."""
    for one in found.values():
        shares(one)


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
    .without(CALLED, "progress"),
    "run_grid": case(
        shares, relatedness=(0.5,), rows=(32,), seeds=(1,), n_rounds=1, n_bases=1, progress=iter
    )
    .without(CALLED, "progress"),
    "explore": case(shares, relatedness=0.5, n_rows=32, n_pairs=2, n_rounds=1, seed=1)
    .slow_with("n_pairs", "n_rounds", "seed"),
    "run_task_pairs": case(
        shares_by_way, task_pairs=Made(lambda: [(TASK, TASK)], **ODD_PAIRS),
        arms=Made(lambda: [SCRATCH], **ODD_ARMS), ways=Made(lambda: {"chosen": few}, **ODD_WAYS),
        n_bases=1, n_epochs=1, first_seed=0, matched=False,
    ).says(task_pairs="layer", ways="rows, on validation, held").slow_with("n_epochs"),
    "run_sources": case(
        shares, sources=Made(lambda: {"bag": None, "random": VECTORS}, **ODD_SOURCES),
        sentences=Made(lambda: SENTENCES), splits=Made(lambda: SPLITS, **ODD_SPLITS),
        per_class=(1, 2), tuned=("random",), progress=iter,
    ).without(CALLED, "progress").says(sources="knows no word"),
}  # fmt: skip
KERAS = "builds or takes a Keras model: test_fuzz_photos.py has it"
EXEMPT = {"RateChoice": "a record that choose_rates makes"} | dict.fromkeys(
    ("Tuner", "features_task", "run_arm", "small_network"), KERAS
)
test_names, test_valid, test_hostile, test_two_hostile = fuzz_tests(experiments, CASES, EXEMPT)


@pytest.mark.parametrize("progress", [None, "iter"])
def test_sweeps_refuse_what_they_cannot_call(progress):
    for call in (
        lambda: experiments.run_grid((0.5,), (32,), (1,), 1, 1, progress),
        lambda: experiments.run_sources({"bag": None}, SENTENCES, SPLITS, (1,), progress=progress),
        lambda: experiments.run_or_resume("x", [SCRATCH], TASK, BASES, 1, 1, progress=progress),
    ):
        with pytest.raises(ValueError, match="progress=.*: give a function"):
            call()
