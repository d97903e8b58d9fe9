"""Recorded runs of base models: where they come from, and what each comes to."""

import json

import numpy as np
import pandas as pd
import pytest

from lib.studies import base_runs, load_study
from lib.studies.bases import COLUMNS


def write(folder, split="halves-reverse", n_train=None):
    """A study of two runs over four epochs; the second is best at its last, epoch 0 apart."""
    rows = []
    losses = {0: [1.6, 0.9, 0.7, 0.8, 0.9], 1: [0.5, 0.9, 0.8, 0.7, 0.6]}
    for pair, run in losses.items():
        for epoch, loss in enumerate(run):
            row = {"split": split, "pair": pair, "arm": "from scratch", "epoch": epoch}
            row |= {"train_accuracy": 0.2 * epoch or np.nan, "validation_loss": loss}
            row |= {"validation_accuracy": 0.5, "test_loss": loss + 0.1, "seconds": 1.0}
            rows.append(row | {"test_accuracy": 0.5 + 0.05 * epoch * (epoch < 4)})
    pd.DataFrame(rows).to_csv(folder / "cifar10_arms.csv", index=False)
    settings = {"n_train": n_train, "n_validation": 500, "n_test": None}
    sheet = {"data": "made up", "settings": settings}
    (folder / "cifar10_arms.json").write_text(json.dumps(sheet))
    return folder


def test_base_runs_reads_runs_on_the_source_classes_and_counts_their_photographs(tmp_path):
    runs = base_runs(write(tmp_path))
    assert list(runs.curves) == COLUMNS
    assert (runs.n_runs, runs.n_epochs) == (2, 4)
    assert (runs.n_train, runs.n_validation, runs.n_test) == (22_500, 2_500, 5_000)
    assert str(runs) == (
        "2 base models, 4 epochs, made up: 22,500 photographs to train on, 2,500 to choose with, "
        "5,000 to test on"
    )
    assert base_runs(write(tmp_path, n_train=100)).n_train == 500


def test_base_runs_of_the_course_are_from_scratch_on_classes_0_to_4():
    runs, table = base_runs(), load_study()
    mine = table[(table.split == "halves-reverse") & (table.arm == "from scratch")]
    pd.testing.assert_frame_equal(runs.curves, mine[COLUMNS].reset_index(drop=True))
    assert runs.n_runs >= 3


def test_ends_takes_the_epoch_of_lowest_validation_loss(tmp_path):
    ends = base_runs(write(tmp_path)).ends()
    assert ends.index.tolist() == ["base model 0", "base model 1"]
    assert ends.chosen.tolist() == [2, 4]
    assert ends["test accuracy, chosen"].tolist() == pytest.approx([0.6, 0.5])
    assert ends["test accuracy, last"].tolist() == [0.5, 0.5]
    assert ends["highest test accuracy"].tolist() == pytest.approx([0.65, 0.65])
    assert ends["test loss, chosen"].tolist() == pytest.approx([0.8, 0.7])
    assert ends["test loss, last"].tolist() == pytest.approx([1.0, 0.7])
    assert ends["gap, half way"].tolist() == pytest.approx([0.4 - 0.6] * 2)
    assert ends["gap, last"].tolist() == pytest.approx([0.8 - 0.5] * 2)


def test_base_runs_says_what_is_missing(tmp_path):
    with pytest.raises(FileNotFoundError, match="no recorded study 'cifar10_arms'"):
        base_runs(tmp_path)
    with pytest.raises(ValueError, match="no runs of 'from scratch' on 'halves-reverse'"):
        base_runs(write(tmp_path, split="halves"))
